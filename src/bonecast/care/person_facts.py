"""From a record to the facts that the rules ask about. Nothing is assumed: what the record lacks stays missing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from bonecast.care.case import Known
from bonecast.care.derived import denosumab_strength_mg
from bonecast.care.variables import variables
from bonecast.core import DAYS_IN, Between, bounds_of, mapped, worst
from bonecast.drugs import all_drugs, find_drug
from bonecast.errors import InputError
from bonecast.records import (
    Course,
    GivenDose,
    Measurement,
    Patient,
    clearance,
    corrected_calcium,
    egfr,
    from_usual,
    kidney_method,
    quantities,
    unusual_doses,
)
from bonecast.regimens import history_of

Found = Iterator[tuple[str, Known]]

_RECENT_INFUSION_D = 30  # the window of Hu 2014 (PMID 24915117): a bisphosphonate 7 to 30 days before
RESULT_LIMIT_D = 365  # an older calcium or kidney result is no result (default of this project)
# Values of one day that lie further apart contradict each other (default of this project).
CONFLICT_PCT = 5.0
LOWEST_ALBUMIN_G_L = 20.0  # a total calcium that is low even at this albumin is low (default of this project)
PAST_CHILDBEARING_Y = 55.0  # from this age on, nobody is asked about pregnancy (default of this project)
GROWN_UP_Y = 21.0  # from this age on, growth plates are closed (default of this project)
LIVER_TESTS = ("ALT", "AST", "ALP", "GGT", "bilirubin")
# A peak of the liver tests that lies further back is no finding of today (default of this project).
LIVER_D = 180
# Days within which an injection of each strength is active, and the shortest interval that any label has.
ACTIVE_D = {60.0: 183, 120.0: 42}
SHORTEST_INTERVAL_D = {60.0: 120, 120.0: 6}
NEVER_D = 36_500.0  # stands for an injection that was never given
_ZOLEDRONATE_4_D = 42  # a 4 mg infusion within this time is a course that goes on
_DIRECT = {  # variable to the test whose latest value it is, the factor from the usual unit, and which is the worse
    "vitd_25oh_nmol_L": ("25-OH vitamin D", 1.0, min),
    "magnesium_mmol_L": ("magnesium", 1.0, min),
    "ctx_ng_L": ("CTX", 1000.0, max),
    "bsap_ug_L": ("BSAP", 1.0, max),
    "untx_nmol_mmol": ("uNTX", 1.0, max),
    "pth_pg_mL": ("PTH", 1.0, max),
}

_CALCIUM = ("albumin_corrected_calcium_mmol_L",)
_FACTS_OF = {  # test to the variables that are worked out from it, beyond _DIRECT
    "calcium": _CALCIUM,
    "corrected calcium": _CALCIUM,
    "albumin": _CALCIUM,
    "creatinine": ("creatinine_umol_L", "egfr_mL_min_173m2", "crcl_mL_min"),
    "eGFR": ("egfr_mL_min_173m2",),
    "creatinine clearance": ("crcl_mL_min",),
    "PTH": ("pth_pg_mL", "ipth_ratio_uln"),
    "BMD": ("t_score_spine", "t_score_hip", "months_since_dxa"),
} | dict.fromkeys(LIVER_TESTS, ("hys_law", "stopping_rule_met"))


def facts_of_test(test: str) -> tuple[str, ...]:
    """List the facts that a result of this test gives.

    Parameters
    ----------
    test : str
        Name of the test.

    Returns
    -------
    tuple of str
        Variables of the rules; empty for a test that none asks for.

    Examples
    --------
    >>> facts_of_test("albumin"), facts_of_test("CTX")
    (('albumin_corrected_calcium_mmol_L',), ('ctx_ng_L',))
    """
    direct = tuple(name for name, (of, _, _) in _DIRECT.items() if of == test)
    return _FACTS_OF.get(test, direct)


def person_facts(patient: Patient, on: dt.date) -> dict[str, Known]:
    """What does the record say that a rule may ask about, on the day of the planned act?

    What the record states outright goes before what is worked out from it.
    """
    found: dict[str, Known] = {}
    for part in (
        _person,
        _fractures,
        _calcium,
        _laboratory,
        _kidney,
        _density,
        _injections,
        _other_drugs,
        _unusual_doses,
        _courses_had,
        _liver,
    ):
        found |= dict(part(patient, on))
    found |= dict(_age_of_results(found, on))
    found |= dict(_stated(patient))
    rate = found.get("egfr_mL_min_173m2")
    if rate is not None and bounds_of(_number_of(rate))[0] >= 30:
        found.setdefault("on_dialysis", Known(False, rate.date, "eGFR of 30 or more"))
    return found


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
        yield "breastfeeding", Known(False, None, "sex")
    elif patient.menopause_age is not None or patient.fact("menopausal_status") == "post":
        yield "menopausal_status", Known("post", None, "age at menopause")
        yield "pregnancy_status", Known("na", None, "menopause")
        yield "reproductive_potential", Known(False, None, "menopause")
        yield "breastfeeding", Known(False, None, "menopause")
    elif patient.age_on(on) >= PAST_CHILDBEARING_Y:
        yield "reproductive_potential", Known(False, None, "age")
        yield "breastfeeding", Known(False, None, "age")
    if patient.age_on(on) >= GROWN_UP_Y:
        yield "skeletally_mature", Known(True, None, "age")


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
    """The newest calcium, corrected for albumin: by the laboratory, or by an albumin of the same day.

    The newest counts also where it cannot be corrected. A total calcium that no plausible albumin explains is low, also
    beside a corrected one; one that a low albumin would explain is no result until the albumin is there. An ionised
    calcium below the laboratory's limit says that calcium is low, and not how low.
    """
    ionised = [one for one in patient.measured("ionised calcium") if _is_low(one)]
    measured = [*patient.measured("corrected calcium"), *patient.measured("calcium"), *ionised]
    if not measured:
        return
    day = max(one.date for one in measured)
    if (on - day).days > RESULT_LIMIT_D:
        return
    albumins = [_value(one) for one in patient.measured("albumin") if one.date == day]
    corrected = [one for one in patient.measured("corrected calcium") if one.date == day]
    totals = [one for one in patient.measured("calcium") if one.date == day]
    low, high = _limits((*corrected, *totals))
    if low is not None:
        yield "calcium_lln_mmol_L", Known(low, day, "the laboratory's limit")
    if high is not None:
        yield "calcium_uln_mmol_L", Known(high, day, "the laboratory's limit")
    limit = low if low is not None else float(variables()["calcium_lln_mmol_L"].case_default or 0.0)
    found = list(_calcium_of_day(corrected, totals, albumins, limit))
    found += [(Between(high=limit), "ionised calcium below the limit") for one in ionised if one.date == day]
    if totals and not corrected and not albumins:
        yield "calcium_result_unadjusted", Known(True, day, "no albumin on that day")
    if not found:
        return
    values = [value for value, _ in found]
    origin = min(found, key=lambda one: bounds_of(one[0])[1])[1]
    several = len(set(values)) > 1 and not any(isinstance(value, Between) for value in values)
    yield (
        "albumin_corrected_calcium_mmol_L",
        replace(_worse(values, min, day, origin), same_day=tuple(sorted(set(values))) if several else ()),
    )


def _calcium_of_day(
    corrected: list[Measurement], totals: list[Measurement], albumins: list[float], limit: float
) -> Iterator[tuple[float, str]]:
    """Each value of one day that says how high the corrected calcium is, with its origin."""
    for one in corrected:
        yield _value(one), "corrected by the laboratory"
    for one in totals:
        total = _value(one)
        lowest, highest = bounds_of(total)
        if albumins:
            if not corrected:
                for albumin in albumins:
                    yield _corrected(total, albumin), "from total calcium and albumin"
        elif corrected_calcium(highest, LOWEST_ALBUMIN_G_L) < limit:
            yield total, "total calcium; low whatever the albumin"
        elif lowest >= limit and not corrected:
            yield total, "total calcium, not corrected for albumin"


def _limits(results: Iterable[Measurement]) -> tuple[float | None, float | None]:
    """The laboratory's limits, where a result has them; of several the narrower."""
    kept = list(results)
    lows = [one.reference_low for one in kept if one.reference_low is not None]
    highs = [one.reference_high for one in kept if one.reference_high is not None]
    return max(lows, default=None), min(highs, default=None)


