"""Every study left out in turn, from stored predictions: how often the intervals hold."""

from __future__ import annotations

from pathlib import Path

import pytest

import bonecast
from bonecast.calibration.left_out import read_left_out
from bonecast.calibration.validation import figures, page, stored_path, strata, validate

MODEL = "bonecast-1"


@pytest.fixture(scope="module")
def stored():
    return read_left_out(stored_path(Path(bonecast.__file__).parent, MODEL))


@pytest.fixture(scope="module")
def validated(stored):
    return validate(stored)


@pytest.fixture(scope="module")
def read_in_print(validated):
    return [row for row in validated if row.row.seen == "verbatim"]


def test_the_90_percent_intervals_hold_85_to_95_percent_and_the_50_percent_intervals_about_half(
    read_in_print,
):
    of = figures(read_in_print)
    assert of["rows"] > 400
    assert 0.85 <= of["in90"] <= 0.95
    assert 0.42 <= of["in50"] <= 0.60


def test_the_sets_that_were_never_fitted_are_held_as_well(read_in_print):
    of = strata(read_in_print)
    for name in ("set set 2", "set pack"):
        assert figures(of[name.replace("set set 2", "set set_2")])["in90"] >= 0.83


def test_the_published_page_is_what_the_stored_predictions_say(stored, validated):
    text = (Path(__file__).parents[2] / "docs/validation.md").read_text(encoding="utf-8")
    assert text == page(MODEL, stored, validated)
