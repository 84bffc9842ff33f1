"""Rows of a table of events as events of the engine, and the value of each output at each row.

The order of the rows decides what happens at one time. A dose that no row of that time states (a further dose of
ADDL, a dose that a lag delays) comes after the rows of its time: a sample at that time is a trough. A row shows the
person after the row was processed. EVID 3 and 4, and SS 1, end what runs and cancel what is still to come.

Doses go where CMT says: into a route of the model, by the name of its drug, or into a state, by its name or number. A
state that one route leads into takes its doses through it; one without a route takes them as they are, times the
parameter F<n> and after the parameter ALAG<n>, if the model has them. RATE is the rate that enters a compartment with
F<n>, so that F<n> shortens or lengthens an infusion.
"""

from __future__ import annotations

import copy
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.engine import (
    SAME_TIME,
    Bolus,
    Event,
    Infusion,
    Route,
    SetParameter,
    SetState,
    System,
    moving,
    on_one_time,
    outline_of,
    steady,
    tangent,
    timing_parameters,
    with_tangents,
)
from bonecast.engine import simulate as integrate
from bonecast.errors import InputError, UnknownName
from bonecast.interop import DOSE, RESET, RESET_AND_DOSE, EventRecords
from bonecast.models import Model

Carry = Literal["locf", "nocb"]
STEADY_D = 100.0  # days of the cycle in which the steady state of a constant infusion is sought
MOST_ITEMS = 3_000_000  # rows, doses and changes of all people of an event table together
_CHUNK_VALUES = 4_000_000  # numbers that the engine hands over at a time


class RunRow(NamedTuple):
    """A row of the result: the individual, the row of the table (-1 for a time that was asked for), and the time."""

    person: int
    record: int
    time: float


@dataclass(frozen=True)
class _Steady:
    """A steady state that is set (SS 1) or added (SS 2) once it is known."""

    added: bool
    events: tuple[Event, ...]
    period: float
    parameters: dict[str, float]


@dataclass(frozen=True)
class _Target:
    """Where doses of one CMT go. number : of the compartment, from 1."""

    route: str
    number: int


@dataclass
class _Follower:
    """What one individual is given and asked, in order. items : (time, event or row)."""

    parameters: dict[str, float]
    items: list[tuple[float, Any]] = field(default_factory=list)


