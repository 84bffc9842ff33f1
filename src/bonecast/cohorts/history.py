"""The history of one person replayed with a cohort once, and every strategy followed from where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bonecast.cohorts.cohort import Cohort
from bonecast.cohorts.runner import simulate
from bonecast.cohorts.trajectories import Trajectories
from bonecast.regimens import Dose, History, PlannedStrategy, history_days, supported_doses

_AT_ONCE = 32  # people whose outputs, which the engine has side by side, the processor's cache holds


@dataclass(frozen=True)
class ReplayedHistory:
    """The history as the model of a cohort replayed it.

    Parameters
    ----------
    doses : tuple of Dose
        Doses of the history that the model carries.
    left_out : tuple of str
        Drugs of the history that it does not carry.
    trajectories : Trajectories
        Up to today; without a day where nothing has happened yet.
    """

    doses: tuple[Dose, ...]
    left_out: tuple[str, ...]
    trajectories: Trajectories

    def follow(
        self, way: PlannedStrategy, days: np.ndarray, outputs: Sequence[str], rtol: float
    ) -> Trajectories:
        """Follow one strategy from today, with the same people.

        Parameters
        ----------
        way : PlannedStrategy
            The strategy on the history's axis of days.
        days : ndarray, shape (day,)
            On the history's axis, from today on.
        outputs : sequence of str
        rtol : float
            Relative tolerance of one step.

        Returns
        -------
        Trajectories
            Succeeded: those who could be followed in the past and in the future.

        Raises
        ------
        ComputeError
            If nobody could be followed.
        """
        past = self.trajectories
        doses = (*self.doses, *way.doses)
        future = simulate(past.cohort, doses, days, outputs, begin=past.end, rtol=rtol)
        future.require_success(f"{past.cohort.model.name}, {way.name}")
        return replace(future, succeeded=past.succeeded & future.succeeded)

    def joined(self, future: Trajectories) -> dict[str, np.ndarray]:
        """Outputs over past and future days; the future's value stands where both have the day.

        Parameters
        ----------
        future : Trajectories
            As `follow` gives them.

        Returns
        -------
        dict of str to ndarray, shape (person, day)
            A copy for each output of the future.
        """
        past, people = self.trajectories, len(future.succeeded)
        before = int(np.searchsorted(past.days, future.days[0])) if past.values else 0
        found = {name: np.empty((people, before + len(future.days))) for name in future.values}
        for first in range(0, people, _AT_ONCE):
            who = slice(first, first + _AT_ONCE)
            for name, curves in found.items():
                if before:
                    curves[who, :before] = past[name][who, :before]
                curves[who, before:] = future[name][who]
        return found


def replay(cohort: Cohort, history: History, outputs: Sequence[str], rtol: float) -> ReplayedHistory | None:
    """Follow a cohort through the history of one person, up to today.

    Parameters
    ----------
    cohort : Cohort
        People who may be that person.
    history : History
        What was given so far.
    outputs : sequence of str
    rtol : float
        Relative tolerance of one step.

    Returns
    -------
    ReplayedHistory or None
        None if the model cannot follow this history.

    Raises
    ------
    ComputeError
        If nobody could be followed.
    """
    model = cohort.model
    doses_left_out = supported_doses(model, history)
    if doses_left_out is None:
        return None
    doses, left_out = doses_left_out
    days = history_days(history)
    if history.today_d == 0:
        # nothing has happened yet: the curves are taken from the first day of each strategy
        nothing = Trajectories(cohort, days[:0], {}, np.ones(cohort.count, bool))
        return ReplayedHistory(doses, left_out, nothing)
    past = simulate(cohort, doses, days, outputs, rtol=rtol)
    return ReplayedHistory(doses, left_out, past.require_success(f"{model.name}, history"))
