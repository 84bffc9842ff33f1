"""What the rules block is not dated: schedule, calendar and leaflet; what stands in its place; ticks; 120 mg."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_people import METASTASES, SITUATIONS, TODAY, WITHHELD, ago, person, result, with_result, young

from bonecast.care import check
from bonecast.care.calendar_file import calendar, entry_id
from bonecast.care.exits import exits, find_exit
from bonecast.care.leaflet import leaflet
from bonecast.care.overrides import Override
from bonecast.care.reasons import withheld
from bonecast.care.schedule import schedule
from bonecast.care.situation import injection_case, situation_of
from bonecast.errors import InputError
from bonecast.records import GivenDose, Measurement

ANY_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]+ 20\d\d|\b20\d\d\b")


def days_of(made, what):
    return [(entry.date - made.today).days for entry in made.entries if entry.what.startswith(what)]


@pytest.mark.parametrize("reason", WITHHELD)
def test_a_withheld_schedule_dates_no_injection_and_says_why(reason):
    who, options = WITHHELD[reason]
    made = schedule(who, "UK", **options)
    assert made.injection is None
    assert made.withheld
    assert not [entry for entry in made.entries if entry.part in ("next", "after")]
    assert not [entry for entry in made.entries if "injection" in entry.what and entry.part != "now"]
    with pytest.raises(InputError, match=r"nothing may be dated now: .+; settle that first"):
        calendar(made)
    if not made.ending:
        assert made.exit_plan == ()
        assert all(entry.first is None for entry in made.entries if entry.part == "before"), "no window"


def test_what_has_to_be_done_now_stands_in_its_place_with_rule_and_source():
    who, _ = WITHHELD["calcium_low"]
    made = schedule(who, "UK")
    (now,) = [entry for entry in made.entries if entry.part == "now"]
    assert (now.date, now.rules, now.what) == (TODAY, ("CI-01",), "Settle first: contraindication")
    assert now.sources
    assert "It would be possible with: albumin-corrected calcium at least" in now.text
    assert made.withheld == (now.text.partition(" It would be possible")[0],)
    assert days_of(made, "Calcium, corrected") == [0], "a low calcium is not done: it is tested again"


@pytest.mark.parametrize("days", [100, 211, 212])
def test_the_clock_of_211_days_is_on_the_clinicians_copy_only(days):
    who = replace(WITHHELD["jaw"][0], doses=person(days).doses)
    made = schedule(who, "UK")
    assert made.clock is not None
    assert (made.clock.day, made.clock.limit, made.clock.last_injection) == (days, 211, ago(days))
    assert str(made.clock) == f"day {days} of 211 since the last injection"
    assert "211" not in leaflet(who, "UK").text
    assert schedule(person(), "UK").clock is None
    assert schedule(person(20, 120.0, **METASTASES), "UK").clock is None


def test_an_override_by_a_clinician_dates_it_again():
    who = replace(WITHHELD["jaw"][0], doses=person(180).doses)  # an override holds for a week
    override = Override("DT-07", "seen by the surgeon", "Dr A", dt.datetime(2026, 9, 15, tzinfo=dt.UTC))
    assert schedule(who, "UK").withheld
    assert schedule(who, "UK", overrides=(override,)).injection == TODAY + dt.timedelta(days=3)
    assert leaflet(who, "UK", overrides=(override,)).withheld == ()
    earlier = replace(who, doses=tuple(replace(d, date=d.date + dt.timedelta(days=5)) for d in who.doses))
    assert schedule(earlier, "UK", overrides=(override,)).withheld, "it holds for a week, not until day 8"
    other = Override("CI-01", "another rule, which does not fire", "Dr A", override.at)
    assert schedule(who, "UK", overrides=(other,)).withheld


facts = st.fixed_dictionaries(
    {},
    optional={
        "pregnancy_status": st.sampled_from(["pregnant", "planning", "unknown", "not_pregnant"]),
        "reproductive_potential": st.booleans(),
        "breastfeeding": st.booleans(),
        "dental_status": st.sampled_from(["good", "ONJ_active", "unhealed_lesion", "planned_extraction"]),
        "aff_confirmed": st.booleans(),
        "hypersensitivity_denosumab": st.booleans(),
        "concurrent_denosumab_product": st.booleans(),
        "active_serious_infection": st.booleans(),
        "on_dialysis": st.booleans(),
        "ckd_mbd_status": st.sampled_from(["present", "absent", "not_evaluated"]),
        "ckd_specialist_supervision": st.booleans(),
        "hypocalcaemia_symptoms": st.booleans(),
        "indication": st.sampled_from(["PMO", "BONE_METS", "MYELOMA", "GCTB", "HCM", "OTHER"]),
    },
)


@settings(max_examples=80, deadline=None)
@given(
    facts,
    st.none() | st.floats(1.4, 2.9),
    st.none() | st.floats(8.0, 120.0),
    st.none() | st.integers(0, 700),
    st.sampled_from([60.0, 120.0]),
    st.integers(1, 12),
    st.sampled_from([None, "Prolia", "Xgeva"]),
    st.sampled_from(["US", "EU", "UK", "CA"]),
    st.booleans(),
    st.sampled_from([None, "zoledronate", "alendronate", "raloxifene", "romosozumab"]),
    st.sampled_from([dt.date(1950, 1, 1), dt.date(1990, 1, 1), dt.date(2012, 1, 1)]),
    st.booleans(),
)
def test_no_paper_shows_a_date_while_the_judge_blocks(
    known, calcium, vitamin_d, since, amount, count, product, place, ending, exit_drug, born, male
):
    who = replace(
        person(since, amount, count, product, **known),
        birth_date=born,
        menopause_age=50.0 if born.year == 1950 and not male else None,
        sex="male" if male else "female",
        measurements=tuple(
            result(test, value, unit)
            for test, value, unit in (
                ("corrected calcium", calcium, "mmol/L"),
                ("25-OH vitamin D", vitamin_d, "nmol/L"),
            )
            if value is not None
        ),
    )
    ending &= since is not None
    options = {"ending": ending, "exit": exit_drug if ending else None}
    found = situation_of(who, place, **options)
    made = schedule(who, place, **options)
    assert bool(made.withheld) is found.withheld
    case = injection_case(who, place)
    judged = check(who, str(case.values["planned_action"]), place, case.on)
    if not ending and withheld(judged):
        assert made.injection is None
    if found.withheld:
        page = leaflet(who, place, **options)
        assert not ANY_DATE.search(page.text)
        assert page.day == ""
        with pytest.raises(InputError):
            calendar(made)
    elif found.name != "unspecified":
        page = leaflet(who, place, **options)
        assert page.day
        if not ending:
            assert made.injection is not None
            assert judged.outcome != "blocked"
    for entry in (*made.entries, *made.exit_plan):
        assert not (entry.part == "next" and found.withheld)


# Ticks.


@pytest.mark.parametrize(
    ("test", "what", "value", "unit", "flag"),
    [
        ("corrected calcium", "Calcium, corrected for albumin", 2.6, "mmol/L", ""),
        ("corrected calcium", "Calcium, corrected for albumin", 2.601, "mmol/L", "high"),
        ("25-OH vitamin D", "25-OH vitamin D", 50.0, "nmol/L", ""),
        ("25-OH vitamin D", "25-OH vitamin D", 49.9, "nmol/L", "low"),
        ("magnesium", "Magnesium and phosphate", 0.7, "mmol/L", ""),
        ("magnesium", "Magnesium and phosphate", 0.69, "mmol/L", "low"),
        ("eGFR", "Creatinine and eGFR", 30.0, "mL/min/1.73m2", ""),
        ("eGFR", "Creatinine and eGFR", 29.9, "mL/min/1.73m2", "low"),
    ],
)
def test_a_flagged_result_is_shown_and_not_ticked(test, what, value, unit, flag):
    known = {
        "hypocalcaemia_predisposed": True,
        "ckd_mbd_status": "absent",
        "ckd_specialist_supervision": True,
    }
    who = replace(
        person(150, **known), measurements=tuple(m for m in person().measurements if m.test != "creatinine")
    )
    made = schedule(with_result(who, test, value, unit), "UK")
    (entry,) = [entry for entry in made.entries if entry.what == what and entry.part == "before"]
    assert entry.result is not None
    assert (entry.result.flag, entry.result.value) == (flag, pytest.approx(value))
    assert (entry.have is None) is bool(flag)
    assert str(entry.result).endswith(f", {flag}") is bool(flag)


def test_a_pth_above_the_laboratorys_limit_is_flagged():
    for value, flag in ((65.0, ""), (65.1, "high")):
        pth = Measurement("PTH", None, value, "pg/mL", False, ago(2), "", reference_high=65.0)
        made = schedule(replace(person(150), measurements=(*person().measurements, pth)), "UK")
        (entry,) = [entry for entry in made.entries if entry.what == "PTH"]
        assert entry.result is not None
        assert entry.result.flag == flag


def test_an_old_result_is_shown_as_old_and_tested_again():
    made = schedule(with_result(person(150), "corrected calcium", 2.3, "mmol/L", 100), "UK")
    (entry,) = [entry for entry in made.entries if entry.what == "Calcium, corrected for albumin"]
    assert entry.result is not None
    assert (entry.have, entry.result.fresh) == (None, False)
    (event,) = [
        one
        for one in icalendar.Calendar.from_ical(calendar(made)).walk("VEVENT")
        if str(one["UID"]) == entry_id("A1", entry)
    ]
    assert "2.3 mmol/L on 2026-06-07, too old to count" in event["DESCRIPTION"]


# 120 mg.


@pytest.mark.parametrize(
    ("indication", "count", "days"),
    [
        ("BONE_METS", 0, [0, 28, 56, 84]),
        ("BONE_METS", 1, [28, 56, 84, 112]),
        ("MYELOMA", 9, [28, 56, 84, 112]),
        ("GCTB", 0, [0, 7, 14, 28]),
        ("GCTB", 1, [7, 14, 28]),
        ("GCTB", 2, [7, 21]),
        ("GCTB", 3, [14, 42, 70, 98]),
        ("GCTB", 4, [28, 56, 84, 112]),
        ("HCM", 0, [0, 7, 14, 28]),
        ("HCM", 2, [7, 21]),
    ],
)
def test_120_mg_has_dates_of_its_own(indication, count, days):
    """Days from the last injection, which is given today; days 8, 15 and 29 of the label are 7, 14 and 28 days on."""
    doses = tuple(GivenDose("denosumab", 120.0, "mg", ago(7 * i)) for i in reversed(range(count)))
    who = young(replace(person(indication=indication, oral_exam_done=True), doses=doses))
    made = schedule(who, "EU")
    coming = [entry for entry in made.entries if entry.part == "next"]
    assert [(entry.date - TODAY).days for entry in coming] == days
    assert made.injection == coming[0].date
    assert not [entry for entry in made.entries if "60 mg" in entry.what]


def test_an_injection_keeps_its_id_when_it_becomes_the_next_one():
    def ids(count):
        doses = tuple(GivenDose("denosumab", 120.0, "mg", ago(28 * i)) for i in reversed(range(count)))
        made = schedule(replace(person(**METASTASES), doses=doses), "EU")
        return [entry.uid for entry in made.entries if entry.part == "next"]

    assert ids(4) == [f"injection-120-{number}-0" for number in (5, 6, 7, 8)]
    assert ids(5)[0] == ids(4)[1]
    tumour = young(person(3, 120.0, 1, indication="GCTB"))
    named = [entry.uid for entry in schedule(tumour, "EU").entries if entry.part == "next"]
    assert named == [f"injection-120-{number}-0" for number in (2, 3, 4)]


# Exits.


def test_the_exit_plan_gives_the_drug_that_is_chosen():
    for name, one in exits().items():
        heart = {"history_mi_stroke": False, "recent_mi_stroke_12m": False}
        made = schedule(person(100, **heart), "UK", ending=True, exit=name)
        assert made.withheld == ()
        drugs = [entry.what for entry in made.entries if "in place of denosumab" in entry.what]
        assert len(drugs) == 1
        assert drugs[0].casefold().startswith(one.drug)
    assert find_exit("Aclasta").name == "zoledronate"


def test_a_blocked_exit_drug_is_not_dated_nor_what_counts_from_it():
    weak = with_result(person(100), "creatinine", 150.0, "umol/L")
    for made in (schedule(weak, "UK"), schedule(weak, "UK", ending=True, exit="zoledronate")):
        plan = [entry.what for entry in made.exit_plan]
        assert "Specialist plan in place of zoledronate" in plan
        assert not [what for what in plan if what.startswith(("Zoledronate", "CTX", "Second", "DXA"))]
    assert made.withheld


# Versions of a calendar.

AT = dt.datetime(2026, 9, 15, 12, 0, tzinfo=dt.UTC)


def versions(content):
    return {
        str(event["UID"]): (int(event["SEQUENCE"]), event["DTSTAMP"].dt, event["DTSTART"].dt)
        for event in icalendar.Calendar.from_ical(content).walk("VEVENT")
    }


def corrected(who):
    *rest, last = who.doses
    return replace(who, doses=(*rest, replace(last, date=last.date + dt.timedelta(days=10))))


def test_two_versions_a_second_apart_rise_under_the_same_ids():
    made, moved = schedule(person(100), "UK"), schedule(corrected(person(100)), "UK")
    before = versions(calendar(made, AT))
    after = versions(calendar(moved, AT + dt.timedelta(seconds=1)))
    assert set(before) <= set(after), "more tests are open 10 days later, since the results will be old"
    assert all(after[uid][0] > before[uid][0] and after[uid][1] > before[uid][1] for uid in before)
    assert any(after[uid][2] != before[uid][2] for uid in before)
    assert max(number for number, _, _ in after.values()) < 2**31


def test_versions_of_one_moment_rise_too():
    made = schedule(person(100), "UK")
    stamps = [next(iter(versions(calendar(made)).values()))[:2] for _ in range(3)]
    assert stamps == sorted(set(stamps))


def test_a_version_after_an_earlier_file_is_later_even_where_the_clock_went_back():
    first = calendar(schedule(person(100), "UK"), AT)
    again = calendar(schedule(person(100), "UK"), AT + dt.timedelta(days=1), previous=first)
    assert again == first, "nothing has changed"
    moved = calendar(schedule(corrected(person(100)), "UK"), AT - dt.timedelta(days=1), previous=first)
    before, after = versions(first), versions(moved)
    assert all(after[uid][0] > before[uid][0] and after[uid][1] > before[uid][1] for uid in before)
    assert versions(calendar(schedule(person(100), "UK"), AT, previous=b"no calendar"))


def test_no_person_of_the_other_tests_is_without_a_schedule():
    for who, options, expected in SITUATIONS.values():
        asked = {name: value for name, value in options.items() if name != "brand"}
        made = schedule(who, "UK", **asked)
        assert (made.situation, made.withheld) == (expected, ())
        assert bool(made.entries) is ("reason" not in options)
