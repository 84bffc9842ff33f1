"""What comes with the package beside its code: the examples and the documentation, from a wheel or from a checkout.

The tutorials of the documentation are given out as notebooks too, made when they are asked for.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^]]+)\]\([^)]+\.md(?:#[^)]*)?\)")
MATHS = {r"\(": "$", r"\)": "$", r"\[": "$$", r"\]": "$$"}


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


def notebooks() -> dict[str, bytes]:
    """The tutorials as Jupyter notebooks, by file name, for a folder beside the example records.

    >>> sorted(notebooks())[:2]
    ['cds-hooks.ipynb', 'event-tables.ipynb']
    """
    pages = sorted((documentation() / "tutorials").glob("*.md"))
    return {
        f"{page.stem}.ipynb": notebook(page.read_text(encoding="utf-8"))
        for page in pages
        if page.stem != "index"
    }


def notebook(page: str) -> bytes:
    """One page of Markdown as a notebook: its Python in code cells, the rest in text cells.

    Links between pages become plain text, and paths of example records start from the notebook's own folder.
    """
    cells = []
    for i, part in enumerate(CODE.split(page)):
        if part.strip():
            cells.append(_code(part) if i % 2 else _text(part))
    language = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    content = {"cells": cells, "metadata": language, "nbformat": 4, "nbformat_minor": 4}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _code(text: str) -> dict[str, object]:
    source = text.strip("\n").replace('"examples/', '"../')
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def _text(text: str) -> dict[str, object]:
    text = LINK.sub(r"\1", text.strip("\n"))
    for ours, theirs in MATHS.items():
        text = text.replace(ours, theirs)
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _folder(name: str) -> Path:
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parents[1] / name
