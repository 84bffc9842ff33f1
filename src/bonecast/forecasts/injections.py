"""From injections on given days to a plan in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bonecast.drugs import find_drug
from bonecast.errors import InputError
from bonecast.regimens import History, parse_span, plain_number


@dataclass(frozen=True)
class Injection:
    """One planned dose of a drug given at long intervals.

    Parameters
    ----------
    date : date
        The day.
    drug : str
        Generic name.
    amount : float
        In `unit`.
    unit : str
        "mg" or "ug".
    """

    date: dt.date
    drug: str = "denosumab"
    amount: float = 60.0
    unit: str = "mg"


def plan_on(history: History, injections: Sequence[Injection]) -> str:
    """Write the plan that gives these injections on these very days, laid behind this history.

    Injections of one drug at its labelled interval become one course; every other day is a wait in days.

    Parameters
    ----------
    history : History
        Doses given, and today.
    injections : sequence of Injection
        Planned, in any order.

    Returns
    -------
    str
        The plan.

    Raises
    ------
    InputError
        Without an injection, for one before today, and for two of one day.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> her = history_of(read_patient("examples/late-dose.toml"))
    >>> plan_on(her, [Injection(dt.date(2026, 10, 15)), Injection(dt.date(2027, 4, 16))])
    'nothing for 30 days, then denosumab 60 mg every 6 months x 2'
    """
    ordered = sorted(injections, key=lambda i: i.date)
    _check(history, ordered)
    steps: list[str] = []
    before = 0.0  # where the plan puts the dose from which the next wait counts, on the axis of the history
    at = 0
    while at < len(ordered):
        first = ordered[at]
        day = float((first.date - history.zero).days)
        start, after_dose = (before, True) if steps else _start(day, history)
        wait = _whole_wait(day, start) if steps else max(round(day - start), 0)
        placed = start + wait
        span = _interval(first)
        count = _run(history, ordered, at, placed, parse_span(span)) if span else 1
        given = f"{first.drug} {plain_number(first.amount)} {first.unit}"
        given += f" every {span} x {count}" if span else " once"
        if after_dose:
            steps.append(f"{wait} days after the last dose {given}")
        else:
            steps.append(f"nothing for {wait} days, then {given}" if day > start else given)
        before = placed + (count - 1) * parse_span(span) if span else placed
        at += count
    return ", then ".join(steps)


def _start(day: float, history: History) -> tuple[float, bool]:
    """From where the first wait counts, and whether that is the last dose.

    A plan begins where the cover of the last dose ends, or today if that is past.
    """
    start = max(history.cover_end_d, history.today_d)
    if day < start and history.last_d is not None:
        return history.last_d, True
    return start, False


def _whole_wait(day: float, last_d: float) -> int:
    near = round(day - last_d)
    return next((w for w in (near, near + 1, near - 1) if round(last_d + w) == day), near)


def _run(history: History, ordered: Sequence[Injection], at: int, day: float, every_d: float) -> int:
    """How many injections, this one first, follow one another at the labelled interval?"""
    first, count = ordered[at], 1
    for following in ordered[at + 1 :]:
        same = (following.drug, following.amount, following.unit) == (first.drug, first.amount, first.unit)
        if not same or (following.date - history.zero).days != round(day + count * every_d):
            break
        count += 1
    return count


def _interval(one: Injection) -> str | None:
    """The interval of the labelled regimen of this amount; None where there is none."""
    regimens = (r for r in find_drug(one.drug).regimens if r.interval)
    return next((r.interval for r in regimens if (r.dose, r.unit) == (one.amount, one.unit)), None)


def _check(history: History, ordered: Sequence[Injection]) -> None:
    if not ordered:
        raise InputError("injections", "there are none", 'write a plan such as "nothing for 5 years"')
    today = history.date(history.today_d)
    if ordered[0].date < today:
        cause = f"{ordered[0].date} lies before {today}"
        raise InputError("injections", cause, "enter an injection that was given as a dose of the record")
    last = history.date(history.last_d) if history.last_d is not None else None
    days = [i.date for i in ordered]
    if len(set(days)) < len(days) or last == days[0]:
        raise InputError("injections", "two of them are on one day", "give each a day of its own")
