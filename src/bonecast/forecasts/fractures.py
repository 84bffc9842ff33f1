"""Fractures ahead of one person under a strategy, from the curves that the model gave."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.models import Model
from bonecast.outcomes import Course, Profile, fracture_risk
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, History

KINDS = ("vertebral", "multiple vertebral", "hip", "nonvertebral")
MONTHS = (12, 24, 60)
Fractures = dict[tuple[str, int], np.ndarray]  # (kind, months from now) to probability[person]

_CURVES = {
    "ls": "LS_BMD_pct_change",
    "th": "TH_BMD_pct_change",
    "ls_untreated": "LS_BMD_untreated_pct_change",
    "th_untreated": "TH_BMD_untreated_pct_change",
    "resorption": "resorption_pct_of_baseline",
    "formation": "formation_pct_of_baseline",
}


def fracture_outputs(model: Model) -> list[str]:
    """The outputs that fractures need beside those of the endpoints; none if the model lacks one of them."""
    able = set(_CURVES.values()) <= set(model.system.output_names)
    return [name for key, name in _CURVES.items() if key not in ("ls", "th")] if able else []


def fractures_ahead(
    patient: Patient,
    history: History,
    facts: Mapping[str, float],
    days: np.ndarray,
    curves: Mapping[str, np.ndarray],
    horizon_d: float,
) -> Fractures:
    """Probability of a new fracture of each kind within so many months from today, person by person.

    days, curves[output][person, day] : over past and future. Empty where the model has not the outputs.
    """
    if not set(_CURVES.values()) <= set(curves):
        return {}
    share = ("resorption", "formation")
    course = Course(
        days=days,
        **{
            key: np.maximum(curves[name] / 100, 1e-3) if key in share else curves[name]
            for key, name in _CURVES.items()
        },
    )
    prior = patient.fact("n_vertebral_fractures")
    other = patient.fact("n_fragility_fractures")
    t = {site: facts.get(f"{site} T-score", np.nan) for site in ("LS", "TH", "FN")}
    profile = Profile(
        age=facts["age"],
        female=float(patient.sex == "female"),
        ls_t=t["LS"],
        th_t=t["TH"],
        fn_t=t["FN"],
        prior_vertebral=float(bool(prior)),
        prior_other=float(bool(other) and not prior),
    )
    risk = fracture_risk(profile, course)
    today, last = float(history.today_d), days[-1]
    return {
        (kind, months): risk.cumulative(kind, today, min(today + months * DAYS_IN["months"], last))
        for kind in KINDS
        for months in MONTHS
        if months * DAYS_IN["months"] <= horizon_d + 1
    }
