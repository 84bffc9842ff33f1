"""Events: what happens to a person at a point in time (doses, infusions, changes of parameters or states).

The dosing contract (docs/dosing.md; tests/contract):

* An event happens at its time, never inside a step. Events at one time happen in the order given.
* A bolus adds `amount * route.amount(p)` to the route's state. Two boluses at one time add up.
* An infusion adds at a constant rate from its start to its end; infusions of one route add up; one that begins
  where another of the same rate ends is one infusion. One shorter than 2e-7 time units is a bolus.
* A route's lag, zero or more, delays the event. A depot is a state like any other.
* A parameter may change in time if the system declares it (`System.may_change`).
* Times within `SAME_TIME` of each other are one time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from types import SimpleNamespace
from typing import Any

import numpy as np

from bonecast.engine.system import System
from bonecast.errors import InputError, UnknownName, printable

SAME_TIME = 1e-7  # time units (of hours or days)
DOSE, RATE, PARAMETER, STATE, START = 0, 1, 2, 3, 4  # kinds of events, in the table and in the loop
_BEGIN, _END = 5, 6  # of an infusion, while the table is made
_NOTICEABLE = 1e-9  # of an infusion's length
_SHORTEST = 2 * SAME_TIME  # infusion: a shorter one is a bolus, as its end might be met with its start


@dataclass(frozen=True)
class Bolus:
    """Give an amount at once.

    Parameters
    ----------
    time : float
        When, in the system's time unit from time zero.
    route : str
        Name of a route of the system.
    amount : float
        In the dose unit of the route.

    Examples
    --------
    >>> Bolus(0.0, "denosumab", 60.0).amount
    60.0
    """

    time: float
    route: str
    amount: float


@dataclass(frozen=True)
class Infusion:
    """Give an amount at a constant rate.

    Parameters
    ----------
    time : float
        When it begins, in the system's time unit from time zero.
    route : str
        Name of a route of the system.
    amount : float
        Amount in all, in the dose unit of the route.
    duration : float
        How long it runs, in the system's time unit; above zero.

    Examples
    --------
    >>> Infusion(0.0, "zoledronate", 5.0, 0.25).duration
    0.25
    """

    time: float
    route: str
    amount: float
    duration: float


@dataclass(frozen=True)
class SetParameter:
    """Change a parameter from a time on.

    Parameters
    ----------
    time : float
        When, in the system's time unit from time zero.
    name : str
        Name of a parameter that may change.
    value : float
        In the unit of the parameter.

    Examples
    --------
    >>> SetParameter(365.0, "GFR", 30.0).value
    30.0
    """

    time: float
    name: str
    value: float


@dataclass(frozen=True)
class SetState:
    """Set a state at a time.

    Parameters
    ----------
    time : float
        When, in the system's time unit from time zero.
    name : str
        Name of a state.
    value : float
        In the unit of the state.

    Examples
    --------
    >>> SetState(0.0, "weight", 61.0).name
    'weight'
    """

    time: float
    name: str
    value: float


Event = Bolus | Infusion | SetParameter | SetState


@dataclass(frozen=True)
class EventTable:
    """Events as arrays; person i has rows first[i] to last[i] - 1."""

    first: np.ndarray
    last: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    index: np.ndarray
    value: np.ndarray

    def part(self, persons: slice) -> EventTable:
        """The same rows, for some of the persons."""
        return EventTable(
            self.first[persons], self.last[persons], self.time, self.kind, self.index, self.value
        )


def dose(system: System, time: float, route: str, amount: float, cover: float = 0.0) -> Event:
    """Make the event of one dose as its route gives it.

    Parameters
    ----------
    system : System
        System with the route.
    time : float
        When, in the system's time unit from time zero.
    route : str
        Name of the route.
    amount : float
        In the dose unit of the route.
    cover : float
        Interval that the dose covers, in the system's time unit; a spread dose enters over it.

    Returns
    -------
    Event
        A bolus, or an infusion over the interval.
    """
    given = _route(system, route).given
    if given == "bolus":
        return Bolus(time, route, amount)
    if cover <= 0:
        raise InputError(
            f"model {system.name}, {route}",
            "it takes this drug as a steady intake, so a single dose has no length",
            "give it daily, weekly, monthly or at an interval",
        )
    return Infusion(time, route, amount, cover)


def table(
    system: System,
    events: Sequence[Event] | Sequence[Sequence[Event]],
    persons: int,
    begin: float | None = None,
    parameters: np.ndarray | None = None,
) -> EventTable:
    """Check events and lay them out for the kernel.

    `events` is one list for everybody, or one list per person. With `begin`, the time at which an earlier run
    ended, what lies before it has happened and is passed over (of an infusion that still runs, the end is kept).
    At time zero the states are captured for outputs that compare with it. `parameters[person, name]`, in the
    order of the system's names, give each person the lag of a route that has one.
    """
    own = own_lists(events)
    lists: Sequence[Sequence[Event]] = events if own else [events]  # type: ignore[assignment]
    if own and len(lists) != persons:
        raise InputError(
            "events", f"{len(lists)} lists for {persons} persons", "give one list, or one per person"
        )
    if not own and parameters is not None and _lags(system, lists[0]):
        lists, own = [lists[0]] * persons, True
    rows, first, last = [], [], []
    for i, personal in enumerate(lists):
        p = system.named_parameters()
        if parameters is not None:
            p = SimpleNamespace(**dict(zip(system.parameters, parameters[i].tolist(), strict=False)))
        first.append(len(rows))
        rows.extend(_rows(system, personal, begin, p))
        last.append(len(rows))
    columns = list(zip(*rows, strict=True)) if rows else [[], [], [], []]
    return EventTable(
        np.array(first if own else first * persons, np.int64),
        np.array(last if own else last * persons, np.int64),
        np.array(columns[0], np.float64),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.int64),
        np.array(columns[3], np.float64),
    )


def own_lists(events: Sequence) -> bool:
    """Is this one list per person, rather than one for everybody?"""
    return bool(events) and not isinstance(events[0], Event)


def _lags(system: System, events: Iterable[Event]) -> bool:
    routes = {e.route for e in _listed(events) if isinstance(e, (Bolus, Infusion))}
    return any(system.routes[r].lag is not None for r in routes if r in system.routes)


def _rows(system: System, events: Iterable[Event], begin: float | None, p: SimpleNamespace) -> list[tuple]:
    routes = list(system.routes)
    points: list[tuple[float, int, int, float]] = []
    infusions: list[tuple[int, float, float]] = []  # route, amount, length
    for event in _listed(events):
        _check(event)
        if isinstance(event, SetParameter):
            points.append((event.time, PARAMETER, _changing(system, event), event.value))
        elif isinstance(event, SetState):
            points.append(
                (event.time, STATE, _find(system, "state", event.name, list(system.states)), event.value)
            )
        else:
            time, index = event.time + _lag(system, event.route, p), routes.index(event.route)
            if isinstance(event, Bolus):
                points.append((time, DOSE, index, event.amount))
            else:
                infusions.append((index, event.amount, event.duration))
                points.append((time, _BEGIN, len(infusions) - 1, 0.0))
                points.append((time + event.duration, _END, len(infusions) - 1, 0.0))
    if begin is None:
        points.insert(0, (0.0, START, 0, 0.0))
    rows = _merge(_at_rates(_same_times(sorted(points, key=lambda row: row[0])), infusions))
    return rows if begin is None else [row for row in rows if row[0] >= begin - SAME_TIME]


def _same_times(points: list[tuple]) -> list[tuple]:
    times = on_one_time([time for time, *_ in points])
    return [(time, *rest) for time, (_, *rest) in zip(times, points, strict=True)]


def on_one_time(times: Iterable[float]) -> list[float]:
    """Snap times that differ by rounding only (`SAME_TIME`) to the first of them.

    Parameters
    ----------
    times : iterable of float
        Times in order.

    Returns
    -------
    list of float
        As many times.

    Examples
    --------
    >>> on_one_time([0.0, 7.0, 7.0 + 1e-9])
    [0.0, 7.0, 7.0]
    """
    snapped: list[float] = []
    for time in times:
        snapped.append(snapped[-1] if snapped and time - snapped[-1] <= SAME_TIME else time)
    return snapped


def _at_rates(points: list[tuple], infusions: list[tuple[int, float, float]]) -> list[tuple]:
    """Begins and ends of infusions as changes of a rate, or a bolus where they are too close.

    The rate is that of the length as given. Where rounding has moved begin or end by a noticeable part of a short
    one, it is that of the length left, so that the whole amount enters.
    """
    spans = {(kind, which): time for time, kind, which, _ in points if kind in (_BEGIN, _END)}
    rows = []
    for time, kind, which, value in points:
        if kind not in (_BEGIN, _END):
            rows.append((time, kind, which, value))
            continue
        route, amount, length = infusions[which]
        left = spans[_END, which] - spans[_BEGIN, which]
        if left <= _SHORTEST:
            if kind == _BEGIN:
                rows.append((time, DOSE, route, amount))
            continue
        rate = amount / (left if abs(left - length) > _NOTICEABLE * length else length)
        rows.append((time, RATE, route, rate if kind == _BEGIN else -rate))
    return rows


def _merge(points: list[tuple]) -> list[tuple]:
    """Add up the rate changes of one route at one time, and drop those that cancel."""
    sums: dict[tuple[float, int], float] = {}
    sizes: dict[tuple[float, int], float] = {}
    for time, kind, index, value in points:
        if kind == RATE:
            sums[time, index] = sums.get((time, index), 0.0) + value
            sizes[time, index] = max(sizes.get((time, index), 0.0), abs(value))
    merged, done = [], set()
    for time, kind, index, value in points:
        if kind == RATE:
            key = (time, index)
            if key in done or abs(sums[key]) <= 1e-12 * sizes[key]:
                continue
            done.add(key)
            value = sums[key]
        merged.append((time, kind, index, value))
    return merged


def _listed(events: Any) -> Iterable[Any]:
    if isinstance(events, str | bytes | Mapping) or not hasattr(events, "__iter__"):
        cause = f"a {type(events).__name__} is no list of events"
        raise InputError("events", cause, "give each person a list of Bolus, Infusion, Change or Place")
    return events


def _check(event: Any) -> None:
    if not isinstance(event, Event):
        cause = f"{printable(repr(event))} is no event"
        raise InputError("events", cause, "give Bolus, Infusion, Change or Place")
    place = f"event at {printable(event.time)}"
    values = [value for field, value in vars(event).items() if field not in ("name", "route")]
    if not all((type(v) is float or isinstance(v, Real)) and math.isfinite(v) for v in values):
        raise InputError(place, "a time or amount is not a finite number", "give finite numbers")
    if event.time < 0:
        raise InputError(place, "it lies before time zero", "count times from the first event")
    if isinstance(event, (Bolus, Infusion)) and event.amount < 0:
        raise InputError(place, "the amount is negative", "give zero or more")
    if isinstance(event, Infusion) and event.duration <= 0:
        raise InputError(place, "the infusion has no length", "give a duration above zero, or a bolus")


def _lag(system: System, route: str, p: SimpleNamespace) -> float:
    lag = _route(system, route).lag
    delay = float(lag(p)) if lag else 0.0
    if not 0 <= delay < math.inf:
        place = f"model {system.name}, route {route}"
        raise InputError(place, f"its lag is {delay:g}", "a lag is zero or more")
    return delay


def _changing(system: System, event: SetParameter) -> int:
    """The place of a parameter that may change in time; any other is refused."""
    from bonecast.engine.outline import outline_of

    index = _find(system, "parameter", event.name, list(system.parameters))
    allowed = system.may_change if system.may_change is not None else outline_of(system).moving
    if event.name not in allowed:
        able = ", ".join(name for name in system.parameters if name in allowed) or "none"
        cause = f"{event.name} is fixed for a whole run"
        raise InputError(
            f"model {system.name}, change at {event.time:g}", cause, f"those that may change: {able}"
        )
    return index


def _route(system: System, name: str):
    if name not in system.routes:
        raise UnknownName(f"model {system.name}", "dose route", str(name), system.routes)
    return system.routes[name]


def _find(system: System, kind: str, name: str, known: list[str]) -> int:
    if name not in known:
        raise UnknownName(f"model {system.name}", kind, str(name), known)
    return known.index(name)
