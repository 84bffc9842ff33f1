"""The plan in dates: the next injection, what comes before and after it, long-term checks, and the exit plan.

What the judge blocks is not dated: the schedule then says why, what is done now, and how many days have passed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bonecast.care.case import CareCase
from bonecast.care.check import Check
from bonecast.care.exits import Exit, check_exit, find_exit
from bonecast.care.findings import Finding
from bonecast.care.overrides import Override
from bonecast.care.reasons import findings_behind, withheld
from bonecast.care.results import Result, result_of
from bonecast.care.rules import find_rule
from bonecast.care.schedule_table import PARTS, ScheduleStep, anchor_dates, steps
from bonecast.care.situation import LAST_DAYS, Situation, SituationName, injection_case, situation_of
from bonecast.care.sources import RuleSource
from bonecast.core import gettext
from bonecast.records import Patient

USUAL_EXIT = "zoledronate"


@dataclass(frozen=True)
class Entry:
    """One date of a schedule.

    Parameters
    ----------
    uid : str
        Key of the entry; a newer schedule of the same person uses it again for the same thing.
    part : str
        Part of the schedule: "now", "before", "next", "after", "long" or "exit".
    date : date
        The day.
    first : date, optional
        First day of its window.
    last : date, optional
        Last day of its window.
    what : str
        What is done.
    text : str
        Explanation.
    rules : tuple of str
        Ids of the rules behind it.
    sources : tuple of RuleSource
        Their sources.
    marks : tuple of str
        Their evidence grades.
    have : date, optional
        Day of a result that is already sufficient.
    result : Result, optional
        Latest result, even if it is flagged or old.
    """

    uid: str
    part: str
    date: dt.date
    first: dt.date | None
    last: dt.date | None
    what: str
    text: str
    rules: tuple[str, ...]
    sources: tuple[RuleSource, ...]
    marks: tuple[str, ...]
    have: dt.date | None = None
    result: Result | None = None


@dataclass(frozen=True)
class Clock:
    """Time since the last 60 mg injection; the next one is late after day 211 (rule DD-03).

    Parameters
    ----------
    last_injection : date
        Day of the last injection.
    day : int
        Days since then.
    limit : int
        Last day on which the next injection is not late, in days.
    """

    last_injection: dt.date
    day: int
    limit: int = LAST_DAYS["late"]

    def __str__(self) -> str:
        return f"day {self.day} of {self.limit} since the last injection"


@dataclass(frozen=True)
class Schedule:
    """The dates of one person, in order.

    Parameters
    ----------
    patient : str
        Id of the person.
    today : date
        Day of the record.
    injection : date, optional
        Day of the next injection; None where it is withheld or treatment ends.
    jurisdiction : str
        Jurisdiction whose rules apply; empty where none is known.
    ending : bool
        Whether the last injection has been given.
    entries : tuple of Entry
        The dates.
    exit_plan : tuple of Entry
        Plan for the day on which denosumab ends: part of the entries when it does, and otherwise what would follow if
        the last injection had been the last. Empty where the rules withhold the injection.
    withheld : tuple of str
        Why no injection is dated, a sentence each; empty where it is.
    situation : str
        Situation, as `bonecast.care.situation_of` names it.
    clock : Clock, optional
        Time since the last 60 mg injection; None where none was given.
    """

    patient: str
    today: dt.date
    injection: dt.date | None
    jurisdiction: str
    ending: bool
    entries: tuple[Entry, ...]
    exit_plan: tuple[Entry, ...]
    withheld: tuple[str, ...] = ()
    situation: SituationName = "blocked"
    clock: Clock | None = None

    def __repr__(self) -> str:
        return f"<Schedule: {len(self.entries)} dates>"

    def _repr_html_(self) -> str:
        from bonecast.care.notebook import schedule_html

        return schedule_html(self)


@dataclass(frozen=True)
class InjectionTests:
    """The tests before and after an injection on a given day, whether or not the injection can be given now.

    Parameters
    ----------
    injection : date
        Day of the injection.
    entries : tuple of Entry
        The tests and the injection, in order.
    """

    injection: dt.date
    entries: tuple[Entry, ...]


def schedule(
    patient: Patient,
    jurisdiction: str | None = None,
    ending: bool = False,
    exit: str | None = None,
    reason: str = "",
    overrides: Iterable[Override] = (),
) -> Schedule:
    """Plan what is done and when.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else rules that hold in all.
    ending : bool
        Whether no further injection is planned: the exit plan then replaces the next injection.
    exit : str, optional
        Drug that follows; by default zoledronate, if the rules do not block it.
    reason : str
        Why no drug follows, as the prescriber recorded it.
    overrides : iterable of Override
        Findings that a clinician overrode, each with a reason.

    Returns
    -------
    Schedule
        The dates, or why the rules withhold them.

    Raises
    ------
    InputError
        If options cannot be combined, the reason is too long, or `ending` is set without any injection in the
        record.
    UnknownName
        If the jurisdiction or the exit drug is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> made = schedule(read_patient("examples/late-dose.toml"), "UK")
    >>> made.entries[0].what, made.injection.isoformat()
    ('25-OH vitamin D', '2026-09-15')
    """
    overridden = tuple(overrides)
    found = situation_of(patient, jurisdiction, ending, exit, reason, overrides=overridden)
    return dates_of(patient, jurisdiction, found, overridden)


def dates_of(
    patient: Patient, jurisdiction: str | None, found: Situation, overrides: tuple[Override, ...] = ()
) -> Schedule:
    """The dates of a person in this situation."""
    case = injection_case(patient, jurisdiction)
    dates = anchor_dates(patient, case)
    if found.name == "blocked":
        dates["injection"] = patient.record_date
    entries = _entries_of(case, dates, patient)
    given = "last_injection" in dates
    exit_plan: tuple[Entry, ...] = ()
    if given and not (found.name == "blocked" or found.exit_reason):
        exit_plan = _exit_plan(entries, patient, jurisdiction, dates, found.exit, overrides)
    if found.ending:
        kept = list(exit_plan)
    elif found.withheld:
        kept = [
            _without_window(e) for e in entries if e.part == "before" and not (e.result and e.result.done)
        ]
        kept += [entry for entry in entries if entry.part == "long"]
    else:
        kept = [entry for entry in entries if entry.part in ("next", "before", "after", "long")]
    blocks = (*_blocks(found.checks, patient.record_date), *kept)
    return Schedule(
        patient.id,
        patient.record_date,
        None if found.ending or found.withheld else dates["injection"],
        str(case.values.get("jurisdiction", "")),
        found.ending,
        tuple(sorted(_merged(blocks), key=_order)),
        exit_plan,
        _why_withheld(found),
        found.name,
        _clock(found, dates, patient.record_date),
    )


def injection_tests(patient: Patient, jurisdiction: str | None = None) -> InjectionTests:
    """Date the tests around the next injection, for the forecast of an injection; the injection is not checked.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record.

    Returns
    -------
    InjectionTests
        Day of the injection, and the tests.

    Raises
    ------
    UnknownName
        If the jurisdiction is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> injection_tests(read_patient("examples/late-dose.toml"), "UK").injection.isoformat()
    '2026-09-15'
    """
    case = injection_case(patient, jurisdiction)
    dates = anchor_dates(patient, case)
    kept = (e for e in _entries_of(case, dates, patient) if e.part in ("before", "next", "after"))
    return InjectionTests(dates["injection"], tuple(sorted(_merged(kept), key=_order)))


def _why_withheld(found: Situation) -> tuple[str, ...]:
    if not found.withheld:
        return ()
    stated = [f.advice for check in found.checks for f in findings_behind(check)]
    stated += [
        gettext("The record contradicts itself: {what}.", what=one.what)
        for check in found.checks
        for one in check.contradictions
    ]
    if "strength" in found.reasons and not stated:
        stated.append(gettext("The strengths of the products in the record do not agree with its doses."))
    if "no_exit" in found.reasons:
        stated.append(
            gettext("No drug that follows is chosen, and no reason for stopping without one is recorded.")
        )
    return tuple(dict.fromkeys(stated))


def _clock(found: Situation, dates: dict[str, dt.date], today: dt.date) -> Clock | None:
    if found.strength_mg != 60 or "last_injection" not in dates:
        return None
    return Clock(dates["last_injection"], (today - dates["last_injection"]).days)


def _blocks(checks: Iterable[Check], today: dt.date) -> Iterator[Entry]:
    """What has to be done now, where the judge withholds the act: an entry for each finding behind it."""
    for check in checks:
        for finding in findings_behind(check) if withheld(check) else ():
            yield _now(finding, today)


def _now(finding: Finding, today: dt.date) -> Entry:
    what = gettext("Settle first: {topic}", topic=finding.topic.replace("-", " "))
    would = "; ".join(finding.would_change)
    text = gettext(finding.advice) + (
        gettext(" It would be possible with: {would}.", would=would) if would else ""
    )
    return Entry(
        f"now-{finding.rule}",
        "now",
        today,
        None,
        None,
        what,
        text,
        (finding.rule,),
        (finding.source,),
        (finding.mark,),
    )


def _without_window(entry: Entry) -> Entry:
    return replace(entry, first=None, last=None)


def _exit_plan(
    entries: list[Entry],
    patient: Patient,
    jurisdiction: str | None,
    dates: dict[str, dt.date],
    chosen: Exit | None,
    overrides: tuple[Override, ...],
) -> tuple[Entry, ...]:
    """The exit plan: what gives a drug only where the judge does not block that drug on that day."""
    by_key = {step.key: step for step in steps()}

    def blocked(name: str) -> bool:
        return withheld(check_exit(patient, find_exit(name), jurisdiction, dates["exit"], overrides))

    first = chosen.name if chosen is not None else USUAL_EXIT
    known: dict[str, bool] = {}
    kept = []
    for entry in entries:
        if entry.part != "exit":
            continue
        step = by_key[entry.uid.rpartition("-")[0]]
        if step.anchor == "exit" and known.setdefault(first, blocked(first)):
            continue  # counted from a drug that is not given
        if step.exit and not _is_offered(step, chosen):
            continue
        if step.exit:
            known.setdefault(step.exit, blocked(step.exit))
            if known[step.exit] is not (step.offer == "instead"):
                continue
        kept.append(entry)
    return tuple(sorted(kept, key=_order))


def _is_offered(step: ScheduleStep, chosen: Exit | None) -> bool:
    if chosen is None:
        return step.offer != "chosen"
    return step.exit == chosen.name and not (step.offer == "usual" and step.exit != USUAL_EXIT)


def _entries_of(case: CareCase, dates: dict[str, dt.date], patient: Patient) -> list[Entry]:
    entries = [entry for step in steps() for entry in _entries(step, case, dates, patient)]
    coming = sorted((e for e in entries if e.part == "next"), key=lambda e: e.date)
    ordinal = int(float(case.values.get("n_doses_received", 0)))
    # An injection is named by its number, whichever row dates it, so that a calendar moves it and adds none.
    named = {id(e): replace(e, uid=f"{e.uid}-{ordinal + 1 + rank}-0") for rank, e in enumerate(coming)}
    return [named.get(id(entry), entry) for entry in entries]


def _entries(
    step: ScheduleStep, case: CareCase, dates: dict[str, dt.date], patient: Patient
) -> Iterator[Entry]:
    if step.anchor not in dates or (step.when is not None and not step.when.closed(case.values)):
        return
    anchor, today = dates[step.anchor], patient.record_date
    cited = [find_rule(rule_id) for rule_id in step.rules]
    ordinal = int(float(case.values.get("n_doses_received", 0)))
    result = result_of(step, case)
    for number in range(step.times):
        day = anchor + dt.timedelta(days=step.at_d + number * step.every_d)
        name = (
            f"{step.key}-{ordinal + 1}-{number}"
            if step.part in ("before", "after")
            else f"{step.key}-{number}"
        )
        first, last = _window(step, anchor, today)
        yield Entry(
            step.thing if step.part == "next" else name,
            step.part,
            max(day, today),
            first,
            last,
            step.what,
            step.text,
            step.rules,
            tuple(dict.fromkeys(rule.source for rule in cited)),
            tuple(dict.fromkeys(rule.mark for rule in cited)),
            result.date if result is not None and result.done else None,
            result,
        )


def _window(step: ScheduleStep, anchor: dt.date, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """First and last day; a window that has closed keeps its last day only."""
    first, last = (None if d is None else anchor + dt.timedelta(days=d) for d in (step.first_d, step.last_d))
    if first is None or (last is not None and last < today):
        return None, last
    return max(first, today), last


def _merged(entries: Iterable[Entry]) -> list[Entry]:
    """Two reasons for the same thing on the same day are one entry with both reasons."""
    found: dict[tuple[str, dt.date, str], Entry] = {}
    for entry in entries:
        key = (entry.what, entry.date, entry.uid if entry.part == "now" else "")
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