def _is_low(one: Measurement) -> bool:
    """Is a result below the laboratory's limit?"""
    return one.reference_low is not None and bounds_of(_value(one))[1] < one.reference_low


def _corrected(calcium: float, albumin: float) -> float:
    """Calcium corrected for albumin, either of which may be known by a bound."""
    (low, high), (albumin_low, albumin_high) = bounds_of(calcium), bounds_of(albumin)
    if not isinstance(calcium, Between) and not isinstance(albumin, Between):
        return corrected_calcium(calcium, albumin)
    return Between(corrected_calcium(low, albumin_high), corrected_calcium(high, albumin_low))


def _worse(
    values: list[float], worse: Callable[[Iterable[float]], float], day: dt.date, origin: str
) -> Known:
    """The worse of the values of one day; those that contradict it are kept beside it."""
    used = worst(values, worse)
    others = tuple(sorted({one for one in values if _gap(one, used) > CONFLICT_PCT / 100}))
    return Known(used, day, origin, others)


def _gap(one: float, other: float) -> float:
    """How far apart are two values, in parts of the larger? Bounds that overlap are not apart."""
    (low, high), (other_low, other_high) = bounds_of(one), bounds_of(other)
    apart = max(low - other_high, other_low - high, 0.0)
    return apart / max(abs(one), abs(other)) if apart else 0.0


