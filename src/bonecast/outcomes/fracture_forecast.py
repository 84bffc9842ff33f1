"""The input of the fracture relation, built in one place, and the fractures ahead of one person under a strategy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from bonecast.models import Model
from bonecast.outcomes.clinic_baseline import clinic_baseline
from bonecast.outcomes.fracture_course import FractureCourse
from bonecast.outcomes.fracture_parameters import fracture_parameters
from bonecast.outcomes.fracture_profile import Profile
from bonecast.outcomes.fracture_risk import FractureRisk, fracture_risk
from bonecast.outcomes.published_rates import PublishedRate
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, History

KINDS = ("vertebral", "multiple vertebral", "hip", "nonvertebral")
MONTHS = (12, 24, 60)
LEAST_TURNOVER = 1e-3  # of untreated; a curve that touches zero has no power of it
Fractures = dict[tuple[str, int], np.ndarray]  # (kind, months from now) to probability[person]

# Curve of the fracture relation to the output of a model that gives it.
FRACTURE_OUTPUTS = {
    "ls": "LS_BMD_pct_change",
    "th": "TH_BMD_pct_change",
    "ls_untreated": "LS_BMD_untreated_pct_change",
    "th_untreated": "TH_BMD_untreated_pct_change",
    "resorption": "resorption_pct_of_baseline",
    "formation": "formation_pct_of_baseline",
}


def fracture_outputs(model: Model) -> list[str]:
    """Name the outputs that fractures need beside those of the endpoints; none if the model lacks one of them.

    Parameters
    ----------
    model : Model
        Of the library.

    Returns
    -------
    list of str
    """
    able = has_fracture_outputs(model.system.output_names)
    return [name for key, name in FRACTURE_OUTPUTS.items() if key not in ("ls", "th")] if able else []


def has_fracture_outputs(outputs: Collection[str]) -> bool:
    """Is there every output that the fracture relation needs?"""
    return set(FRACTURE_OUTPUTS.values()) <= set(outputs)


def fracture_course(days: np.ndarray, curves: Mapping[str, np.ndarray]) -> FractureCourse:
    """Build the input of the fracture relation from the outputs of a model.

    Parameters
    ----------
    days : ndarray
        Days of the curves; the relation reads time as they give it.
    curves : mapping of str to ndarray
        Every output of `FRACTURE_OUTPUTS` as [person, day], turnover in % of untreated.

    Returns
    -------
    FractureCourse
    """
    return FractureCourse(
        days=days,
        **{
            key: turnover_ratio(curves[name] / 100) if key in ("resorption", "formation") else curves[name]
            for key, name in FRACTURE_OUTPUTS.items()
        },
    )


def turnover_ratio(relative: np.ndarray) -> np.ndarray:
    """Keep turnover above zero, as the fracture relation takes it.

    Parameters
    ----------
    relative : ndarray
        Turnover relative to untreated (1).

    Returns
    -------
    ndarray
    """
    return np.maximum(relative, LEAST_TURNOVER)


def fracture_profile(patient: Patient, facts: Mapping[str, float]) -> Profile:
    """Read from a record who may fracture: age, sex, T-scores and earlier fractures.

    Parameters
    ----------
    patient : Patient
        The record.
    facts : mapping of str to float
        "age", "LS T-score" and the like, as a model takes them.

    Returns
    -------
    Profile
    """
    prior = patient.fact("n_vertebral_fractures")
    other = patient.fact("n_fragility_fractures")
    t = {site: facts.get(f"{site} T-score", np.nan) for site in ("LS", "TH", "FN")}
    return Profile(
        age=facts["age"],
        female=float(patient.sex == "female"),
        ls_t=t["LS"],
        th_t=t["TH"],
        fn_t=t["FN"],
        prior_vertebral=float(bool(prior)),
        prior_other=float(bool(other) and not prior),
    )


def risk_ahead(
    patient: Patient,
    history: History,
    facts: Mapping[str, float],
    days: np.ndarray,
    curves: Mapping[str, np.ndarray],
    model: Model | None = None,
) -> FractureRisk | None:
    """Compute the hazards of one person on these curves.

    The untreated hazard is that of the person's country, sex and age (`clinic_baseline`).

    Parameters
    ----------
    patient : Patient
        The record.
    history : History
        Its doses.
    facts : mapping of str to float
        The facts that a model takes.
    days : ndarray
        Past and future, on the axis of the history.
    curves : mapping of str to ndarray
        Output to its values [person, day].
    model : Model, optional
        Whose curves these are; the relation of `bonecast-1` if not given.

    Returns
    -------
    FractureRisk or None
        None where the model lacks an output.
    """
    if not has_fracture_outputs(curves):
        return None
    return fracture_risk(
        fracture_profile(patient, facts),
        fracture_course(days, curves),
        fracture_parameters(model),
        clinic=clinic_baseline(patient, history),
    )


def fractures_within(risk: FractureRisk, history: History, horizon_d: float) -> Fractures:
    """Count the people with a new fracture of each kind within so many months from today.

    Parameters
    ----------
    risk : FractureRisk
        Hazards over past and future.
    history : History
        Gives today.
    horizon_d : float
        Days from today to the end of the forecast.

    Returns
    -------
    dict
        (kind, months from now) to probability [person].
    """
    today, last = float(history.today_d), risk.days[-1]
    risk = replace(risk)  # what it remembers of these windows goes with it: megabytes
    return {
        (kind, months): risk.cumulative(kind, today, min(today + months * DAYS_IN["months"], last))
        for kind in KINDS
        for months in MONTHS
        if months * DAYS_IN["months"] <= horizon_d + 1
    }


def with_rate_error(risk: FractureRisk, errors: Mapping[str, np.ndarray | None]) -> FractureRisk:
    """Multiply hazards by an error of their rate.

    Parameters
    ----------
    risk : FractureRisk
        Hazards.
    errors : mapping of str to ndarray
        Kind to the error of ln(rate) [person, day]; a kind without one keeps its hazard.

    Returns
    -------
    FractureRisk
    """
    moved = {kind: risk.hazard[kind] * np.exp(error) for kind, error in errors.items() if error is not None}
    return replace(risk, hazard={**risk.hazard, **moved})


def figures_beside(
    risk: FractureRisk,
    history: History,
    horizon_d: float,
    published: Iterable[PublishedRate],
    cover_end_d: float | None = None,
) -> dict[str, np.ndarray]:
    """Compute what stands beside published rates: the forecast's own figures, counted as the rates were.

    Parameters
    ----------
    risk : FractureRisk
        Hazards over past and future.
    history : History
        Gives today.
    horizon_d : float
        Days from today to the end of the forecast.
    published : iterable of PublishedRate
        Rates to be compared with.
    cover_end_d : float, optional
        When the effect of the last denosumab ends, for rates that begin then.

    Returns
    -------
    dict
        Id of a published rate to persons in %, or events per 100 person-years [person].
    """
    today, last, beside = float(history.today_d), risk.days[-1], {}
    for rate in published:
        start = max(today, cover_end_d or today) if rate.after_cover else today
        end = start + rate.months * DAYS_IN["months"]
        if rate.kind and end <= min(last, today + horizon_d) + 1:
            beside[rate.id] = _as_published(risk, rate, start, min(end, last))
    return beside


def _as_published(risk: FractureRisk, rate: PublishedRate, start: float, end: float) -> np.ndarray:
    if rate.unit == "%":
        return 100 * risk.cumulative(rate.kind, start, end)
    return risk.rate(rate.kind, start, end)
