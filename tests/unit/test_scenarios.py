"""A person and a plan laid onto a model: the axis of days, due dates, lateness, events."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bonecast.cohorts import person_facts, person_parameters
from bonecast.cohorts.patient_parameters import kidney_function
from bonecast.engine import Bolus, Infusion
from bonecast.errors import InputError, UnknownName
from bonecast.models import load_model
from bonecast.records import Course, GivenDose, Measurement, Patient
from bonecast.regimens import dose_events, history_of, parse_regimen, place_strategy

DAY = dt.date(2026, 9, 15)


def person(*doses: GivenDose, courses: tuple[Course, ...] = ()) -> Patient:
    return Patient("t", "female", dt.date(1955, 3, 9), DAY, weight_kg=61.0, doses=doses, courses=courses)


def injection(date: str, amount: float = 60.0) -> GivenDose:
    return GivenDose("denosumab", amount, "mg", dt.date.fromisoformat(date))


def test_day_zero_is_the_first_dose_and_today_the_day_of_the_record():
    history = history_of(person(injection("2026-01-01"), injection("2026-07-02")))
    assert history.zero == dt.date(2026, 1, 1)
    assert history.today_d == (DAY - dt.date(2026, 1, 1)).days
    assert [d.time_d for d in history.doses] == [0, 182]


def test_the_next_dose_is_due_six_months_after_60_mg_and_four_weeks_after_120_mg():
    assert history_of(person(injection("2026-07-02"))).cover_end_d == 183
    assert history_of(person(injection("2026-07-02", 120.0))).cover_end_d == 28


def test_lateness_is_counted_from_the_end_of_the_cover_before():
    history = history_of(person(injection("2025-01-01"), injection("2025-07-03"), injection("2026-04-02")))
    assert history.late_d == (0, 0, 90)


def test_a_course_is_written_out_dose_by_dose_with_both_end_days():
    course = Course("alendronate", 70.0, "mg", 7.0, dt.date(2026, 1, 5), dt.date(2026, 1, 26))
    assert [d.time_d for d in history_of(person(courses=(course,))).doses] == [0, 7, 14, 21]


def test_without_doses_the_axis_begins_today():
    history = history_of(person())
    assert (history.zero, history.today_d, history.cover_end_d, history.last_d) == (DAY, 0, 0, None)


def test_a_plan_begins_where_the_cover_ends_or_today_when_that_is_past():
    plan = parse_regimen("denosumab 60 mg every 6 months x 2")
    ahead = history_of(person(injection("2026-07-02")))
    assert place_strategy("a", plan, ahead, 1000).doses[0].time_d == ahead.cover_end_d
    overdue = history_of(person(injection("2025-07-02")))
    assert place_strategy("a", plan, overdue, 1000).doses[0].time_d == overdue.today_d


def test_a_wait_counts_from_the_last_dose_of_the_history():
    history = history_of(person(injection("2026-07-02")))
    plan = parse_regimen("9 months after the last dose zoledronate 5 mg once")
    assert place_strategy("a", plan, history, 1000).doses[0].time_d == pytest.approx(9 * 30.4375, abs=1)


def test_a_wait_without_any_dose_before_is_refused():
    plan = parse_regimen("9 months after the last dose zoledronate 5 mg once")
    with pytest.raises(InputError, match="none was given"):
        place_strategy("exit", plan, history_of(person()), 1000)


def test_doses_after_the_horizon_are_left_out():
    history = history_of(person(injection("2026-07-02")))
    way = place_strategy("a", parse_regimen("denosumab 60 mg every 6 months x 20"), history, 365.0)
    assert all(d.time_d <= history.today_d + 365 for d in way.doses)
    assert len(way.doses) == 2


def test_doses_become_events_in_the_time_unit_and_dose_unit_of_the_model():
    doses = parse_regimen("denosumab 60 mg every 6 months x 2").doses
    hours = dose_events(load_model("peterson-riggs-2010"), doses)
    assert hours == [Bolus(0.0, "denosumab", 60.0), Bolus(182.625 * 24, "denosumab", 60.0)]
    days = dose_events(load_model("joerg-2022"), doses, shift_d=10)
    assert days[1].time == pytest.approx(192.625)
    micrograms = dose_events(
        load_model("peterson-riggs-2010"), parse_regimen("teriparatide 0.02 mg daily x 1").doses
    )
    assert micrograms == [Bolus(0.0, "teriparatide", pytest.approx(20.0))]


def test_a_drug_taken_steadily_becomes_an_infusion_over_its_interval():
    weekly = parse_regimen("alendronate 70 mg weekly x 2").doses
    assert dose_events(load_model("joerg-2022"), weekly)[1] == Infusion(7.0, "alendronate", 70.0, 7.0)


def test_placebo_gives_no_event_and_an_unknown_route_is_named():
    assert dose_events(load_model("joerg-2022"), parse_regimen("placebo 1 mg every 6 months x 2").doses) == []
    with pytest.raises(UnknownName, match="zoledronate"):
        dose_events(load_model("joerg-2022"), parse_regimen("zoledronate 5 mg once").doses)


def test_a_person_gives_a_model_the_age_and_weight_of_the_first_day():
    zero = dt.date(2024, 3, 9)
    facts = person_facts(person(), zero)
    assert person_parameters(load_model("joerg-2022"), facts) == {"age": 69.0}
    assert list(person_parameters(load_model("choi-2025"), facts).values()) == [61.0]
    assert person_parameters(load_model("bonecast-1"), facts) == {"age": 69.0, "sex": 0.0, "weight": 61.0}


def test_a_kidney_that_a_model_is_not_fit_for_is_not_given_to_it():
    assert person_parameters(load_model("peterson-riggs-2010"), {"eGFR": 25.0}) == {}
    assert person_parameters(load_model("bonecast-1"), {"eGFR": 25.0}) == {"GFR": 25.0}


def test_kidney_function_is_the_newer_of_a_measured_egfr_and_one_from_creatinine():
    def measured(test: str, value: float, unit: str, year: int) -> Measurement:
        return Measurement(test, None, value, unit, False, dt.date(year, 1, 1), f"{value} {unit}")

    creatinine = measured("creatinine", 61.88, "umol/L", 2025)  # 0.7 mg/dL
    newer, older = (measured("eGFR", 44.0, "mL/min/1.73m2", year) for year in (2026, 2024))
    woman = replace(person(), measurements=(creatinine,))
    assert kidney_function(woman) == pytest.approx(142 * 0.9938**69.8 * 1.012, rel=0.01)  # CKD-EPI 2021
    assert kidney_function(replace(woman, measurements=(creatinine, newer))) == 44.0
    assert kidney_function(replace(woman, measurements=(older, creatinine))) == kidney_function(woman)
    assert kidney_function(person()) is None


def test_calcium_intake_of_the_record_is_a_fact_and_its_absence_is_none():
    eats = replace(person(), facts=(("calcium_intake_mg_day", 450.0),))
    assert person_facts(eats, DAY)["calcium intake"] == 450.0
    assert person_parameters(load_model("bonecast-1"), {"calcium intake": 450.0}) == {"intake": 450.0}
    assert person_parameters(load_model("bonecast-1"), {"calcium intake": 50.0}) == {"intake": 200.0}
    assert "calcium intake" not in person_facts(person(), DAY)


@pytest.mark.parametrize(
    ("interval", "days"), [("6.9 days", [0.0, 6.9, 13.8]), ("7 days", [0, 7, 14]), ("7.2 days", [0, 7, 14])]
)
def test_doses_a_week_or_more_apart_fall_on_whole_days(interval, days):
    history = history_of(person())
    way = place_strategy("x", parse_regimen(f"risedronate 35 mg every {interval} x 3"), history, 400)
    assert [d.time_d - way.start_d for d in way.doses] == pytest.approx(days)