class EventRun:
    """A table of events on its way through the engine.

    Parameters
    ----------
    model : Model
        The model; states that were asked for are among its outputs already.
    records : EventRecords
        The table.
    cohort : Cohort
        One person for each individual of the table, or any number who all follow its only individual.
    per_unit : float
        Model time units in one time unit of the table.
    carry : {"locf", "nocb"}
        Whether a covariate holds from its row on, or back to the row before.
    times : ndarray, optional
        Times of rows in place of those of the table, in its unit.
    after_dose : bool
        Whether such a row at the time of a dose shows the person after it.
    directions : sequence of mapping of str to float
        Of each person, how parameters move ("d NAME" to value): then each output is followed by its derivative along
        that direction. None for plain runs.
    """

    def __init__(
        self,
        model: Model,
        records: EventRecords,
        cohort: Cohort,
        per_unit: float,
        carry: Carry,
        times: np.ndarray | None,
        after_dose: bool,
        directions: Sequence[dict[str, float]] = (),
    ) -> None:
        self.model, self.records, self.cohort, self.directions = model, records, cohort, directions
        self.per_unit, self.carry, self.times, self.after_dose = per_unit, carry, times, after_dose
        self.routes = {name: replace(r, lag=None) for name, r in model.system.routes.items()}
        self.targets = {cell: self._target(cell) for cell in dict.fromkeys(records.cmt)}
        self.covariates, self.ignored = self._covariates()
        allowed = model.system.may_change
        self.moving = frozenset(allowed) if allowed is not None else outline_of(model.system).moving
        self.own = [*cohort.parameters, *self.covariates]
        self.own += dict.fromkeys(name for direction in directions for name in direction)
        self.systems: dict[tuple[frozenset[str], bool, bool], System] = {}
        self.row_count = len(records.time) if times is None else len(times) * len(records.ids)

    def run(self, outputs: Sequence[str], rtol: float) -> tuple[list[RunRow], np.ndarray]:
        """The rows, and values[row, output]; with directions, the derivatives of all outputs after these."""
        people = self._people()
        rows = [
            RunRow(i, *item)
            for i, person in enumerate(people)
            for _, item in person.items
            if isinstance(item, tuple)
        ]
        return rows, self._values(people, outputs, rtol)

    def values(self, outputs: Sequence[str], rtol: float) -> np.ndarray:
        """Only the values of `run`."""
        return self._values(self._people(), outputs, rtol)

    def _people(self) -> list[_Follower]:
        shared = len(self.records.ids) == 1
        alike = shared and self.cohort.count > 1 and self._alike
        people, total = [], 0
        for i in range(self.cohort.count):
            if alike and i:
                people.append(_Follower(self._at_row(self._start(i), 0), people[0].items))
            else:
                people.append(self._lay_out(0 if shared else i, i))
            total += len(people[-1].items)
            if total > MOST_ITEMS:
                cause = f"{self.cohort.count:,} people have over {MOST_ITEMS:,} rows, doses and changes"
                raise InputError(self.records.place, cause, "follow fewer people at a time")
        self._settle(people)
        return people

    def _values(self, people: list[_Follower], outputs: Sequence[str], rtol: float) -> np.ndarray:
        columns = len(outputs) * (2 if self.directions else 1)
        parts = [self._follow(people[part], tuple(outputs), rtol) for part in self._chunks(people, columns)]
        return np.concatenate(parts) if parts else np.empty((0, columns))

    def of(self, cohort: Cohort, directions: Sequence[dict[str, float]] = ()) -> EventRun:
        """The same table for other people, in whom the same parameters differ or none."""
        other = copy.copy(self)
        other.cohort, other.directions = cohort, directions
        other.own = [*cohort.parameters, *self.covariates]
        other.own += dict.fromkeys(name for direction in directions for name in direction)
        return other

    @property
    def _alike(self) -> bool:
        """Do all followers of one individual get the same events, whatever their parameters?"""
        records = self.records
        plain = not records.ss.any() and not np.isin(records.evid, (RESET, RESET_AND_DOSE)).any()
        timing = timing_parameters(self.model.system)
        rates = bool((np.nan_to_num(records.rate) != 0).any())
        return plain and not any(
            name in timing or moves_events(name, rates) for name in self.cohort.parameters
        )

    def _start(self, who: int) -> dict[str, float]:
        """The parameters of a person before the covariates of the table."""
        own = {name: float(values[who]) for name, values in self.cohort.parameters.items()}
        base = {**self.model.system.parameters, **own}
        if self.directions:
            base |= dict.fromkeys(self.own[len(self.cohort.parameters) + len(self.covariates) :], 0.0)
            base |= self.directions[who]
        return base

    # What the columns mean for this model

    def _target(self, cell: str) -> _Target | InputError:
        """Where the doses of a CMT go; an error is raised only where a dose goes there."""
        system = self.model.system
        states, row = system.states, self.records.cmt.index(cell)
        where = self.records.where(row, "CMT")
        by_fold = {name.casefold(): name for name in [*states, *system.routes]}
        name = by_fold.get(cell.casefold(), "")
        if cell in ("", "0"):
            into_first = [name for name, route in system.routes.items() if route.state == states[0]]
            if system.routes and not into_first:
                if len(system.routes) > 1:
                    cause = "it does not say which drug is given"
                    return InputError(where, cause, f"write one of {', '.join(list(system.routes)[:16])}")
                name = next(iter(system.routes))
            else:
                name = states[0]
        elif not name:
            try:
                number = int(cell)
            except ValueError:
                raise UnknownName(where, "compartment", cell, [*system.routes, *states]) from None
            if not 1 <= number <= len(states):
                named = ", ".join(f"{k} {state}" for k, state in enumerate(states[:8], start=1))
                cause = f"{number} is no compartment of {self.model.name}, which has {len(states)}"
                raise InputError(where, cause, f"write a number or name: {named}")
            name = states[number - 1]
        if name in system.routes:
            return _Target(name, states.index(system.routes[name].state) + 1)
        into = [route for route, r in system.routes.items() if r.state == name]
        if len(into) > 1:
            return InputError(where, f"several drugs enter {name}", f"write one of {', '.join(into)}")
        return _Target(into[0] if into else self._state_route(name), states.index(name) + 1)

    def _state_route(self, state: str) -> str:
        """A route for doses that enter a state as they are, times F<n>."""
        name, share = f"into {state}", f"F{self.model.system.states.index(state) + 1}"
        known = share in self.model.system.parameters
        self.routes[name] = Route(state, "", (lambda p: getattr(p, share)) if known else (lambda p: 1.0))
        return name

    def _covariates(self) -> tuple[dict[str, np.ndarray], list[str]]:
        """Parameter to values[row] of the table's columns, filled as they are carried; and the columns left over."""
        model, found, ignored = self.model, {}, []
        by_fold = {name.casefold(): name for name in model.system.parameters}
        facts = {name.casefold(): fact.parameter for name, fact in model.covariates.items() if not fact.unfit}
        for column in self.records.others:
            exact = column if column in model.system.parameters else None
            name = exact or by_fold.get(column.casefold()) or facts.get(column.casefold())
            if name is None:
                ignored.append(column)
                continue
            if name in found:
                where = f"{self.records.place}, column {column}"
                raise InputError(where, f"another column sets {name} too", "keep one of them")
            found[name] = self._filled(self.records.numbers(column))
        return found, ignored

    def _filled(self, values: np.ndarray) -> np.ndarray:
        """Gaps filled within each individual: from the row before (LOCF) or behind (NOCB), else from the other side."""
        filled = values.copy()
        for i in range(len(self.records.ids)):
            rows = np.flatnonzero(self.records.individual == i)
            given = rows[~np.isnan(values[rows])]
            if len(given):
                before = given[np.clip(np.searchsorted(given, rows, "right") - 1, 0, len(given) - 1)]
                behind = given[np.clip(np.searchsorted(given, rows), 0, len(given) - 1)]
                filled[rows] = values[before if self.carry == "locf" else behind]
        return filled

    # One individual on the axis of the engine

    def _lay_out(self, individual: int, who: int) -> _Follower:
        records = self.records
        rows = np.flatnonzero(records.individual == individual).tolist()
        base = self._start(who)
        at, origin = self._engine_times(rows)
        parameters = [self._at_row(base, row) for row in rows]
        keyed: list[tuple[float, int, Any]] = []  # time, rank within one time, what; sorted stably
        grid = None
        if self.times is not None:
            grid = (self.times - origin) * self.per_unit
            rank = 2 if self.after_dose else -1
            asked = [
                (time, rank, (-1, t)) for t, time in zip(self.times.tolist(), grid, strict=True) if time >= 0
            ]
            keyed += asked
        end = max(at[-1], float(grid[-1]) if grid is not None else 0.0)
        cuts = [k for k, row in enumerate(rows) if self._cuts(row)]
        for k, row in enumerate(rows):
            if self.carry == "locf" and k:
                keyed += [(at[k], 0, e) for e in self._changes(parameters[k - 1], parameters[k], at[k])]
            if records.evid[row] in (RESET, RESET_AND_DOSE):
                keyed += [(at[k], 0, e) for e in self._reset(parameters[k], at[k], row)]
            if records.evid[row] in (DOSE, RESET_AND_DOSE):
                later = bisect_right(cuts, k)
                cut = at[cuts[later]] if later < len(cuts) else math.inf
                keyed += self._doses(row, parameters[k], at[k], cut, end)
            if self.times is None:
                keyed.append((at[k], 0, (row, float(records.time[row]))))
            if self.carry == "nocb" and k + 1 < len(rows):
                keyed += [(at[k], 0, e) for e in self._changes(parameters[k], parameters[k + 1], at[k])]
        keyed.sort(key=lambda item: item[0])
        snapped = on_one_time([item[0] for item in keyed])
        order = sorted(range(len(keyed)), key=lambda j: (snapped[j], keyed[j][1]))
        items = [(snapped[j], keyed[j][2]) for j in order]
        return _Follower(parameters[0], items)

    def _engine_times(self, rows: list[int]) -> tuple[list[float], float]:
        """Times of the rows from the first on; where the time of a reset falls, it goes on from the row before."""
        origin, shift, at = float(self.records.time[rows[0]]), 0.0, []
        for row in rows:
            time = (float(self.records.time[row]) - origin) * self.per_unit + shift
            if at and time < at[-1]:
                if self.times is not None:
                    cause = "the time falls at this reset, so that a time stands for two moments"
                    raise InputError(
                        self.records.where(row, "TIME"), cause, "leave out times, or let time go on"
                    )
                shift += at[-1] - time
                time = at[-1]
            at.append(time)
        return at, origin

    def _at_row(self, base: dict[str, float], row: int) -> dict[str, float]:
        given = {name: float(v[row]) for name, v in self.covariates.items() if not math.isnan(v[row])}
        return {**base, **given}

    def _changes(self, old: dict[str, float], new: dict[str, float], time: float) -> list[Event]:
        """Changes of covariates; what only the start of a run or a lag reads needs none."""
        names = [name for name in self.covariates if old[name] != new[name]]
        fixed = [n for n in names if self.model.system.may_change is not None and n not in self.moving]
        if fixed:
            cause = f"{fixed[0]} changes in time, and in {self.model.name} it is fixed for a whole run"
            raise InputError(f"{self.records.place}, column {fixed[0]}", cause, "give each ID one value")
        return [SetParameter(time, name, new[name]) for name in names if name in self.moving]

    def _cuts(self, row: int) -> bool:
        evid = self.records.evid[row]
        return evid in (RESET, RESET_AND_DOSE) or (evid == DOSE and self.records.ss[row] == 1)

    def _reset(self, parameters: dict[str, float], time: float, row: int) -> list[Event]:
        system = self.model.system
        if system.run_in is not None:
            cause = f"{self.model.name} has a life before time zero and cannot be reset"
            raise InputError(self.records.where(row, "EVID"), cause, "give the rows from here on another ID")
        system = tangent(system) if self.directions else system
        initial = system.initial(SimpleNamespace(**parameters))
        return [SetState(time, name, float(initial[name])) for name in system.states]

    def _doses(
        self, row: int, parameters: dict[str, float], at: float, cut: float, end: float
    ) -> list[tuple[float, int, Any]]:
        """What the dose of one row does: its steady state, the dose, and further ones, as far as nothing cuts them."""
        records, p = self.records, SimpleNamespace(**parameters)
        target = self.targets[records.cmt[row]]
        if isinstance(target, InputError):
            raise target
        amount = float(np.nan_to_num(records.amt[row]))
        interval = float(np.nan_to_num(records.ii[row])) * self.per_unit
        lag, share = self._lag(target, p, row), getattr(p, f"F{target.number}", 1.0)
        rate, duration = self._duration(row, target, p, share, amount, interval)
        kind, first = int(records.ss[row]), 0
        given: list[tuple[float, int, Any]] = []
        constant = amount == 0 and rate > 0
        if constant:
            period = STEADY_D * self.model.system.per_day
            cycle = Infusion(0.0, target.route, rate * period, period)
            given.append((at, 0, _Steady(False, (cycle,), period, parameters)))
            length = end - at + 1.0
            return given + _kept([Infusion(at, target.route, rate * length, length)], at, 0, cut)
        if share == 0 or amount == 0:
            duration, amount = 0.0, 0.0
        if kind:
            self._check_added(kind, parameters, row)
            cycle = _given(target.route, lag % interval, amount, duration)
            given.append((at, 0, _Steady(kind == 2, (cycle,), interval, parameters)))
            first = -math.ceil((lag + duration) / interval)
        last = min(int(records.addl[row]), math.floor(max(end - at - lag, 0.0) / interval)) if interval else 0
        for m in range(first, last + 1):
            arrival = at + lag + m * interval
            rank = 0 if m == 0 and lag == 0 else 1
            if (
                arrival < at - SAME_TIME and arrival + duration > at + SAME_TIME
            ):  # of a dose before: what still runs
                left = arrival + duration - at
                given += _kept([Infusion(at, target.route, amount * left / duration, left)], at, rank, cut)
            elif arrival >= at - SAME_TIME:
                given += _kept([_given(target.route, arrival, amount, duration)], at, rank, cut)
        return given

    def _lag(self, target: _Target, p: SimpleNamespace, row: int) -> float:
        route = self.model.system.routes.get(target.route)
        delay = route.lag if route else lambda p: getattr(p, f"ALAG{target.number}", 0.0)
        lag = float(delay(p)) if delay else 0.0
        if not 0 <= lag < math.inf:
            raise InputError(self.records.where(row, "CMT"), f"the lag is {lag:g}", "a lag is zero or more")
        return lag

    def _duration(
        self, row: int, target: _Target, p: SimpleNamespace, share: float, amount: float, interval: float
    ) -> tuple[float, float]:
        """Rate in dose units, and length, of an infusion; 0 and 0 for a bolus."""
        stated = float(np.nan_to_num(self.records.rate[row]))
        if stated in (-1, -2):
            name = f"{'R' if stated == -1 else 'D'}{target.number}"
            value = float(getattr(p, name, math.nan))
            if not value > 0:
                what = "rate" if stated == -1 else "duration"
                cause = f"{stated:g} asks for the {what} in the parameter {name}"
                lacking = (
                    f", which {self.model.name} does not have"
                    if math.isnan(value)
                    else ", which is not above zero"
                )
                hint = f"give the rate, or a model or column with {name} above zero"
                raise InputError(self.records.where(row, "RATE"), cause + lacking, hint)
            rate = value / self.per_unit if stated == -1 else 0.0
            return (rate / share if share else 0.0), (
                share * amount / rate if rate else value * self.per_unit
            )
        if stated > 0:
            rate = stated / self.per_unit
            return (rate / share if share else 0.0), share * amount / rate
        route = self.routes[target.route]
        if route.given == "spread" and amount > 0:
            if interval <= 0:
                cause = f"{self.model.name} takes {target.route} as a steady intake, so a single dose has no length"
                raise InputError(
                    self.records.where(row, "II"), cause, "give II, the interval that it covers, or RATE"
                )
            return amount / interval, interval
        return 0.0, 0.0

    def _check_added(self, kind: int, parameters: dict[str, float], row: int) -> None:
        system = self.model.system
        if kind == 2 and any(system.initial(SimpleNamespace(**parameters)).values()):
            cause = (
                f"SS 2 adds a steady state to what is there, and {self.model.name} is not empty without doses"
            )
            raise InputError(self.records.where(row, "SS"), cause, "write SS 1")

    # Steady states, all at once

    def _settle(self, people: list[_Follower]) -> None:
        """Put the states in place of each steady state that is asked for; equal cycles are solved together."""
        groups: dict[tuple, list[tuple[int, int, _Steady]]] = {}
        for i, person in enumerate(people):
            if i and person.items is people[i - 1].items:
                continue  # what all have alike has no steady state
            for k, (_, item) in enumerate(person.items):
                if isinstance(item, _Steady):
                    groups.setdefault((item.events, item.period), []).append((i, k, item))
        used = {e.route for asked in groups.values() for _, _, item in asked for e in item.events}  # type: ignore[union-attr]
        system = self._system(used, False)
        settled: dict[tuple[int, int], list[Event]] = {}
        for (events, period), asked in groups.items():
            if self.directions:
                events = tuple(with_tangents(events, system))
            values = {
                n: np.array([item.parameters[n] for _, _, item in asked]) for n in dict.fromkeys(self.own)
            }
            if not values:
                some = next(iter(system.parameters))
                values = {some: np.full(len(asked), system.parameters[some])}
            states = steady(system, events, period, values)
            for j, (i, k, item) in enumerate(asked):
                time = people[i].items[k][0]
                settled[i, k] = [self._put(item.added, time, n, float(states[n][j])) for n in system.states]
        for i in {i for i, _ in settled}:
            person = people[i]
            person.items = [
                new
                for k, (time, item) in enumerate(person.items)
                for new in ([(time, e) for e in settled[i, k]] if (i, k) in settled else [(time, item)])
            ]

    def _put(self, added: bool, time: float, state: str, value: float) -> Event:
        if not added:
            return SetState(time, state, value)
        name = f"added to {state}"
        self.routes.setdefault(name, Route(state, ""))
        return Bolus(time, name, max(value, 0.0))

    # Through the engine

    def _chunks(self, people: list[_Follower], outputs: int) -> Iterator[slice]:
        """People whose rows fit into one call: all of them are asked at the times of each."""
        first, times, own = 0, set(), set()
        for i, person in enumerate(people):
            if not i or person.items is not people[i - 1].items:
                own = {time for time, item in person.items if isinstance(item, tuple)}
            if i > first and 2 * len(times | own) * (i - first + 1) * outputs > _CHUNK_VALUES:
                yield slice(first, i)
                first, times = i, set()
            times |= own
        yield slice(first, len(people))

    def _follow(self, people: list[_Follower], outputs: tuple[str, ...], rtol: float) -> np.ndarray:
        """values[row, output] of some people."""
        alike = len(people) > 1 and all(person.items is people[0].items for person in people)
        places = [_places(people[0])] * len(people) if alike else [_places(person) for person in people]
        count = len(outputs) * (2 if self.directions else 1)
        distinct = places[:1] if alike else places
        wanted = {(time, word == "after") for own in distinct for time, word, _ in own}
        if not wanted:
            return np.empty((0, count))
        between = any(word == "between" for own in distinct for _, word, _ in own)
        lists = [people[0].items] if alike else [person.items for person in people]
        used = {e.route for items in lists for _, e in items if isinstance(e, Bolus | Infusion)}
        system = self._system(used, between)
        states = self.model.system.states if between else ()
        names = [*outputs, *map(_as_output, states)]
        if self.directions:
            names = [
                *outputs,
                *map(moving, outputs),
                *names[len(outputs) :],
                *map(moving, map(_as_output, states)),
            ]
        asked = sorted(wanted)
        column = {key: k for k, key in enumerate(asked)}
        parameters = {
            name: np.array([person.parameters[name] for person in people])
            for name in dict.fromkeys([*self.own, next(iter(system.parameters))])
        }
        run = integrate(
            system,
            self._events(people[0], system) if alike else [self._events(person, system) for person in people],
            [time for time, _ in asked],
            parameters,
            outputs=names,
            at_dose=["after" if after else "before" for _, after in asked],
            rtol=rtol,
        )
        if alike and not between:
            at = [column[time, word == "after"] for time, word, _ in places[0]]
            return run.values[:, at, :count].reshape(-1, count)
        found = []
        for i, (person, own) in enumerate(zip(people, places, strict=True)):
            for time, word, position in own:
                values = run.values[i, column[time, word == "after"]]
                if word == "between":
                    start = run.end.starts[i]
                    values = self._evaluated(system, person, position, values[count:], start, names[:count])
                found.append(values[:count])
        return np.array(found)

    def _events(self, person: _Follower, system: System, until: int | None = None) -> list[Event]:
        """What happens to a person, at the times that are shared, before a position of its items."""
        events = [_at(e, time) for time, e in person.items[:until] if not isinstance(e, tuple)]
        return with_tangents(events, system) if self.directions else events

    def _system(self, used: set[str], between: bool) -> System:
        """The model's equations with the routes that are used; its own system where that is enough.

        A bare system always gets its states among its outputs, so that one kernel serves all of its tables.
        """
        key = frozenset(used), between, bool(self.directions)
        if key not in self.systems:
            self.systems[key] = self._assembled(used, between)
        return self.systems[key]

    def _assembled(self, used: set[str], between: bool) -> System:
        system = self.model.system
        if used - set(system.routes) or any(route.lag for route in system.routes.values()):
            routes = {n: r for n, r in self.routes.items() if n in used or n in system.routes}
            system = replace(system, routes=routes)
        if between or not self.model.equations:
            system = with_state_outputs(system, {state: _as_output(state) for state in system.states})
        return tangent(system) if self.directions else system

    def _evaluated(
        self, system: System, person: _Follower, position: int, states: np.ndarray, start: np.ndarray,
        outputs: Sequence[str],
    ) -> np.ndarray:  # fmt: skip
        """The outputs at a row that stands between events of one time, from the states before that time."""
        time, parameters = person.items[position][0], dict(person.parameters)
        y = SimpleNamespace(**dict(zip(system.states, states.tolist(), strict=True)))
        for item in self._events(person, system, position):
            if isinstance(item, SetParameter):
                parameters[item.name] = item.value
            if item.time != time:
                continue
            if isinstance(item, SetState):
                setattr(y, item.name, item.value)
            elif isinstance(item, Bolus):
                route = system.routes[item.route]
                entered = item.amount * float(route.amount(SimpleNamespace(**parameters)))
                setattr(y, route.state, getattr(y, route.state) + entered)
        begin = SimpleNamespace(**dict(zip(system.states, start.tolist(), strict=True)))
        values = system.outputs(y, SimpleNamespace(**parameters), begin)
        return np.array([float(values[name]) for name in outputs])


