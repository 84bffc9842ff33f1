"""From a model's curves to the outputs of an endpoint, on this person's level: the columns of the forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.engine.streams import normals
from bonecast.outcomes.anchoring import at_day, change_since, scaled, share_of, shifted
from bonecast.outcomes.endpoints import Endpoint, endpoint
from bonecast.outcomes.t_score import YOUNG_NORMALS, t_score
from bonecast.patients import Measurement, Patient, corrected_calcium, observation_sd
from bonecast.populations import BASELINES, draw_baselines
from bonecast.scenarios import History

_UNIT_IN_NAME = {"ng/mL": "ng_mL", "ug/L": "ug_L", "mmol/L": "mmol_L", "pg/mL": "pg_mL", "g/cm2": "g_cm2"}


@dataclass(frozen=True)
class Anchor:
    """What sets a person's level: the measured value used (with its day), or that the population was drawn.

    level : one true level for each person of the ensemble. day : of the measurement on the history's axis.
    note : how it was set, one sentence.
    """

    level: np.ndarray | None
    day: float | None
    scanner: str | None
    note: str


def anchor_of(wanted: Endpoint, patient: Patient, history: History, draws: int, seed: int) -> Anchor:
    """Which measurement sets the level of this endpoint?"""
    found = _anchoring_value(wanted, patient, history)
    if found is None:
        if wanted.key in BASELINES:
            baseline = BASELINES[wanted.key]
            note = (
                f"{wanted.title} was not measured before treatment: levels are those of untreated women, median "
                f"{baseline.median:g} {baseline.unit} ({baseline.mark})."
            )
            return Anchor(draw_baselines(draws, seed)[wanted.key], None, None, note)
        return Anchor(None, None, None, "")
    day = (found.date - history.zero).days
    value = found.value
    if wanted.key == "calcium":
        value = _corrected(found, patient)
    error = observation_sd(found)
    noise = normals(seed, f"error of the {wanted.key} that sets the level", 0, draws)
    if wanted.scale == "change" or error is None:
        level = np.full(draws, value)  # BMD: shown as a change from this very scan
    else:
        level = value * np.exp(-error.sd * noise) if error.scale == "log" else value - error.sd * noise
    given = found.given.replace("g/cm2", "g/cm²").replace("ug/L", "µg/L")
    note = f"The level of {wanted.title} is set by the value of {found.date.isoformat()} ({given})."
    return Anchor(level, day, found.scanner, note)


def t_score_facts(patient: Patient) -> dict[str, float]:
    """T-scores by the first scan of each site, as facts for a model; none where site or scanner is not known."""
    facts = {}
    for site in ("LS", "TH", "FN"):
        scans = patient.measured("BMD", endpoint(f"{site}_BMD").site)
        known = {r.scanner for r in YOUNG_NORMALS if r.endpoint == f"{site}_BMD"}
        if scans and scans[0].t_score is not None:
            facts[f"{site} T-score"] = scans[0].t_score
        elif scans and scans[0].scanner in known:
            facts[f"{site} T-score"] = float(t_score(scans[0].value, f"{site}_BMD", scans[0].scanner or ""))
    return facts


def _anchoring_value(wanted: Endpoint, patient: Patient, history: History) -> Measurement | None:
    """BMD: the first scan. Markers: the last value before treatment. Calcium, PTH: the latest value."""
    values = [m for m in patient.measured(wanted.test, wanted.site) if not m.below_limit]
    if wanted.key == "denosumab":
        return None
    if wanted.scale == "share":
        values = [m for m in values if m.date <= history.zero and (history.zero - m.date).days <= 365]
    if not values:
        return None
    return values[0] if wanted.scale == "change" else values[-1]


def _corrected(calcium: Measurement, patient: Patient) -> float:
    same_day = [m for m in patient.measured("albumin") if m.date == calcium.date]
    return corrected_calcium(calcium.value, same_day[0].value) if same_day else calcium.value


def level_output(wanted: Endpoint) -> str:
    """The output that holds an endpoint in its usual unit ("CTX_ng_mL")."""
    return f"{wanted.key}_{_UNIT_IN_NAME[wanted.unit]}"


def columns(
    wanted: Endpoint, anchor: Anchor, curves: np.ndarray, days: np.ndarray
) -> dict[str, tuple[str, np.ndarray]]:
    """{output: (unit, values[person, day])} of one endpoint, for `curves[person, day]` over past and future."""
    key, unit = wanted.key, wanted.unit
    level_name = level_output(wanted)
    if wanted.scale == "change":
        if anchor.level is None or anchor.day is None:
            return {f"{key}_pct_change": ("% since treatment began", curves)}
        change = change_since(curves, at_day(curves, days, anchor.day))
        found = {f"{key}_pct_change": ("% of first scan", change)}
        absolute = anchor.level[:, None] * (1 + change / 100)
        found[level_name] = (unit, absolute)
        if any(r.endpoint == key and r.scanner == anchor.scanner for r in YOUNG_NORMALS):
            found[f"{key}_T_score"] = ("SD", t_score(absolute, key, anchor.scanner or ""))
        return found
    if wanted.scale == "share":
        found = {f"{key}_pct_of_baseline": ("% of before treatment", curves)}
        if anchor.level is not None:
            found[level_name] = (unit, share_of(curves, anchor.level))
        return found
    if anchor.level is not None and anchor.day is not None:
        move = scaled if key == "PTH" else shifted
        curves = move(curves, at_day(curves, days, anchor.day), anchor.level)
    return {level_name: (unit, curves)}
