"""What is read of people at their visits, with the error of each reading, and figures of their true curves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.cohorts import Trajectories
from bonecast.trials.bone.adherence import Stream
from bonecast.trials.bone.design import FILM, BoneDesign
from bonecast.trials.bone.quantities import QUANTITIES, in_units, own_level, read


def readings(
    design: BoneDesign,
    curves: Trajectories,
    covariates: Mapping[str, np.ndarray],
    days: np.ndarray,
    present: np.ndarray,
    stream: Stream,
) -> dict[str, np.ndarray]:
    """{quantity_visit: readings[person]}, NaN where the visit was missed or the person could not be followed."""
    found = {}
    here = np.arange(len(days))
    for reading in design.readings:
        if reading.quantity == FILM:
            continue
        quantity = QUANTITIES[reading.quantity]
        own = own_level(quantity, covariates, len(days))
        residual = design.model.variability.residuals.get(quantity.output)
        scatter = (residual.additive, residual.proportional) if residual else (0.0, 0.0)
        curve = curves[quantity.output]
        for visit in reading.visits:
            i = design.place(visit)
            true = in_units(quantity, own, curve[here, curves.columns_of(days[:, i])])
            seen = read(quantity, reading.error, true, stream(f"{quantity.name} at {visit}"), scatter)
            found[f"{quantity.name}_{visit}"] = np.where(present[:, i], seen, np.nan)
    return found


def summaries(design: BoneDesign, curves: Trajectories, followed: np.ndarray) -> dict[str, np.ndarray]:
    """{column: figure[person]} of the true curves, NaN for who left before the visit's day."""
    found = {}
    for summary in design.summaries:
        quantity, end = QUANTITIES[summary.quantity], float(design.visit(summary.visit).day)
        span = (curves.days >= 0) & (curves.days <= end)
        days, effect = curves.days[span], curves[quantity.output][:, span]
        if quantity.scale == "share":
            effect = 100.0 - effect
        value = effect.max(axis=1) if summary.kind == "peak" else np.trapezoid(effect, days, axis=1)
        found[summary.column] = np.where(followed >= end, value, np.nan)
    return found


def lowest_calcium(curves: Trajectories, followed: np.ndarray) -> np.ndarray:
    """The lowest true calcium from day 0 to the last day in the trial, mmol/L."""
    days = curves.days
    inside = (days >= 0) & (days <= followed[:, None])
    return np.where(inside, curves["calcium_mmol_L"], np.inf).min(axis=1)


def found_on_films(
    design: BoneDesign, events: np.ndarray, vertebrae: np.ndarray, days: np.ndarray, present: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The day of the first film that shows a new vertebral fracture (infinite for none), and how many are new in all.

    events, vertebrae : [person, event], days and the vertebrae broken by each. An event is found on the first film
    that is attended on its day or later.
    """
    films = [design.place(name) for name in design.films]
    first = np.full(len(days), np.inf)
    count = np.zeros(len(days), np.int64)
    if not films:
        return first, count
    taken = np.where(present[:, films], days[:, films], np.inf)
    for event, broken in zip(events.T, vertebrae.T, strict=True):
        seen = np.where(taken >= event[:, None], taken, np.inf).min(axis=1)
        seen = np.where(np.isfinite(event), seen, np.inf)
        count += np.where(np.isfinite(seen), broken, 0)
        first = np.minimum(first, seen)
    return first, count
