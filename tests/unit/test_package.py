"""The package: what it asks for is locked, said and of free licence; its start is light; its version stands once."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bonecast
from bonecast import shipped
from bonecast.cli import run

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
PARTS = {
    "run": ASKED,
    "dev": ASKED + EXTRAS["dev"],
    "bench": ASKED + EXTRAS["bench"],
    "release": ASKED + EXTRAS["release"],
    "build": PROJECT["build-system"]["requires"],
}
SYSTEMS = [
    {"sys_platform": platform, "platform_system": system, "platform_machine": machine, "os_name": "posix",
     "implementation_name": "cpython", "platform_python_implementation": "CPython", "python_version": version,
     "python_full_version": f"{version}.0", "extra": ""}
    for platform, system, machine in (
        ("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64")
    )
    for version in ("3.11", "3.12", "3.13")
]  # fmt: skip
# Imported by another package, and not by ours.
IMPORTED_BY = {"python-multipart": "starlette", "psycopg": "sqlalchemy"}
IMPORT_NAMES = {"pyjwt": "jwt",
    "vl-convert-python": "vl_convert", "argon2-cffi": "argon2",
    "libroadrunner": "roadrunner", "scikit-sundae": "sksundae", "python-libsbml": "libsbml", "pyyaml": "yaml",
}  # fmt: skip
FREE = re.compile(r"MIT|BSD|0BSD|Apache|ISC|PSF|Zlib|CC0|MPL-2\.0|Python Software Foundation", re.IGNORECASE)
BINDING = re.compile(r"GPL|AGPL|proprietary|commercial", re.IGNORECASE)


def locked(part: str) -> list[Requirement]:
    """The pins of one part, with their markers."""
    lines = (ROOT / "requirements" / f"{part}.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line and line[0] not in " #"]


def pins(part: str, system: dict[str, str]) -> dict[str, str]:
    """Package and version, on one system."""
    held = [one for one in locked(part) if one.marker is None or one.marker.evaluate(system)]
    found = {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in held}
    assert len(found) == len(held), f"{part}: two pins of one package"
    return found


def named(lines: list[str]) -> set[str]:
    """The packages of requirement lines."""
    return {canonicalize_name(Requirement(line).name) for line in lines}


def rows(page: str, cells: int) -> list[list[str]]:
    """The rows of a page's tables with so many cells."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in found if len(row) == cells and row[0] != "package"]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: f"{s['platform_machine']}-{s['python_version']}")
@pytest.mark.parametrize("part", PARTS)
def test_the_lock_has_what_the_project_asks_for_within_its_range(part, system):
    held = pins(part, system)
    for line in PARTS[part]:
        asked = Requirement(line)
        version = held.get(canonicalize_name(asked.name))
        assert version, f"requirements/{part}.txt lacks {asked.name}: make lock"
        assert version in asked.specifier, f"{asked.name} {version} is not {asked.specifier}: make lock"


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: f"{s['platform_machine']}-{s['python_version']}")
def test_the_parts_of_the_lock_agree_with_one_another(system):
    whole: dict[str, str] = {}
    for part in PARTS:
        for name, version in pins(part, system).items():
            assert whole.setdefault(name, version) == version, f"{name}: make lock"
    assert len(whole) > 50


@pytest.mark.parametrize("part", PARTS)
def test_every_pin_has_hashes_and_no_host_is_named(part):
    text = (ROOT / "requirements" / f"{part}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted|file:|@ ", text)


def test_what_only_tests_use_is_no_part_of_an_installation():
    assert not {"statsmodels", "lifelines", "pandas", "matplotlib"} & set(pins("run", SYSTEMS[0]))


@pytest.mark.parametrize(
    "name",
    sorted(
        named(
            ASKED
            + EXTRAS["cluster"]
            + EXTRAS["postgresql"]
            + EXTRAS["cds-hooks"]
            + EXTRAS["smart"]
            + EXTRAS["sbml"]
            + EXTRAS["petab"]
            + EXTRAS["bench"]
        )
    ),
)
def test_every_dependency_is_imported_somewhere(name):
    if name in IMPORTED_BY:
        module, places = name, [importlib.metadata.distribution(IMPORTED_BY[name]).locate_file("")]
        files = (Path(str(places[0])) / IMPORTED_BY[name]).rglob("*.py")
        module = {"python-multipart": "python_multipart"}.get(name, name)
    else:
        module, files = IMPORT_NAMES.get(name, name), (ROOT / "src").rglob("*.py")
    line = re.compile(rf"^\s*(import|from) {module}\b", re.MULTILINE)
    assert any(line.search(path.read_text(encoding="utf-8")) for path in files), name


