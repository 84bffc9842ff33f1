"""Fractures of general populations: the baseline of clinic patients against published rates by country, sex and age."""

from __future__ import annotations

import numpy as np
import pytest
from fracture_groups import percent
from scipy.special import ndtri

from bonecast.evidence import evidence_rows, predict_table
from bonecast.outcomes import FractureCourse, Profile, fracture_parameters, fracture_risk, published_incidence
from bonecast.outcomes.clinic_baseline import ClinicBaseline
from bonecast.outcomes.fracture_history import FractureHistory
from bonecast.outcomes.fracture_profile import population_means, population_spread
from bonecast.outcomes.incidence import curve_rate, incidence, mean_incidence, standard_ages

BY_ID = {row.id: row for row in published_incidence()}
YEAR_D = 365.25
Z = ndtri((np.arange(101) + 0.5) / 101)
WITH_INTERVAL = [row.id for row in published_incidence() if row.kind == "hip" and row.low is not None]
OF_SHAPE = [f"NO-hip-{sex}-{age}" for sex in "FM" for age in (50, 75)]  # two bands, one level


def population_risk(row_id: str, years: int) -> float:
    """Hip fractures per 100,000 people like the population, in so many years; 0: the rate of today, per year."""
    row = BY_ID[row_id]
    age, weight = standard_ages(row.from_age, row.to_age)
    ages, z = (grid.ravel() for grid in np.meshgrid(age, Z, indexing="ij"))
    female = float(row.sex == "female")
    neck = population_means(fracture_parameters(), ages, female)["FN"]
    people = Profile(age=ages, female=female, fn_t=neck + z * population_spread(ages, female)["FN"])
    days = np.array([0.0, 365.25, 5 * 365.25])
    still = np.zeros((len(ages), 3))
    course = FractureCourse(
        days=days,
        ls=still,
        th=still,
        ls_untreated=still,
        th_untreated=still,
        resorption=still + 1,
        formation=still + 1,
    )
    total = 0.0
    for fell, share in ((True, 0.3), (False, 0.7)):
        clinic = ClinicBaseline(row.country, True, row.sex, {"fall": fell}, FractureHistory())
        found = fracture_risk(people, course, clinic=clinic)
        risk = found.cumulative("hip", 0, years * YEAR_D) if years else found.hazard["hip"][:, 0] / 100
        total += share * float(np.average(risk.reshape(len(age), -1).mean(axis=1), weights=weight))
    return 1e5 * total


@pytest.mark.parametrize("row_id", WITH_INTERVAL)
def test_a_population_with_its_spread_of_density_and_falls_has_its_published_hip_rate(row_id: str):
    """Norway PMC3789506, US PMC4410861, Denmark 10.1007/s00198-005-0012-y, Spain, China PMC7410202."""
    row = BY_ID[row_id]
    assert row.low is not None
    assert row.high is not None
    margin = 0.01 * row.value  # of the grid of T-scores
    assert row.low - margin <= population_risk(row_id, 0) <= row.high + margin


@pytest.mark.parametrize("row_id", [*OF_SHAPE, "US-hip-F-65", "US-hip-M-65", "CN-hip-F-55", "CN-hip-M-55"])
def test_the_five_year_risk_of_a_population_is_that_of_its_rate_as_it_ages(row_id: str):
    """Norway PMC3789506, US PMC4410861, China PMC7410202: five years of a rate that rises by 7 to 13 % a year."""
    row = BY_ID[row_id]
    assert 1.0 <= population_risk(row_id, 5) / (5 * row.value) <= 1.7


@pytest.mark.parametrize("row_id", OF_SHAPE)
def test_one_level_for_norway_gives_both_bands_of_age_PMC3789506(row_id: str):
    row = BY_ID[row_id]
    assert row.low is not None
    assert row.high is not None
    assert row.low <= 1000 * mean_incidence("NO", row.sex, "hip", row.from_age, row.to_age) <= row.high


@pytest.mark.parametrize(
    ("row_id", "factor"), [("US-hip-F-85", 1.25), ("US-hip-F-65-2010", 1.25), ("US-hip-M-65-2010", 1.25)]
)
def test_the_us_level_of_2005_gives_other_counts_of_the_us(row_id: str, factor: float):
    """NEDS 2008 (10.1002/acr.21580) and CDC 2010; the men of 85 are missed, by a third: docs/fractures.md."""
    row = BY_ID[row_id]
    said = 1000 * mean_incidence("US", row.sex, "hip", row.from_age, row.to_age)
    assert 1 / factor <= said / row.value <= factor


@pytest.mark.parametrize("row_id", ["DK-mof-F-50", "DK-mof-M-50"])
def test_the_hip_level_of_denmark_gives_its_major_osteoporotic_fractures_PMC6811370(row_id: str):
    """A check of the ratio of other fractures to hip fractures: between none and all of the others are major."""
    row = BY_ID[row_id]
    hip, every, spine = (
        1000 * mean_incidence("DK", row.sex, kind, 50, 100)
        for kind in ("hip", "nonvertebral", "clinical vertebral")
    )
    assert hip + spine < row.value < every + spine