def _newest(
    patient: Patient, test: str, worse: Callable[[Iterable[float]], float], factor: float = 1.0
) -> Known | None:
    """The newest result of a test; of two on one day the worse."""
    found = patient.measured(test)
    if not found:
        return None
    day = max(one.date for one in found)
    values = [mapped(_value(one), lambda value: factor * value) for one in found if one.date == day]
    return _worse(values, worse, day, "measured")


def _age_of_results(found: dict[str, Known], on: dt.date) -> Found:
    """How old are calcium and eGFR? The older counts: rule PD-04 is about both."""
    calcium, rate = found.get("albumin_corrected_calcium_mmol_L"), found.get("egfr_mL_min_173m2")
    days = [(on - known.date).days for known in (calcium, rate) if known is not None and known.date]
    if calcium is not None and days:
        yield "calcium_result_age_days", Known(float(max(days)), on, "the older of calcium and eGFR")


def _laboratory(patient: Patient, on: dt.date) -> Found:
    for name, (test, factor, worse) in _DIRECT.items():
        found = _newest(patient, test, worse, factor)
        if found is not None:
            yield name, found
    pth = patient.latest("PTH")
    if pth is not None and pth.reference_high:
        upper = pth.reference_high
        ratio = mapped(_value(pth), lambda value: value / upper)
        yield "ipth_ratio_uln", Known(ratio, pth.date, "PTH over the laboratory's upper limit")


def _kidney(patient: Patient, on: dt.date) -> Found:
    """Both estimates: eGFR, and the creatinine clearance by Cockcroft and Gault that labels of bisphosphonates use.

    A clearance that is older than the eGFR is no longer known.
    """
    sex = "F" if patient.sex == "female" else "M"
    creatinine = _recent(_newest(patient, "creatinine", max), on)
    rate = _recent(_newest(patient, "eGFR", min), on)
    measured = _recent(_newest(patient, "creatinine clearance", min), on)
    if creatinine is not None and creatinine.date is not None:
        test, usual = quantities()["creatinine"], _number_of(creatinine)
        mg_dL = mapped(usual, lambda value: from_usual(test, value, "mg/dL"))
        yield (
            "creatinine_umol_L",
            replace(creatinine, value=mapped(usual, lambda value: from_usual(test, value, "umol/L"))),
        )
        age = patient.age_on(creatinine.date)
        if egfr(float(mg_dL), age, sex) is not None and (rate is None or _older(rate, creatinine)):
            estimated = mapped(mg_dL, lambda value: egfr(value, age, sex) or 0.0)
            yield "egfr_mL_min_173m2", Known(estimated, creatinine.date, kidney_method("ckd_epi_2021"))
        newest = (measured is None or _older(measured, creatinine)) and not _older(creatinine, rate)
        if patient.weight_kg is not None and newest:
            weight = patient.weight_kg
            cleared = mapped(mg_dL, lambda value: clearance(value, age, sex, weight))
            yield "crcl_mL_min", Known(cleared, creatinine.date, kidney_method("cockcroft_gault"))
    if rate is not None and (creatinine is None or not _older(rate, creatinine)):
        yield "egfr_mL_min_173m2", rate
    if measured is not None and not _older(measured, creatinine) and not _older(measured, rate):
        yield "crcl_mL_min", measured


