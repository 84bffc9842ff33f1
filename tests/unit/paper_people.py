"""Invented people, one for each situation of a leaflet, and the options with which their paper is asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from bonecast.records import GivenDose, Measurement, Patient

TODAY = dt.date(2026, 9, 15)


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def result(test: str, value: float, unit: str, days: int = 3, **more: Any) -> Measurement:
    return Measurement(test, None, value, unit, False, ago(days), "", **more)


LABS = (
    result("corrected calcium", 2.34, "mmol/L", reference_low=2.15, reference_high=2.6),
    result("25-OH vitamin D", 70.0, "nmol/L"),
    result("creatinine", 62.0, "umol/L"),
)


def person(
    since: int | None = None, amount: float = 60.0, count: int = 3, product: str | None = None, **facts: Any
) -> Patient:
    """A woman of 71 whose last injection lies so many days back; None for none. Facts go into the record."""
    every = 183 if amount == 60.0 else 28
    days = [] if since is None else [since + every * i for i in reversed(range(count))]
    return Patient(
        "A1",
        "female",
        dt.date(1955, 3, 4),
        TODAY,
        61.0,
        height_cm=165.0,
        menopause_age=50.0,
        doses=tuple(GivenDose("denosumab", amount, "mg", ago(day), product) for day in days),
        measurements=LABS,
        facts=tuple(sorted(facts.items())),
    )


def young(patient: Patient) -> Patient:
    """The same woman at 41, before the menopause, known not to be pregnant."""
    facts = {"pregnancy_status": "not_pregnant", "reproductive_potential": True, **dict(patient.facts)}
    return replace(
        patient, birth_date=dt.date(1985, 3, 4), menopause_age=None, facts=tuple(sorted(facts.items()))
    )


def man(patient: Patient) -> Patient:
    return replace(patient, sex="male", menopause_age=None)


def with_result(patient: Patient, test: str, value: float, unit: str, days: int = 3) -> Patient:
    """The same person with another result of this test in place of the former ones."""
    kept = tuple(m for m in patient.measurements if m.test != test)
    return replace(patient, measurements=(*kept, result(test, value, unit, days)))


def with_dose(patient: Patient, drug: str, amount: float, unit: str) -> Patient:
    """The same person, with a dose of another drug ten years ago."""
    return replace(patient, doses=(GivenDose(drug, amount, unit, ago(3653)), *patient.doses))


def without(patient: Patient, test: str) -> Patient:
    return replace(patient, measurements=tuple(m for m in patient.measurements if m.test != test))


METASTASES = {"indication": "BONE_METS"}
# Name: the person, the options, and the situation that the rules must choose.
SITUATIONS: dict[str, tuple[Patient, dict[str, Any], str]] = {
    "first": (person(), {}, "first"),
    "on time": (person(100), {}, "on_time"),
    "on time, young": (young(person(100)), {}, "on_time"),
    "on time, man": (man(person(100)), {}, "on_time"),
    "a little late": (person(200), {}, "late"),
    "late": (person(250), {}, "overdue"),
    "very late": (person(300), {}, "lapsed"),
    "restart": (person(500), {}, "restart"),
    "change of brand": (person(100, product="Prolia"), {"brand": "Jubbonti"}, "on_time"),
    "first 120 mg": (person(**METASTASES, oral_exam_done=True), {}, "cancer"),
    "metastases": (person(20, 120.0, **METASTASES), {}, "cancer"),
    "myeloma": (person(20, 120.0, indication="MYELOMA"), {}, "cancer"),
    "giant cell tumour": (young(person(3, 120.0, 1, indication="GCTB")), {}, "gctb"),
    "high calcium": (person(3, 120.0, 1, indication="HCM"), {}, "hcm"),
    "stop, zoledronate": (person(100), {"ending": True, "exit": "zoledronate"}, "stopping"),
    "stop, alendronate": (person(100), {"ending": True, "exit": "alendronate"}, "stopping"),
    "stop, raloxifene": (person(100), {"ending": True, "exit": "raloxifene"}, "stopping"),
    "stop, teriparatide": (person(100), {"ending": True, "exit": "teriparatide"}, "stopping"),
    "stop after one": (person(100, count=1), {"ending": True}, "stopping"),
    "stop with a reason": (person(100), {"ending": True, "reason": "end of life"}, "stopping"),
    "stop 120 mg": (person(20, 120.0, **METASTASES), {"ending": True}, "cancer_stopping"),
    "stop, tumour": (person(20, 120.0, indication="GCTB"), {"ending": True}, "gctb_stopping"),
}
# Reason: the person and the options for whom a paper must bear no date.
WITHHELD: dict[str, tuple[Patient, dict[str, Any]]] = {
    "calcium_low": (with_result(person(100), "corrected calcium", 2.05, "mmol/L"), {}),
    "calcium_unknown": (without(person(), "corrected calcium"), {}),
    "symptoms": (without(person(100, hypocalcaemia_symptoms=True), "corrected calcium"), {}),
    "pregnant": (young(person(100, pregnancy_status="pregnant")), {}),
    "planning": (young(person(100, pregnancy_status="planning")), {}),
    "pregnancy_unknown": (young(person(100, pregnancy_status="unknown")), {}),
    "breastfeeding": (young(person(100, breastfeeding=True)), {}),
    "jaw": (person(100, dental_status="ONJ_active"), {}),
    "jaw_before": (person(100, onj_external_history=True), {}),
    "mouth": (person(dental_status="unhealed_lesion"), {}),
    "thigh": (person(100, aff_confirmed=True), {}),
    "young": (replace(young(person(100)), birth_date=dt.date(2012, 1, 1)), {}),
    "growing": (replace(young(person(20, 120.0, indication="GCTB")), birth_date=dt.date(2016, 1, 1)), {}),
    "kidneys": (with_result(person(100), "creatinine", 260.0, "umol/L"), {}),
    "allergy": (person(100, hypersensitivity_denosumab=True), {}),
    "skin": (person(100, severe_skin_reaction="SJS"), {}),
    "written_dose": (with_dose(person(100, unusual_dose_confirmed=False), "teriparatide", 20.0, "mg"), {}),
    "two_products": (person(100, concurrent_denosumab_product=True), {}),
    "strength": (person(100, product="Xgeva"), {}),
    "other_bone_drug": (person(100, concurrent_bisphosphonate=True), {}),
    "infection": (person(100, active_serious_infection=True), {}),
    "vitamin_d": (with_result(person(), "25-OH vitamin D", 20.0, "nmol/L"), {}),
    "other": (person(20, 120.0, indication="BREAST_CA_ANTITUMOUR"), {}),
    "no_exit": (person(100), {"ending": True}),
    "exit_blocked": (
        with_result(person(100), "creatinine", 200.0, "umol/L"),
        {"ending": True, "exit": "zoledronate"},
    ),
}
