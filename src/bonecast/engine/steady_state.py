"""Steady state under doses that repeat: the fixed point of one cycle, by Newton's method.

    x* = P(x*),  where P follows the states x from the start of one cycle to its end

Each step follows a person once from x and once from each shifted state, all in one ensemble, and solves
(1 - dP/dx) dx = P(x) - x. A linear model is there after one step. A step that leads away is replaced by a plain cycle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from bonecast.engine.asked import is_number, parameter_values
from bonecast.engine.ensemble import simulate, tolerances, usual_lanes
from bonecast.engine.events import SAME_TIME, Bolus, Event, Infusion, SetState
from bonecast.engine.program import kernel_parameters, rate_parameter
from bonecast.engine.system import System
from bonecast.errors import ComputeError, InputError, UnknownName

RTOL = 1e-10  # of the cycles: their error, divided by what a cycle forgets, stays far below 1e-6
SHIFT = 1e-4  # of a state, for the derivatives
CLOSE = 1e-9  # a relative step below which the search has come to rest
SMALL = 1e-3  # of the scale of a state: below it, a step counts as a share of this
FARTHEST = 1e6  # of a step, as a multiple of the state: beyond it, the cycle does not change what it should
MOST_STEPS = 30
DRIFT = 1e-6  # share of a state below which a cycle forgets nothing of it, and by which it must not drift
PATIENCE = 3  # cycles in a row with such a drift
MOST_CLONES = 20_000  # people of one ensemble
MOST_OPEN = 10_000  # infusions of one dose that run at the same time


def steady(
    system: System,
    events: Sequence[Event],
    period: float,
    parameters: Mapping[str, float | np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Find the states that return after each cycle of doses.

    Parameters
    ----------
    system : System
        Equations.
    events : sequence of Bolus or Infusion
        Doses of one cycle, from its start, repeated for ever; none for the equilibrium without doses. An infusion may
        be longer than the cycle: as many run side by side.
    period : float
        Length of the cycle, in the system's time unit.
    parameters : mapping of str to float or ndarray, optional
        Changes to the defaults: numbers, or arrays with one value for each person.

    Returns
    -------
    dict of str to ndarray, shape (person,)
        Each state at the start of the cycle, before a dose that is given there.

    Raises
    ------
    InputError
        If an event, the period or a parameter cannot be used.
    ComputeError
        If no such states are found: something in the model goes on growing or ageing.

    Examples
    --------
    >>> from bonecast.engine import Bolus, Route, System
    >>> system = System(
    ...     name="decay", time_unit="d", states=("A",), parameters={"k": 0.1}, initial=lambda p: {"A": 0.0},
    ...     rates=lambda y, p: {"A": -p.k * y.A}, outputs=lambda y, p, start: {"A_mg": y.A}, output_names=("A_mg",),
    ...     routes={"drug": Route("A", "mg")}, scales={"A": 1.0},
    ... )
    >>> trough = steady(system, [Bolus(0.0, "drug", 10.0)], 7.0)["A"][0]
    >>> round(float(trough), 6), round(10.0 / (2.718281828459045**0.7 - 1), 6)
    (9.864339, 9.864339)
    """
    if not is_number(period) or not 2 * SAME_TIME < period < math.inf:
        raise InputError("period", f"{period} is no length of a cycle", "give a number above zero")
    values = parameter_values(system, parameters)
    persons = max((value.size for value in values.values() if value.ndim), default=1)
    found = []
    size = max(1, MOST_CLONES // (len(system.states) + 1))
    for first in range(0, persons, size):
        part = {n: v[first : first + size] if v.ndim else v for n, v in values.items()}
        count = min(size, persons - first)
        found.append(_search(_Cycle(system, events, float(period), part, count)))
    return dict(zip(system.states, np.concatenate(found).T, strict=True))


class _Cycle:
    """One cycle of some persons; it begins when every infusion of the doses before has begun as often as it will."""

    def __init__(
        self,
        system: System,
        events: Sequence[Event],
        period: float,
        parameters: Mapping[str, np.ndarray],
        persons: int,
    ) -> None:
        routes = {name: replace(route, lag=None) for name, route in system.routes.items()}
        self.system = replace(system, routes=routes)
        self.lanes = usual_lanes(persons, len(system.states))
        some = next(iter(system.parameters))
        everyone = {some: np.full(persons, system.parameters[some]), **parameters}
        self.zero = simulate(
            self.system, [], [0.0], everyone, outputs=system.output_names[:1], lanes=self.lanes
        ).end
        self.lists, self.cycles = self._laid_out(system, events, period)
        self.begin, self.end = self.cycles * period, (self.cycles + 1) * period
        self.parameters = self.zero.parameters.copy()
        names = kernel_parameters(self.system)
        for route in routes:
            open_ = [self._open_rate(mine, route) for mine in self.lists]
            self.parameters[:, names.index(rate_parameter(route))] = open_

    def _laid_out(
        self, system: System, events: Sequence[Event], period: float
    ) -> tuple[list[list[Event]], int]:
        """The doses of each person from time zero on, and the number of cycles before the one that is followed."""
        phases, cycles = [], 0
        for event in events:
            if not isinstance(event, Bolus | Infusion):
                cause = f"a {type(event).__name__} does not repeat"
                raise InputError("steady state, events", cause, "give Bolus and Infusion")
            if event.route not in system.routes:
                raise UnknownName(f"model {system.name}", "dose route", event.route, system.routes)
            lag = system.routes[event.route].lag
            lags = [float(lag(_named(system, row))) if lag else 0.0 for row in self.zero.parameters]
            phases.append([_phase(event.time + delay, period) for delay in lags])
            if isinstance(event, Infusion):
                cycles = max(cycles, 1 + math.ceil(event.duration / period))
        if cycles > MOST_OPEN:
            cause = f"an infusion runs for more than {MOST_OPEN:,} cycles"
            raise InputError("steady state, events", cause, "make it shorter, or the cycle longer")
        lists = []
        for person in range(len(self.zero.states)):
            mine: list[Event] = []
            for event, at in zip(events, phases, strict=True):
                first = cycles if isinstance(event, Bolus) else 0
                mine += [replace(event, time=at[person] + m * period) for m in range(first, cycles + 1)]
            lists.append(mine)
        return lists, cycles

    def follow(self, states: np.ndarray) -> np.ndarray:
        """The states at the end of the cycle of everybody, for states[person, variant, state] at its start."""
        persons, variants, size = states.shape
        flat = states.reshape(-1, size)
        first = self.system.states[0]
        # setting a state, even to itself, makes the kernel find the side of each switch
        lists = [
            [SetState(self.begin, first, float(flat[i * variants + k, 0])), *self.lists[i]]
            for i in range(persons)
            for k in range(variants)
        ]
        begin = replace(
            self.zero,
            time=self.begin,
            parameters=np.repeat(self.parameters, variants, axis=0),
            states=flat,
            starts=np.repeat(self.zero.starts, variants, axis=0),
            modes=np.repeat(self.zero.modes, variants, axis=0),
        )
        run = simulate(
            self.system, lists, [self.end], outputs=self.system.output_names[:1], rtol=RTOL, begin=begin,
            lanes=self.lanes,
        )  # fmt: skip
        return run.end.states.reshape(states.shape)

    def _open_rate(self, events: Sequence[Event], route: str) -> float:
        """The rate of the infusions that run when the cycle begins, those that end or go over there included."""
        return sum(
            e.amount / e.duration
            for e in events
            if isinstance(e, Infusion)
            and e.route == route
            and e.time < self.begin - SAME_TIME
            and e.time + e.duration >= self.begin - SAME_TIME
        )


def _search(cycle: _Cycle) -> np.ndarray:
    """The fixed points [person, state]."""
    scale = tolerances(cycle.system, 1.0) * 100
    names = np.array(cycle.system.states)
    states = cycle.zero.states.copy()
    last, drifted = np.full(len(states), np.inf), 0
    for _ in range(MOST_STEPS):
        size = np.maximum(np.abs(states), scale)
        shift = SHIFT * size
        variants = np.repeat(states[:, None], len(scale) + 1, axis=1)
        variants[:, 1:] += shift[:, None, :] * np.eye(len(scale))
        ends = cycle.follow(variants)
        after = ends[:, 0]
        if not np.isfinite(ends).all():
            raise ComputeError(
                f"model {cycle.system.name}: a cycle of doses could not be followed to its end."
            )
        slopes = (ends[:, 1:] - after[:, None]) / shift[:, :, None]
        step, drift = _newton((after - states) / size, slopes * (size[:, :, None] / size[:, None, :]))
        step *= size
        drifted = drifted + 1 if drift.any() else 0
        if drifted == PATIENCE:
            order = np.argsort(-drift.max(axis=0))
            raise _none(cycle, names[order[drift.max(axis=0)[order] > 0.1]])
        moved = np.max(np.abs(step) / np.maximum(np.abs(states + step), SMALL * scale), axis=1)
        # a step that makes an amount negative, leads too far or does not come nearer is a plain cycle instead
        wild = np.any((states + step < -1e-9 * scale) & (after >= 0), axis=1) | drift.any(axis=1)
        wild |= (moved > last) & (moved > 1e-3)
        wild |= np.any(np.abs(step) > FARTHEST * size, axis=1)
        resting = (moved <= CLOSE) | ((moved <= 100 * CLOSE) & (moved >= 0.5 * last))
        if np.all(resting & ~wild):
            return states + step
        states, last = np.where(wild[:, None], after, states + step), moved
    gap = np.abs(after - states) / np.maximum(np.abs(states), scale)
    raise _none(cycle, names[np.argsort(-np.max(gap, axis=0))])


def _none(cycle: _Cycle, names: np.ndarray) -> ComputeError:
    return ComputeError(
        f"model {cycle.system.name}: no steady state was found under this cycle; furthest from returning: "
        + ", ".join(names[:3].tolist())
        + "."
    )


def _newton(gap: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve (1 - dP/dx) step = gap of every person, all as shares of the size of each state; slopes[person, by, state].

    What a cycle keeps as it is (a constant, a total) stays. The second result says how much of each state is in what a
    cycle changes by as much whatever the states are, so that nothing can return; zero where there is no such thing.
    """
    matrix = np.eye(gap.shape[1]) - slopes.transpose(0, 2, 1)
    left, values, right = np.linalg.svd(matrix)
    along = np.einsum("pki,pk->pi", left, gap)
    kept = values < DRIFT
    inverse = np.where(kept, 0.0, 1.0 / np.maximum(values, DRIFT))
    drift = np.abs(left * (kept & (np.abs(along) > DRIFT))[:, None, :]).max(axis=2)
    return np.einsum("pik,pi->pk", right, inverse * along), drift


def _phase(time: float, period: float) -> float:
    phase = time % period
    return 0.0 if period - phase <= SAME_TIME else phase


def _named(system: System, row: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(**dict(zip(system.parameters, row.tolist(), strict=False)))
