"""From a model's curves to the outputs of an endpoint, on this person's level: the columns of the forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

import numpy as np

from bonecast.outcomes.anchoring import at_day, change_since, scaled_by, share_of, shifted_by
from bonecast.outcomes.endpoints import Endpoint, endpoint
from bonecast.outcomes.t_score import YOUNG_NORMALS, t_score
from bonecast.records import Patient

Columns = dict[str, tuple[str, np.ndarray]]  # output to its unit and its values[person, day]
_UNIT_IN_NAME = {"ng/mL": "ng_mL", "ug/L": "ug_L", "mmol/L": "mmol_L", "pg/mL": "pg_mL", "g/cm2": "g_cm2"}


class Scan(Protocol):
    """A scan as it is anchored on: endpoint, value, day on the history's axis, and (maker, laboratory) of the scanner;
    a value that is no scan has another `scale` than "absolute"."""

    @property
    def key(self) -> str: ...
    @property
    def scale(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def day(self) -> float: ...
    @property
    def machine(self) -> tuple[str, str]: ...


Observed = TypeVar("Observed", bound=Scan)


def t_score_facts(patient: Patient) -> dict[str, float]:
    """Compute T-scores by the first scan of each site, as facts for a model.

    Parameters
    ----------
    patient : Patient
        The record.

    Returns
    -------
    dict
        "LS T-score" and the like to the value; none where site or scanner is not known.
    """
    facts = {}
    for site in ("LS", "TH", "FN"):
        scans = patient.measured("BMD", endpoint(f"{site}_BMD").site)
        known = {r.scanner for r in YOUNG_NORMALS if r.endpoint == f"{site}_BMD"}
        if scans and scans[0].t_score is not None:
            facts[f"{site} T-score"] = scans[0].t_score
        elif scans and scans[0].scanner in known:
            facts[f"{site} T-score"] = float(t_score(scans[0].value, f"{site}_BMD", scans[0].scanner or ""))
    return facts


def first_scans(observations: Iterable[Observed]) -> dict[str, Observed]:
    """Take the first scan of each site, from which changes are counted and whose scanner is the person's.

    Parameters
    ----------
    observations : iterable of Scan
        In order of time.

    Returns
    -------
    dict of str to Observed
    """
    scans: dict[str, Observed] = {}
    for o in observations:
        if o.scale == "absolute":
            scans.setdefault(o.key, o)
    return scans


def level_output(wanted: Endpoint) -> str:
    """Name the output that holds an endpoint in its usual unit ("CTX_ng_mL").

    Parameters
    ----------
    wanted : Endpoint
        What is measured.

    Returns
    -------
    str
    """
    return f"{wanted.key}_{_UNIT_IN_NAME[wanted.unit]}"


def with_error(wanted: Endpoint, curves: np.ndarray, error: np.ndarray | None) -> np.ndarray:
    """Add an error of the model to its curves.

    Parameters
    ----------
    wanted : Endpoint
        What is measured.
    curves : ndarray
        [person, day], as the model gives them.
    error : ndarray or None
        [person, day]: points of BMD, of ln(level) for a marker, in the unit of the curve otherwise; None for no error.

    Returns
    -------
    ndarray
    """
    if error is None:
        return curves
    return curves * np.exp(error) if wanted.scale == "share" else curves + error


def endpoint_columns(
    wanted: Endpoint,
    levels: Mapping[str, np.ndarray],
    scan: Scan | None,
    curves: np.ndarray,
    days: np.ndarray,
) -> Columns:
    """Put the curves of a model on this person's level.

    Parameters
    ----------
    wanted : Endpoint
        What is measured.
    levels : mapping of str to ndarray
        Endpoint key to level [person], as `condition` gives them; BMD without a level passes through the scan.
    scan : Scan or None
        The first one of the site.
    curves : ndarray
        [person, day] over past and future.
    days : ndarray
        Of the curves.

    Returns
    -------
    dict
        Output to its unit and its values [person, day].
    """
    key, unit = wanted.key, wanted.unit
    level_name = level_output(wanted)
    if wanted.scale == "change":
        if scan is None:
            return {f"{key}_pct_change": ("% since treatment began", curves)}
        if key in levels:
            absolute = levels[key][:, None] * (1 + curves / 100)
        else:
            absolute = scan.value * (1 + change_since(curves, at_day(curves, days, scan.day)) / 100)
        found = {f"{key}_pct_change": ("% of first scan", 100 * (absolute / scan.value - 1))}
        found[level_name] = (unit, absolute)
        make = scan.machine[0]
        if any(r.endpoint == key and r.scanner == make for r in YOUNG_NORMALS):
            found[f"{key}_T_score"] = ("SD", t_score(absolute, key, make))
        return found
    if wanted.scale == "share":
        found = {f"{key}_pct_of_baseline": ("% of before treatment", curves)}
        if key in levels:
            found[level_name] = (unit, share_of(curves, levels[key]))
        return found
    if key in levels:
        curves = (scaled_by if key == "PTH" else shifted_by)(curves, levels[key])
    return {level_name: (unit, curves)}
