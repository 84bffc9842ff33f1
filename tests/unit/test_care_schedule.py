"""The plan in dates, and its calendar file."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.care.calendar_file import calendar
from bonecast.care.schedule import Schedule, schedule, steps
from bonecast.errors import InputError
from bonecast.records import GivenDose, Measurement, Patient

TODAY = dt.date(2026, 9, 15)
LAST = dt.date(2026, 5, 1)
LABS = tuple(
    Measurement(test, None, value, unit, False, TODAY - dt.timedelta(days=days), "")
    for test, value, unit, days in (
        ("corrected calcium", 2.3, "mmol/L", 2),
        ("creatinine", 62.0, "umol/L", 30),
    )
)
HER = Patient(
    "A1",
    "female",
    dt.date(1952, 3, 4),
    TODAY,
    61.0,
    menopause_age=50.0,
    doses=(
        GivenDose("denosumab", 60.0, "mg", dt.date(2025, 11, 1)),
        GivenDose("denosumab", 60.0, "mg", LAST),
    ),
    measurements=LABS,
)


def on(days: int, since: dt.date = LAST) -> dt.date:
    return since + dt.timedelta(days=days)


def result(test: str, value: float, unit: str, days_ago: int) -> Measurement:
    return Measurement(test, None, value, unit, False, TODAY - dt.timedelta(days=days_ago), "")


def dates(made: Schedule, what: str) -> list[dt.date]:
    return [entry.date for entry in made.entries if what in entry.what]


def test_the_next_injection_is_due_after_183_days_with_four_weeks_on_either_side():
    made = schedule(HER, "UK")
    (injection,) = [entry for entry in made.entries if entry.part == "next"]
    assert (injection.date, injection.first, injection.last) == (on(183), on(155), on(211))
    assert made.injection == on(183)


def test_an_overdue_injection_is_due_today_and_keeps_the_day_on_which_its_window_closed():
    late = replace(HER, doses=HER.doses[:1])
    (injection,) = [entry for entry in schedule(late, "UK").entries if entry.part == "next"]
    closed = on(211, dt.date(2025, 11, 1))
    assert (injection.date, injection.first, injection.last) == (TODAY, None, closed)


def test_tests_come_two_weeks_before_and_fresh_results_are_marked_as_there():
    made = schedule(HER, "UK")
    assert dates(made, "25-OH vitamin D") == [on(169)]
    there = {entry.what: entry.have for entry in made.entries if entry.part == "before"}
    assert there["Calcium, corrected for albumin"] == TODAY - dt.timedelta(days=2)
    assert there["25-OH vitamin D"] is None
    assert "PTH" in there


def test_a_result_from_before_the_last_injection_does_not_serve():
    just = replace(HER, doses=(*HER.doses, GivenDose("denosumab", 60.0, "mg", TODAY)))
    there = {entry.what: entry.have for entry in schedule(just, "UK").entries}
    assert there["Calcium, corrected for albumin"] is None


@pytest.mark.parametrize(
    ("egfr", "facts", "days"),
    [
        (80.0, {}, []),
        (50.0, {}, [14]),
        (40.0, {}, [14]),
        (80.0, {"loop_diuretic": True}, [14]),
        (80.0, {"hypocalcaemia_predisposed": True}, [14]),
        (
            20.0,
            {"ckd_mbd_status": "absent", "ckd_specialist_supervision": True},
            [7, 14, 21, 28, 60, 90, 120, 150],
        ),
    ],
)
def test_calcium_after_the_injection_follows_the_risk(egfr, facts, days):
    at_risk = replace(
        HER, measurements=(*LABS, result("eGFR", egfr, "mL/min/1.73m2", 3)), facts=tuple(facts.items())
    )
    made = schedule(at_risk, "UK")
    assert dates(made, "Calcium after") == [on(183 + day) for day in days]


def test_two_reasons_for_one_test_on_one_day_are_one_entry_with_both_rules():
    made = schedule(replace(HER, measurements=(*LABS, result("eGFR", 40.0, "mL/min/1.73m2", 3))), "UK")
    (entry,) = [entry for entry in made.entries if entry.what == "Calcium after the injection"]
    assert set(entry.rules) == {"MO-04", "RN-07", "PD-11"}


def test_a_pregnancy_test_is_asked_of_who_could_be_pregnant_or_where_that_is_not_known_below_55():
    assert dates(schedule(HER, "US"), "Pregnancy") == []
    assert dates(schedule(replace(HER, menopause_age=None), "US"), "Pregnancy") == [], "she is 74"
    unknown = replace(HER, menopause_age=None, birth_date=dt.date(1985, 3, 4))
    assert dates(schedule(unknown, "US"), "Pregnancy") == [on(183)]
    he = replace(unknown, sex="male")
    assert dates(schedule(he, "US"), "Pregnancy") == []


def test_the_length_of_treatment_is_reviewed_five_years_after_the_first_injection():
    assert dates(schedule(HER, "UK"), "Review") == [on(1826, dt.date(2025, 11, 1))]


def test_120_mg_is_due_after_four_weeks_and_giant_cell_tumour_has_its_first_month():
    metastases = replace(
        HER, doses=(GivenDose("denosumab", 120.0, "mg", TODAY),), facts=(("indication", "BONE_METS"),)
    )
    assert schedule(metastases, "EU").injection == TODAY + dt.timedelta(days=28)
    tumour = replace(metastases, facts=(("indication", "GCTB"),))
    given = [TODAY]
    for wait in (7, 7, 14, 28):
        doses = tuple(GivenDose("denosumab", 120.0, "mg", day) for day in given)
        made = schedule(replace(tumour, doses=doses, record_date=given[-1]), "EU")
        assert made.injection == given[-1] + dt.timedelta(days=wait)
        given.append(made.injection)


def test_the_exit_plan_has_drug_date_markers_and_repeat_and_is_never_empty():
    made = schedule(HER, "UK", ending=True)
    assert made.injection is None
    assert dates(made, "Zoledronate 5 mg") == [on(183)]
    assert dates(made, "CTX and P1NP") == [on(183 + 91), on(183 + 183)]
    assert dates(made, "DXA 12 months") == [on(183 + 365)]
    assert not dates(made, "Denosumab 60 mg injection")
    assert schedule(HER, "UK").exit_plan


def test_weak_kidneys_get_a_specialist_plan_and_no_zoledronate():
    weak = replace(HER, measurements=(LABS[0], result("creatinine", 150.0, "umol/L", 3)))  # CrCl 28 mL/min
    made = schedule(weak, "UK", ending=True)
    assert dates(made, "Specialist plan")
    assert not dates(made, "Zoledronate 5 mg")


def test_a_second_infusion_is_planned_after_long_treatment_or_a_vertebral_fracture_only():
    assert not dates(schedule(HER, "UK", ending=True), "Second infusion")
    broken = replace(HER, facts=(("n_vertebral_fractures", 1),))
    assert dates(schedule(broken, "UK", ending=True), "Second infusion")


def test_who_never_had_an_injection_has_no_exit_and_cannot_end():
    naive = replace(HER, doses=())
    made = schedule(naive, "UK")
    assert (made.injection, made.exit_plan) == (TODAY, ())
    with pytest.raises(InputError, match="no injection"):
        schedule(naive, "UK", ending=True)


def test_every_step_cites_rules_that_exist_and_no_key_is_used_twice():
    keys = [step.key for step in steps()]
    assert len(keys) == len(set(keys))
    assert all(step.rules for step in steps())


WRITTEN = dt.datetime(2026, 9, 15, 12, 0, tzinfo=dt.UTC)


def events(made: Schedule, written: dt.datetime = WRITTEN) -> dict[str, icalendar.Event]:
    read = icalendar.Calendar.from_ical(calendar(made, written))
    return {str(event["UID"]): event for event in read.walk("VEVENT")}


def test_the_calendar_file_can_be_read_and_holds_each_open_entry_as_a_whole_day_with_an_alarm():
    made = schedule(HER, "UK")
    found = events(made)
    assert len(found) == len([entry for entry in made.entries if entry.have is None])
    for event in found.values():
        assert isinstance(event["DTSTART"].dt, dt.date)
        assert not isinstance(event["DTSTART"].dt, dt.datetime)
        assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(days=1)
        assert all(alarm["TRIGGER"].dt < dt.timedelta(0) for alarm in event.walk("VALARM"))
        assert event.walk("VALARM")
        assert "the clinician decides" in event["DESCRIPTION"]


def test_a_later_version_moves_the_same_entries_with_a_higher_sequence():
    before = events(schedule(HER, "UK"))
    moved = replace(HER, doses=(HER.doses[0], replace(HER.doses[1], date=on(10))))
    after = events(schedule(moved, "UK"), WRITTEN + dt.timedelta(hours=1))
    assert set(before) == set(after)
    assert all(after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"] for uid in before)
    assert any(after[uid]["DTSTART"].dt != before[uid]["DTSTART"].dt for uid in before)


def test_the_next_injection_after_one_more_dose_is_another_entry():
    more = replace(HER, doses=(*HER.doses, GivenDose("denosumab", 60.0, "mg", TODAY)))
    before, after = events(schedule(HER, "UK")), events(schedule(more, "UK"))
    injections = [
        {uid for uid, event in found.items() if "injection" in event["SUMMARY"] and event["CATEGORIES"]}
        for found in (before, after)
    ]
    assert not injections[0] & injections[1]


def test_ids_tell_nothing_of_the_person_and_differ_between_people():
    text = calendar(schedule(HER, "UK"), WRITTEN).decode()
    assert "A1" not in text
    other = events(schedule(replace(HER, id="A2"), "UK"))
    assert not set(other) & set(events(schedule(HER, "UK")))


def test_lines_are_folded_and_end_as_the_standard_asks():
    lines = calendar(schedule(HER, "UK"), WRITTEN).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3000), max_size=6, unique=True),
    st.sampled_from([60.0, 120.0]),
    st.sampled_from([None, "US", "EU", "UK", "CA"]),
    st.booleans(),
)
def test_no_history_has_a_date_in_the_past_or_an_end_without_an_exit(days, amount, place, ending):
    doses = tuple(
        GivenDose("denosumab", amount, "mg", TODAY - dt.timedelta(days=d)) for d in sorted(days, reverse=True)
    )
    made = schedule(replace(HER, doses=doses), place, ending and bool(doses))
    assert all(entry.date >= TODAY for entry in made.entries)
    if made.withheld:
        with pytest.raises(InputError, match="nothing may be dated"):
            calendar(made)
    else:
        assert len(events(made)) == len([entry for entry in made.entries if entry.have is None])
    if doses and amount == 60.0 and made.situation != "blocked":
        assert made.exit_plan