def test_the_page_on_dependencies_has_each_with_its_use_and_licence():
    said = rows("dependencies.md", 3)
    assert {row[0] for row in said} == named(ASKED)
    assert {row[0] for row in rows("dependencies.md", 4)} == named(
        [
            line
            for name in ("pandas", "cluster", "postgresql", "cds-hooks", "smart", "sbml", "petab", "bench")
            for line in EXTRAS[name]
        ]
    )
    family = dict(rows("licences.md", 2))
    for package, use, licence in said:
        assert use
        assert licence.split("-")[0] in family[package], package


def licence_of(name: str) -> str:
    """What the metadata of an installed package says."""
    about = importlib.metadata.metadata(name)
    classes = [line for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    return about.get("License-Expression") or "; ".join(classes) or (about.get("License") or "")


def test_every_licence_of_an_installation_is_free_and_stands_on_its_page():
    here = [one for one in locked("run") if one.marker is None or one.marker.evaluate()]
    page = dict(rows("licences.md", 2))
    for one in here:
        text = licence_of(one.name)
        assert FREE.search(text), f"{one.name}: {text}"
        assert not BINDING.search(text), f"{one.name}: {text}"
        assert canonicalize_name(one.name) in map(canonicalize_name, page), f"{one.name}: make licences"


HEAVY = (
    "numpy",
    "scipy",
    "numba",
    "polars",
    "pydantic",
    "pint",
    "altair",
    "fastapi",
    "sqlalchemy",
    "rich",
    "jinja2",
)


@pytest.mark.parametrize(
    "words",
    [
        "import bonecast",
        *(f"from bonecast.cli import run; run(['{option}'])" for option in ("--help", "--version")),
    ],
)
def test_a_start_loads_no_heavy_library(words):
    code = f"{words}; import sys; print('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {*HEAVY} & set(done.stdout.splitlines()[-1].split())


def test_the_version_stands_in_one_place():
    assert PROJECT["project"]["dynamic"] == ["version"]
    stands = f'"{bonecast.__version__}"'
    files = [*(ROOT / "src").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "CITATION.cff"]
    found = [path.name for path in files if stands in path.read_text(encoding="utf-8")]
    assert found == ["__init__.py"]


def test_types_examples_and_documentation_lie_beside_the_code():
    assert (Path(bonecast.__file__).parent / "py.typed").is_file()
    assert (shipped.documentation() / "dependencies.md").is_file()
    assert {"late-dose.toml", "liver-case.toml"} <= {path.name for path in shipped.examples().iterdir()}


def test_an_installed_package_finds_them_inside_itself(tmp_path, monkeypatch):
    (tmp_path / "bonecast" / "examples").mkdir(parents=True)
    monkeypatch.setattr(shipped, "__file__", str(tmp_path / "bonecast" / "shipped.py"))
    assert shipped.examples() == tmp_path / "bonecast" / "examples"


def test_examples_are_copied_and_never_over_another_file(tmp_path, capsys):
    assert run(["examples", "--out", str(tmp_path), "--json"]) == 0
    copy = tmp_path / "late-dose.toml"
    assert copy.read_bytes() == (ROOT / "examples" / "late-dose.toml").read_bytes()
    assert run(["examples", "--out", str(tmp_path)]) == 0
    copy.write_text("mine", encoding="utf-8")
    assert run(["examples", "--out", str(tmp_path)]) == 2
    assert "late-dose.toml' is there, and is another; name another folder" in capsys.readouterr().err
    assert copy.read_text(encoding="utf-8") == "mine"


def test_the_tutorials_are_copied_as_notebooks_that_find_the_records(tmp_path):
    assert run(["examples", "--out", str(tmp_path)]) == 0
    pages = sorted(path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md") if path.stem != "index")
    assert sorted(path.stem for path in (tmp_path / "notebooks").iterdir()) == pages
    assert len(pages) >= 8
    for path in (tmp_path / "notebooks").iterdir():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        page = (ROOT / "docs" / "tutorials" / f"{path.stem}.md").read_text(encoding="utf-8")
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        assert len(code) == page.count("```python") > 0
        assert cells[0]["source"].startswith("# ")
        text = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
        assert "```" not in text
        assert ".md" not in text
        assert "\\(" not in text
        for source in code:
            compile(source, path.name, "exec")
            for named in re.findall(r'"(\.\./[^"]+)"', source):
                assert (path.parent / named).is_file(), named
    assert "../late-dose.toml" in (tmp_path / "notebooks" / "first-forecast.ipynb").read_text(
        encoding="utf-8"
    )


def test_the_citation_names_the_licence_and_no_version_of_its_own():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    licences = PROJECT["project"]["license"].split(" AND ")
    assert "license:\n" + "".join(f"  - {licence}\n" for licence in licences) in text
    assert not re.search(r"^version:", text, re.MULTILINE)