def moves_events(name: str, rates: bool) -> bool:
    """Tell whether a parameter of this name decides when an event of a table happens.

    Parameters
    ----------
    name : str
        Name of the parameter.
    rates : bool
        Whether the table has rates.

    Returns
    -------
    bool
    """
    for start in ("ALAG", "R", "D", "F"):
        if name.startswith(start) and name.removeprefix(start).isdigit():
            return rates or start == "ALAG"
    return False


def with_state_outputs(system: System, names: dict[str, str]) -> System:
    """The system with states among its outputs: state to the name of its output."""
    outputs = system.outputs

    def more(y: Any, p: Any, start: Any) -> dict[str, Any]:
        return {**outputs(y, p, start), **{name: getattr(y, state) for state, name in names.items()}}

    return replace(system, outputs=more, output_names=(*system.output_names, *names.values()))


def _as_output(state: str) -> str:
    return f"state {state}"


def _given(route: str, time: float, amount: float, duration: float) -> Event:
    return Infusion(time, route, amount, duration) if duration > 0 else Bolus(time, route, amount)


def _kept(events: list[Event], at: float, rank: int, cut: float) -> list[tuple[float, int, Any]]:
    """What is left of doses if all ends at `cut`: what arrives later does not, an infusion stops there."""
    kept: list[tuple[float, int, Any]] = []
    for event in events:
        if event.time >= cut - SAME_TIME and not (
            rank == 0 and isinstance(event, Bolus) and event.time <= at
        ):
            continue
        if isinstance(event, Infusion) and event.time + event.duration > cut:
            left = cut - event.time
            event = replace(event, amount=event.amount * left / event.duration, duration=left)
        kept.append((event.time, rank, event))
    return kept


def _places(person: _Follower) -> list[tuple[float, str, int]]:
    """Of each row: its time, whether it stands before, after or between the events of that time, and its position."""
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for k, (time, item) in enumerate(person.items):
        if not isinstance(item, tuple):
            first.setdefault(time, k)
            last[time] = k
    found = []
    for k, (time, item) in enumerate(person.items):
        if isinstance(item, tuple):
            word = "after" if last.get(time, -1) < k else "before" if first[time] > k else "between"
            found.append((time, word, k))
    return found


def _at(event: Any, time: float) -> Event:
    """The event at the time that it shares with others."""
    return event if event.time == time else replace(event, time=time)
