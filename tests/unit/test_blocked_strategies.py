"""Rules and forecast meet: what the care rules block is named with the reason, and has no number, date or rank."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from bonecast.care import check, check_strategy
from bonecast.decisions import find_aim, rank
from bonecast.errors import InputError, UnknownName
from bonecast.forecasts import default_strategies, forecast, late_forecast, prepare
from bonecast.forecasts.course import NO_FURTHER_DOSE
from bonecast.interop import read_patient
from bonecast.records import GivenDose, Measurement, Patient, known_facts
from bonecast.regimens import history_of, parse_regimen
from bonecast.reports import as_json, checked_ways, content, not_offered, render
from bonecast.reports.machine import as_csv
from bonecast.reports.notes import ALL_BLOCKED
from bonecast.reports.safety import would_lift

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


def low_calcium(person: Patient, value: float = 1.9) -> Patient:
    given = f"{value} mmol/L"
    found = Measurement("corrected calcium", None, value, "mmol/L", False, person.record_date, given)
    return replace(person, measurements=(*person.measurements, found))


# What is offered


def test_usual_strategies_that_are_blocked_are_left_out_and_named_with_rule_and_reason(made):
    assert [s.name for s in made.strategies] == ["on time", "switch to alendronate", "switch to zoledronate"]
    assert {one.name: one.rules for one in made.blocked} == {"3 months late": ("DD-12",), "stop": ("DC-01",)}
    assert {r.option for r in made.ranking.ranks} == {s.name for s in made.strategies}
    said = not_offered(made)[1]
    assert said.startswith("Not possible: stop. DC-01: Do not stop")
    assert said.endswith("DC-01 lifts when follow-on antiresorptive is planned: yes.")


def test_a_blocked_strategy_that_is_asked_for_is_named_with_the_reason_and_has_no_number(her):
    asked = {"stop": "nothing for 2 years", "on time": ON}
    made = forecast(her, asked, horizon="2 years", draws=10)
    assert [s.name for s in made.strategies] == ["on time"]
    assert [(one.name, one.rules) for one in made.blocked] == [("stop", ("DC-01",))]
    assert made.ranking is None  # one strategy is left, and nothing to choose between
    assert made.next_tests == ()
    assert "stop" not in set(made.table()["strategy"])


def test_where_all_that_is_asked_for_is_blocked_the_course_without_a_further_dose_stands_alone(her):
    asked = {"stop": "nothing for 2 years", "later": f"nothing for 3 months, then {ON}"}
    made = forecast(her, asked, horizon="1 year", draws=10)
    assert (made.risk_only, [s.name for s in made.strategies]) == (True, [NO_FURTHER_DOSE])
    assert [one.name for one in made.blocked] == ["stop", "later"]
    assert made.ranking is None
    assert made.notes[0] == ALL_BLOCKED


def test_a_strategy_that_takes_the_name_of_the_course_is_still_not_followed(her):
    made = forecast(her, {NO_FURTHER_DOSE: f"nothing for 3 months, then {ON}"}, horizon="1 year", draws=4)
    assert [one.name for one in made.blocked] == [NO_FURTHER_DOSE]
    assert [s.name for s in made.strategies] == [f"{NO_FURTHER_DOSE} (risk)"]


def test_a_low_calcium_blocks_every_antiresorptive_and_no_date_is_given_for_the_injection(her):
    made = forecast(low_calcium(her), horizon="1 year", draws=10)
    rules = {one.name: set(one.rules) for one in made.blocked}
    assert "CI-01" in rules["on time"]
    assert "FB-01" in rules["switch to alendronate"]
    assert (made.ranking, made.latest, made.risk_only) == (None, (), True)
    assert content(made)["due"] is None


@pytest.mark.parametrize(("calcium", "emergency"), [(1.89, "FX-01"), (1.9, None)])
def test_a_forecast_in_an_emergency_begins_with_it(her, calcium, emergency):
    made = forecast(low_calcium(her, calcium), horizon="1 year", draws=4)
    assert (made.emergency.rule if made.emergency else None) == emergency
    assert made.notes[0].startswith("Act today") == (emergency is not None)
    if emergency:
        page = render(made)
        assert page.index("Act today, before reading a forecast") < page.index("Strategies side by side")


def test_where_a_contradiction_blocks_everything_no_drug_strategy_has_a_number(her):
    # osteoporosis of men in a woman: nothing holds until the record is put right
    dead_end = replace(her, facts=tuple(sorted({**dict(her.facts), "indication": "MALE_OP"}.items())))
    made = forecast(dead_end, horizon="1 year", draws=10)
    assert made.notes[0] == ALL_BLOCKED
    assert [s.name for s in made.strategies] == [NO_FURTHER_DOSE]
    assert len(made.blocked) == 5
    assert all("contradicts itself" in one.why for one in made.blocked)


def test_what_the_rules_warn_of_stands_beside_the_strategy(her):
    made = forecast(her, {"alendronate": "alendronate 70 mg weekly for 12 months"}, horizon="1 year", draws=4)
    assert made.checks[0].outcome == "warned"
    assert f"(caution: {', '.join(made.checks[0].rules)})" in render(made)


def facts(person: Patient, **added) -> Patient:
    return replace(person, facts=tuple(sorted({**dict(person.facts), **added}.items())))


def random_record(person: Patient, dice: np.random.Generator) -> Patient:
    """Any mix of what blocks one act or another."""
    may = {
        "onj_active": True,
        "aff_confirmed": True,
        "hypersensitivity_denosumab": True,
        "oesophageal_disorder": True,
        "history_mi_stroke": True,
        "on_dialysis": True,
        "hypoparathyroidism": True,
        "pregnancy_status": "planning",
    }
    known = known_facts()
    kept = {fact.kept_as for fact in known.values()}
    chosen = {name: value for name, value in may.items() if name in kept and dice.random() < 0.25}
    values = {"corrected calcium": (1.7, 2.5, "mmol/L"), "creatinine": (50.0, 220.0, "umol/L")}
    results = [
        Measurement(test, None, value, unit, False, person.record_date, f"{value} {unit}")
        for test, (low, high, unit) in values.items()
        if dice.random() < 0.7
        for value in [round(float(dice.uniform(low, high)), 2)]
    ]
    later = person.record_date + dt.timedelta(days=int(dice.integers(0, 120)))
    doses = person.doses[: int(dice.integers(0, len(person.doses) + 1))]
    return replace(
        facts(person, **chosen),
        measurements=tuple(results),
        doses=doses,
        record_date=later,
    )


@pytest.mark.parametrize("seed", range(10))
def test_no_blocked_strategy_has_a_rank_a_date_or_a_number_anywhere(her, seed):
    person = random_record(her, np.random.default_rng(seed))
    ready = prepare(person, horizon="2 years", draws=4, learn=False)
    made = forecast(
        person,
        horizon="2 years",
        draws=4,
        every_way=True,
        known=ready.known,
        late=True,
    )
    held = json.loads(as_json(made))
    blocked = {one["name"] for one in held["blocked"]}
    followed = {one["name"] for one in held["strategies"]}
    plans = default_strategies(history_of(person), 2 * 365.25, every=True)
    for name, plan in plans.items():
        assert (check_strategy(name, parse_regimen(plan), person).outcome == "blocked") == (name in blocked)
    assert not blocked & followed
    assert followed - {NO_FURTHER_DOSE} <= set(plans)
    del held["blocked"], held["would_change"]  # names, rules and what would lift the block
    outcomes = held["manifest"]["answer"].pop("care")  # names and outcomes
    risk = {NO_FURTHER_DOSE} if held["risk_only"] else set()
    assert {name for name, outcome in outcomes.items() if outcome == "blocked"} - risk == blocked
    text = json.dumps(held)
    assert not [name for name in blocked if f'"{name}"' in text or f"'{name}'" in text]
    assert not blocked & set(as_csv(made).replace("\n", ",").split(","))
    for option in (held["late"] or {"options": []})["options"]:
        assert option["outcome"] != "blocked" or option["forecast"] is None
    if check_strategy("on time", parse_regimen(ON), person).outcome == "blocked":
        assert held["latest_dates"] == []
    if held["risk_only"]:
        assert followed == {NO_FURTHER_DOSE}
        assert held["ranking"] is None


# A missing result is to be had first, and no reason against a strategy


def test_a_missing_calcium_blocks_the_injection_and_not_the_strategy(her):
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


def test_a_ranking_of_nothing_is_refused():
    with pytest.raises(InputError, match="no option"):
        rank({}, find_aim("vertebral"), 24)


# Late and stopping with forecast numbers


def test_each_option_has_its_numbers_and_nothing_is_never_offered(her):
    found = late_forecast(her, dt.date(2026, 12, 1), "UK", draws=20)
    options = {one.key: one for one in found.options}
    assert (found.days_late, options["nothing"].outcome) == (77, "blocked")
    assert "DC-01" in options["nothing"].why
    at = {key: one.forecast for key, one in options.items()}
    assert at["nothing"] is None
    shown = [one for one in at.values() if one is not None]
    assert all(one.vertebral_per_1000.low <= one.vertebral_per_1000.median for one in shown)
    assert found.untreated.vertebral_per_1000.median > 2 * at["give-now"].vertebral_per_1000.median
    assert found.untreated.spine_bmd_pct.median < 0 < at["give-now"].spine_bmd_pct.median
    assert found.untreated.ctx_above > at["zoledronate"].ctx_above
    assert all((one.outcome == "blocked") == (one.forecast is None) for one in found.options)


def test_an_option_of_a_late_dose_is_judged_for_its_drug(her):
    ill = facts(her, oesophageal_disorder=True)
    found = late_forecast(ill, None, "UK", draws=4)
    oral = next(one for one in found.options if one.key == "oral")
    assert (oral.outcome, oral.forecast) == ("blocked", None)


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
    assert [one.key for one in found.options] == ["give-now", "every-12-weeks", "zoledronate-4", "nothing"]
    assert found.options[0].forecast.spine_bmd_pct is None
    assert found.options[0].check.action == "continue_120"


def test_who_had_no_injection_has_no_lateness(her):
    assert late_forecast(replace(her, doses=()), None, "EU") is None


def test_what_would_lift_a_block_is_never_another_drug(her):
    made = forecast(low_calcium(her), horizon="1 year", draws=4)
    for one in made.blocked:
        assert not [words for words in would_lift(one) if "given: yes" in words or "given: no" in words]
    lifts = next(would_lift(one) for one in made.blocked if one.name == "switch to alendronate")
    assert lifts[0].startswith("FB-01 lifts when albumin-corrected calcium at least")
