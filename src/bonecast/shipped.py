"""What comes with the package beside its code: the examples and the documentation, from a wheel or from a checkout."""

from __future__ import annotations

from pathlib import Path


def examples() -> Path:
    """The folder of the example records.

    >>> sorted(path.name for path in examples().glob("late-dose*"))
    ['late-dose.fhir.json', 'late-dose.toml']
    """
    return _folder("examples")


def documentation() -> Path:
    """The folder of the documentation, in Markdown.

    >>> (documentation() / "index.md").is_file()
    True
    """
    return _folder("docs")


def _folder(name: str) -> Path:
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parents[1] / name
