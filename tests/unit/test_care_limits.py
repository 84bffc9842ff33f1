"""Limits that decide what the care rules are asked: each is tried just below, at and just above."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bonecast.care import check_strategy, read_override
from bonecast.care.actions import CANCER_INDICATIONS, act_giving
from bonecast.care.check import case_of
from bonecast.care.schedule import schedule
from bonecast.care.variables import variables
from bonecast.drugs import all_drugs, find_drug
from bonecast.errors import InputError
from bonecast.records import Course, GivenDose, Measurement, Patient
from bonecast.regimens import parse_regimen

TODAY = dt.date(2026, 9, 15)


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def person(*doses: GivenDose, courses: tuple[Course, ...] = (), **facts) -> Patient:
    """A woman who gets denosumab, 60 mg, last given 184 days ago, where nothing else is said."""
    usual = tuple(GivenDose("denosumab", 60.0, "mg", ago(days)) for days in (550, 367, 184))
    return Patient(
        "A1",
        "female",
        dt.date(1952, 3, 4),
        TODAY,
        61.0,
        menopause_age=50.0,
        doses=doses or usual,
        courses=courses,
        facts=tuple(facts.items()),
    )


def known(patient: Patient, name: str):
    """A fact of the case as the rules see it; None where it is missing."""
    found = case_of(patient, None).known(name)
    return None if found is None else found.value


def acts(patient: Patient, plan: str) -> list[str]:
    return [check.action for check in check_strategy("plan", parse_regimen(plan), patient, "UK").checks]


# What a change from denosumab is


def test_every_change_that_the_rules_know_is_had_from_the_drug_catalogue():
    ruled = {act for act in variables()["planned_action"].choices if act.startswith("switch_")}
    given = {one.action for drug in all_drugs() for one in drug.treatments}
    assert {*given, "switch_brand"} == ruled
    found = {drug.generic: act_giving(drug.generic) for drug in all_drugs()}
    assert {name: act[0] for name, act in found.items() if act} == {
        "blosozumab": "start_other",
        "zoledronate": "switch_zoledronate",
        "alendronate": "switch_oral_bp",
        "ibandronate": "switch_oral_bp",
        "risedronate": "switch_oral_bp",
        "teriparatide": "switch_teriparatide",
        "abaloparatide": "switch_abaloparatide",
        "romosozumab": "switch_romosozumab",
        "raloxifene": "switch_raloxifene",
    }


@pytest.mark.parametrize("drug", [drug.generic for drug in all_drugs() if drug.regimens])
def test_a_plan_with_another_drug_is_the_change_that_the_catalogue_says(drug):
    regimen = next(one for one in find_drug(drug).regimens if one.interval)
    found = acts(person(), regimen.plan_text("for 1 year"))
    if drug == "denosumab":
        assert found[0].startswith("continue_")
    else:
        act = act_giving(drug, regimen.dose)
        assert [one for one in found if one.startswith(("switch_", "start_other"))] == (
            [act[0]] if act else []
        )


@pytest.mark.parametrize("drug", ["alendronate", "ibandronate", "risedronate", "zoledronate", "raloxifene"])
def test_a_bisphosphonate_that_goes_on_beside_is_known_by_its_class(drug):
    course = Course(drug, 70.0, "mg", 7.0, ago(100), None)
    beside = known(person(courses=(course,)), "concurrent_bisphosphonate")
    assert beside is (find_drug(drug).drug_class == "bisphosphonate")


# Doses


@pytest.mark.parametrize(("mg", "act"), [(119, "continue_60"), (120, "continue_120"), (121, "continue_120")])
def test_from_120_mg_on_an_injection_is_that_of_cancer(mg, act):
    assert acts(person(), f"denosumab {mg} mg every 4 weeks x 3")[0] == act


@pytest.mark.parametrize("indication", [*CANCER_INDICATIONS, "PMO"])
def test_the_first_injection_has_the_dose_of_its_indication(indication):
    naive = replace(person(indication=indication), doses=())
    expected = "start_120" if indication in CANCER_INDICATIONS else "start_60"
    assert case_of(naive, None).values["planned_action"] == expected


@pytest.mark.parametrize(("days", "act"), [(210, "continue_60"), (211, "continue_60"), (212, "delay_60")])
@pytest.mark.parametrize("wait", ["nothing for {} days, then", "{} days after the last dose"])
def test_an_injection_planned_later_than_211_days_after_the_last_is_a_delay(days, act, wait):
    last = GivenDose("denosumab", 60.0, "mg", ago(184))  # its cover has ended: the plan starts today
    until = days - 184 if wait.startswith("nothing") else days
    assert acts(person(last), f"{wait.format(until)} denosumab 60 mg every 6 months x 4")[0] == act


def test_an_injection_that_is_late_already_and_given_today_is_no_planned_delay():
    late = GivenDose("denosumab", 60.0, "mg", ago(400))
    assert acts(person(late), "denosumab 60 mg every 6 months x 4")[0] == "continue_60"


# Facts with a time or a count


@pytest.mark.parametrize(("days", "recent"), [(29, True), (30, True), (31, None)])
def test_an_infusion_is_recent_for_30_days(days, recent):
    infused = GivenDose("zoledronate", 5.0, "mg", ago(days))
    denosumab = GivenDose("denosumab", 60.0, "mg", ago(400))
    assert known(person(denosumab, infused), "iv_bisphosphonate_recent") is recent


@pytest.mark.parametrize(("units", "count"), [(3.0, 0.0), (3.9, 0.0), (4.0, 1.0), (5.0, 1.0)])
def test_four_units_of_alcohol_a_day_are_a_risk_factor(units, count):
    her = person(parental_hip_fracture=False, rheumatoid_arthritis=False, alcohol_units_day=units)
    assert known(her, "nice_risk_factors") == count


@pytest.mark.parametrize(("days", "serves"), [(89, True), (90, True), (91, False)])
def test_a_result_serves_before_an_injection_for_90_days(days, serves):
    calcium = Measurement("corrected calcium", None, 2.3, "mmol/L", False, ago(days), "2.3 mmol/L")
    made = schedule(replace(person(), measurements=(calcium,)), "UK")
    (entry,) = [
        entry
        for entry in made.entries
        if entry.part == "before" and entry.what == "Calcium, corrected for albumin"
    ]
    assert entry.have == (calcium.date if serves else None)


@pytest.mark.parametrize(("length", "fits"), [(1999, True), (2000, True), (2001, False)])
def test_the_reason_of_an_override_has_2000_characters_at_most(length, fits):
    text = "DC-01: " + "x" * length
    if fits:
        assert read_override(text, "Dr A", dt.datetime(2026, 9, 15)).reason == "x" * length
    else:
        with pytest.raises(InputError, match="too long"):
            read_override(text, "Dr A", dt.datetime(2026, 9, 15))


def test_a_result_that_will_be_old_by_the_day_of_a_later_act_is_no_warning_about_the_strategy():
    calcium = Measurement("corrected calcium", None, 2.35, "mmol/L", False, ago(10), "2.35 mmol/L")
    her = replace(person(GivenDose("denosumab", 60.0, "mg", ago(5))), measurements=(calcium,))
    later = "6 months after the last dose zoledronate 5 mg once"
    for on, warned in ((her, False), (replace(her, measurements=(replace(calcium, date=ago(91)),)), True)):
        found = check_strategy("exit", parse_regimen(later), on, "UK")
        assert ("FG-03" in found.rules) is warned