def _recent(found: Known | None, on: dt.date) -> Known | None:
    """The result, unless it is too old to count."""
    if found is None or found.date is None or (on - found.date).days > RESULT_LIMIT_D:
        return None
    return found


def _older(one: Known, other: Known | None) -> bool:
    return other is not None and one.date is not None and other.date is not None and one.date < other.date


def _density(patient: Patient, on: dt.date) -> Found:
    scans = patient.measured("BMD")
    if scans:
        months = (on - scans[-1].date).days / DAYS_IN["months"]
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
    injections = [one for one in patient.doses if one.drug == "denosumab" and one.unit == "mg"]
    active = {one.amount for one in injections if 0 <= (on - one.date).days <= ACTIVE_D.get(one.amount, -1)}
    yield "n_active_denosumab_products", Known(float(len(active)), on, "strengths in the record")
    courses = [one for one in patient.courses if one.drug == "denosumab" and one.unit == "mg"]
    mislabelled = any(map(_mislabelled, (*injections, *courses)))
    yield "product_strength_conflict", Known(mislabelled, on, "products in the record")
    yield "dose_implausible", Known(_implausible(injections), on, "injections in the record")
    if not given:
        return
    last = history.date(given[-1].time_d)
    yield "last_denosumab_offset_days", Known(float((last - on).days), last, "last injection")
    if given[-1].unit == "mg" and given[-1].amount in (60.0, 120.0):
        yield "current_dose_mg", Known(given[-1].amount, last, "last injection")


def _other_drugs(patient: Patient, on: dt.date) -> Found:
    if any(one.is_drug for one in patient.skipped):
        yield "drug_not_read", Known(True, patient.record_date, "an entry that was not read")
    ends = [(dose.date, dose.drug) for dose in patient.doses]
    ends += [(course.end or patient.record_date, course.drug) for course in patient.courses]
    named = [(end, drug) for end, drug in ends if find_drug(drug).prior_therapy]
    if named:
        last, drug = max(named)
        yield "prior_therapy", Known(find_drug(drug).prior_therapy, last, "record")
        yield "days_since_prior_therapy", Known(float((on - last).days), last, "record")
    going_on = {course.drug for course in patient.courses if course.end is None}
    bisphosphonate = any(find_drug(drug).drug_class == "bisphosphonate" for drug in going_on)
    for name, held in (
        ("concurrent_bisphosphonate", bisphosphonate),
        ("concurrent_teriparatide", "teriparatide" in going_on),
    ):
        yield name, Known(held, patient.record_date, "a course goes on" if held else "no course goes on")
    infusions = [dose.date for dose in patient.doses if dose.drug in ("zoledronate", "ibandronate")]
    if infusions and (on - infusions[-1]).days <= _RECENT_INFUSION_D:
        yield "iv_bisphosphonate_recent", Known(True, infusions[-1], "infusion in the record")


def _unusual_doses(patient: Patient, on: dt.date) -> Found:
    """Is there a dose that its drug is not given in? Where the record says that it was, it is no longer asked about."""
    found = unusual_doses(patient)
    yield "unusual_dose", Known(bool(found), patient.record_date, "; ".join(found) or "doses in the record")


def _courses_had(patient: Patient, on: dt.date) -> Found:
    """What was had of drugs that have a limit: doses, months and years, and the days since infusions."""
    origin = "doses and courses in the record"
    for drug in all_drugs():
        for treatment in drug.treatments:
            if treatment.counts:
                yield treatment.counts, Known(float(_times(patient, drug.generic, on)), on, origin)
    months: dict[str, float] = {}
    for drug in all_drugs():
        for name in {name for treatment in drug.treatments for name in treatment.months}:
            months[name] = months.get(name, 0.0) + _days(patient, drug.generic, on) / DAYS_IN["months"]
    for name, number in months.items():
        yield name, Known(float(math.floor(number)), on, origin)
    bisphosphonates = [d.generic for d in all_drugs() if d.drug_class == "bisphosphonate"]
    years = sum(_days(patient, drug, on) for drug in bisphosphonates) / (12 * DAYS_IN["months"])
    if years:
        yield "bp_years_total", Known(years, on, origin)
    infusions = [one for one in patient.doses if one.drug == "zoledronate"]
    oncological = [one for one in infusions if _flag("zoledronate", one.amount, "giving_zol4")]
    recent = any((on - one.date).days <= _ZOLEDRONATE_4_D for one in oncological)
    yield "zoledronate_4mg_current", Known(recent, on, origin)
    yield from _creatinine_since(patient, oncological, on)
    if infusions:
        last = infusions[-1].date
        yield "days_since_last_zoledronate", Known(float((on - last).days), last, origin)
    injected = [
        one
        for one in patient.doses
        if one.drug == "ibandronate" and _flag("ibandronate", one.amount, "giving_ibn_iv")
    ]
    if injected:
        last = injected[-1].date
        yield "days_since_last_ibandronate_iv", Known(float((on - last).days), last, origin)
    elif not any(one.is_drug for one in patient.skipped):
        yield "days_since_last_ibandronate_iv", Known(NEVER_D, on, "no injection in the record")


