"""What is read of people at their visits, with the error of each reading; films; the true fall of calcium."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from bonecast.cohorts import Trajectories
from bonecast.trials.bone.adherence import Stream
from bonecast.trials.bone.design import FILM, BoneDesign
from bonecast.trials.bone.noise import centre_factor, centre_of, in_steps, scan_sd
from bonecast.trials.bone.quantities import QUANTITIES, in_units, own_level, read
from bonecast.trials.bone.roster import Enrolled


def readings(
    design: BoneDesign,
    curves: Trajectories,
    people: Enrolled,
    days: np.ndarray,
    present: np.ndarray,
    stream: Stream,
) -> dict[str, np.ndarray]:
    """{quantity_visit: readings[person]}, NaN where the visit or the sample was missed or nobody could be followed."""
    found = {}
    here = np.arange(len(days))
    centre = centre_of(design.centres, stream, len(days))
    for reading in design.readings:
        if reading.quantity == FILM:
            continue
        quantity = QUANTITIES[reading.quantity]
        own = own_level(quantity, people.covariates, len(days))
        residual = design.model.variability.residuals.get(quantity.output)
        scatter = (residual.additive, residual.proportional) if residual else (0.0, 0.0)
        curve, extra = curves[quantity.output], scan_sd(quantity.name)
        for visit in reading.visits:
            i, at = design.place(visit), f"{quantity.name} at {visit}"
            true = in_units(quantity, own, curve[here, curves.columns_of(days[:, i])])
            if extra:
                true = true * (1 + extra * stream(f"{at}, scan"))
            true = true * centre_factor(
                design.seed, people.trial, design.centres, centre, quantity.name, visit
            )
            seen = in_steps(quantity.name, read(quantity, reading.error, true, stream(at), scatter))
            kept = present[:, i]
            if design.missed_samples:
                kept = kept & (ndtr(stream(f"{at}, missing")) >= design.missed_samples)
            found[f"{quantity.name}_{visit}"] = np.where(kept, seen, np.nan)
    return found


def lowest_calcium(curves: Trajectories, followed: np.ndarray) -> np.ndarray:
    """The lowest true calcium from day 0 to the last day in the trial, mmol/L."""
    days = curves.days
    inside = (days >= 0) & (days <= followed[:, None])
    return np.where(inside, curves["calcium_mmol_L"], np.inf).min(axis=1)


def found_on_films(
    design: BoneDesign, events: np.ndarray, vertebrae: np.ndarray, days: np.ndarray, present: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Days of the films that show new vertebral fractures, [person, event], infinite for none; how many are new in all.

    events, vertebrae : [person, event], days and the vertebrae broken by each. An event is found on the first film
    that is attended on its day or later.
    """
    films = [design.place(name) for name in design.films]
    count = np.zeros(len(days), np.int64)
    if not films:
        return np.full((len(days), 1), np.inf), count
    shown = []
    taken = np.where(present[:, films], days[:, films], np.inf)
    for event, broken in zip(events.T, vertebrae.T, strict=True):
        seen = np.where(taken >= event[:, None], taken, np.inf).min(axis=1)
        seen = np.where(np.isfinite(event), seen, np.inf)
        count += np.where(np.isfinite(seen), broken, 0)
        shown.append(seen)
    return np.sort(np.stack(shown, axis=1), axis=1), count
