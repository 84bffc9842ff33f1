"""Limits of what a record and a plan may say: each is tried just below, at and just above."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bonecast.errors import InputError
from bonecast.models import load_model
from bonecast.outcomes.t_score import YOUNG_NORMALS
from bonecast.records import clearance, corrected_calcium, egfr, patient_of_tables
from bonecast.regimens import Dose, History, parse_regimen
from bonecast.regimens.supported_doses import supported_doses

TODAY = dt.date(2026, 10, 1)


def record(
    doses: list[dict[str, Any]] | None = None, measurements: list[dict[str, Any]] | None = None, **person
):
    about = {
        "id": "A",
        "sex": "female",
        "birth_date": "1955-02-10",
        "record_date": "2026-09-15",
        "weight": "61 kg",
    }
    return {"person": about | person, "doses": doses or [], "measurements": measurements or []}


def fits(tables: dict[str, Any]) -> bool:
    try:
        patient_of_tables(tables, today=TODAY)
    except InputError:
        return False
    return True


def scan(t_score: float) -> dict[str, Any]:
    return {
        "test": "BMD",
        "site": "LS",
        "value": "0.812 g/cm2",
        "date": "2026-03-04",
        "t_score": t_score,
    }


@pytest.mark.parametrize(
    ("tables", "fit"),
    [
        (record(birth_date="1906-02-10"), True),
        (record(birth_date="1905-02-10"), False),
        (record(menopause_age=7.9), False),
        (record(menopause_age=8), True),
        (record(menopause_age=70), True),
        (record(menopause_age=70.1), False),
        (record(bone_metastases=50), True),
        (record(bone_metastases=51), False),
        (record(measurements=[scan(-10.0)]), True),
        (record(measurements=[scan(-10.1)]), False),
        (record(measurements=[scan(10.0)]), True),
        (record(measurements=[scan(10.1)]), False),
    ],
)
def test_what_cannot_be_so_is_refused_and_what_can_is_not(tables, fit):
    assert fits(tables) is fit


@pytest.mark.parametrize(("count", "fit"), [(4_999, True), (5_000, True), (5_001, False)])
def test_a_record_has_5000_doses_at_most(count, fit):
    first = dt.date(2012, 1, 1)
    doses = [
        {"drug": "teriparatide", "amount": "20 ug", "date": str(first + dt.timedelta(days=n))}
        for n in range(count)
    ]
    assert fits(record(doses)) is fit


@pytest.mark.parametrize(
    ("plan", "fit"),
    [
        ("denosumab 60 mg daily x 20000", True),
        ("denosumab 60 mg daily x 20001", False),
        ("nothing for 100 years", True),
        ("nothing for 101 years", False),
        ("denosumab 60 mg every 0.36525 days for 100 years", True),
        ("denosumab 60 mg every 0.365 days for 100 years", False),
    ],
)
def test_a_plan_has_20000_doses_of_a_count_100000_in_all_and_100_years(plan, fit):
    try:
        parse_regimen(plan)
    except InputError:
        assert not fit
    else:
        assert fit


@pytest.mark.parametrize(("after", "follows"), [(30.9, True), (31.0, True), (31.1, False)])
def test_a_drug_without_a_place_in_the_model_is_left_out_where_its_cover_ends_within_a_month(after, follows):
    model = load_model("choi-2025")
    assert "alendronate" not in model.drugs
    doses = (Dose(0.0, "alendronate", 70.0, "mg", 100.0 + after), Dose(100.0, "denosumab", 60.0, "mg", 183.0))
    history = History(dt.date(2024, 1, 1), 400, doses, (0, 0), 283, 100)
    assert (supported_doses(model, history) is not None) is follows


def test_calcium_is_corrected_by_0_02_mmol_for_each_gram_of_albumin_below_40():
    assert corrected_calcium(2.20, 40.0) == 2.20
    assert corrected_calcium(2.20, 30.0) == pytest.approx(2.40)
    assert corrected_calcium(2.20, 45.0) == pytest.approx(2.10)


def test_the_young_normals_are_those_that_were_published():
    found = {(r.endpoint, r.scanner): (r.mean, r.sd) for r in YOUNG_NORMALS}
    assert found == {
        ("FN_BMD", "Hologic"): (0.858, 0.120),  # doi 10.1007/s001980050093
        ("TH_BMD", "Hologic"): (0.942, 0.122),
        ("LS_BMD", "Hologic"): (1.047, 0.110),
        ("FN_BMD", "Lunar"): (1.038, 0.139),
        ("TH_BMD", "Lunar"): (1.008, 0.126),
        ("LS_BMD", "Lunar"): (1.182, 0.120),
    }


# Kidney function from creatinine


@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "expected"),
    [
        (0.5, 60.0, "F", 142 * (0.5 / 0.7) ** -0.241 * 0.9938**60 * 1.012),
        (0.7, 60.0, "F", 142 * 0.9938**60 * 1.012),
        (1.4, 60.0, "F", 142 * 2**-1.2 * 0.9938**60 * 1.012),
        (0.6, 40.0, "M", 142 * (0.6 / 0.9) ** -0.302 * 0.9938**40),
        (0.9, 40.0, "M", 142 * 0.9938**40),
        (1.8, 80.0, "M", 142 * 2**-1.2 * 0.9938**80),
        (0.7, 18.0, "F", 142 * 0.9938**18 * 1.012),
    ],
)
def test_egfr_is_that_of_ckd_epi_2021_below_at_and_above_the_usual_creatinine(creatinine, age, sex, expected):
    assert egfr(creatinine, age, sex) == pytest.approx(expected, rel=1e-12)


def test_children_have_no_egfr_of_an_equation_for_adults():
    assert egfr(0.7, 17.99, "F") is None


@pytest.mark.parametrize(("sex", "share"), [("F", 0.85), ("M", 1.0)])
def test_clearance_is_that_of_cockcroft_and_gault(sex, share):
    assert clearance(1.2, 70.0, sex, 60.0) == pytest.approx(share * (140 - 70) * 60 / (72 * 1.2), rel=1e-12)
