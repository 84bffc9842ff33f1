"""Predictions that are registered before a result is known: dated, hashed, and published as they were written."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from bonecast.errors import InputError
from bonecast.evidence import design_names, is_unchanged, register_prediction, registered_page

DOCS = Path(__file__).parents[2] / "docs"
MODEL = "choi-2025"  # the quickest that predicts BMD


def published() -> list[dict]:
    paths = sorted((DOCS / "registered").glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def test_a_registered_prediction_names_its_day_model_and_rows_and_is_the_same_twice():
    day = dt.date(2026, 1, 2)
    first, second = (
        register_prediction("second-year-after-denosumab", MODEL, 20, today=day) for _ in range(2)
    )
    assert first == second
    assert (first["registered"], first["model"], len(first["rows"])) == ("2026-01-02", MODEL, 18)
    made = [row for row in first["rows"] if row["prediction"] is not None]
    assert made
    assert all(row["lo90"] < row["lo50"] < row["prediction"] < row["hi50"] < row["hi90"] for row in made)


def test_a_changed_number_is_seen():
    found = register_prediction("second-year-after-denosumab", MODEL, 20)
    assert is_unchanged(found)
    found["rows"][0]["hi90"] = 99.0
    assert not is_unchanged(found)


def test_a_result_that_is_known_is_not_registered(tmp_path):
    text = "id,plan,endpoint,month,value\na,denosumab 60 mg every 6 months x 2,LS_BMD_pct,12,5.3\n"
    (tmp_path / "known.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="row a has a value; leave the values of a design blank"):
        register_prediction(str(tmp_path / "known.csv"), MODEL, 20)


def test_a_design_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(InputError, match="second-year-after-denosumab"):
        register_prediction("third-year-after-denosumab", MODEL, 20)


@pytest.mark.parametrize("model", ["bonecast-1", "bonecast-2"])
def test_the_published_predictions_are_of_all_designs_and_unchanged(model):
    own = [one for one in published() if one["model"] == model]
    assert sorted(one["design"] for one in own) == design_names()
    assert all(is_unchanged(one) for one in own)


def test_every_published_prediction_lies_where_its_page_links_to():
    page = registered_page(published())
    files = list((DOCS / "registered").glob("*.json"))
    assert len(files) >= 3
    assert [path.name for path in files if f"(registered/{path.name})" not in page] == []


def test_the_published_page_shows_what_was_registered():
    assert (DOCS / "registered.md").read_text(encoding="utf-8") == registered_page(published())
