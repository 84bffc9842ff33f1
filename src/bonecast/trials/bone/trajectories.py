"""The curves of chosen people of a trial, week by week: made again from the seed, since a run keeps none."""

from __future__ import annotations

import numpy as np
import polars as pl

from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.play import courses


def trajectories(design: BoneDesign, first: int, count: int) -> pl.DataFrame:
    """Return the true curves of people of a bone trial, from which its readings were made.

    Parameters
    ----------
    design : BoneDesign
        The design.
    first : int
        Number of the first person.
    count : int
        Number of people.

    Returns
    -------
    polars.DataFrame
        One row a week: trial, person, id, arm, day (negative in a run-in), then every output that the design follows,
        in its own unit, from the start to the person's last day in the trial.

    Examples
    --------
    >>> from bonecast.trials import preset
    >>> trajectories(preset("biosimilar"), 3, 1)["day"][:3].to_list()
    [0.0, 7.0, 14.0]
    """
    frames = []
    for course in courses(design, first, count):
        grid, people = course.grid, course.people
        days, n = grid.days[grid.weekly] + 0.0, people.count  # -0 becomes 0
        who = np.repeat(np.arange(n), len(days))
        whole = pl.DataFrame(
            {
                "trial": np.full(len(who), people.trial, np.int32),
                "person": people.person[who].astype(np.int32),
                "id": np.array(people.covariates.ids)[who],
                "arm": np.array([arm.name for arm in design.arms])[people.arm[who]],
                "day": np.tile(days, n),
                **{name: values[:, grid.weekly].ravel() for name, values in course.curves.values.items()},
            }
        )
        frames.append(whole.filter(np.tile(days, n) <= course.followed[who]))
    return pl.concat(frames)
