"""The figures of the service, counted person by person: after a change only those whom it is about are counted again.

What is counted of a person is added to sums by measure, month, owner and site, and taken away when the person changes.
A figure is a sum over the months, owners and sites that are asked for.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bonecast.web.service_figures import (
    MEASURES,
    By,
    ServiceFigure,
    ServiceMeasure,
    counted_of,
    months_back,
    wilson,
)

Stamp = tuple[int, str, str, str]  # version that was judged, owner, site, status
Histories = Callable[[list[int]], Iterable[tuple[int, dict[str, Any]]]]


class _Event(NamedTuple):
    """One kind of thing that is counted: people share it, and each has it so and so often."""

    measure: str
    month: str
    owner: str
    site: str
    holds: bool
    value: float | None


@dataclass
class ServiceCounts:
    """What was counted of everybody on one day.

    Parameters
    ----------
    today : date
        The day of the count.
    """

    today: dt.date
    _people: dict[int, tuple[Stamp, tuple[_Event, ...]]] = field(default_factory=dict)
    _sums: dict[str, Counter[_Event]] = field(default_factory=dict)
    _shared: dict[_Event, _Event] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __repr__(self) -> str:
        return f"<ServiceCounts: {len(self._people)} people>"

    def update(self, stamps: Mapping[int, Stamp], histories: Histories) -> int:
        """Count the people who changed again; how many were there?

        stamps : everybody by number. histories : the histories of these people.
        """
        with self._lock:
            for id_ in [id_ for id_ in self._people if id_ not in stamps]:
                self._take(id_)
            changed = [id_ for id_, stamp in stamps.items() if self._people.get(id_, ((),))[0] != stamp]
            for id_, history in histories(changed) if changed else ():
                self._take(id_)
                self._put(id_, stamps[id_], history)
            return len(changed)

    def figures(self, by: By = "all", months: int = 12) -> list[ServiceFigure]:
        """Every measure in each group, of what fell into the last `months` months.

        Persistence and the other long measures count people by the day on which their time was over.
        """
        first = f"{months_back(self.today, months):%Y-%m}"
        made = []
        with self._lock:
            for measure in MEASURES:
                groups: dict[str, Counter[_Event]] = {}
                for event, count in self._sums.get(measure.key, {}).items():
                    if event.month >= first:
                        groups.setdefault(_group(event, by), Counter())[event] = count
                if measure.kind == "absent" or not groups:
                    shown = "not in the record" if measure.kind == "absent" else "none yet"
                    made.append(ServiceFigure(measure, "", 0, 0, shown))
                made += [_figure(measure, name, groups[name]) for name in sorted(groups)]
        return made

    def _put(self, id_: int, stamp: Stamp, history: dict[str, Any]) -> None:
        _, owner, site, status = stamp
        events = []
        for key, one in counted_of(history, owner, site, status, self.today):
            event = _Event(key, f"{one.day:%Y-%m}", owner, site, one.holds, one.value)
            event = self._shared.setdefault(event, event)
            self._sums.setdefault(key, Counter())[event] += 1
            events.append(event)
        self._people[id_] = (stamp, tuple(events))

    def _take(self, id_: int) -> None:
        for event in self._people.pop(id_, ((), ()))[1]:
            sums = self._sums[event.measure]
            sums[event] -= 1
            if not sums[event]:
                del sums[event], self._shared[event]


def figures(
    people: Iterable[tuple[str, str, str, dict[str, Any]]], today: dt.date, by: By = "all", months: int = 12
) -> list[ServiceFigure]:
    """Every measure of this list of people (owner, site, status, history), in each group."""
    rows = dict(enumerate(people))
    counts = ServiceCounts(today)
    counts.update(
        {id_: (1, *row[:3]) for id_, row in rows.items()}, lambda ids: ((id_, rows[id_][3]) for id_ in ids)
    )
    return counts.figures(by, months)


def _figure(measure: ServiceMeasure, group: str, found: Counter[_Event]) -> ServiceFigure:
    total = found.total()
    if measure.kind == "median":
        values = sorted((event.value, count) for event, count in found.items() if event.value is not None)
        return ServiceFigure(measure, group, 0, total, f"{_median(values):.0f}")
    holds = sum(count for event, count in found.items() if event.holds)
    if measure.kind == "rate":
        of = sum(count * (1.0 if event.value is None else event.value) for event, count in found.items())
        shown = f"{measure.per * holds / of:.1f}" if of else "–"
        return ServiceFigure(measure, group, holds, round(of, 1), shown)
    low, high = wilson(holds, total)
    return ServiceFigure(measure, group, holds, total, f"{100 * holds / total:.0f} %", low, high)


def _median(values: list[tuple[float, int]]) -> float:
    """The median of values that occur so often, in order.

    >>> _median([(1.0, 2), (4.0, 2)]), _median([(1.0, 1), (3.0, 2)])
    (2.5, 3.0)
    """
    total = sum(count for _, count in values)

    def at(place: int) -> float:
        for value, count in values:
            place -= count
            if place < 0:
                return value
        raise IndexError(place)

    return (at((total - 1) // 2) + at(total // 2)) / 2


def _group(event: _Event, by: By) -> str:
    if by == "month":
        return event.month
    return {"owner": event.owner or "nobody", "site": event.site or "not said"}.get(by, "")
