"""Fractures before: what a record says of them, and what they do to the risk, more the more recent they are.

    not dated   f / mean,          f at the same BMD against none before, `mean` over the population
    dated       r(u) * f / f_any,  r the risk against the population u years after a fracture

`r` falls from three times at once to 1.4 after ten years, in a straight line of the logarithm of its excess. The
fracture that raises the risk most counts; more than one raise it by a factor of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.outcomes.fracture_course import YEAR_D
from bonecast.outcomes.incidence import clinic_parameter_set, incidence
from bonecast.records import Patient

_EARLY_Y, _LATE_Y = 1.0, 10.0  # after which the risks were published


@dataclass(frozen=True)
class FractureHistory:
    """Fragility fractures before, as far as a record says.

    Parameters
    ----------
    vertebral : int or None
        Number of vertebral fractures; None where the record does not say.
    other : int or None
        Number of the others.
    hip : bool
        One of the others is of the hip.
    dated : tuple of tuple of (str, float)
        Site and day, on the axis of the history, of each that has a date.
    """

    vertebral: int | None = None
    other: int | None = None
    hip: bool = False
    dated: tuple[tuple[str, float], ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the record does not say, in words."""
        words = {"vertebral fractures": self.vertebral, "other fragility fractures": self.other}
        return tuple(name for name, count in words.items() if count is None)


def fracture_history(patient: Patient, zero: dt.date) -> FractureHistory:
    """Read the fractures before from a record.

    Parameters
    ----------
    patient : Patient
        The record.
    zero : date
        Day 0 of the axis.

    Returns
    -------
    FractureHistory
    """
    vertebral, every = (_count(patient, name) for name in ("n_vertebral_fractures", "n_fragility_fractures"))
    hip = patient.fact("prior_hip_fracture") is True
    other = None if every is None else max(every - (vertebral or 0), int(hip))
    if other is None and hip:
        other = 1
    dated = tuple((one.site, float((one.date - zero).days)) for one in patient.fractures)
    return FractureHistory(vertebral, other, hip, dated)


def prior_factor(
    parameters: Mapping[str, float],
    history: FractureHistory,
    country: str,
    sex: str,
    kind: str,
    age: np.ndarray,
    days: np.ndarray,
) -> np.ndarray:
    """Risk with these fractures before, against the population.

    Parameters
    ----------
    parameters : mapping of str to float
        Numbers of the fracture relation.
    history : FractureHistory
        Fractures before.
    country, sex : str
        Whose rates say how many of the population have fractured before.
    kind : str
        "vertebral", "hip" or "nonvertebral".
    age, days : ndarray
        Age [person, time], and the days.

    Returns
    -------
    ndarray
        [person, time].
    """
    if history.vertebral is None and history.other is None:
        return np.ones_like(age)
    own = clinic_parameter_set().values()
    after = {
        "vertebra": _after_vertebral(parameters, own, kind, history.vertebral or 1),
        "hip": _after_hip(own, sex) if kind == "hip" else parameters[f"{kind}_after_other"],
        "other": parameters[f"{kind}_after_other"],
    }
    one_vertebra = _after_vertebral(parameters, own, kind, 1)
    with_vertebral, with_other = (
        _share(country, sex, one, age, own["fractures_from"]) for one in ("vertebral", "nonvertebral")
    )
    by_vertebral = with_vertebral * (one_vertebra - 1)
    by_other = with_other * (after["other"] - 1)
    mean = 1 + by_vertebral + (1 - with_vertebral) * by_other
    found = [
        mean * _recency(own, kind, (days - day) / YEAR_D) * after.get(site, after["other"]) / after["other"]
        for site, day in history.dated
    ]
    dated = {"vertebra" if site == "vertebra" else "other" for site, _ in history.dated}
    if history.vertebral and "vertebra" not in dated:
        found.append(np.full_like(age, after["vertebra"]))
    if history.other and "other" not in dated:
        found.append(np.full_like(age, after["hip" if history.hip else "other"]))
    if not found:  # none of the kinds that the record speaks of; the other kind may be unknown
        unknown = by_vertebral if history.vertebral is None else by_other if history.other is None else 0.0
        return (1 + unknown) / mean
    count = (history.vertebral or 0) + (history.other or 0)
    several = own["two_fractures"] if count > 1 and kind != "vertebral" else 1.0
    return np.max(np.broadcast_arrays(*found), axis=0) * several / mean


def recency(kind: str, years: np.ndarray) -> np.ndarray:
    """Compute the risk so many years after a fracture, against people of the same BMD without a recent one.

    Parameters
    ----------
    kind : str
        Kind of the next fracture: "vertebral", "hip" or "nonvertebral".
    years : ndarray
        Years since the last one.

    Returns
    -------
    ndarray
        Relative risk: 2.6 after one year, 1.4 after ten and from then on (Johansson 2017), less what BMD explains.

    Examples
    --------
    >>> recency("vertebral", np.array([1.0, 10.0])).round(2).tolist()
    [2.56, 1.37]
    """
    return _recency(clinic_parameter_set().values(), kind, years)


def _recency(own: Mapping[str, float], kind: str, years: np.ndarray) -> np.ndarray:
    """Risk against the population, at the same BMD, so many years after a fracture."""
    recent, late = own["recent"] - 1, own["long_past"] - 1
    fall = np.log(recent / late) / (_LATE_Y - _EARLY_Y)
    excess = recent * np.exp(-fall * (np.clip(years, 0.0, _LATE_Y) - _EARLY_Y))
    return 1 + excess * (1 - own["explained_hip" if kind == "hip" else "explained"])


def _after_vertebral(
    parameters: Mapping[str, float], own: Mapping[str, float], kind: str, count: int
) -> float:
    """The risk after so many vertebral fractures; that of the trials is of women with several or severe ones."""
    relative = parameters[f"{kind}_after_vertebral"]
    if kind != "vertebral":
        return relative
    by_number = {1: "one_vertebra", 2: "two_vertebrae"}.get(count, "three_vertebrae")
    return max(1.0, relative * own[by_number])


def _after_hip(own: Mapping[str, float], sex: str) -> float:
    again = own["hip_again_women" if sex == "female" else "hip_again_men"]
    return 1 + (again - 1) * (1 - own["explained_hip"])


def _share(country: str, sex: str, kind: str, age: np.ndarray, since: float) -> np.ndarray:
    """How many of the population have had such a fracture since `since`, from the rates themselves."""
    years = np.arange(since, 111.0)
    hazard = incidence(country, sex, kind, years) / 100
    so_far = np.concatenate([[0.0], np.cumsum((hazard[1:] + hazard[:-1]) / 2)])
    return -np.expm1(-np.interp(age, years, so_far))


def _count(patient: Patient, name: str) -> int | None:
    value = patient.fact(name)
    return None if value is None else int(value)
