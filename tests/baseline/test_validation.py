"""Every study left out in turn, from stored predictions: how often the intervals hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import bonecast
from bonecast.calibration.left_out import SETS, read_left_out
from bonecast.calibration.report import stored_report
from bonecast.calibration.validation import (
    ROUGH,
    figures,
    misses_of,
    page,
    stored_discrepancy,
    stored_models,
    stored_path,
    strata,
    validate,
)
from bonecast.evidence import evidence_rows
from bonecast.models import DEFAULT_MODEL, load_model

NAMES = ("bonecast-1", "bonecast-2")
HOME = Path(bonecast.__file__).parent


@pytest.fixture(scope="module")
def models():
    return {name: (stored, validate(stored)) for name, stored in stored_models(HOME).items()}


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def stored(models, name):
    return models[name][0]


@pytest.fixture(scope="module")
def read_in_print(models, name):
    return [row for row in models[name][1] if row.row.seen == "verbatim"]


def test_the_90_percent_intervals_hold_85_to_95_percent_and_the_50_percent_intervals_about_half(
    read_in_print,
):
    of = figures(read_in_print)
    assert of["rows"] > 400
    assert 0.85 <= of["in90"] <= 0.95
    assert 0.42 <= of["in50"] <= 0.60


def test_the_second_and_the_third_set_are_held_as_well(read_in_print):
    of = strata(read_in_print)
    for name in ("set set 2", "set pack"):
        assert figures(of[name.replace("set set 2", "set set_2")])["in90"] >= 0.83


def test_the_published_page_is_what_the_stored_predictions_say(models):
    text = (Path(__file__).parents[2] / "docs/validation.md").read_text(encoding="utf-8")
    assert text == page(models)


def test_the_published_report_of_the_calibration_is_what_the_stored_files_say():
    text = (Path(__file__).parents[2] / "docs/calibration-report.md").read_text(encoding="utf-8")
    assert text == stored_report(load_model(DEFAULT_MODEL), HOME)


def test_a_study_with_many_rows_does_not_decide_alone_how_often_an_interval_holds(models):
    rows = models["bonecast-2"][1]
    one, other = rows[0], next(row for row in rows if row.study != rows[0].study)
    inside, outside = (replace(one, interval50=(-1e9, 1e9)), replace(other, interval50=(1e9, 1e9)))
    of = figures([inside] * 9 + [outside])
    assert of["in50"] == pytest.approx(0.9)
    assert of["in50_by_study"] == pytest.approx(1.8 / 2.8)  # nine rows weigh 9 / (1 + 8 / 2)


@pytest.mark.parametrize("model", sorted(stored_models(HOME)))
def test_the_structural_error_of_a_model_is_what_its_command_writes(model):
    path = stored_path(HOME, model)
    assert path.with_name("discrepancy.csv").read_text(encoding="utf-8") == stored_discrepancy(
        read_left_out(path)
    )


def test_a_refit_that_did_not_come_to_its_end_decides_no_structural_error(stored):
    group = {miss.study for miss, _, one in misses_of(stored, evidence_rows(*SETS)) if one.moved}
    assert group
    rough = [replace(one, left=ROUGH + 0.01) if one.moved else one for one in stored]
    assert not group & {miss.study for miss, _, one in misses_of(rough, evidence_rows(*SETS)) if one.moved}
