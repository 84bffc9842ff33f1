"""The error of the model in a forecast: shared within a class, counted from the last anchor, honest in the ranking."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.decisions import find_aim, of_100, rank
from bonecast.forecasts import forecast
from bonecast.forecasts.model_error import ModelError, segments
from bonecast.interop import read_patient
from bonecast.models import load_model
from bonecast.regimens import parse_regimen

YEAR = 365.25
DAYS = np.arange(0.0, 4 * YEAR, 7.0)
ON = parse_regimen("denosumab 60 mg every 6 months x 8").doses
STOP = parse_regimen("denosumab 60 mg every 6 months x 2").doses
SWITCH = parse_regimen("denosumab 60 mg every 6 months x 2, then alendronate 70 mg weekly for 3 years").doses


def error(anchors: dict[str, float] | None = None, today: float = YEAR) -> ModelError:
    table = load_model("bonecast-1").discrepancy
    assert table is not None
    return ModelError(table, "PMO", anchors or {}, today, 4000, 1)


def given(doses):
    return [d for d in doses if d.time_d < YEAR - 1], [d for d in doses if d.time_d >= YEAR - 1]


def test_a_course_with_a_dose_three_weeks_late_stays_one_phase():
    late = parse_regimen("denosumab 60 mg once, then 29 weeks after the last dose denosumab 60 mg once").doses
    assert [(s.drug, s.phase) for s in segments(late, 250.0)] == [("denosumab", "on_treatment")]


def test_the_past_has_the_same_error_under_every_strategy():
    paths = [error().path(*given(doses), DAYS) for doses in (ON, STOP, SWITCH)]
    past = DAYS <= YEAR
    for key in ("LS_BMD", "CTX", "vertebral_fracture"):
        first = paths[0].of(key)[:, past]
        assert all(np.array_equal(first, p.of(key)[:, past]) for p in paths[1:])


@pytest.mark.parametrize("key", ["LS_BMD", "TH_BMD"])
def test_there_is_no_error_of_bone_density_up_to_the_last_scan(key):
    found = error({key: 200.0}).path(*given(ON), DAYS).of(key)
    assert np.all(found[:, DAYS <= 200.0] == 0)
    assert np.std(found[:, -1]) > 0.3


def test_the_error_of_a_year_ahead_is_as_wide_as_the_table_says():
    of = error({"LS_BMD": YEAR}).path(*given(ON), DAYS)
    at = np.searchsorted(DAYS, 2 * YEAR)
    table = load_model("bonecast-1").discrepancy.find("LS_BMD", "denosumab", "PMO", "on_treatment")
    assert np.std(of.of("LS_BMD")[:, at]) == pytest.approx(table.sd_at(12.0), rel=0.05)


def test_strategies_of_one_class_share_their_error_and_those_of_two_classes_do_not():
    one = error({"LS_BMD": YEAR})
    at = np.searchsorted(DAYS, 3 * YEAR)
    on, shorter = (one.path(*given(doses), DAYS).of("LS_BMD")[:, at] for doses in (ON, ON[:-1]))
    switch = one.path(*given(SWITCH), DAYS).of("LS_BMD")[:, at]
    assert np.array_equal(on, shorter)
    assert abs(np.corrcoef(on, switch)[0, 1]) < 0.1


def test_stopping_is_partly_as_wrong_as_the_treatment_before():
    of = error()
    on, off = (of.z("LS_BMD", "denosumab", phase) for phase in ("on_treatment", "after_stopping"))
    assert np.corrcoef(on, off)[0, 1] == pytest.approx(0.5, abs=0.05)
    assert np.std(off) == pytest.approx(1, abs=0.05)


def test_a_fracture_rate_has_its_error_from_today_on():
    found = error().path(*given(ON), DAYS).of("vertebral_fracture")
    assert np.all(found[:, DAYS < YEAR] == 0)
    assert np.ptp(found[:, DAYS > YEAR + 7], axis=1).max() < 1e-9  # a bias, not noise


def test_the_expected_order_is_that_of_the_exact_values_and_the_certainty_is_not():
    people = np.full(2000, 50.0)
    noise = 20 * np.random.default_rng(1).standard_normal(2000)
    exact = {"a": people, "b": people + 5}
    found = rank({"a": people + noise, "b": people + 5}, find_aim("vertebral"), 24, exact)
    assert [r.option for r in found.ranks] == ["a", "b"]
    assert found.first.mean == 50.0
    assert 0.5 < found.first.best < 0.7
    assert found.within_model_error == ("b",)
    assert rank(exact, find_aim("vertebral"), 24).within_model_error == ()


@pytest.mark.parametrize(
    ("chance", "said"),
    [(1.0, "more than 95"), (0.951, "more than 95"), (0.95, "95"), (0.5, "50"), (0.004, "fewer than 1")],
)
def test_a_chance_is_never_printed_as_certain(chance, said):
    assert of_100(chance) == said


@pytest.fixture(scope="module")
def both():
    her = read_patient("examples/late-dose.toml")
    plans = {
        "on time": "denosumab 60 mg every 6 months x 4",
        "alendronate": "alendronate 70 mg weekly for 2 years",
    }
    return [forecast(her, plans, "2 years", draws=200, model_uncertainty=sure) for sure in (True, False)]


@pytest.mark.slow
def test_a_forecast_is_wider_with_the_error_of_the_model_and_says_how_much_each_part_makes(both):
    made, exact = both
    width = next(w for w in made.widths if (w.strategy, w.key, w.months) == ("on time", "LS_BMD", 24))
    assert width.model > 0.5
    assert width.rows > 10
    assert width.total > width.person > 0
    assert width.total**2 == pytest.approx(
        width.person**2 + (width.parameters or 0) ** 2 + width.model**2, rel=0.25
    )
    for with_, without in zip(made.summaries, exact.summaries, strict=True):
        wide, narrow = (of.change["LS_BMD", 24] for of in (with_, without))
        assert wide.high - wide.low > narrow.high - narrow.low
    assert exact.widths == ()


def test_the_first_place_is_less_certain_with_the_error_of_the_model(both):
    made, exact = both
    assert made.ranking.first.best < exact.ranking.first.best
