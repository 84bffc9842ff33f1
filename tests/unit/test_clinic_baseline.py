"""The baseline of clinic patients: the population's rate, and what sets a person apart from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from bonecast.core import EVIDENCE_GRADES, Faults, RecordError
from bonecast.errors import UnknownName
from bonecast.outcomes import (
    FractureCourse,
    Profile,
    clinic_baseline,
    countries,
    fracture_parameters,
    fracture_risk,
)
from bonecast.outcomes.clinic_baseline import COUNTRY_NAMES, DEFAULT_COUNTRY
from bonecast.outcomes.fracture_history import FractureHistory, prior_factor
from bonecast.outcomes.incidence import clinic_parameter_set, incidence
from bonecast.outcomes.risk_factors import find_factor, risk_factors
from bonecast.records import Patient, PriorFracture, known_facts, patient_in_row, patient_of_tables, toml_of
from bonecast.regimens import history_of

HER = Patient("A", "female", dt.date(1952, 6, 1), dt.date(2026, 6, 1))
DAYS = np.array([0.0, 365.25, 3652.5])
STILL = np.zeros((1, 3))
UNTREATED = FractureCourse(
    days=DAYS,
    ls=STILL,
    th=STILL,
    ls_untreated=STILL,
    th_untreated=STILL,
    resorption=STILL + 1,
    formation=STILL + 1,
)
KINDS = ("vertebral", "hip", "nonvertebral")


def chance(patient: Patient, kind: str = "hip", **t: float) -> float:
    """Risk in the first year from day 0, untreated."""
    clinic = clinic_baseline(patient, history_of(patient))
    profile = Profile(age=74.0, female=float(patient.sex == "female"), **t)
    return float(fracture_risk(profile, UNTREATED, clinic=clinic).cumulative(kind, 0, 365.25)[0])


def of(**facts: object) -> Patient:
    return replace(HER, facts=tuple(sorted(facts.items())))  # type: ignore[arg-type]


def broken(site: str, years: float, **facts: object) -> Patient:
    day = HER.record_date - dt.timedelta(days=round(365.25 * years))
    name = "n_vertebral_fractures" if site == "vertebra" else "n_fragility_fractures"
    return replace(of(**({name: 1} | facts)), fractures=(PriorFracture(site, day),))


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_of_whom_nothing_is_known_has_the_rate_of_the_country(kind):
    clinic = clinic_baseline(of(country="NO"), history_of(HER))
    today = fracture_risk(Profile(age=74.0, female=1), UNTREATED, clinic=clinic).hazard[kind][0, 0]
    assert today == pytest.approx(float(incidence("NO", "female", kind, 74.0)))


def test_the_country_comes_from_the_record_then_from_the_rules_then_from_the_default():
    def country(patient):
        found = clinic_baseline(patient, history_of(patient))
        return found.country, found.stated

    assert country(of(country="NO", jurisdiction="US")) == ("NO", True)
    assert country(of(jurisdiction="UK")) == ("GB", True)
    assert country(of(jurisdiction="EU")) == (DEFAULT_COUNTRY, False)
    assert country(of(country="other", jurisdiction="UK")) == (DEFAULT_COUNTRY, False)
    assert country(HER) == (DEFAULT_COUNTRY, False)


def test_the_record_may_state_every_country_that_has_a_rate_and_another():
    assert {*countries(), "other"} == set(known_facts()["country"].choices)
    assert set(COUNTRY_NAMES) == set(countries())
    with pytest.raises(UnknownName):
        incidence("XX", "female", "hip", 70.0)


@pytest.mark.parametrize("kind", KINDS)
def test_density_at_the_mean_of_the_age_lies_below_the_mean_risk_and_a_low_one_above_it(kind):
    average = chance(HER, kind)
    assert chance(HER, kind, ls_t=-1.2, fn_t=-1.7) < average
    assert chance(HER, kind, ls_t=-4.0, fn_t=-3.5) > average


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factor", ["fall", "diabetes", "glucocorticoid"])
def test_a_factor_leaves_the_mean_of_the_population_where_it_was(kind, factor):
    row = find_factor(factor, kind, "female")
    at = np.array([55.0, 74.0, 90.0])
    mean = row.share * row.against_population(True, at) + (1 - row.share) * row.against_population(False, at)
    assert mean == pytest.approx(np.ones(3))


@pytest.mark.parametrize("kind", KINDS)
def test_fractures_without_a_date_leave_the_mean_of_the_population_where_it_was(kind):
    age, days = np.array([[74.0]]), np.array([0.0])

    def factor(vertebral, other):
        history = FractureHistory(vertebral, other)
        return prior_factor(fracture_parameters(), history, "SE", "female", kind, age, days)[0, 0]

    none, only_other, spine = factor(0, 0), factor(0, 1), factor(1, 0)
    assert none < 1 < only_other
    assert none < 1 < spine
    # what is unknown of the others is the mean over them: a share p of 74-year-olds has broken another bone
    unknown = factor(0, None)
    share = (unknown - none) / (only_other - none)
    assert 0.1 < share < 0.6
    assert factor(None, None) == 1.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("site", ["vertebra", "hip", "wrist"])
def test_a_recent_fracture_counts_more_than_an_old_one(kind, site):
    risks = [chance(broken(site, years), kind) for years in (0.0, 1.0, 3.0, 10.0)]
    assert risks == sorted(risks, reverse=True)
    assert risks[0] > 1.3 * risks[-1]


def test_one_and_ten_years_after_a_fracture_the_risk_is_that_of_the_reykjavik_study():
    age, days = np.array([[74.0, 74.0]]), np.array([365.25, 3652.5])
    history = FractureHistory(None, 1, dated=(("wrist", 0.0),))
    found = prior_factor(fracture_parameters(), history, "SE", "female", "nonvertebral", age, days)
    assert found[0] == pytest.approx([1 + 0.92 * 1.7, 1 + 0.92 * 0.4])


def test_more_vertebral_fractures_more_risk():
    risks = [chance(of(n_vertebral_fractures=count), "vertebral") for count in (0, 1, 2, 3)]
    assert risks == sorted(risks)
    assert risks[2] / risks[1] == pytest.approx(1.35 / 0.56, rel=0.02)


def test_a_hip_fracture_raises_the_risk_of_another_more_in_men():
    woman = of(prior_hip_fracture=True, n_fragility_fractures=1)
    man, men = (replace(one, sex="male") for one in (woman, of(n_fragility_fractures=1)))
    assert chance(man) / chance(men) > chance(woman) / chance(of(n_fragility_fractures=1)) > 1.2


@pytest.mark.parametrize("fact", ["diabetes", "glucocorticoid"])
def test_a_stated_fact_moves_the_risk_both_ways_and_an_unknown_one_does_not(fact):
    assert chance(of(**{fact: False})) < chance(HER) < chance(of(**{fact: True}))


def test_falls_and_prednisolone_count():
    assert chance(of(falls_last_year=0)) < chance(HER) < chance(of(falls_last_year=2))
    assert chance(of(prednisolone_mg_day=7.5)) == chance(of(glucocorticoid=True))


def test_a_drug_acts_on_a_clinic_patient_by_the_same_ratio_as_in_trials():
    gain = FractureCourse(
        days=DAYS,
        ls=STILL + 6,
        th=STILL + 4,
        ls_untreated=STILL,
        th_untreated=STILL,
        resorption=STILL + 0.5,
        formation=STILL + 0.6,
    )
    profile = Profile(age=74.0, female=1, fn_t=-2.5, ls_t=-3.0)
    clinic = clinic_baseline(of(country="DK"), history_of(HER))
    for kind in KINDS:
        ratios = [
            fracture_risk(profile, gain, clinic=whose).hazard[kind]
            / fracture_risk(profile, UNTREATED, clinic=whose).hazard[kind]
            for whose in (None, clinic)
        ]
        assert ratios[0] == pytest.approx(ratios[1])


def test_the_notes_name_the_country_and_what_is_unknown_and_what_is_unverified():
    said = " ".join(clinic_baseline(of(falls_last_year=1), history_of(HER)).sentences)
    assert "women of this age in the US" in said
    assert "state `country`" in said
    assert "diabetes" in said
    assert "falls in the last year on fractures is recalled, unverified" in said
    known = clinic_baseline(
        of(
            country="SE",
            falls_last_year=0,
            diabetes=False,
            glucocorticoid=False,
            n_vertebral_fractures=0,
            n_fragility_fractures=0,
        ),
        history_of(HER),
    )
    assert "average of the population" not in " ".join(known.sentences)


def test_every_number_has_a_source_and_a_known_mark():
    assert all(row.mark in EVIDENCE_GRADES and row.source for row in risk_factors())
    cards = clinic_parameter_set()
    assert all(card.source in cards.sources for card in cards.parameters.values())
    sources = clinic_baseline(of(country="CN", falls_last_year=1), history_of(HER)).sources
    assert any("Zhang 2020" in text for text in sources)
    assert any(text.endswith("(recalled, unverified)") for text in sources)


TABLES = {
    "person": {"id": "A", "sex": "female", "birth_date": "1952-06-01", "record_date": "2026-06-01"},
    "fractures": [{"site": "Hip", "date": "2024-03-02"}, {"site": "vertebra", "date": "2023-01-05"}],
}
TODAY = dt.date(2026, 12, 1)


def test_fractures_are_read_in_order_of_date_and_the_facts_follow():
    her = patient_of_tables(TABLES, today=TODAY)
    assert [one.site for one in her.fractures] == ["vertebra", "hip"]
    assert her.fact("n_vertebral_fractures") == 1
    assert her.fact("n_fragility_fractures") == 2
    assert her.fact("prior_hip_fracture") is True
    assert '[[fractures]]\nsite = "Hip"' in toml_of(TABLES)


def test_fractures_of_a_table_of_people_are_those_of_a_file():
    row = TABLES["person"] | {"fractures": "hip @ 2024-03-02; vertebra @ 2023-01-05"}
    assert patient_in_row(row, "people.csv, line 2", TODAY) == patient_of_tables(TABLES, today=TODAY)


@pytest.mark.parametrize(
    ("entry", "person", "said"),
    [
        ({"site": "nose", "date": "2024-03-02"}, {}, "nose"),
        ({"site": "hip"}, {}, "date is missing"),
        ({"site": "hip", "date": "2026-07-01"}, {}, "lies after the day of the record"),
        ({"site": "hip", "date": "1940-07-01"}, {}, "lies before birth"),
        ({"site": "hip", "date": "2024-03-02"}, {"prior_hip_fracture": False}, "hip fracture is listed"),
        (
            {"site": "vertebra", "date": "2024-03-02"},
            {"prior_vertebral_fractures": 0},
            "less than the 1 listed",
        ),
    ],
)
def test_a_fracture_that_cannot_be_is_refused_with_its_place(entry, person, said):
    tables = {"person": TABLES["person"] | person, "fractures": [entry]}
    with pytest.raises(RecordError) as caught:
        patient_of_tables(tables, today=TODAY)
    assert said in str(caught.value.faults[0])


def test_a_record_that_lists_nothing_states_nothing():
    her = patient_of_tables({"person": TABLES["person"]}, today=TODAY)
    assert her.fractures == ()
    assert her.fact("n_vertebral_fractures") is None
    assert Faults().found == 0