def _creatinine_since(patient: Patient, infusions: list[GivenDose], on: dt.date) -> Found:
    """Creatinine before the first infusion of 4 mg, and its rise since then; before any, today's is the first."""
    now = _recent(_newest(patient, "creatinine", max), on)
    first = infusions[0].date if infusions else on
    before = [one for one in patient.measured("creatinine") if one.date <= first]
    if now is None or not before:
        return
    day = max(one.date for one in before)
    start = worst([_value(one) for one in before if one.date == day], min)
    if isinstance(start, Between) or isinstance(now.value, Between):
        return
    test = quantities()["creatinine"]
    base, latest = (from_usual(test, value, "umol/L") for value in (start, _number_of(now)))
    if not infusions:
        base = latest
    yield "creatinine_baseline_umol_L", Known(base, day, "measured")
    yield "creatinine_rise_umol_L", Known(latest - base, now.date, "measured")


def _flag(drug: str, amount: float, fact: str) -> bool:
    """Is a dose of this amount the treatment of which this fact holds?"""
    treatment = find_drug(drug).treatment(amount)
    return treatment is not None and fact in treatment.facts


def _times(patient: Patient, drug: str, on: dt.date) -> int:
    """How many doses of this drug were had?"""
    single = sum(one.drug == drug for one in patient.doses)
    return single + sum(
        int(max(((min(one.end or on, on)) - one.start).days, 0) // one.every_d) + 1
        for one in patient.courses
        if one.drug == drug and one.start <= on
    )


def _days(patient: Patient, drug: str, on: dt.date) -> int:
    """For how many days was this drug taken in courses?"""
    return sum(
        max((min(one.end or on, on) - one.start).days, 0) for one in patient.courses if one.drug == drug
    )


def _mislabelled(dose: GivenDose | Course) -> bool:
    """Does the product have another strength than the dose in the record?"""
    strength = denosumab_strength_mg(dose.product) if dose.product else None
    return strength is not None and strength != dose.amount


def _implausible(injections: list[GivenDose]) -> bool:
    """Is there an amount that no product has, or an interval shorter than any label's?"""
    if any(one.amount not in ACTIVE_D for one in injections):
        return True
    return any(
        (later.date - earlier.date).days < SHORTEST_INTERVAL_D[later.amount]
        for earlier, later in pairwise(injections)
        if earlier.amount == later.amount
    )


def _liver(patient: Patient, on: dt.date) -> Found:
    """Do the liver tests of the last half year meet a stopping rule, or steps 1 and 2 of Hy's law?"""
    panels = [one for one in patient.measurements if one.test in LIVER_TESTS]
    if not any((on - one.date).days <= LIVER_D for one in panels):
        for name in ("hys_law", "stopping_rule_met"):
            yield name, Known(False, None, "no liver tests of the last half year")
        return
    from bonecast.liver import assess_patient

    recent = [one for one in patient.measurements if (on - one.date).days <= LIVER_D]
    try:
        found = assess_patient(replace(patient, measurements=tuple(recent)))
    except InputError:
        return
    if found is None:
        return
    day = max(one.date for one in panels)
    for name, criterion in (("hys_law", "upper_right"), ("stopping_rule_met", "stop")):
        met = found.measured[criterion]
        if met is not None:
            yield name, Known(bool(met), day, "liver tests")


def _value(found: Measurement) -> float:
    """The measured value; of one below or above a limit only the bound is known."""
    if found.below_limit:
        return Between(high=found.value)
    return Between(low=found.value) if found.above_limit else found.value


def _number_of(known: Known) -> float:
    """The number of a fact, with its bounds where only they are known."""
    return known.value if isinstance(known.value, float) else float(known.value)
