"""The pages of bonecast-1 are whole: each unit, card, equation and curve has its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bonecast.evidence import calibration_rows
from bonecast.models import load_model

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "bonecast-1"


@pytest.fixture(scope="module")
def hooks():
    """The modules that fill the pages; MkDocs puts their folder on the path as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs_hooks"))
        import model_curves
        import model_parameters
        import model_units

        yield {"units": model_units, "parameters": model_parameters, "curves": model_curves}


def placeholders(hooks) -> list[tuple[str, str, str]]:
    """(page, kind, name) of every placeholder."""
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        filled = hooks["units"].PLACEHOLDER.findall(text)
        assert len(filled) == text.count("{{"), (
            f"{path.name}: a placeholder does not stand on a line of its own"
        )
        found += [(path.stem, kind, name) for kind, name in filled]
    return found


def test_every_page_is_listed_and_every_listed_page_is_there(hooks):
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(hooks["units"].pages())


def test_every_file_of_equations_has_a_page_which_shows_them(hooks):
    thin = {"action"}  # described in words on the first page
    folder = hooks["units"]
    shown = {unit.module for unit in folder.units().values()} - {""}
    with_equations = {
        name.removeprefix(f"{folder.PACKAGE}.") for name in load_model("bonecast-1").equations
    } - thin
    left = {
        module
        for module in with_equations - shown
        if " = "
        in (ROOT / "src" / folder.PACKAGE.replace(".", "/") / f"{module.replace('.', '/')}.py")
        .read_text(encoding="utf-8")
        .split('"""')[1]
    }
    assert not left


def test_every_unit_shows_its_equations_and_cards_once_on_its_own_page(hooks):
    found = placeholders(hooks)
    for unit in hooks["units"].units().values():
        asked = [("equations", bool(unit.module)), ("parameters", bool(unit.cards))]
        for kind, wanted in asked:
            pages = [page for page, k, name in found if (k, name) == (kind, unit.name)]
            assert pages == ([unit.page] if wanted else []), (unit.name, kind)


def test_every_card_stands_on_exactly_one_page(hooks):
    answer = [card for unit in hooks["units"].units().values() for card in unit.cards]
    assert sorted(answer) == sorted(load_model("bonecast-1").parameter_set.parameters)


def test_every_placeholder_is_known_and_every_curve_is_shown(hooks):
    units, curves = hooks["units"].units(), hooks["curves"].descriptions()
    known = {
        "equations": set(units),
        "parameters": set(units),
        "curve": set(curves),
        "limits": {"bonecast-1"},
    }
    found = placeholders(hooks)
    for page, kind, name in found:
        assert name in known.get(kind, ()), f"{page}: {kind} {name}"
    assert {name for _, kind, name in found if kind == "curve"} == set(curves)


def test_the_rows_that_a_curve_names_are_in_the_table_and_of_its_endpoint(hooks):
    rows = {row.id: row for row in calibration_rows()}
    assert {
        panel["like"]
        for one in hooks["curves"].descriptions().values()
        for panel in one["panel"]
        if "like" in panel
    }
    for name, one in hooks["curves"].descriptions().items():
        for panel in one["panel"]:
            if "like" not in panel:
                said = one["note"].lower()
                assert "no points" in said or "nothing is laid" in said, name
                continue
            endpoint = panel.get("endpoint", rows[panel["like"]].endpoint)
            for point in panel["points"]:
                assert rows[point].endpoint == endpoint, (name, point)
                assert rows[point].month * 30.4375 <= one["until"] * hooks["curves"].DAYS[one["x"]], (
                    name,
                    point,
                )


def test_the_page_of_a_unit_has_a_picture_in_words_and_ends_with_its_limits():
    pages = list(FOLDER.glob("*.md"))
    assert len(pages) > 10
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"<title id=.+</title>\n<desc id=.+</desc>", text), path.name
        if path.stem != "index":
            assert re.findall(r"^## (.+)$", text, re.MULTILINE)[-1] == "Limits", path.name


def test_a_table_of_parameters_shows_the_value_mark_and_source_of_the_card(hooks):
    card = load_model("bonecast-1").parameter_set.parameters["f0z"]
    table = hooks["parameters"].parameters("zoledronate")
    row = next(row for row in table.split("<tr>") if "<code>f0z</code>" in row)
    assert f"<td>{card.value:g}</td>" in row
    assert "published" in row
    assert "[1]" in row
    assert "39 %" in table.split("class='sources'")[1]


def test_equations_are_those_of_the_file_with_what_it_says_of_them_beside(hooks):
    table = hooks["units"].equations("osteoclasts")
    assert (
        "<td><code>dC/dt  = kD H2 - kD (1 + E) C - G</code></td><td>osteoclasts; resorption R = activity C</td>"
        in table
    )
    assert "Both W and U live" not in table
    assert "sites.py" in hooks["units"].equations("sites")
