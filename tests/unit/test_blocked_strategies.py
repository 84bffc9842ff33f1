"""Rules and forecast meet: what the care rules block is not offered, and what is asked for is followed and marked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from bonecast.care import check, check_strategy
from bonecast.decisions import find_aim, rank
from bonecast.errors import InputError, UnknownName
from bonecast.forecasts import forecast, late_forecast
from bonecast.interop import read_patient
from bonecast.records import GivenDose, Measurement, Patient
from bonecast.regimens import parse_regimen
from bonecast.reports import checked_ways, not_offered
from bonecast.reports.notes import ALL_BLOCKED

pytestmark = pytest.mark.slow

ON = "denosumab 60 mg every 6 months x 4"


@pytest.fixture(scope="module")
def her() -> Patient:
    """Without measurements, so that the forecast is that of the population, and quick."""
    record = read_patient("examples/late-dose.toml")
    kept = tuple(
        m for m in record.measurements if m.test in ("calcium", "corrected calcium", "albumin", "creatinine")
    )
    return replace(record, measurements=kept)


@pytest.fixture(scope="module")
def made(her):
    return forecast(her, horizon="2 years", draws=10)


def low_calcium(person: Patient) -> Patient:
    found = Measurement("corrected calcium", None, 1.9, "mmol/L", False, person.record_date, "1.9 mmol/L")
    return replace(person, measurements=(*person.measurements, found))


# What is offered


def test_usual_strategies_that_are_blocked_are_left_out_and_named_with_rule_and_reason(made):
    assert [s.name for s in made.strategies] == ["on time", "switch to alendronate", "switch to zoledronate"]
    assert {one.name: one.rules for one in made.blocked} == {"3 months late": ("DD-12",), "stop": ("DC-01",)}
    assert {r.option for r in made.ranking.ranks} == {s.name for s in made.strategies}
    assert not_offered(made)[1].startswith("Not offered: 'stop'. DC-01: Do not stop")


def test_a_blocked_strategy_that_is_asked_for_is_followed_marked_and_never_the_best(her):
    asked = {"stop": "nothing for 2 years", "on time": ON}
    made = forecast(her, asked, horizon="2 years", draws=10)
    assert made.blocked == ()
    assert checked_ways(made)["stop"].outcome == "blocked"
    assert [(r.option, r.barred, r.best) for r in made.ranking.ranks] == [
        ("on time", False, 1.0),
        ("stop", True, 0.0),
    ]
    assert made.next_tests == ()  # one strategy is left to choose, so no test can help to choose


def test_where_only_blocked_strategies_are_asked_for_nothing_is_ranked(her):
    asked = {"stop": "nothing for 2 years", "later": f"nothing for 3 months, then {ON}"}
    assert forecast(her, asked, horizon="1 year", draws=10).ranking is None


def test_a_low_calcium_takes_every_antiresorptive_out(her):
    made = forecast(low_calcium(her), horizon="1 year", draws=10)
    rules = {name: set(one.rules) for name, one in checked_ways(made).items()}
    assert "CI-01" in rules["on time"]
    assert "FB-01" in rules["switch to alendronate"]
    assert made.ranking is None


def test_where_everything_is_blocked_all_are_followed_and_the_reader_is_told(her):
    # osteoporosis of men in a woman: nothing holds until the record is put right
    dead_end = replace(her, facts=tuple(sorted({**dict(her.facts), "indication": "MALE_OP"}.items())))
    made = forecast(dead_end, horizon="1 year", draws=10)
    assert made.notes[0] == ALL_BLOCKED
    assert len(made.strategies) == 5
    assert made.ranking is None
    assert all("contradicts itself" in one.why for one in checked_ways(made).values())


# A missing result is to be had first, and no reason against a strategy


def test_a_missing_calcium_blocks_the_injection_and_not_the_way_on(her):
    bare = replace(her, measurements=())
    assert check(bare, "next dose", "UK").outcome == "blocked"
    found = check_strategy("on time", parse_regimen(ON), bare, "UK")
    assert found.outcome == "warned"
    assert [one.rule for one in found.first] == ["PD-02"]
    assert found.first[0].asks_for == ("albumin_corrected_calcium_mmol_L",)
    assert found.why.startswith("PD-02: ")
    assert check_strategy("stop", parse_regimen("nothing for 2 years"), bare, "UK").outcome == "blocked"


def test_a_child_of_unknown_maturity_is_not_waved_through():
    """The rule fires because maturity is not documented, but it does not merely ask for a result."""
    child = replace(
        read_patient("examples/late-dose.toml"), birth_date=dt.date(2012, 3, 1), menopause_age=None, doses=()
    )
    assert (
        check_strategy("x", parse_regimen("denosumab 120 mg every 4 weeks x 4"), child, "US").outcome
        == "blocked"
    )


# Jurisdiction


def test_the_jurisdiction_that_is_chosen_decides_and_an_unknown_one_is_refused_before_anything_runs(her):
    made = forecast(her, {"on time": ON}, horizon="1 year", draws=10, jurisdiction="UK")
    assert checked_ways(made)["on time"].checks[0].jurisdiction == "UK"
    assert checked_ways(made)["on time"].checks[0].chosen
    with pytest.raises(UnknownName, match="jurisdiction"):
        forecast(her, jurisdiction="FR")


# The ranking


def test_a_barred_option_is_compared_and_never_first_however_good_it_looks():
    people = np.array([30.0, 40.0, 50.0])
    found = rank({"a": people, "b": people + 1, "best": people - 20}, find_aim("vertebral"), 24, {"best"})
    assert [r.option for r in found.ranks] == ["a", "b", "best"]
    assert found.first.best == 1.0
    assert (found.ranks[-1].best, found.ranks[-1].behind) == (0.0, (-20.0, -20.0, -20.0))
    assert "best" not in found.tied
    with pytest.raises(InputError, match="no option"):
        rank({"best": people}, find_aim("vertebral"), 24, {"best"})


# Late and stopping with forecast numbers


def test_each_option_has_its_numbers_and_nothing_is_never_offered(her):
    found = late_forecast(her, dt.date(2026, 12, 1), "UK", draws=20)
    options = {one.key: one for one in found.options}
    assert (found.days_late, options["nothing"].outcome) == (77, "blocked")
    assert "DC-01" in options["nothing"].why
    at = {key: one.forecast for key, one in options.items()}
    assert all(one.vertebral_per_1000.low <= one.vertebral_per_1000.median for one in at.values())
    assert at["nothing"].vertebral_per_1000.median > 2 * at["give-now"].vertebral_per_1000.median
    assert at["nothing"].spine_bmd_pct.median < 0 < at["give-now"].spine_bmd_pct.median
    assert at["nothing"].ctx_above > at["zoledronate"].ctx_above
    assert at["restart"] == at["give-now"]  # one plan


def test_who_says_that_a_follow_on_is_planned_is_still_not_offered_nothing(her):
    planned = replace(her, facts=tuple(sorted({**dict(her.facts), "n_doses_received": 1}.items())))
    for person in (planned, replace(her, doses=her.doses[-1:])):
        nothing = late_forecast(person, None, "EU", draws=4).options[-1]
        assert nothing.outcome == "blocked"
        assert nothing.why


def test_the_forecast_holds_the_same_options(her):
    made = forecast(her, {"on time": ON}, horizon="2 years", draws=20, late=True)
    alone = late_forecast(her, draws=20)
    assert made.late.options[0].forecast.vertebral_per_1000 == alone.options[0].forecast.vertebral_per_1000
    assert (
        forecast(her, {"on time": ON}, horizon="1 year", draws=4, late=True).late.options[0].forecast is None
    )


def test_an_oncology_dose_is_late_after_four_weeks_and_has_its_own_options(her):
    given = tuple(
        GivenDose("denosumab", 120.0, "mg", her.record_date - dt.timedelta(days=d)) for d in (64, 36)
    )
    found = late_forecast(replace(her, doses=given), None, "EU", draws=4)
    assert found.days_late == 8
    assert [one.key for one in found.options] == ["give-now", "nothing"]
    assert found.options[0].check.action == "continue_120"


def test_who_had_no_injection_has_no_lateness(her):
    assert late_forecast(replace(her, doses=()), None, "EU") is None
