"""The check of one person: facts from the record, findings with reasons, gaps, jurisdictions, overrides."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.care import JURISDICTIONS, Check, check, check_strategy, lateness, read_override
from bonecast.care.actions import actions
from bonecast.care.calendar_file import calendar
from bonecast.care.leaflet import leaflet
from bonecast.care.page import content
from bonecast.care.schedule import schedule
from bonecast.care.variables import variables
from bonecast.errors import InputError, UnknownName
from bonecast.interop.cds_cards import cards
from bonecast.records import Course, GivenDose, Measurement, Patient, known_facts, quantities
from bonecast.regimens import parse_regimen

TODAY = dt.date(2026, 9, 15)
DOSES = tuple(GivenDose("denosumab", 60.0, "mg", TODAY - dt.timedelta(days=d)) for d in (550, 367, 184))


def measured(test: str, value: float, days: int = 5, **more) -> Measurement:
    unit = quantities()[test].usual
    return Measurement(
        test, None, value, unit, False, TODAY - dt.timedelta(days=days), f"{value} {unit}", **more
    )


LABORATORY = (
    measured("corrected calcium", 2.35),
    measured("25-OH vitamin D", 70.0),
    measured("eGFR", 72.0),
)
HER = Patient(
    "A1", "female", dt.date(1952, 3, 4), TODAY, 61.0, menopause_age=50.0, doses=DOSES, measurements=LABORATORY
)


def person(*measurements: Measurement, doses=DOSES, courses=(), **facts) -> Patient:
    return replace(
        HER, measurements=measurements or LABORATORY, doses=doses, courses=courses, facts=tuple(facts.items())
    )


def finding(found: Check, rule: str):
    return next(one for one in found.findings if one.rule == rule)


def test_the_next_injection_is_checked_where_no_act_is_named():
    assert check(HER, None, "UK").action == "continue_60"
    assert check(person(doses=()), None, "UK").action == "start_60"
    assert check(person(doses=(), indication="GCTB"), None, "UK").action == "start_120"
    last = (GivenDose("denosumab", 120.0, "mg", TODAY - dt.timedelta(days=28)),)
    assert check(person(doses=last), None, "UK").action == "continue_120"


@pytest.mark.parametrize("name", actions())
def test_every_act_that_people_name_can_be_checked(name):
    found = check(HER, name, "EU")
    assert found.action in variables()["planned_action"].choices
    assert check(HER, name.replace(" ", "-").upper(), "EU").action == found.action


def test_a_planned_extraction_and_a_planned_pregnancy_are_part_of_their_acts():
    assert "DT-05" in check(HER, "dental procedure", "UK").ids("warn")
    young = replace(
        HER, birth_date=dt.date(1994, 1, 1), menopause_age=None, facts=(("menopausal_status", "pre"),)
    )
    assert "PG-05" in check(young, "pregnancy plan", "EU").ids("block")
    pregnant = replace(young, facts=(("pregnancy_status", "pregnant"), ("reproductive_potential", True)))
    assert "CI-03" in check(pregnant, "pregnancy plan", "EU").ids("block")


def test_stopping_without_a_follow_on_is_blocked_and_with_one_is_not():
    assert check(HER, "stop", "UK").ids("block") == ("DC-01",)
    assert check(person(followon_antiresorptive_planned=True), "stop", "UK").ids("block") == ()


def test_a_finding_names_its_facts_with_day_and_age_why_it_fired_and_what_would_change_it():
    found = finding(check(person(measured("25-OH vitamin D", 18.0, 40), doses=()), None, "US"), "PD-06")
    used = next(fact for fact in found.facts if fact.name == "vitd_25oh_nmol_L")
    assert (used.value, used.date, used.age_days) == (18.0, TODAY - dt.timedelta(days=40), 40)
    assert "25-OH vitamin D below 25 nmol/L" in found.why
    assert found.would_change == ("25-OH vitamin D at least 25 nmol/L",)
    assert (found.source.key, found.mark, found.verified) == ("prolia-eu-4.3", "assumption", False)


def test_a_missing_result_is_said_to_be_missing_by_the_rule_that_needs_it():
    found = check(person(measured("eGFR", 72.0)), None, "UK")
    assert "PD-02" in found.ids("block")
    used = {fact.name: fact for fact in finding(found, "PD-02").facts}
    assert used["albumin_corrected_calcium_mmol_L"].value is None
    assert "albumin-corrected calcium: missing" in finding(found, "PD-02").why


def test_what_the_record_lacks_is_listed_with_the_rules_that_need_it():
    found = check(HER, None, "UK")
    assert not found.complete
    assert "CI-02" in found.missing()["hypersensitivity_denosumab"]
    answer = check(person(hypersensitivity_denosumab=False), None, "UK")
    assert "hypersensitivity_denosumab" not in answer.missing()


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_the_jurisdiction_chosen_decides_and_the_others_are_shown(place):
    found = check(person(measured("eGFR", 72.0)), None, place)
    assert found.outcome == ("blocked" if place in ("EU", "UK") else "warned")
    assert found.chosen
    assert {one.jurisdiction for one in found.elsewhere} == set(JURISDICTIONS) - {place}
    for one in found.elsewhere:
        other = check(person(measured("eGFR", 72.0)), None, one.jurisdiction)
        every = {f.rule for f in other.findings}
        here = {f.rule for f in found.findings}
        assert (one.outcome, one.state) == (other.outcome, other.state)
        assert set(one.only_there) == every - here
        assert set(one.only_here) == here - every


def test_the_strictest_jurisdiction_decides_where_none_is_chosen():
    found = check(person(measured("eGFR", 72.0)))
    assert (found.outcome, found.chosen) == ("blocked", False)
    assert found.jurisdiction in ("EU", "UK")
    assert check(person(jurisdiction="US")).jurisdiction == "US"


def test_a_rule_that_disagrees_is_shown_with_the_place_where_it_fires():
    found = finding(check(person(measured("eGFR", 72.0)), None, "EU"), "PD-02")
    other = next(one for one in found.others if one.id == "PD-03")
    assert other.jurisdictions == ("US",)
    assert other.fires
    assert [one.key for one in found.positions] == ["calcium_before"]


def test_a_finding_is_overridden_with_a_reason_and_leaves_the_outcome():
    at = dt.datetime(2026, 9, 15, 9, 0, tzinfo=dt.UTC)
    vitamin = person(*LABORATORY[::2], measured("25-OH vitamin D", 18.0), doses=())
    aside = read_override("PD-06: loading dose given, calcium 2.35", "Dr A", at)
    found = check(vitamin, None, "US", overrides=[aside])
    assert check(vitamin, None, "US").outcome == "blocked"
    assert found.outcome != "blocked"
    kept = finding(found, "PD-06").overridden
    assert (kept.reason, kept.by, kept.action) == (aside.reason, "Dr A", "start_60")
    assert dict(kept.values)["vitd_25oh_nmol_L"] == 18.0
    assert found.state != "clear"
    with pytest.raises(InputError, match="without a reason"):
        read_override("PD-06:", "Dr A", at)
    with pytest.raises(UnknownName):
        read_override("PD-99: because", "Dr A", at)
    with pytest.raises(InputError, match="did not fire"):
        check(vitamin, None, "US", overrides=[replace(aside, rule="CI-01")])


def test_a_record_that_contradicts_itself_is_blocked_and_says_why():
    he = replace(HER, sex="male", menopause_age=None, facts=(("pregnancy_status", "pregnant"),))
    found = check(he, "review", "UK")
    assert found.outcome == "blocked"
    assert [one.id for one in found.contradictions] == ["RC-01"]


def test_nothing_is_planned_for_someone_who_has_died():
    found = check(replace(HER, death_date=TODAY), None, "UK")
    assert found.outcome == "blocked"
    assert [one.id for one in found.contradictions] == ["RC-21"]


@pytest.mark.parametrize(
    ("fact", "value", "heading"),
    [
        ("hypocalcaemia_symptoms", True, "hypocalcaemia"),
        ("thigh_or_groin_pain", True, "thigh"),
        ("jaw_symptoms", True, "jaw"),
        ("dental_status", "ONJ_active", "jaw"),
        ("skin_rash", True, "skin"),
        ("severe_skin_reaction", "DRESS", "skin"),
        ("new_back_pain", True, "pain"),
        ("anaphylaxis_after_dose", True, "allergy"),
    ],
)
def test_a_symptom_in_the_record_leads_to_its_reaction(fact, value, heading):
    assert heading in [one.heading for one in check(person(**{fact: value}), "new symptom", "UK").symptoms]
    assert check(HER, "new symptom", "UK").symptoms == ()


def test_facts_of_the_act_are_given_beside_the_record():
    assert "DO-11" in check(HER, None, "UK", facts={"route": "IV"}).ids("block")
    with pytest.raises(UnknownName):
        check(HER, None, "UK", facts={"rout": "IV"})
    with pytest.raises(UnknownName):
        check(HER, "fly", "UK")
    with pytest.raises(UnknownName):
        check(HER, None, "FR")
    with pytest.raises(InputError, match="before the record"):
        check(HER, None, "UK", TODAY - dt.timedelta(days=1))


# From the record to facts.


def fact(found: Check, name: str):
    known = found.case.known(name)
    return None if known is None else known.value


def test_calcium_is_corrected_for_albumin_of_the_same_day_only():
    both = person(measured("calcium", 2.20), measured("albumin", 30.0))
    assert fact(check(both), "albumin_corrected_calcium_mmol_L") == pytest.approx(2.40)
    apart = check(person(measured("calcium", 2.14), measured("albumin", 30.0, 6)))
    assert fact(apart, "albumin_corrected_calcium_mmol_L") is None
    assert "PD-15" in apart.ids("warn")


@pytest.mark.parametrize(
    ("total", "used"),
    [(2.15, 2.15), (2.149, None), (1.75, None), (1.749, 1.749), (1.55, 1.55)],
)
def test_the_newest_calcium_counts_and_a_total_that_no_albumin_explains_is_low(total, used):
    # limit 2.15; at an albumin of 20 g/L a total of 1.75 would just be normal
    older = measured("corrected calcium", 2.35, 30)
    found = check(person(older, measured("calcium", total), *LABORATORY[1:]), None, "UK")
    assert fact(found, "albumin_corrected_calcium_mmol_L") == used
    assert ("CI-01" in found.ids("block")) is (used is not None and used < 2.15)
    assert ("PD-02" in found.ids("block")) is (used is None)


def test_two_values_of_one_day_are_a_conflict_and_the_worse_counts():
    two = person(
        measured("corrected calcium", 2.35),
        measured("corrected calcium", 1.77),
        measured("eGFR", 75.0),
        measured("eGFR", 20.0),
        LABORATORY[1],
    )
    for order in (two, replace(two, measurements=two.measurements[::-1])):
        found = check(order, None, "UK")
        assert fact(found, "albumin_corrected_calcium_mmol_L") == 1.77
        assert fact(found, "egfr_mL_min_173m2") == 20.0
        assert found.state == "do_not_give"
        assert [line.split(" of ")[0] for line in found.conflicts] == ["albumin-corrected calcium", "eGFR"]


@pytest.mark.parametrize(("second", "conflicts"), [(2.231, 1), (2.233, 0), (2.35, 0)])
def test_values_of_one_day_within_five_percent_are_no_conflict(second, conflicts):
    two = person(measured("corrected calcium", 2.35), measured("corrected calcium", second), *LABORATORY[1:])
    assert len(check(two, None, "UK").conflicts) == conflicts


@pytest.mark.parametrize(("days", "known"), [(365, True), (366, False)])
@pytest.mark.parametrize(
    ("test", "name"),
    [("corrected calcium", "albumin_corrected_calcium_mmol_L"), ("eGFR", "egfr_mL_min_173m2")],
)
def test_a_result_older_than_a_year_is_no_result(days, known, test, name):
    value = {"corrected calcium": 2.35, "eGFR": 72.0}[test]
    assert (fact(check(person(measured(test, value, days))), name) is not None) is known


def test_the_later_of_two_calcium_results_is_used_and_the_laboratorys_limit_goes_before_the_usual_one():
    later = person(
        measured("corrected calcium", 2.1, 30), measured("calcium", 2.3), measured("albumin", 40.0)
    )
    assert fact(check(later), "albumin_corrected_calcium_mmol_L") == pytest.approx(2.3)
    own = person(measured("corrected calcium", 2.12, reference_low=2.10), *LABORATORY[1:])
    assert "CI-01" not in check(own, None, "UK").ids("block")
    usual = person(measured("corrected calcium", 2.12), *LABORATORY[1:])
    assert "CI-01" in check(usual, None, "UK").ids("block")


def test_an_old_calcium_is_named_as_old():
    old = person(measured("corrected calcium", 2.35, 91), *LABORATORY[1:])
    assert "PD-04" in check(old, None, "UK").ids("warn")
    assert "PD-04" in check(person(), None, "UK", TODAY + dt.timedelta(days=100)).ids("warn")
    assert "PD-04" not in check(person(), None, "UK").ids("warn")
    old_kidneys = person(*LABORATORY[:2], measured("eGFR", 72.0, 91))
    assert "PD-04" in check(old_kidneys, None, "UK").ids("warn")


def test_kidney_function_is_estimated_from_creatinine_only_where_none_newer_was_reported():
    estimated = check(person(measured("creatinine", 300.0)))
    assert 10 < fact(estimated, "egfr_mL_min_173m2") < 20
    assert {"RN-02", "RN-03"} <= set(estimated.ids("block"))
    newer = check(person(measured("creatinine", 300.0, 40), measured("eGFR", 72.0)))
    assert fact(newer, "egfr_mL_min_173m2") == 72.0


def test_a_value_below_the_assay_limit_counts_as_below_it():
    low = replace(measured("25-OH vitamin D", 25.0), below_limit=True)
    assert "PD-06" in check(person(low, *LABORATORY[::2], doses=()), None, "UK").ids("block")


def test_lateness_counts_to_the_day_of_the_act():
    assert "DD-01" in check(HER, None, "UK").ids("inform")
    assert "DD-03" in check(HER, None, "UK", TODAY + dt.timedelta(days=60)).ids("warn")


def test_other_drugs_of_the_record_are_known():
    alendronate = Course("alendronate", 70.0, "mg", 7.0, TODAY - dt.timedelta(days=400), None)
    assert "IX-03" in check(person(courses=(alendronate,)), None, "UK").ids("block")
    ended = replace(alendronate, end=TODAY - dt.timedelta(days=3))
    assert "SW-05" in check(person(courses=(ended,), doses=()), None, "UK").ids("inform")
    zoledronate = GivenDose("zoledronate", 5.0, "mg", TODAY - dt.timedelta(days=200))
    assert "SW-06" in check(person(doses=(zoledronate,)), None, "UK").ids("warn")


def test_one_strength_is_not_given_while_the_other_still_covers():
    def blocked(amount: float, days: int, action: str | None) -> bool:
        doses = (GivenDose("denosumab", amount, "mg", TODAY - dt.timedelta(days=days)),)
        return "CI-04" in check(person(doses=doses), action, "US").ids("block")

    assert blocked(120.0, 27, "start_60")
    assert not blocked(120.0, 28, "start_60")
    assert not blocked(120.0, 27, None)
    assert blocked(60.0, 182, "start_120")
    assert not blocked(60.0, 183, "start_120")


def test_a_man_is_not_asked_about_pregnancy():
    he = replace(HER, sex="male", menopause_age=None, facts=(("reproductive_potential", False),))
    assert "pregnancy_status" not in check(he, None, "US").missing()
    young = replace(HER, birth_date=dt.date(1994, 1, 1), menopause_age=None)
    assert "reproductive_potential" in check(young, None, "US").missing()


# Nothing that a record can say makes the rules raise.

FACTS = {
    "yes or no": st.booleans(),
    "count": st.integers(0, 50),
    "text": st.text(max_size=20),
}


def facts_strategy() -> st.SearchStrategy[dict]:
    of = {
        fact.kept_as: st.sampled_from(fact.choices)
        if fact.choices
        else FACTS.get(fact.kind, st.floats(0.01, 1e4))
        for fact in known_facts().values()
    }
    return st.fixed_dictionaries({}, optional=of)


DAYS = st.integers(0, 5000).map(lambda d: TODAY - dt.timedelta(days=d))
RECORDS = st.builds(
    Patient,
    id=st.just("x"),
    sex=st.sampled_from(["female", "male"]),
    birth_date=st.dates(dt.date(1910, 1, 1), dt.date(2020, 1, 1)),
    record_date=st.just(TODAY),
    weight_kg=st.floats(15, 500),
    menopause_age=st.none() | st.floats(8, 70),
    facts=facts_strategy().map(lambda found: tuple(sorted(found.items()))),
    doses=st.lists(
        st.builds(
            GivenDose,
            st.sampled_from(["denosumab", "zoledronate", "romosozumab"]),
            st.sampled_from([60.0, 120.0, 5.0, 0.5]),
            st.just("mg"),
            DAYS,
        ),
        max_size=5,
    ).map(lambda found: tuple(sorted(found, key=lambda dose: dose.date))),
    measurements=st.lists(
        st.sampled_from([q for q in quantities().values() if q.is_test and q.name != "BMD"]).flatmap(
            lambda q: st.builds(measured, st.just(q.name), st.floats(q.low, q.high), st.integers(0, 5000))
        ),
        max_size=8,
    ).map(lambda found: tuple(sorted(found, key=lambda one: one.date))),
)


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(RECORDS, st.sampled_from([None, *actions()]), st.sampled_from([None, "US", "EU", "UK", "CA"]))
def test_no_record_makes_the_check_raise_and_its_outcome_follows_from_its_findings(patient, action, place):
    found = check(patient, action, place)
    page = content(found)
    expected = (
        "blocked"
        if found.ids("block") or found.contradictions
        else "warned"
        if found.ids("warn")
        else "allowed"
    )
    assert page["outcome"] == expected
    fired = {one.rule for one in found.findings}
    assert not fired & {one.rule for one in found.unchecked}
    assert all(one.missing for one in found.unchecked)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(RECORDS, st.sampled_from(["US", "EU", "UK", "CA"]), st.booleans())
def test_no_record_makes_schedule_calendar_leaflet_lateness_or_cards_raise(patient, place, ending):
    ends = ending and bool(patient.doses_of("denosumab"))
    made = schedule(patient, place, ends)
    if made.withheld:  # refused with the reason, whatever the record says
        with pytest.raises(InputError, match="nothing may be dated"):
            calendar(made)
    else:
        assert calendar(made).startswith(b"BEGIN:VCALENDAR")
    assert leaflet(patient, place, ends).text
    late = lateness(patient, place)
    assert (late is None) is not bool(patient.doses_of("denosumab"))
    for plan in (
        "denosumab 60 mg every 6 months x 2, then nothing for 1 year",
        "alendronate 70 mg weekly x 4",
    ):
        assert check_strategy("x", parse_regimen(plan), patient, place).outcome in (
            "blocked",
            "warned",
            "allowed",
        )
    assert isinstance(cards(check(patient, None, place), patient.id), list)
