"""Trials played: the people of some trials followed by the model under every truth, and read as the design says."""

from __future__ import annotations

import numpy as np
import polars as pl

from bonecast.cohorts import simulate
from bonecast.regimens import parse_regimen
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.play import play_bone
from bonecast.trials.design import Assay, Design, Truth
from bonecast.trials.people import People, draw_people

RTOL = 1e-5


def play(design: Design | BoneDesign, first: int, count: int) -> pl.DataFrame:
    """Simulate some trials of a design.

    The same trials give the same rows, whichever others are simulated.

    Parameters
    ----------
    design : Design or BoneDesign
        The design.
    first : int
        Number of the first trial.
    count : int
        Number of trials.

    Returns
    -------
    polars.DataFrame
        Of a bone trial one row for each person. Of a window trial one for each person and scenario: trial, person,
        truth, arm, traits and labels, evaluable, the day of each visit, and a column for each assay at each visit
        (TIL_biopsy), in %.

    Examples
    --------
    >>> from bonecast.trials import preset
    >>> play(preset("window"), 0, 1).columns[-2:]
    ['Ki67_biopsy', 'Ki67_surgery']
    """
    if isinstance(design, BoneDesign):
        return play_bone(design, first, count)
    people = draw_people(design, first, count)
    who = {
        "trial": people.trial.astype(np.int32),
        "person": people.person.astype(np.int32),
        "arm": np.array([arm.name for arm in design.arms])[people.arm],
        **people.words,
        "evaluable": people.evaluable,
        **{f"{visit}_day": days.astype(np.int32) for visit, days in people.days.items()},
    }
    parts = [
        pl.DataFrame(who).with_columns(
            pl.lit(truth.name).alias("truth"),
            *(pl.Series(name, values) for name, values in _readings(design, people, truth).items()),
        )
        for truth in design.truths
    ]
    return pl.concat(parts).sort("trial", "truth", "person", maintain_order=True)


def _readings(design: Design, people: People, truth: Truth) -> dict[str, np.ndarray]:
    """What each assay reads at each visit in this truth."""
    seen = followed(design, people, truth)
    return {
        assay.column(visit): read(assay, seen[output, visit], people.errors[assay.name, visit])
        for assay in design.assays
        for visit, output in assay.at.items()
    }


def followed(design: Design, people: People, truth: Truth) -> dict[tuple[str, str], np.ndarray]:
    """{(output, visit): value[person]}, without error, each on the day of the person's own visit.

    A visit before the first dose takes the value of day 0: what is read there is an output that stays as it was.
    """
    pairs = sorted({(output, visit) for assay in design.assays for visit, output in assay.at.items()})
    outputs = sorted({output for output, _ in pairs})
    latest = max(visit.last for visit in design.visits)
    days = np.arange(0.0, max(latest, 0) + 1)
    seen = {pair: np.empty(len(people.arm)) for pair in pairs}
    for i, arm in enumerate(design.arms):
        members = np.flatnonzero(people.arm == i)
        if not members.size:
            continue
        cohort = people.cohort.select(members).with_parameters(truth.parameters)
        # one thread: chunks are played side by side, and a chunk gives the same bytes however many they are
        run = simulate(cohort, parse_regimen(arm.plan), days, outputs, rtol=RTOL, threads=1)
        run.require_success(f"{design.name}, {arm.name}")
        for output, visit in pairs:
            day = np.maximum(people.days[visit][members], 0)
            values = run[output][np.arange(len(members)), day]
            seen[output, visit][members] = np.where(run.succeeded, values, np.nan)
    return seen


def read(assay: Assay, share: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What is read of a share in %: its logit plus the error, in the steps of the assay, not below its least.

    >>> til = Assay("TIL", {}, 0.45, 5, 1, "assumption", "")
    >>> read(til, np.array([1.0, 12.0]), np.zeros(2)).tolist()
    [1.0, 10.0]
    """
    noisy = 100 / (1 + (100 / share - 1) * np.exp(-assay.error * z))
    steps = np.round(np.round(noisy / assay.step) * assay.step, 6)
    return np.maximum(steps, assay.least)
