"""The trust pack: every line is held by a test or file that exists, and no figure is typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bonecast.trust import contexts, hazards, pack_content, pack_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made():
    return pack_content()


@pytest.fixture(scope="module")
def defined():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return set(re.findall(r"^\s*(?:async )?def (test_\w+)\(", sources, re.MULTILINE))


def _held(value):
    """Every text under a key `evidence` or `evaluation`, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("evidence", "evaluation", "reading_evidence"):
                yield from inner
            else:
                yield from _held(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _held(inner)


def test_every_line_of_the_pack_names_a_test_or_file_that_exists(made, defined):
    named = set(_held(made))
    assert len(named) > 80
    missing = {one for one in named if one not in defined and not (ROOT / one).is_file()}
    assert missing == set()


@pytest.mark.parametrize(
    ("part", "fewest"),
    [("contexts", 6), ("credibility", 8), ("data_protection", 8), ("hazards", 40), ("source_attributes", 31)],
)
def test_each_part_of_the_pack_has_all_its_lines_and_each_is_held(made, part, fewest):
    assert len(made[part]) >= fewest
    assert [one for one in made[part] if not any(one["evidence"])] == []


def test_there_are_exactly_31_source_attributes_in_nine_categories(made):
    assert len(made["source_attributes"]) == 31
    assert len({one["category"] for one in made["source_attributes"]}) == 9


def test_a_hazard_has_one_of_four_severities_and_an_id_of_its_own():
    found = hazards()
    assert {one["severity"] for one in found} <= {"1", "2", "3", "4"}
    assert len({one["id"] for one in found}) == len(found)


def test_the_risk_of_a_context_follows_from_influence_and_consequence(made):
    by_title = {one["context of use"]: one["model risk"] for one in made["assessment"]}
    assert set(by_title) == {one["title"] for one in contexts()}
    assert by_title["The next injection of denosumab"] == "high"
    assert by_title["Virtual trials"] == "medium"


def test_the_validation_of_the_pack_is_that_of_the_published_page(made):
    of = made["validation"]
    whole = of["all"]
    line = f"| `{of['model']}` | {whole['rows']} | {whole['studies']} | {100 * whole['hits']:.0f} % |"
    assert line in (ROOT / "docs/validation.md").read_text(encoding="utf-8")
    outside = round((1 - of["all"]["in90"]) * of["all"]["rows"])
    assert len(of["missed"]) == outside > 0


def test_what_to_read_next_begins_with_what_blocks(made):
    order = ["block", "warn", "inform", ""]
    places = [order.index(one["decides"]) for one in made["to_read"]]
    assert len(places) == 25
    assert places == sorted(places)
    assert [one["source"] for one in made["to_read"] if not one["missing"]] == []


def test_every_component_has_a_version_and_a_licence(made):
    names = {one["package"] for one in made["components"]}
    assert {"bonecast", "numpy", "numba", "fastapi"} <= names
    assert [one for one in made["components"] if not one["version"] or one["licence"] == "not stated"] == []


def test_the_page_has_every_part_and_asks_nothing_of_another_place(made):
    page = pack_page(made)
    anchors = set(re.findall(r'href="#([\w-]+)"', page))
    assert len(anchors) == 11
    assert anchors <= set(re.findall(r'id="([\w-]+)"', page))
    assert re.findall(r'(?:src|href)="https?:', page) == []
