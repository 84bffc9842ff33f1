"""The strip of injections: where each dose, its cover and today lie on a line of years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bonecast.core import current_language, gettext, read_day
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, History, history_of

WIDTH, LEFT, RIGHT = 560.0, 8.0, 8.0
BACK_Y, AHEAD_Y = 2.25, 3.25  # years shown before and after the day of the record
MONTHS_6, MONTHS_7 = round(6 * DAYS_IN["months"]), round(7 * DAYS_IN["months"])
PLANNED_YEARS = 5
MOST_PLANNED = 24


@dataclass(frozen=True)
class StripMark:
    """A dose on the strip. `at`: its place in the form; `late_d`: days after it was due."""

    at: int
    date: dt.date
    drug: str
    x: float
    planned: bool
    late_d: int
    title: str


@dataclass(frozen=True)
class Stretch:
    """A stretch of the lane of cover: `kind` is "covered" (6 months), "grace" (to 7 months) or "open"."""

    kind: str
    x: float
    width: float
    title: str


@dataclass(frozen=True)
class DoseStrip:
    """What is drawn, in pixels; `per_day` turns days into pixels. `given` : days of the injections of denosumab."""

    marks: tuple[StripMark, ...]
    cover: tuple[Stretch, ...]
    years: tuple[tuple[float, str], ...]
    today: float
    first: dt.date
    last: dt.date
    per_day: float
    given: tuple[dt.date, ...]
    width: float = WIDTH
    left: float = LEFT
    months_6: int = MONTHS_6
    months_7: int = MONTHS_7


def usual_dates(history: History) -> list[dt.date]:
    """The planned injections if nothing else is said: when the next one is due, or today, and then every 6 months."""
    start = max(history.cover_end_d, history.today_d)
    ahead = round(PLANNED_YEARS * DAYS_IN["years"])
    steps = [round(start + k * 6 * DAYS_IN["months"]) for k in range(PLANNED_YEARS * 2 + 1)]
    return [history.date(day) for day in steps if day <= history.today_d + ahead]


def read_days(texts: Sequence[str]) -> list[dt.date]:
    """Typed dates; empty ones are injections that are not given. Raises InputError."""
    return sorted(read_day(text, "injection") for text in texts[:MOST_PLANNED] if text.strip())


def strip_of(patient: Patient, planned: Sequence[dt.date], given: Mapping[int, dt.date]) -> DoseStrip:
    """Lay the doses of a record and the planned ones on the strip.

    given : place of a dose in the record to another day that is tried.
    """
    history = history_of(patient)
    now = patient.record_date
    first = now - dt.timedelta(days=round(BACK_Y * DAYS_IN["years"]))
    last = now + dt.timedelta(days=round(AHEAD_Y * DAYS_IN["years"]))
    per_day = (WIDTH - LEFT - RIGHT) / (last - first).days

    def x(day: dt.date) -> float:
        return round(LEFT + per_day * (day - first).days, 2)

    done = sorted((given.get(at, dose.date), at, dose.drug) for at, dose in enumerate(patient.doses))
    doses = [(day, at, drug, False) for day, at, drug in done]
    doses += [(day, at, "denosumab", True) for at, day in enumerate(planned)]
    marks, cover = [], []
    before: dt.date | None = None
    for day, at, drug, is_planned in doses:
        late = max(0, (day - before).days - MONTHS_6) if drug == "denosumab" and before else 0
        if first <= day <= last:
            marks.append(
                StripMark(at, day, drug, x(day), is_planned, late, _title(day, drug, is_planned, late))
            )
        if drug == "denosumab":
            if before is not None:
                cover += _cover(before, day, first, last, x)
            before = day
    if before is not None:
        cover += _cover(before, history.date(history.today_d + 36_500), first, last, x)
    years = [dt.date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    return DoseStrip(
        tuple(marks),
        tuple(cover),
        tuple((x(day), str(day.year)) for day in years),
        x(now),
        first,
        last,
        per_day,
        tuple(day for day, _, drug in done if drug == "denosumab"),
    )


def _cover(begin: dt.date, until: dt.date, first: dt.date, last: dt.date, x) -> list[Stretch]:
    six, seven = (begin + dt.timedelta(days=days) for days in (MONTHS_6, MONTHS_7))
    pieces = (
        ("covered", begin, min(six, until), gettext("covered until {day}", day=six)),
        (
            "grace",
            six,
            min(seven, until),
            gettext("6 to 7 months after the injection, until {day}", day=seven),
        ),
        ("open", seven, until, gettext("more than 7 months after the injection of {day}", day=begin)),
    )
    found = []
    for kind, low, high, title in pieces:
        low, high = max(low, first), min(high, last)
        if low < high:
            found.append(Stretch(kind, x(low), round(x(high) - x(low), 2), title))
    return found


def _title(day: dt.date, drug: str, planned: bool, late: int) -> str:
    state = gettext("planned") if planned else gettext("given")
    said = f"{gettext(drug)}, {current_language().date(day)}, {state}"
    if late <= MONTHS_7 - MONTHS_6:
        return said
    return gettext("{dose}, {days} days after it was due", dose=said, days=late)
