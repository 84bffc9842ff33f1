"""The documentation is true: its Python runs, its records can be read, its tables are whole, its links lead on."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser

from bonecast.cli.app import app
from bonecast.drugs import all_drugs
from bonecast.interop.patient_files import read_patient_bytes
from bonecast.models import model_names
from bonecast.records import known_facts, quantities

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_PYTHON = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]
WORDS = (
    "Research and decision support, not a medical device; the clinician decides. Data stay on this computer."
)


def text_of(name: str) -> str:
    """One page."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_tests_that_the_page_on_security_names_are_there():
    named = set(re.findall(r"`(?:tests/\w+/)?(test_\w+)(?:\.py)?`", text_of("docs/security.md")))
    sources = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    defined = set(re.findall(r"^def (test_\w+)\(", "\n".join(sources.values()), re.MULTILINE))
    assert len(named) > 50
    assert named - defined - set(sources) == set()


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_every_python_example_of_a_page_runs(page: Path, monkeypatch):
    monkeypatch.chdir(ROOT)
    examples = list(Document.parse(str(page), PythonCodeBlockParser()).examples())
    assert len(examples) == page.read_text(encoding="utf-8").count("```python")
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("name", ["README.md", "docs/patients.md"])
def test_the_records_of_a_page_can_be_read(name: str):
    blocks = re.findall(r"```toml\n(.*?)```", text_of(name), re.DOTALL)
    assert blocks
    patient = read_patient_bytes("\n".join(blocks).encode(), "page.toml", today=dt.date(2026, 9, 30))
    assert patient.id == "A-17"
    assert patient.latest("CTX").below_limit


def test_the_page_on_patients_names_every_test_unit_and_fact():
    page = text_of("docs/patients.md")
    tests = [quantity for quantity in quantities().values() if quantity.is_test]
    assert len(tests) > 10
    assert len(known_facts()) > 10
    for quantity in tests:
        row = next(line for line in page.splitlines() if line.startswith(f"| {quantity.name} |"))
        assert all(unit in row for unit in quantity.units), row
    assert all(f"| `{key}` |" in page for key in known_facts())


def test_the_page_on_commands_has_every_command_and_option():
    page = text_of("docs/commands.md")
    commands = {c.name or c.callback.__name__: c.callback for c in app.registered_commands}
    assert {"simulate", "forecast", "drugs", "doctor"} <= set(commands)
    for name in (*commands, "models"):
        assert f"## bonecast {name}" in page
    for option in (
        "--until",
        "--every",
        "--set",
        "--rtol",
        "--after-dose",
        "--out",
        "--strategy",
        "--horizon",
    ):
        assert f"`{option}" in page


def test_the_page_on_models_names_every_model_and_the_changelog_counts_the_drugs():
    assert all(f"| `{name}` |" in text_of("docs/models.md") for name in model_names())
    assert len(all_drugs()) == 13
    assert "catalogue of thirteen drugs" in text_of("CHANGELOG.md")


def test_the_first_pages_say_what_this_is_not():
    for name in ("README.md", "docs/index.md"):
        assert WORDS in " ".join(text_of(name).replace("> ", "").split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
