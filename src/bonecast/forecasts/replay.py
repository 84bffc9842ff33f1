"""One model run for one person: the history once, then every strategy from where it ends, with the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bonecast.engine import End, Runs, Status, require_success, simulate
from bonecast.models import Model
from bonecast.regimens import Dose, History, PlannedStrategy, dose_events, supported_doses
from bonecast.regimens.supported_doses import COURSE_INTERVAL_D


@dataclass(frozen=True)
class Curves:
    """Output curves of the people: `days[t]` on the history's axis, `values[output][person, t]`."""

    days: np.ndarray
    values: dict[str, np.ndarray]


@dataclass(frozen=True)
class Past:
    """The history as one model replayed it. `left_out`: drugs of the history that the model does not carry."""

    model: Model
    doses: tuple[Dose, ...]
    curves: Curves
    end: End | None
    whole: np.ndarray
    left_out: tuple[str, ...]


def replay(
    model: Model, history: History, people: dict[str, np.ndarray], outputs: Sequence[str], rtol: float
) -> Past | None:
    """Run the history up to today; None if the model cannot follow it."""
    found = supported_doses(model, history)
    if found is None:
        return None
    doses, left_out = found
    days = history_days(history)
    if history.today_d == 0:
        # nothing has happened yet: the curves are taken from the first day of each strategy
        count = len(next(iter(people.values())))
        return Past(model, doses, Curves(days[:0], {}), None, np.ones(count, bool), left_out)
    runs = simulate(
        model.system,
        dose_events(model, doses),
        days * model.system.per_day,
        people,
        outputs=list(outputs),
        rtol=rtol,
    )
    require_success(runs, f"{model.name}, history")
    return Past(model, doses, _curves(days, runs), runs.end, runs.status == Status.FINE, left_out)


def follow(
    past: Past,
    way: PlannedStrategy,
    days: np.ndarray,
    people: dict[str, np.ndarray],
    outputs: Sequence[str],
    rtol: float,
) -> tuple[Curves, np.ndarray]:
    """Run one strategy from today: curves at `days`, and which people's runs succeeded."""
    events = dose_events(past.model, (*past.doses, *way.doses))
    times = days * past.model.system.per_day
    runs = simulate(
        past.model.system,
        events,
        times,
        None if past.end is not None else people,
        outputs=list(outputs),
        rtol=rtol,
        begin=past.end,
    )
    require_success(runs, f"{past.model.name}, {way.name}")
    return _curves(days, runs), past.whole & (runs.status == Status.FINE)


def join(past: Curves, future: Curves, output: str) -> np.ndarray:
    """One output over past and future days; the future's value stands where both have the day."""
    if output not in past.values:
        return future.values[output]
    before = past.values[output][:, : np.searchsorted(past.days, future.days[0])]
    return np.concatenate([before, future.values[output]], axis=1)


def single(dose: Dose) -> bool:
    """Is this a dose given at a long interval, one that a chart marks and a person can be late for?"""
    return dose.cover_d == 0 or dose.cover_d > COURSE_INTERVAL_D


def history_days(history: History) -> np.ndarray:
    """Whole days at which the past is shown: weekly, every single dose, and daily in the last two weeks."""
    today = history.today_d
    marked = [round(d.time_d) for d in history.doses if single(d)]
    days = {*range(0, today, 7), *marked, *range(max(0, today - 14), today + 1)}
    return np.array(sorted(d for d in days if 0 <= d <= today), np.float64)


def future_days(history: History, way: PlannedStrategy, horizon_d: float) -> np.ndarray:
    """Whole days at which the future is shown: weekly, every dose at long intervals, and daily around the next."""
    today, last = history.today_d, history.today_d + round(horizon_d)
    marked = [round(d.time_d) for d in way.doses if single(d)]
    days = {*range(today, last, 7), last, *marked}
    if marked:
        days |= set(range(max(today, marked[0] - 14), marked[0] + 91))
    return np.array(sorted(d for d in days if today <= d <= last), np.float64)


def _curves(days: np.ndarray, runs: Runs) -> Curves:
    return Curves(days, {name: runs.output(name) for name in runs.outputs})
