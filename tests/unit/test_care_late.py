"""Late and stopping, and the strategies of a forecast as acts that the rules judge."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from bonecast.care.late import ForecastNumbers, LatenessBand, lateness
from bonecast.care.strategies import check_strategy
from bonecast.interop import read_patient
from bonecast.regimens import parse_regimen

ROOT = Path(__file__).parents[2]
PERSON = read_patient(ROOT / "examples" / "late-dose.toml")
MONTHS_6 = "denosumab 60 mg every 6 months x 4"


@pytest.mark.parametrize(
    ("day", "late", "rules"),
    [
        (dt.date(2026, 9, 15), 0, {"DD-01"}),
        (dt.date(2026, 11, 1), 47, {"DD-02", "DD-03", "DD-09", "DD-10"}),
        (dt.date(2027, 4, 1), 198, {"DD-02", "DD-04", "DD-06", "DD-09", "DD-11"}),
    ],
)
def test_lateness_has_its_days_and_the_rules_of_that_day(day, late, rules):
    found = lateness(PERSON, "UK", day)
    assert found is not None
    assert found.days_late == late
    assert set(found.rules) == rules


def test_nothing_is_shown_as_blocked_and_every_option_is_checked():
    found = lateness(PERSON, "UK", dt.date(2026, 12, 1))
    assert found is not None
    outcomes = {option.key: option.check.outcome for option in found.options}
    assert outcomes["nothing"] == "blocked"
    assert outcomes["give-now"] == "warned"
    assert set(outcomes) == {"give-now", "restart", "zoledronate", "oral", "nothing"}
    assert all(parse_regimen(option.plan).steps for option in found.options)


def test_forecast_numbers_come_in_ready_made_and_stand_beside_their_option():
    numbers = ForecastNumbers(24, vertebral_per_1000=LatenessBand(10.0, 25.0, 60.0))
    found = lateness(PERSON, "UK", forecasts={"give-now": numbers})
    assert found is not None
    assert {option.key: option.forecast for option in found.options}["give-now"] is numbers
    assert all(option.forecast is None for option in found.options if option.key != "give-now")


def test_who_never_had_an_injection_is_not_late():
    assert lateness(replace(PERSON, doses=()), "UK") is None


@pytest.mark.parametrize(
    ("plan", "acts", "outcome"),
    [
        (MONTHS_6, ["continue_60"], "allowed"),
        ("nothing for 2 years", ["stop"], "blocked"),
        (f"nothing for 3 months, then {MONTHS_6}", ["delay_60"], "blocked"),
        (f"{MONTHS_6}, then nothing for 2 years", ["continue_60", "stop"], "blocked"),
        ("zoledronate 5 mg once, then nothing for 2 years", ["switch_zoledronate"], "warned"),
        (
            f"{MONTHS_6}, then 6 months after the last dose zoledronate 5 mg once",
            ["continue_60", "switch_zoledronate"],
            "warned",
        ),
        ("alendronate 70 mg weekly for 2 years", ["switch_oral_bp"], "warned"),
        ("teriparatide 20 ug daily for 2 years", ["switch_teriparatide", "stop"], "blocked"),
        ("denosumab 120 mg every 4 weeks x 4", ["continue_120"], "allowed"),
    ],
)
def test_a_strategy_is_judged_by_its_first_act_and_by_how_denosumab_ends(plan, acts, outcome):
    found = check_strategy("x", parse_regimen(plan), PERSON, "US")
    assert [one.action for one in found.checks] == acts
    assert found.outcome == outcome
    assert bool(found.why) == (outcome != "allowed")
    # No indication is in the record: nothing speaks for or against 120 mg, and the check says so.
    assert outcome != "allowed" or "indication" in found.checks[0].missing()


def test_who_has_no_denosumab_may_go_without():
    naive = replace(PERSON, doses=())
    assert check_strategy("x", parse_regimen("nothing for 2 years"), naive, "US").outcome == "allowed"
    assert [one.action for one in check_strategy("x", parse_regimen(MONTHS_6), naive, "US").checks] == [
        "start_60"
    ]
