"""The table of the schedule: what is done, when, for whom and by which rules; and the days from which dates count."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from bonecast.care.case import CareCase
from bonecast.care.exits import find_exit
from bonecast.care.limits import filled, limit_days
from bonecast.care.rules import find_rule
from bonecast.care.variables import find_variable, read_condition, table
from bonecast.core import Condition
from bonecast.errors import UnknownName
from bonecast.records import Patient
from bonecast.regimens import history_of

PARTS = ("now", "before", "next", "after", "long", "exit")  # the order of things on one day
EXIT_D = limit_days("due_d")  # after the last injection: about 6 months (rule DC-05)
_ANCHORS = ("today", "injection", "last_injection", "first_injection", "last_scan", "exit")
_OFFERS = ("", "usual", "chosen", "with", "instead")


@dataclass(frozen=True)
class ScheduleStep:
    """One row of the table.

    Attributes
    ----------
    thing : what an injection is called in calendars, whichever row dates it; the key where it is empty.
    low, high : the result in `have` is flagged where one of these holds.
    exit : the exit drug that the row gives; it is dated only where the rules do not block that drug.
    offer : "usual" without a choice too, "chosen" by name only, "with" the drug, "instead" where it is blocked.
    """

    key: str
    thing: str
    part: str
    what: str
    anchor: str
    at_d: int
    first_d: int | None
    last_d: int | None
    every_d: int
    times: int
    have: str
    low: Condition | None
    high: Condition | None
    when: Condition | None
    exit: str
    offer: str
    rules: tuple[str, ...]
    text: str


@cache
def steps() -> tuple[ScheduleStep, ...]:
    """The rows of the table, checked.

    >>> steps()[0].what
    'Denosumab 60 mg injection'
    """
    return tuple(_step(row) for row in table("schedule.csv"))


def anchor_dates(patient: Patient, case: CareCase) -> dict[str, dt.date]:
    """The days from which others are counted. An injection that is overdue is due today."""
    today = patient.record_date
    history = history_of(patient)
    given = [history.date(dose.time_d) for dose in history.doses if dose.drug == "denosumab"]
    dates = {"today": today, "injection": today}
    if given:
        rows = (s for s in steps() if s.part == "next" and s.anchor == "last_injection")
        due = next((s for s in rows if s.when and s.when.closed(case.values)), None)
        dates |= {"last_injection": given[-1], "first_injection": given[0]}
        if due is not None:
            dates["injection"] = max(today, given[-1] + dt.timedelta(days=due.at_d))
        dates["exit"] = max(today, given[-1] + dt.timedelta(days=EXIT_D))
    scans = patient.measured("BMD")
    if scans:
        dates["last_scan"] = scans[-1].date
    return dates


def _step(row: dict[str, str]) -> ScheduleStep:
    place = f"schedule.csv, {row['key']}"
    for given, known, kind in (
        (row["part"], PARTS, "part"),
        (row["anchor"], _ANCHORS, "anchor"),
        (row["offer"], _OFFERS, "offer"),
    ):
        if given not in known:
            raise UnknownName(place, kind, given, known)
    rule_ids = tuple(row["rules"].split())
    for rule_id in rule_ids:
        find_rule(rule_id, place)
    if row["have"]:
        find_variable(row["have"], place)
    if row["exit"]:
        find_exit(row["exit"], place)
    return ScheduleStep(
        row["key"],
        row["thing"] or row["key"],
        row["part"],
        row["what"],
        row["anchor"],
        int(filled(row["at_d"], place)),
        int(filled(row["first_d"], place)) if row["first_d"] else None,
        int(filled(row["last_d"], place)) if row["last_d"] else None,
        int(row["every_d"] or 0),
        int(row["times"]),
        row["have"],
        _condition(row["low"], place),
        _condition(row["high"], place),
        _condition(row["when"], place),
        row["exit"],
        row["offer"],
        rule_ids,
        row["text"],
    )


def _condition(text: str, place: str) -> Condition | None:
    return read_condition(filled(text, place), place) if text else None
