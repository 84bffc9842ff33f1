"""How much a check says and asks, that each cause is said once, and that no answer ends with a refusal alone."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from bonecast.care import JURISDICTIONS, CareCase, Check, Known, check, check_case, variables
from bonecast.care.alternatives import LATEST_D, alternatives
from bonecast.care.cases import read_cases
from bonecast.care.derived import GIVING, with_derived
from bonecast.care.firing import contradictions_in, fired
from bonecast.care.questions import missing_facts
from bonecast.records import GivenDose, Measurement, Patient, quantities

TODAY = dt.date(2026, 9, 15)
FOLDER = Path(__file__).parents[1] / "data" / "care"
ROWS = [row for name in ("scenarios.csv", "follow_on_cases.csv") for row in read_cases(FOLDER / name)[0]]
INJECTIONS = [row for row in ROWS if row.facts.get("planned_action") in GIVING]


def checked(facts: dict) -> Check:
    return check_case(CareCase({name: Known(value) for name, value in facts.items()}, TODAY))


def ordinary(number: int) -> Patient:
    """One of many women and men as a clinic has them: age, doses, laboratory and densities without trouble."""
    draw = random.Random(number)
    woman = number % 4 != 0

    def result(test: str, value: float, days: int) -> Measurement:
        unit = quantities()[test].usual
        return Measurement(test, None, value, unit, False, TODAY - dt.timedelta(days=days), f"{value} {unit}")

    doses = draw.randint(1, 9)
    days = [draw.randint(176, 200) + 183 * back for back in range(doses)]
    return Patient(
        f"N{number}",
        "female" if woman else "male",
        dt.date(draw.randint(1935, 1962), 5, 4),
        TODAY,
        float(draw.randint(48, 85)),
        menopause_age=50.0 if woman else None,
        doses=tuple(GivenDose("denosumab", 60.0, "mg", TODAY - dt.timedelta(days=d)) for d in days[::-1]),
        measurements=(
            result("corrected calcium", round(draw.uniform(2.2, 2.5), 2), 9),
            result("25-OH vitamin D", draw.randint(52, 110), 9),
            result("creatinine", draw.randint(55, 90), 9),
        ),
        facts=(("calcium_intake_mg_day", 900.0), ("indication", "PMO" if woman else "MALE_OP"))
        + ((("vitd_intake_IU_day", 800.0),) if draw.random() < 0.8 else ()),
    )


ORDINARY = [ordinary(number) for number in range(20)]


def test_an_injection_case_takes_three_lines_of_information_and_eight_questions_at_most():
    made = [checked(row.facts) for row in INJECTIONS]
    assert len(made) > 100
    assert statistics.median(one.advice.lines for one in made) <= 3
    assert statistics.median(len(one.questions) for one in made) <= 8
    assert max(len(one.questions) for one in made) <= 9


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_an_ordinary_visit_takes_three_lines_of_information_and_eight_questions_at_most(place):
    made = [check(patient, None, place) for patient in ORDINARY]
    assert statistics.median(one.advice.lines for one in made) <= 3
    assert max(len(one.questions) for one in made) <= 8
    assert all(len(one.causes) <= 1 for one in made), [one.causes for one in made if len(one.causes) > 1]


@pytest.mark.parametrize(("intake", "warned"), [(900.0, False), (800.0, False), (799.0, True)])
def test_a_calcium_intake_of_900_mg_is_no_warning(intake, warned):
    facts = {**dict(ORDINARY[1].facts), "calcium_intake_mg_day": intake}
    found = check(replace(ORDINARY[1], facts=tuple(sorted(facts.items()))), None, "US")
    assert ("SU-01" in found.ids("warn")) is warned


def test_one_fact_is_one_cause():
    facts = dict(next(row for row in ROWS if row.facts.get("on_dialysis") is True).facts)
    made = checked({**facts, "planned_action": "continue_60", "n_doses_received": 3.0})
    asking = {"on_dialysis", "egfr_mL_min_173m2", "crcl_mL_min"}
    kidney = [one for one in made.causes if asking & {fact.name for fact in one.head.facts[:3]}]
    assert len(made.findings) > 3
    assert len(kidney) == 1
    everything = [finding for one in made.causes for finding in (one.head, *one.also)]
    assert {f.rule for f in everything} == {*made.ids("block"), *made.ids("warn")}


def test_what_was_known_at_the_last_injection_is_not_stated_again():
    found = check(ORDINARY[1], None, "UK")
    answer = [*found.advice.new, *found.advice.known, *found.advice.routine]
    assert {f.rule for f in answer} == set(found.ids("inform"))
    assert "DO-01" in {f.rule for f in found.advice.routine}


# No answer ends with a refusal alone


def test_a_low_calcium_inside_the_window_can_be_corrected_and_after_it_is_referred():
    low = {
        "planned_action": "continue_60",
        "albumin_corrected_calcium_mmol_L": 2.05,
        "calcium_lln_mmol_L": 2.15,
        "n_doses_received": 3.0,
        "jurisdiction": "UK",
    }
    inside = alternatives({**low, "last_denosumab_offset_days": -float(LATEST_D - 1)})
    assert inside.acts[0].action == "delay_60"
    after = alternatives({**low, "last_denosumab_offset_days": -float(LATEST_D)})
    assert {one.action for one in after.acts} <= {
        "switch_teriparatide",
        "switch_abaloparatide",
        "switch_raloxifene",
    }
    emergency = alternatives({**low, "albumin_corrected_calcium_mmol_L": 1.8})
    assert (emergency.acts, emergency.referral.when, emergency.referral.to) == ((), "today", "hospital")


@pytest.mark.parametrize("days", [190.0, 220.0, 300.0])
def test_a_dose_that_only_a_missing_calcium_blocks_says_what_to_obtain_and_then_is_possible(days):
    late = {
        "planned_action": "continue_60",
        "n_doses_received": 3.0,
        "jurisdiction": "UK",
        "last_denosumab_offset_days": -days,
    }
    found = alternatives(late)
    assert found.obtain == ("albumin-corrected calcium",)
    known = {**late, "albumin_corrected_calcium_mmol_L": 2.3, "calcium_lln_mmol_L": 2.15}
    assert alternatives(known).acts[0].action == "continue_60"
    assert alternatives({**known, "albumin_corrected_calcium_mmol_L": 2.05}).obtain == ()
    assert alternatives({**late, "aff_confirmed": True}).obtain == ()


def test_an_atypical_fracture_never_ends_on_refusals_only():
    fractured = {
        "planned_action": "continue_60",
        "aff_confirmed": True,
        "albumin_corrected_calcium_mmol_L": 2.3,
        "calcium_lln_mmol_L": 2.15,
        "n_doses_received": 5.0,
        "last_denosumab_offset_days": -190.0,
        "jurisdiction": "UK",
    }
    assert "FX-12" in {rule.id for rule in fired(with_derived(fractured))}
    assert alternatives(fractured).acts


def random_case(draw: random.Random) -> dict:
    facts: dict = {"calcium_lln_mmol_L": 2.15, "calcium_uln_mmol_L": 2.6}
    for name, variable in variables().items():
        if variable.about == "derived" or draw.random() < 0.6:
            continue
        if variable.kind == "yes or no":
            facts[name] = draw.random() < 0.3
        elif variable.kind == "choice":
            facts[name] = draw.choice(variable.choices)
        elif variable.is_number:
            value = draw.uniform(variable.low, min(variable.high, variable.low + 400.0))
            facts[name] = float(int(value)) if variable.kind == "count" else value
    facts["planned_action"] = draw.choice(variables()["planned_action"].choices)
    facts["jurisdiction"] = draw.choice(JURISDICTIONS)
    return facts


@pytest.mark.slow
def test_of_ten_thousand_random_records_none_ends_without_an_act_or_a_referral():
    draw = random.Random(15)
    blocked = referred = 0
    for _ in range(10_000):
        facts = random_case(draw)
        values = with_derived(facts)
        if not any(rule.binding for rule in fired(values)) and not contradictions_in(values):
            continue
        blocked += 1
        found = alternatives(facts, first_only=True)
        if found.acts:
            act = found.acts[0]
            again = with_derived({**facts, "planned_action": act.action, **dict(act.facts)})
            assert not any(rule.binding for rule in fired(again)), act
        else:
            referred += 1
            assert found.referral is not None
            assert found.referral.rules or contradictions_in(values)
            assert found.referral.when in ("today", "this week")
    assert blocked > 1_000
    assert 0 < referred < blocked


def test_no_fact_is_asked_that_contradicts_what_is_known():
    known = {"menopausal_status": "post", "reproductive_potential": False, "sex": "F", "age_years": 66.0}
    asked = [
        name
        for act in ("continue_60", "switch_raloxifene", "start_raloxifene", "start_romosozumab")
        for place in JURISDICTIONS
        for name in missing_facts({"planned_action": act, "jurisdiction": place, **known})
    ]
    assert "albumin_corrected_calcium_mmol_L" in asked
    assert not {"pregnancy_status", "breastfeeding"} & set(asked)
