"""Words of the field in place of private idioms: `tools/language.py` has the list, and the few places that need one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "language.py"


@pytest.fixture(scope="module")
def language():
    spec = importlib.util.spec_from_file_location("language", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_idiom_stands_anywhere(language, capsys):
    assert language.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "idiom", "count"),
    [
        ("what was told, and _told_of or Told", "told", 3),
        ("untold tales of toldness", "told", 0),
        ("a way  on, two ways on", "way on", 1),
        ("strays and a Stray", "stray", 2),
    ],
)
def test_an_idiom_counts_as_a_word_also_inside_a_name(language, text, idiom, count):
    assert len(language.pattern(idiom).findall(text)) == count


def test_the_glossary_has_each_term_once():
    lines = (TOOL.parents[1] / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    terms = [
        line.split("|")[1].strip()
        for line in lines
        if line.startswith("| ") and not line.startswith("| term")
    ]
    assert len(terms) >= 60
    assert len(set(terms)) == len(terms)
