"""Which published rates stand beside the forecast of one person."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from bonecast.care import case_of
from bonecast.core import bounds_of
from bonecast.forecasts.oncology import UNNAMED, indication_120
from bonecast.forecasts.result import Strategy
from bonecast.outcomes import PublishedRate, QuantileRange, clinic_baseline, published_rates
from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy

STOPPING = "vertebral fractures after stopping"
IN_CLINICS = "fractures of clinic patients"
APART = 2.0  # a forecast more than so many times a published rate, or below it, is shown beside it
ON_AROMATASE_INHIBITOR = "fractures on an aromatase inhibitor"
LONG_DOSES = 6  # of 60 mg: more than 3 years of treatment (Cosman 2022, rule DC-14)
_TUMOURS = ("breast", "prostate")


def rates_beside(
    patient: Patient, history: History, strategies: Iterable[Strategy]
) -> tuple[PublishedRate, ...]:
    """The rates that belong to this person and these strategies; none for one whom no rate is of."""
    indication = indication_120(patient, history)
    if indication is not None:
        return tuple(_on_120(patient, indication))
    found = [rate for strategy in strategies for rate in strategy.published]
    if patient.fact("on_dialysis") is True and patient.fact("hypoparathyroidism") is not True:
        found += published_rates("low calcium", "dialysis_60")
    return tuple(dict.fromkeys(found))


def cohorts_beside(patient: Patient, way: PlannedStrategy, history: History) -> tuple[PublishedRate, ...]:
    """What cohorts saw of fractures in people like this one under a strategy; empty where none was like it."""
    stopping = after_stopping(way, history)
    drugs = (way.drugs | history.drugs) - {"placebo"}
    if stopping:
        return stopping
    if patient.fact("indication") == "AI":
        if way.drugs == {"denosumab"}:
            return published_rates(ON_AROMATASE_INHIBITOR, "AI_denosumab")
        return () if drugs else published_rates(ON_AROMATASE_INHIBITOR, "AI_untreated")
    country = clinic_baseline(patient, history).country
    treated = way.drugs == {"denosumab"} if country == "GB" else bool(way.drugs)
    return published_rates(IN_CLINICS, f"clinic_{country}") if treated else ()


def apart(rate: PublishedRate, forecast: float) -> bool:
    """Say whether a published rate and the forecast's own figure differ by more than the factor `APART`.

    Parameters
    ----------
    rate : PublishedRate
        The rate.
    forecast : float
        The forecast's own figure, in the unit of the rate.

    Returns
    -------
    bool

    Examples
    --------
    >>> apart(published_rates(STOPPING, "long")[0], 2.5)
    True
    """
    return forecast <= 0 or not 1 / APART <= rate.value / forecast <= APART


def shown_beside(
    rates: Iterable[PublishedRate], beside: Mapping[str, QuantileRange]
) -> tuple[PublishedRate, ...]:
    """The rates that are shown: after stopping always, others where the forecast is far from them."""
    return tuple(
        rate
        for rate in rates
        if rate.topic == STOPPING or (rate.id in beside and apart(rate, beside[rate.id].median))
    )


def cover_end_d(way: PlannedStrategy, history: History) -> float | None:
    """When does the effect of the last denosumab end? None where none was or is given."""
    return max(
        (dose.time_d + dose.cover_d for dose in (*history.doses, *way.doses) if dose.drug == "denosumab"),
        default=None,
    )


def after_stopping(way: PlannedStrategy, history: History) -> tuple[PublishedRate, ...]:
    """What cohorts saw after stopping denosumab; empty where it does not end, or another drug comes after it."""
    doses = (*history.doses, *way.doses)
    last = next((dose for dose in reversed(doses) if dose.drug != "placebo"), None)
    if last is None or last.drug != "denosumab" or way.plan.steps[-1].pause is None:
        return ()
    count = sum(dose.drug == "denosumab" for dose in (*history.doses, *way.doses))
    return published_rates(STOPPING, "long" if count > LONG_DOSES else "short")


def _on_120(patient: Patient, indication: str) -> Iterator[PublishedRate]:
    tumour = str(patient.fact("primary_tumour") or "").casefold()
    named = [one for one in _TUMOURS if one in tumour]
    groups = {"BONE_METS": named or (["other"] if tumour else [*_TUMOURS, "other"]), UNNAMED: ["120"]}
    own = groups.get(indication, [indication])
    for topic in ("skeletal events", "tumour response", "calcium response", "turnover"):
        yield from (
            rate for rate in published_rates(topic, *own, indication) if _is_of(rate, indication, own)
        )
    if indication in ("GCTB", "HCM") or patient.fact("hypoparathyroidism") is True:
        return  # no rate of a low calcium was read for them
    kidney = case_of(patient, "review").values.get("crcl_mL_min")
    low, high = bounds_of(kidney) if isinstance(kidney, float) else (math.inf, math.inf)
    if high < 30 or low < high <= 30:
        own = [*own, "crcl_below_30"]
    elif low >= 30 and high <= 60:
        own = [*own, "crcl_30_60"]
    if patient.fact("on_dialysis") is not True:
        yield from (
            rate for rate in published_rates("low calcium", *own, indication) if _is_of(rate, indication, own)
        )


def _is_of(rate: PublishedRate, indication: str, own: list[str]) -> bool:
    """A rate of one tumour is for people with that tumour only."""
    tumours = {"breast", "prostate", "other"} & set(rate.applies)
    return not tumours or bool(tumours & set(own))
