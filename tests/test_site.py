"""The documentation site: every public name has its entry, and nothing is loaded from another computer."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import bonecast

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ENTRIES = [
    room
    for page in sorted((DOCS / "reference").glob("*.md"))
    for room in re.findall(r"^\{\{ room (\w+) \}\}$", page.read_text(encoding="utf-8"), re.MULTILINE)
]
# Applications and tools have no Python interface: commands and pages document them.
WITHOUT = {"bench", "calibration", "cli", "web"}


@pytest.fixture
def public_names(monkeypatch):
    """The hook's module that makes the reference."""
    monkeypatch.syspath_prepend(str(ROOT / "docs_hooks"))
    return import_module("public_names")


def test_every_room_has_its_entries_on_one_page_of_the_reference():
    rooms = {
        path.parent.name
        for path in (ROOT / "src" / "bonecast").glob("*/__init__.py")
        if "__all__" in path.read_text(encoding="utf-8")
    }
    assert len(ENTRIES) == len(set(ENTRIES))
    assert set(ENTRIES) - {"errors"} == rooms - WITHOUT


def test_every_name_that_bonecast_exports_has_an_entry_that_its_table_links_to(public_names):
    entries = "\n".join(public_names.room(room) for room in ENTRIES)
    table = public_names.names("public")
    for name, owner in bonecast._OWNERS.items():
        if not owner[1]:  # a module: a heading in place of an entry
            assert f"`bonecast.{name}`" in table
            continue
        identifier = public_names.identifier(*owner)
        assert f"| [`bonecast.{name}`][{identifier}] |" in table
        assert f"::: {identifier}\n" in entries, name


def test_the_page_on_stability_names_what_is_former(public_names):
    table = public_names.names("former")
    assert all(f"| `bonecast.{old}` | `bonecast.{new}` |" in table for old, new in bonecast._FORMER.items())
    assert "{{ names former }}" in (DOCS / "stability.md").read_text(encoding="utf-8")


def test_a_page_that_loads_something_from_another_host_stops_the_build(public_names):
    loaded = import_module("hook").LOADED
    for foreign in (
        '<script src="https://example.org/a.js"></script>',
        "<link rel=stylesheet href=//example.org/a.css>",
        '<img alt="x" src="http://example.org/a.png">',
    ):
        assert loaded.search(foreign)
    for own in ('<a href="https://example.org">', '<img src="a.svg">', '<link href="../assets/site.css">'):
        assert not loaded.search(own)


def test_style_rules_and_scripts_of_the_site_are_in_the_repository():
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    files = re.findall(r"^  - (\S+\.(?:css|js))$", config, re.MULTILINE)
    assert len(files) == 6
    for name in files:
        text = (DOCS / name).read_text(encoding="utf-8")
        assert not re.search(r"url\([\"']?(https?:)?//|@import", text), name
    assert re.search(r"^  font: false\b", config, re.MULTILINE)


def test_the_fonts_that_formulas_and_pages_need_are_there():
    katex = DOCS / "assets" / "katex"
    style = (katex / "katex.min.css").read_text(encoding="utf-8")
    for font in re.findall(r"url\((fonts/[^)]+\.woff2)\)", style):
        assert (katex / font).is_file(), font
    site = (DOCS / "assets" / "site.css").read_text(encoding="utf-8")
    fonts = re.findall(r'url\("fonts/([^"]+)"\)', site)
    assert len(fonts) == 4
    assert all((ROOT / "src" / "bonecast" / "fonts" / "web" / font).is_file() for font in fonts)


def test_a_docstring_becomes_readable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs_hooks"))
    readable = import_module("griffe_docstrings").readable
    assert readable("A box.\n\nsize, mass : numbers.") == "A box.\n\n* `size, mass`: numbers."
    sections = "A box.\n\nParameters\n----------\nsize : float\n    In cm."
    assert readable(sections) == sections
    assert readable("See [a] [b].\n\n>>> f()[0][1]\n2") == (
        "See [a] &#91;b].\n\nExamples\n--------\n>>> f()[0][1]\n2"
    )