def test_what_general_practices_record_of_vertebral_fractures_lies_below_the_rates_PMC5035540():
    for sex, row_id in (("female", "GB-cvf-F-50"), ("male", "GB-cvf-M-50")):
        said = 1000 * mean_incidence("GB", sex, "clinical vertebral", 50, 100)
        assert 1 < said / BY_ID[row_id].value < 3


@pytest.mark.parametrize("country", ["US", "GB", "DK", "NO", "CN"])
def test_hip_fractures_double_every_five_to_six_years_from_60_to_85_10_1002_acr_21580(country: str):
    sixty, eighty_five = incidence(country, "female", "hip", np.array([60.0, 85.0]))
    assert 5 <= 25 / np.log2(eighty_five / sixty) <= 6


def test_women_of_norway_and_china_differ_as_published_PMC3789506_PMC7410202():
    norway, china = (mean_incidence(country, "female", "hip", 55, 100) for country in ("NO", "CN"))
    assert 4 < norway / china < 6


@pytest.mark.parametrize(("group", "published"), [("aged 75", 2.3), ("low neck", 2.8)])
def test_hip_fractures_of_freedom_placebo_are_still_those_of_the_trial_Boonen_2011(
    group: str, published: float
):
    assert published / 1.5 <= percent(group, "untreated", "hip", 0, 36) <= 1.5 * published


# Rates beyond a factor 2 of the curve, and why.
BEYOND = {
    "GB-cvf-F-50-1990": "general practices record few vertebral fractures, and recorded fewer in 1990 to 1994",
    "GB-cvf-M-50": "general practices record few vertebral fractures, and recorded fewer in 1990 to 1994",
}
RATES = [row.id for row in published_incidence() if curve_rate(row) is not None]


@pytest.mark.parametrize("row_id", RATES)
def test_each_published_rate_is_within_a_factor_2_of_the_curve_or_has_its_reason(row_id: str):
    """Of every row of incidence.csv, with its source there."""
    row, said = BY_ID[row_id], curve_rate(BY_ID[row_id])
    assert said is not None
    factor = max(said / row.value, row.value / said)
    assert (factor <= 2) != (row_id in BEYOND), (
        f"{row_id}: published {row.value}, said {said:.0f}, factor {factor:.2f}"
    )


def risk_at(country: str, sex: str, kind: str, age: float, years: int) -> float:
    """Percent of people of one age with a fracture within so many years, none of whom dies."""
    ages = age + np.arange(0, years, 0.25)
    return float(100 * (1 - np.exp(-incidence(country, sex, kind, ages).sum() / 400)))


@pytest.mark.parametrize(("sex", "published"), [("female", 17.7), ("male", 8.6)])
def test_ten_year_hip_risk_at_80_in_norway_is_within_a_factor_2_though_nobody_dies_emaus_2011(
    sex: str, published: float
):
    assert published < risk_at("NO", sex, "hip", 80, 10) < 2 * published


def test_five_year_risk_of_women_without_fracture_in_sweden_is_within_a_factor_2():
    """Matched controls of 74 years on average: 12.3 % with a major osteoporotic fracture within five years."""
    hip, every, spine = (
        risk_at("SE", "female", kind, 74, 5) for kind in ("hip", "nonvertebral", "clinical vertebral")
    )
    assert hip + spine < 2 * 12.3
    assert every + spine > 12.3 / 2


@pytest.mark.parametrize(
    ("country", "sex"),
    [("NO", "female"), ("SE", "female"), ("GB", "female"), ("US", "female"), ("NO", "male")],
)
def test_ten_years_carry_more_than_twice_the_risk_of_five(country: str, sex: str):
    five, ten = (risk_at(country, sex, "hip", 70, years) for years in (5, 10))
    assert 2 < ten / five < 4


@pytest.mark.parametrize("model", ["bonecast-1", "bonecast-2"])
def test_hip_fractures_of_every_placebo_cohort_of_the_tables_are_within_a_half_more_boonen_2011(model: str):
    """Counts of placebo arms that stand in the tables: FREEDOM as a whole, aged 75 and over, and with a low neck."""
    rows = [
        row
        for row in evidence_rows("calibration", "set_2", "pack")
        if row.endpoint.startswith("hip_fx") and row.plan is not None and not row.is_contrast
        if all(dose.drug == "placebo" for dose in row.plan.doses)
    ]
    assert len(rows) == 3
    for row, made in zip(rows, predict_table(rows, model), strict=True):
        assert row.value
        assert made.value
        assert max(made.value / row.value, row.value / made.value) < 1.5, (row.id, made.value)
