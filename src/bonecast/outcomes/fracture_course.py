"""What happens to the bone: BMD and turnover over time, and the burst of resorption read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from bonecast.errors import InputError

YEAR_D = 365.25


@dataclass(frozen=True, kw_only=True)
class FractureCourse:
    """Curves from day 0, for each person or the same for all.

    Parameters
    ----------
    days : ndarray
        Increasing, weekly or so.
    ls : ndarray
        BMD of the lumbar spine, % change from day 0.
    th : ndarray
        BMD of the total hip, % change from day 0.
    ls_untreated : ndarray
        The lumbar spine had no drug been given (ageing only).
    th_untreated : ndarray
        The total hip had no drug been given.
    resorption : ndarray
        Of bone, relative to this person's untreated level (1).
    formation : ndarray
        Of bone, relative to this person's untreated level (1).
    fn : ndarray, optional
        BMD of the femoral neck, % change from day 0; no hazard reads it.

    Raises
    ------
    InputError
        If a curve does not fit the days, is not finite, or turnover is not above 0.
    """

    days: np.ndarray
    ls: np.ndarray
    th: np.ndarray
    ls_untreated: np.ndarray
    th_untreated: np.ndarray
    resorption: np.ndarray
    formation: np.ndarray
    fn: np.ndarray | None = None

    def __post_init__(self) -> None:
        days = np.asarray(self.days, np.float64)
        if days.ndim != 1 or len(days) < 2 or not (np.diff(days) > 0).all():
            raise InputError(
                "fracture course, days", "they do not increase", "give two days or more in order"
            )
        object.__setattr__(self, "days", days)
        curves = [f.name for f in fields(self) if f.name != "days" and getattr(self, f.name) is not None]
        people = max(np.atleast_2d(getattr(self, name)).shape[0] for name in curves)
        for name in curves:
            curve = np.atleast_2d(np.asarray(getattr(self, name), np.float64))
            if curve.ndim != 2 or curve.shape[0] not in (1, people) or curve.shape[1] != len(days):
                shape = f"{people} x {len(days)}"
                raise InputError(
                    f"fracture course, {name}", f"its shape is {curve.shape}", f"make it {shape}"
                )
            low = 0.0 if name in ("resorption", "formation") else -100.0
            if not (np.isfinite(curve) & (curve > low)).all():
                raise InputError(f"fracture course, {name}", "a value cannot be", f"keep it above {low:g}")
            object.__setattr__(self, name, np.broadcast_to(curve, (people, len(days))))


def smoothed(curve: np.ndarray, days: np.ndarray, tau_d: float) -> np.ndarray:
    """The curve as something sees it that forgets with the time constant `tau_d`; it starts settled.

    Cavities that were opened weeks ago are still there: strength follows turnover with this lag.
    """
    seen = np.empty(curve.shape)
    seen[:, 0] = curve[:, 0]
    kept = np.exp(-np.diff(days) / tau_d)
    for i, k in enumerate(kept, start=1):
        seen[:, i] = k * seen[:, i - 1] + (1 - k) * (curve[:, i] + curve[:, i - 1]) / 2
    return seen


def put_off(resorption: np.ndarray, days: np.ndarray, memory_y: float) -> np.ndarray:
    """Resorption put off and not yet caught up with, in years of the untreated level; never below 0.

        dD/dt = 1 - R - D / memory

    Full blockade for good gives D = memory; resorption above 1 pays it back.
    """
    debt = np.zeros(resorption.shape)
    step_y = np.diff(days) / YEAR_D
    for i, step in enumerate(step_y, start=1):
        due = 1 - (resorption[:, i] + resorption[:, i - 1]) / 2
        kept = np.exp(-step / memory_y)
        debt[:, i] = np.maximum(0.0, kept * debt[:, i - 1] + memory_y * (1 - kept) * due)
    return debt


def burst(parameters: Mapping[str, float], course: FractureCourse) -> np.ndarray:
    """The burst of resorption after its release, [person, time], in years: 0 while resorption is not above 1.

        B = max(0, Rs - 1) D,     Rs resorption smoothed, D resorption put off (`put_off`)

    Resorption above the untreated level counts only where it catches up with what a drug has held back: under
    teriparatide it is high, but D is 0. Longer denosumab leaves a larger D, so the same peak means a larger B.
    """
    seen = smoothed(course.resorption, course.days, parameters["smoothing"])
    return np.maximum(0.0, seen - 1) * put_off(course.resorption, course.days, parameters["memory"])
