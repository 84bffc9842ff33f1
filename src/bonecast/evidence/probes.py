"""What an endpoint needs of an arm's trajectories, and what it reads from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bonecast.cohorts import Covariates, Trajectories

Centre = Literal["mean", "median", "geometric"]


@dataclass(frozen=True)
class ArmTrajectories:
    """The people of an arm and their trajectories from time zero.

    untreated : the same without any drug, where the endpoint asked for it.
    """

    people: Covariates
    treated: Trajectories
    untreated: Trajectories | None = None

    @property
    def days(self) -> np.ndarray:
        """Days from time zero."""
        return self.treated.days

    def at(self, output: str, day: float) -> np.ndarray:
        """One output on one of the days, person by person."""
        return self.treated.at(output, day)


@dataclass(frozen=True)
class Reading:
    """What was read of an arm, person by person.

    centre : how people become one figure. over : where the figure is a share of a sum, what it is a share of.
    chance : percent of persons (bounded by 100, and of which odds can be had).
    events : expected events per person, of what is counted; None of what is measured.
    unit : units of the figure in one point of BMD.
    """

    samples: np.ndarray
    centre: Centre = "mean"
    over: np.ndarray | None = None
    chance: bool = False
    events: float | None = None
    unit: float = 1.0

    def figure(self) -> float:
        """The arm's figure; people whose run failed are left out.

        >>> Reading(np.array([1.0, 4.0]), "geometric").figure()
        2.0
        """
        if self.over is not None:
            return float(100 * np.nansum(self.samples) / np.nansum(self.over))
        if self.centre == "median":
            return float(np.nanmedian(self.samples))
        if self.centre == "geometric":
            return float(np.exp(np.nanmean(np.log(self.samples))))
        return float(np.nanmean(self.samples))


@dataclass(frozen=True)
class Probe:
    """How one endpoint is read: which outputs, on which days from time zero, and the reading.

    untreated : must the same people be followed without any drug too?
    scale : do errors of the figure add ("points") or multiply ("factor")?
    """

    outputs: tuple[str, ...]
    days: np.ndarray
    read: Callable[[ArmTrajectories], Reading]
    scale: Literal["points", "factor"]
    untreated: bool = False
