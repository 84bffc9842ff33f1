"""From a record to the facts that the rules ask about. Nothing is assumed: what the record lacks stays missing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from bonecast.care.case import Known
from bonecast.drugs import find_drug
from bonecast.records import (
    Measurement,
    Patient,
    clearance,
    corrected_calcium,
    egfr,
    from_usual,
    kidney_method,
    quantities,
)
from bonecast.regimens import history_of

Found = Iterator[tuple[str, Known]]

_RECENT_INFUSION_D = 30  # the window of Hu 2014 (PMID 24915117): a bisphosphonate 7 to 30 days before
_DAYS_PER_MONTH = 30.4375
_DIRECT = {  # variable to the test whose latest value it is, and the factor from the usual unit
    "vitd_25oh_nmol_L": ("25-OH vitamin D", 1.0),
    "magnesium_mmol_L": ("magnesium", 1.0),
    "ctx_ng_L": ("CTX", 1000.0),
    "bsap_ug_L": ("BSAP", 1.0),
    "untx_nmol_mmol": ("uNTX", 1.0),
    "pth_pg_mL": ("PTH", 1.0),
}


def person_facts(patient: Patient, on: dt.date) -> dict[str, Known]:
    """What does the record say that a rule may ask about, on the day of the planned act?

    What the record states outright goes before what is worked out from it.
    """
    found: dict[str, Known] = {}
    for part in (_person, _fractures, _calcium, _laboratory, _kidney, _density, _injections, _other_drugs):
        found |= dict(part(patient, on))
    found |= dict(_age_of_results(found, on))
    return found | dict(_stated(patient))


def _stated(patient: Patient) -> Found:
    for name, value in patient.facts:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        yield name, Known(float(value) if number else value, patient.record_date, "record")


def _person(patient: Patient, on: dt.date) -> Found:
    yield "age_years", Known(float(math.floor(patient.age_on(on))), on, "date of birth")
    if patient.death_date is not None:
        yield "deceased", Known(True, patient.death_date, "day of death")
    yield "sex", Known("F" if patient.sex == "female" else "M", None, "record")
    if patient.sex == "male":
        yield "menopausal_status", Known("na", None, "sex")
        yield "pregnancy_status", Known("na", None, "sex")
        yield "reproductive_potential", Known(False, None, "sex")
    elif patient.menopause_age is not None or patient.fact("menopausal_status") == "post":
        yield "menopausal_status", Known("post", None, "age at menopause")
        yield "pregnancy_status", Known("na", None, "menopause")
        yield "reproductive_potential", Known(False, None, "menopause")


def _fractures(patient: Patient, on: dt.date) -> Found:
    vertebral, hip = patient.fact("n_vertebral_fractures"), patient.fact("prior_hip_fracture")
    if isinstance(vertebral, int):
        yield "prior_vertebral_fracture", Known(vertebral > 0, patient.record_date, "record")
    at_least = (vertebral if isinstance(vertebral, int) else 0) + (hip is True)
    if at_least:
        yield (
            "n_fragility_fractures",
            Known(float(at_least), patient.record_date, "at least; vertebrae and hip"),
        )
    factors = [patient.fact("parental_hip_fracture"), patient.fact("rheumatoid_arthritis")]
    alcohol = patient.fact("alcohol_units_day")
    if None not in (*factors, alcohol) and not isinstance(alcohol, str | None):
        count = float(sum(map(bool, factors)) + (alcohol >= 4))
        yield "nice_risk_factors", Known(count, patient.record_date, "parent's hip, arthritis, alcohol")


def _calcium(patient: Patient, on: dt.date) -> Found:
    """The latest calcium that is corrected for albumin, by the laboratory or by an albumin of the same day."""
    albumins = {m.date: m.value for m in patient.measured("albumin")}
    found = [(m, _value(m), "corrected by the laboratory") for m in patient.measured("corrected calcium")]
    found += [
        (m, corrected_calcium(_value(m), albumins[m.date]), "from total calcium and albumin")
        for m in patient.measured("calcium")
        if m.date in albumins
    ]
    # Of two on one day, the laboratory's own goes last and stands.
    found.sort(key=lambda one: (one[0].date, one[0].test == "corrected calcium"))
    if found:
        used, value, origin = found[-1]
        yield "albumin_corrected_calcium_mmol_L", Known(value, used.date, origin)
        if used.reference_low is not None:
            yield "calcium_lln_mmol_L", Known(used.reference_low, used.date, "the laboratory's limit")
    total = patient.latest("calcium")
    if total is not None and total.date not in albumins and (not found or total.date > found[-1][0].date):
        yield "calcium_result_unadjusted", Known(True, total.date, "no albumin on that day")


def _age_of_results(found: dict[str, Known], on: dt.date) -> Found:
    """How old are calcium and eGFR? The older counts: rule PD-04 is about both."""
    calcium, rate = found.get("albumin_corrected_calcium_mmol_L"), found.get("egfr_mL_min_173m2")
    days = [(on - known.date).days for known in (calcium, rate) if known is not None and known.date]
    if calcium is not None and days:
        yield "calcium_result_age_days", Known(float(max(days)), on, "the older of calcium and eGFR")


def _laboratory(patient: Patient, on: dt.date) -> Found:
    for name, (test, factor) in _DIRECT.items():
        found = patient.latest(test)
        if found is not None:
            yield name, Known(factor * _value(found), found.date, "measured")
    pth = patient.latest("PTH")
    if pth is not None and pth.reference_high:
        ratio = _value(pth) / pth.reference_high
        yield "ipth_ratio_uln", Known(ratio, pth.date, "PTH over the laboratory's upper limit")


def _kidney(patient: Patient, on: dt.date) -> Found:
    sex, creatinine = "F" if patient.sex == "female" else "M", patient.latest("creatinine")
    rate, measured = patient.latest("eGFR"), patient.latest("creatinine clearance")
    if creatinine is not None:
        mg_dL = from_usual(quantities()["creatinine"], _value(creatinine), "mg/dL")
        age = patient.age_on(creatinine.date)
        estimated = egfr(mg_dL, age, sex)
        if estimated is not None and (rate is None or rate.date < creatinine.date):
            yield "egfr_mL_min_173m2", Known(estimated, creatinine.date, kidney_method("ckd_epi_2021"))
        newer = measured is None or measured.date < creatinine.date
        if newer and patient.weight_kg is not None:
            cleared = clearance(mg_dL, age, sex, patient.weight_kg)
            yield "crcl_mL_min", Known(cleared, creatinine.date, kidney_method("cockcroft_gault"))
    if rate is not None and (creatinine is None or rate.date >= creatinine.date):
        yield "egfr_mL_min_173m2", Known(_value(rate), rate.date, "measured")
    if measured is not None and (creatinine is None or measured.date >= creatinine.date):
        yield "crcl_mL_min", Known(_value(measured), measured.date, "measured")


def _density(patient: Patient, on: dt.date) -> Found:
    scans = patient.measured("BMD")
    if scans:
        months = (on - scans[-1].date).days / _DAYS_PER_MONTH
        yield "months_since_dxa", Known(months, scans[-1].date, "last scan")
    for name, sites in (("t_score_spine", ("lumbar spine",)), ("t_score_hip", ("total hip", "femoral neck"))):
        scored = [scan for scan in scans if scan.site in sites and scan.t_score is not None]
        latest = [scan for scan in scored if scan.date == scored[-1].date]
        if latest:
            lowest = min(scan.t_score for scan in latest if scan.t_score is not None)
            yield name, Known(lowest, latest[0].date, "measured")


def _injections(patient: Patient, on: dt.date) -> Found:
    history = history_of(patient)
    given = [dose for dose in history.doses if dose.drug == "denosumab"]
    yield "n_doses_received", Known(float(len(given)), patient.record_date, "injections in the record")
    if not given:
        return
    last = history.date(given[-1].time_d)
    yield "last_denosumab_offset_days", Known(float((last - on).days), last, "last injection")
    if given[-1].unit == "mg" and given[-1].amount in (60.0, 120.0):
        yield "current_dose_mg", Known(given[-1].amount, last, "last injection")


def _other_drugs(patient: Patient, on: dt.date) -> Found:
    ends = [(dose.date, dose.drug) for dose in patient.doses]
    ends += [(course.end or patient.record_date, course.drug) for course in patient.courses]
    named = [(end, drug) for end, drug in ends if find_drug(drug).prior_therapy]
    if named:
        last, drug = max(named)
        yield "prior_therapy", Known(find_drug(drug).prior_therapy, last, "record")
        yield "days_since_prior_therapy", Known(float((on - last).days), last, "record")
    going_on = {course.drug for course in patient.courses if course.end is None}
    if any(find_drug(drug).drug_class == "bisphosphonate" for drug in going_on):
        yield "concurrent_bisphosphonate", Known(True, patient.record_date, "a course goes on")
    if "teriparatide" in going_on:
        yield "concurrent_teriparatide", Known(True, patient.record_date, "a course goes on")
    infusions = [dose.date for dose in patient.doses if dose.drug in ("zoledronate", "ibandronate")]
    if infusions and (on - infusions[-1]).days <= _RECENT_INFUSION_D:
        yield "iv_bisphosphonate_recent", Known(True, infusions[-1], "infusion in the record")


def _value(found: Measurement) -> float:
    """The measured value; one below the limit of its assay counts as just below that limit."""
    return math.nextafter(found.value, 0.0) if found.below_limit else found.value
