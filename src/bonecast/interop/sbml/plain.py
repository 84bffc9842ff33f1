"""The plain path: one run of a described model with SciPy's LSODA, without compilation.

Every crossing of a comparison is located to the last digit and the integration begins anew behind it. Events follow
SBML Level 3 Version 2: each execution evaluates all triggers again, the greatest priority goes first, and equals go in
random order.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bonecast.errors import ComputeError
from bonecast.interop.sbml.equations import JUMPING, SbmlEquations, amount_of
from bonecast.interop.sbml.expressions import Expr, divide, name, number, parts

_INSIDE = (0.25, 0.5, 0.75)  # of a step, where comparisons are looked at
MOST_RESTARTS = 200_000
_SAME = 1e-12  # of the time: a delayed event and a row that differ by rounding are at one time
_NEWTON = 60


@dataclass
class _Waiting:
    """An event that was triggered and is to be executed."""

    time: float
    event: int
    values: list[float] | None


class PlainRun:
    """One course of a model.

    Parameters
    ----------
    equations : SbmlEquations
        The model.
    changes : mapping of str to float
        Quantities with another value at the start.
    rtol, atol : float
        Tolerances of one step.
    seed : int
        Of the order of events at one time with equal priority.
    time : float
        Of the start.
    """

    def __init__(
        self,
        equations: SbmlEquations,
        changes: dict[str, float] | None = None,
        rtol: float = 1e-9,
        atol: float = 1e-14,
        seed: int = 1,
        time: float = 0.0,
    ) -> None:
        self.equations, self.description = equations, equations.description
        self.rtol, self.atol, self.random = rtol, atol, random.Random(seed)
        self.space: dict[str, Any] = {"past": self._past, "solve": self._solve}
        self._compile()
        self.guess = [0.0] * len(equations.unknown)
        self.segments: list[tuple[float, float, Callable[[float], Any]]] = []
        self.snapshots: list[tuple[float, list[float]]] = []
        self.time = time
        self._begin(changes or {})

    # Functions

    def _compile(self) -> None:
        e, d = self.equations, self.description
        make = lambda targets, **how: e.function(targets, self.space, **how)  # noqa: E731
        self.rates = make(list(e.states.values()))
        triggers = [event.trigger for event in d.events]
        watched = list(dict.fromkeys([*e.conditions([*e.states.values(), *(a for a, _ in d.algebraic)]),
                                      *e.conditions(triggers)]))  # fmt: skip
        looked: list[Expr] = list(triggers)
        met = [p for p in watched if p[0] in ("eq", "neq") and not e.clocked(p)]
        for part in watched:
            looked.append(part if part[0] not in JUMPING else self._level(part))
            if part[0] in ("eq", "neq") and len(part) == 3:
                looked.append(("gt", part[1], part[2]))
        self.modes = make(looked, meet=met)
        clocked = [p for p in watched if p[0] not in JUMPING and len(p) == 3 and e.clocked(p)]
        self.clocks = make([("minus", p[1], p[2]) for p in clocked]) if clocked else None
        self.delays = [make([event.delay]) if event.delay else None for event in d.events]
        self.priorities = [make([event.priority]) if event.priority else None for event in d.events]
        self.assigned = [make([expr for _, expr in event.assignments]) for event in d.events]
        self.delayed = [make([expr]) for expr in d.delayed]
        still = {**e.start, **{n: number(0.0) for n in e.start if n.startswith("d|")}}
        self.before = [make([expr], starting=still) for expr in d.delayed]
        self.residual = make([expr for expr, _ in d.algebraic], residual=True) if e.unknown else None
        lags = [part[3] for expr in self._every() for part in parts(expr) if part[0] == "delay"]
        self.lags = make(lags) if lags else None

    @staticmethod
    def _level(part: Expr) -> Expr:
        """What of a stepwise function is constant between its jumps."""
        return ("quotient", *part[1:]) if part[0] == "rem" else part

    def _every(self) -> list[Expr]:
        d = self.description
        events = [x for ev in d.events for x in (ev.trigger, ev.delay, *(a for _, a in ev.assignments)) if x]
        return [*self.equations.formulas.values(), *self.equations.states.values(), *events]

    # The start

    def _begin(self, changes: dict[str, float]) -> None:
        e = self.equations
        saved = dict(e.start)
        for symbol, value in changes.items():
            self._change_start(symbol, value)
        names = [*e.states, *e.held]
        first = e.function([name(n) for n in names], self.space, starting=e.start)
        guesses = e.function([e.start[n] for n in e.unknown], self.space, starting=e.start)
        e.start.clear()
        e.start.update(saved)
        for _ in range(20 if e.unknown else 1):
            z = list(self.guess)
            values = [float(v) for v in first(self.time, [], [], z)]
            self.y, self.h = values[: len(e.states)], values[len(e.states) :]
            if not e.unknown:
                break
            if not any(z):
                self.guess = [v if math.isfinite(v) else 0.0 for v in guesses(self.time, [], [], z)]
            found = self._solve(self.time, self.y, self.h)
            if np.allclose(found, z, rtol=1e-14, atol=0):
                break
        self.snapshots.append((-math.inf, list(self.h)))
        self.first = list(self.y)
        self.absolute = self._absolute()
        self.truth = [event.initial for event in self.description.events]
        self.waiting: list[_Waiting] = []

    def _absolute(self) -> Any:
        """Absolute tolerance of each state: of amounts for the volume that they stand in, smaller for small numbers."""
        e, d = self.equations, self.description
        scale = np.ones(len(e.states))
        for q in d.of_kind("species"):
            if amount_of(q) in e.slots and not q.substance:
                volume = abs(self._value(q.compartment))
                scale[e.slots[amount_of(q)]] = volume if 0 < volume < math.inf else 1.0
        sizes = np.abs(self.y) / scale
        largest = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
        return self.atol * scale * (min(1.0, largest) if largest else 1.0)

    def _change_start(self, symbol: str, value: float) -> None:
        e = self.equations
        number = ("num", float(value))
        q = self.description.quantities[symbol]
        e.start[symbol] = number
        if q.kind == "species" and not q.substance:
            e.start[amount_of(q)] = ("times", name(symbol), name(q.compartment))

    # Algebraic rules and delays

    def _solve(self, t: float, y: Sequence[float], h: Sequence[float]) -> list[float]:
        """The unknowns of the algebraic rules, by Newton's method from the last ones."""
        z = list(self.guess)
        assert self.residual is not None
        found = self.residual(t, y, h, z)
        for _ in range(_NEWTON):
            if not all(map(math.isfinite, found)):
                break
            columns = []
            for k in range(len(z)):
                step = 1e-6 * max(1.0, abs(z[k]))
                moved = list(z)
                moved[k] += step
                columns.append([(a - b) / (moved[k] - z[k]) for a, b in zip(self.residual(t, y, h, moved), found, strict=True)])  # fmt: skip  # noqa: E501
            matrix = np.array(columns).T
            try:
                move = np.linalg.solve(matrix, found) if len(z) > 1 else np.array([found[0] / matrix[0, 0]])
            except (np.linalg.LinAlgError, ZeroDivisionError):
                break
            if not np.all(np.isfinite(move)):
                break
            z = [a - float(b) for a, b in zip(z, move, strict=True)]
            found = self.residual(t, y, h, z)
            if all(abs(b) <= 1e-14 * max(abs(a), 1e-300) for a, b in zip(z, move, strict=True)) or not any(
                found
            ):
                break
        self.guess = z
        return z

    def _past(self, index: int, time: float) -> float:
        """An expression at an earlier time; before the start, as the initial values and assignments say."""
        if time < 0:
            return float(self.before[index](time, [], [], self.guess)[0])
        h = self.snapshots[bisect_right(self.snapshots, time, key=lambda s: s[0]) - 1][1]
        if time == 0 or not self.segments:
            y = self.first if time == 0 else self.y
        else:
            k = bisect_right(self.segments, time, key=lambda s: s[0]) - 1
            y = self.segments[max(k, 0)][2](time)
        return float(self.delayed[index](time, list(y), h)[0])

    # Events

    def _events(self) -> None:
        """Execute everything that is due now, evaluating all triggers again after each event."""
        events = self.description.events
        for _ in range(MOST_RESTARTS):
            now = self.modes(self.time, self.y, self.h)
            for i, event in enumerate(events):
                true = self._true(now[i])
                if true and not self.truth[i]:
                    delay = self.delays[i]
                    lag = delay(self.time, self.y, self.h)[0] if delay else 0.0
                    values = self.assigned[i](self.time, self.y, self.h) if event.at_trigger else None
                    self.waiting.append(_Waiting(self.time + lag, i, values))
                elif not true and not event.persistent:
                    self.waiting = [w for w in self.waiting if w.event != i]
                self.truth[i] = true
            due = [w for w in self.waiting if w.time <= self.time * (1 + _SAME)]
            if not due:
                return
            chosen = self._first(due)
            self.waiting.remove(chosen)
            values = chosen.values
            if values is None:
                values = self.assigned[chosen.event](self.time, self.y, self.h)
            self.assign(dict(zip((t for t, _ in events[chosen.event].assignments), values, strict=True)))
        raise ComputeError(f"{self.description.name}: the events at time {self.time:g} never come to an end")

    @staticmethod
    def _true(value: Any) -> bool:
        return bool(value) and value == value

    def _first(self, due: list[_Waiting]) -> _Waiting:
        """The greatest priority; what has none competes with it by chance."""
        if len(due) == 1:
            return due[0]
        ranks = []
        for w in due:
            priority = self.priorities[w.event]
            ranks.append(priority(self.time, self.y, self.h)[0] if priority else math.nan)
        highest = max((r for r in ranks if r == r), default=math.nan)
        return self.random.choice([w for w, r in zip(due, ranks, strict=True) if r == highest or r != r])

    def assign(self, values: dict[str, float]) -> None:
        """Set quantities at one instant, concentrations in the volumes before it; a new volume leaves amounts alone."""
        e, d = self.equations, self.description
        y, h = list(self.y), list(self.h)
        before = {q.compartment: self._value(q.compartment) for q in d.of_kind("species")}
        for symbol, value in values.items():
            q = d.quantities[symbol]
            stored, factor = symbol, 1.0
            if q.kind == "species" and not q.substance and symbol not in e.slots:
                stored, factor = amount_of(q), before[q.compartment]
            if stored in e.slots:
                y[e.slots[stored]] = float(value) * factor
            elif stored in e.places:
                h[e.places[stored]] = float(value) * factor
            elif stored in e.unknown:
                self.guess[e.unknown.index(stored)] = float(value)
        self.y, self.h = y, h
        for q in d.of_kind("species"):
            if q.compartment in values and q.id in e.slots and not q.substance:
                y[e.slots[q.id]] *= divide(before[q.compartment], self._value(q.compartment))
        self.snapshots.append((self.time, h))

    def assign_levels(self, values: dict[str, float]) -> None:
        """Set quantities at one instant; in a new volume concentrations are what they were, or what is given."""
        d = self.description
        volumes = {n: v for n, v in values.items() if d.quantities[n].kind == "compartment"}
        kept = [q.id for q in d.of_kind("species") if q.compartment in volumes and not q.substance]
        kept = [n for n in kept if n not in d.assignments]
        levels = {**dict(zip(kept, self.values(kept), strict=True)), **values}
        if volumes:
            self.assign(volumes)
        self.assign({n: v for n, v in levels.items() if n not in volumes})

    def set_time(self, time: float) -> None:
        """Start the clock anew, with the states as they are: nothing is waiting, and triggers are as at the start."""
        self.time, self.waiting, self.segments = time, [], []
        self.truth = [event.initial for event in self.description.events]

    def values(self, symbols: Sequence[str]) -> list[float]:
        """The values of quantities now."""
        found = self.equations.function([name(n) for n in symbols], self.space)(self.time, self.y, self.h)
        return [float(v) for v in found]

    def _value(self, symbol: str) -> float:
        return float(self.equations.function([name(symbol)], self.space)(self.time, self.y, self.h)[0])

    # The course

    def run(self, times: Sequence[float], targets: Sequence[str], hold: bool = False) -> np.ndarray:
        """Values[time, target] of quantities, `X|amount` or reactions, after the events of each time.

        hold : whether the events at the last time are left for a further run.
        """
        observe = self.equations.function([name(n) for n in targets], self.space)
        out = np.empty((len(times), len(targets)))
        taken, count, end = 0, len(times), times[-1]
        longest = float(np.max(np.diff([self.time, *times]))) if count else 0.0
        restarts = 0
        self._events()
        while True:
            while taken < count and times[taken] <= self.time * (1 + _SAME):
                out[taken] = observe(times[taken], self.y, self.h)
                taken += 1
            if taken == count:
                return out
            restarts += 1
            if restarts > MOST_RESTARTS:
                raise ComputeError(f"{self.description.name}: too many jumps before time {self.time:g}")
            stop = min([end, *(w.time for w in self.waiting), *self._clock_stops(end)])
            taken = self._advance(stop, times, taken, out, observe, longest)
            if not (hold and self.time >= end):
                self._events()

    def _clock_stops(self, end: float) -> list[float]:
        """Times ahead at which a comparison that is linear in time changes."""
        if self.clocks is None:
            return []
        t, found = self.time, []
        span = max(end - t, 1e-9)
        a, m, b = (self.clocks(x, self.y, self.h) for x in (t, t + span / 2, t + span))
        for low, middle, high in zip(a, m, b, strict=True):
            slope = high - low
            if slope and abs(2 * middle - low - high) <= 1e-9 * (abs(low) + abs(high)):
                at = t - low * span / slope
                at = round(at, 12) if abs(at) < 1e3 else at
                if t * (1 + 1e-14) < at < end:
                    found.append(at)
        return found

    def _advance(self, stop, times, taken, out, observe, longest) -> int:
        """Integrate to `stop`, or to just behind the first change of a comparison; keeps the rows passed."""
        from scipy.integrate import LSODA

        modes = self.modes(self.time, self.y, self.h)
        limit = longest
        if self.lags is not None:
            positive = [lag for lag in self.lags(self.time, self.y, self.h) if lag > 0]
            limit = min([limit, *positive])
        rates, h = self.rates, self.h
        solver = None
        if self.y:

            def slope(t: float, y: np.ndarray) -> list[float]:
                return rates(t, y.tolist(), h)

            solver = LSODA(
                slope, self.time, np.array(self.y), stop, max_step=limit, rtol=self.rtol, atol=self.absolute
            )
        while self.time < stop:
            before = self.time
            if solver is None:
                now = min(stop, before + limit)
                dense = lambda t: []  # noqa: E731
            else:
                message = solver.step()
                if solver.status == "failed":
                    raise ComputeError(f"{self.description.name}: at time {self.time:g}: {message}")
                now, interpolant = float(solver.t), solver.dense_output()
                dense = lambda t, f=interpolant: f(t).tolist()  # noqa: E731
            if len(self.delayed):
                self.segments.append((before, now, dense))
            crossing = self._crossing(before, now, dense, solver, modes) if modes else None
            until = crossing[0] if crossing else now
            while taken < len(times) and times[taken] < until and (crossing or times[taken] < now):
                out[taken] = observe(times[taken], dense(times[taken]), self.h)
                taken += 1
            if crossing:
                left, right = crossing
                while taken < len(times) and times[taken] <= left:
                    out[taken] = observe(times[taken], dense(times[taken]), self.h)
                    taken += 1
                self.time, self.y = right, dense(right)
                return taken
            self.time = now
            self.y = [] if solver is None else solver.y.tolist()
        return taken

    def _crossing(self, before, now, dense, solver, modes) -> tuple[float, float] | None:
        """The two neighbouring times between which a comparison first changes within a step."""
        looks = [(before + f * (now - before), None) for f in _INSIDE]
        looks.append((now, None if solver is None else solver.y.tolist()))
        low = before
        for t, y in looks:
            if self.modes(t, dense(t) if y is None else y, self.h) != modes:
                high = t
                break
            low = t
        else:
            return None
        while True:
            middle = 0.5 * (low + high)
            if middle <= low or middle >= high:
                return low, high
            if self.modes(middle, dense(middle), self.h) == modes:
                low = middle
            else:
                high = middle
