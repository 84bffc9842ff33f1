"""The plan in dates: the next injection, what comes before and after it, long-term checks, and the exit plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from bonecast.care.case import Case
from bonecast.care.check import case_of
from bonecast.care.condition import Condition, read_condition
from bonecast.care.rules import Source, find_rule
from bonecast.care.variables import find_variable, table
from bonecast.errors import InputError, UnknownName
from bonecast.records import Patient
from bonecast.regimens import history_of

PARTS = ("before", "next", "after", "long", "exit")  # the order of things on one day
FRESH_D = 90  # days for which a result counts as there (rule PD-04)
_ANCHORS = ("today", "injection", "last_injection", "first_injection", "last_scan", "exit")
_EXIT_D = 183  # days after the last injection: about 6 months (rule DC-05)


@dataclass(frozen=True)
class Step:
    """One row of the table: what is done, when, for whom, and by which rules."""

    key: str
    part: str
    what: str
    anchor: str
    at_d: int
    first_d: int | None
    last_d: int | None
    every_d: int
    times: int
    have: str
    when: Condition | None
    rules: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Entry:
    """One date. `first` and `last` are its window, `have` the day of a result that already serves.

    `uid` names the entry for good: a newer schedule of the same person uses it again for the same thing.
    """

    uid: str
    part: str
    date: dt.date
    first: dt.date | None
    last: dt.date | None
    what: str
    text: str
    rules: tuple[str, ...]
    sources: tuple[Source, ...]
    marks: tuple[str, ...]
    have: dt.date | None = None


@dataclass(frozen=True)
class Schedule:
    """The dates of one person, in order. `ending` says that the last injection has been given.

    `exit_plan` is the plan for the day on which denosumab ends: part of the entries when it does, and otherwise
    what would follow if the last injection had been the last.
    """

    patient: str
    today: dt.date
    injection: dt.date | None
    jurisdiction: str
    ending: bool
    entries: tuple[Entry, ...]
    exit_plan: tuple[Entry, ...]

    def __repr__(self) -> str:
        return f"<Schedule: {len(self.entries)} dates>"

    def _repr_html_(self) -> str:
        from bonecast.care.notebook import schedule_html

        return schedule_html(self)


def schedule(patient: Patient, jurisdiction: str | None = None, ending: bool = False) -> Schedule:
    """What is done when: from the record to dates.

    Parameters
    ----------
    jurisdiction : "US", "EU", "UK" or "CA"; the record's own where it is left out, and else rules that hold in all.
    ending : no further injection is planned: the exit plan takes the place of the next one.

    Raises InputError where `ending` is asked of someone without an injection.

    >>> from bonecast.interop import read_patient
    >>> made = schedule(read_patient("examples/late-dose.toml"), "UK")
    >>> made.entries[0].what, made.injection.isoformat()
    ('25-OH vitamin D', '2026-09-15')
    """
    given = [dose for dose in history_of(patient).doses if dose.drug == "denosumab"]
    if ending and not given:
        cause = "there is no injection in the record that could be the last"
        raise InputError(patient.id, cause, "leave --last-dose out")
    dates = _anchor_dates(patient, case_of(patient, None, jurisdiction))
    case = case_of(patient, None, jurisdiction, dates["injection"])
    entries = [entry for step in steps() for entry in _entries(step, case, dates, patient)]
    exit_plan = tuple(sorted((e for e in entries if e.part == "exit"), key=_order)) if given else ()
    parts = ("exit",) if ending else ("next", "before", "after", "long")
    kept = _merged(entry for entry in entries if entry.part in parts)
    return Schedule(
        patient.id,
        patient.record_date,
        None if ending else dates["injection"],
        str(case.values.get("jurisdiction", "")),
        ending,
        tuple(sorted(kept, key=_order)),
        exit_plan,
    )


@cache
def steps() -> tuple[Step, ...]:
    """The rows of the table, checked.

    >>> steps()[0].what
    'Denosumab 60 mg injection'
    """
    return tuple(_step(row) for row in table("schedule.csv"))


def _anchor_dates(patient: Patient, case: Case) -> dict[str, dt.date]:
    """The days from which others are counted. An injection that is overdue is due today."""
    today = patient.record_date
    history = history_of(patient)
    given = [history.date(dose.time_d) for dose in history.doses if dose.drug == "denosumab"]
    dates = {"today": today, "injection": today}
    if given:
        due = next((s for s in steps() if s.part == "next" and s.when and s.when.closed(case.values)), None)
        dates |= {"last_injection": given[-1], "first_injection": given[0]}
        if due is not None:
            dates["injection"] = max(today, given[-1] + dt.timedelta(days=due.at_d))
        dates["exit"] = max(today, given[-1] + dt.timedelta(days=_EXIT_D))
    scans = patient.measured("BMD")
    if scans:
        dates["last_scan"] = scans[-1].date
    return dates


def _entries(step: Step, case: Case, dates: dict[str, dt.date], patient: Patient) -> Iterator[Entry]:
    if step.anchor not in dates or (step.when is not None and not step.when.closed(case.values)):
        return
    anchor, today = dates[step.anchor], patient.record_date
    cited = [find_rule(rule_id) for rule_id in step.rules]
    ordinal = int(float(case.values.get("n_doses_received", 0)))
    for number in range(step.times):
        day = anchor + dt.timedelta(days=step.at_d + number * step.every_d)
        if step.part in ("next", "before", "after"):
            name = f"{step.key}-{ordinal + 1}-{number}"
        else:
            name = f"{step.key}-{number}"
        first, last = _window(step, anchor, today)
        yield Entry(
            name,
            step.part,
            max(day, today),
            first,
            last,
            step.what,
            step.text,
            step.rules,
            tuple(dict.fromkeys(rule.source for rule in cited)),
            tuple(dict.fromkeys(rule.mark for rule in cited)),
            _there(step, case),
        )


def _window(step: Step, anchor: dt.date, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """First and last day; a window that has closed keeps its last day only."""
    first, last = (None if d is None else anchor + dt.timedelta(days=d) for d in (step.first_d, step.last_d))
    if first is None or (last is not None and last < today):
        return None, last
    return max(first, today), last


def _there(step: Step, case: Case) -> dt.date | None:
    """The day of a result that is still fresh on the day of the injection, and newer than the last injection."""
    if not step.have:
        return None
    age, since = case.age_days(step.have), case.values.get("days_since_last_denosumab")
    fresh = age is not None and age <= FRESH_D and (not isinstance(since, float) or age < since)
    return case.facts[step.have].date if fresh else None


def _merged(entries: Iterator[Entry]) -> list[Entry]:
    """Two reasons for the same thing on the same day are one entry with both reasons."""
    found: dict[tuple[str, dt.date], Entry] = {}
    for entry in entries:
        key = (entry.what, entry.date)
        if key not in found:
            found[key] = entry
            continue
        known = found[key]
        found[key] = replace(
            known,
            text=" ".join(filter(None, (known.text, entry.text))),
            rules=tuple(dict.fromkeys(known.rules + entry.rules)),
            sources=tuple(dict.fromkeys(known.sources + entry.sources)),
            marks=tuple(dict.fromkeys(known.marks + entry.marks)),
        )
    return list(found.values())


def _order(entry: Entry) -> tuple[dt.date, int, str]:
    return entry.date, PARTS.index(entry.part), entry.what


def _step(row: dict[str, str]) -> Step:
    place = f"schedule.csv, {row['key']}"
    for given, known, kind in ((row["part"], PARTS, "part"), (row["anchor"], _ANCHORS, "anchor")):
        if given not in known:
            raise UnknownName(place, kind, given, known)
    rule_ids = tuple(row["rules"].split())
    for rule_id in rule_ids:
        find_rule(rule_id, place)
    if row["have"]:
        find_variable(row["have"], place)
    return Step(
        row["key"],
        row["part"],
        row["what"],
        row["anchor"],
        int(row["at_d"]),
        int(row["first_d"]) if row["first_d"] else None,
        int(row["last_d"]) if row["last_d"] else None,
        int(row["every_d"] or 0),
        int(row["times"]),
        row["have"],
        read_condition(row["when"], place) if row["when"] else None,
        rule_ids,
        row["text"],
    )
