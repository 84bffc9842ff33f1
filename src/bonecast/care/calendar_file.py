"""The schedule as a calendar file (RFC 5545): whole days with alarms, ids that stay from one version to the next."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading

from bonecast.care.schedule import Entry, Schedule
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError

ALARM_D = {"next": (14, 1), "before": (7,), "after": (1,), "long": (30,), "exit": (30, 7)}  # days before
# Versions of a calendar are counted in seconds from here: later is newer, and the number fits 32 bits until 2088.
_FIRST_VERSION = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_LATEST = [_FIRST_VERSION]  # the last moment that a version of this process was given
_LOCK = threading.Lock()


def calendar(made: Schedule, written: dt.datetime | None = None, previous: bytes | None = None) -> bytes:
    """Write the schedule as a calendar file (iCalendar, RFC 5545).

    An entry keeps its id from version to version; SEQUENCE and DTSTAMP rise with each, so that a calendar moves it
    instead of adding a second one. What is already there (a fresh result that is not flagged) is left out.

    Parameters
    ----------
    made : Schedule
        The schedule.
    written : datetime, optional
        Time of this version, with its time zone; by default now, and later than any version before.
    previous : bytes, optional
        The version before. It is returned unchanged where no entry has changed; otherwise the new version is later.

    Returns
    -------
    bytes
        Content of the .ics file.

    Raises
    ------
    InputError
        If the rules withhold the dates.

    Examples
    --------
    >>> from bonecast.care.schedule import schedule
    >>> from bonecast.interop import read_patient
    >>> text = calendar(schedule(read_patient("examples/late-dose.toml"), "UK")).decode()
    >>> text.splitlines()[0], "BEGIN:VALARM" in text
    ('BEGIN:VCALENDAR', True)
    """
    if made.withheld:
        hint = (
            "settle that first and make the calendar again; delete the former entries from calendars by hand"
        )
        raise InputError("calendar", f"nothing may be dated now: {' '.join(made.withheld)}", hint)
    before = _moment_of(previous)
    if before is not None and previous is not None and _rendered(made, before) == previous:
        return previous
    at = written.astimezone(dt.UTC).replace(microsecond=0) if written is not None else _now()
    if before is not None:
        at = max(at, before + dt.timedelta(seconds=1))
    return _rendered(made, at)


def entry_id(patient_id: str, entry: Entry) -> str:
    """Compute the id of an entry in calendars.

    It is the same for the same person and entry, and discloses neither.

    Parameters
    ----------
    patient_id : str
        Id of the person.
    entry : Entry
        The entry.

    Returns
    -------
    str
        Id, the same in each version of the calendar.

    Examples
    --------
    >>> from bonecast.care.schedule import schedule
    >>> from bonecast.interop import read_patient
    >>> first = schedule(read_patient("examples/late-dose.toml"), "UK").entries[0]
    >>> entry_id("A-1", first) == entry_id("A-1", first), entry_id("A-1", first) == entry_id("A-2", first)
    (True, False)
    """
    return hashlib.sha256(f"{patient_id}\n{entry.uid}".encode()).hexdigest()[:32] + "@bonecast"


def _now() -> dt.datetime:
    """Now in whole seconds, and later than at the last call: two versions within a second still rise."""
    with _LOCK:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        _LATEST[0] = max(now, _LATEST[0] + dt.timedelta(seconds=1))
        return _LATEST[0]


def _moment_of(previous: bytes | None) -> dt.datetime | None:
    """When was this version written? None for none, and for a file that is no calendar of ours."""
    import icalendar

    if previous is None:
        return None
    try:
        events = icalendar.Calendar.from_ical(previous).walk("VEVENT")
    except ValueError:
        return None
    stamps = [event.decoded("DTSTAMP") for event in events if "DTSTAMP" in event]
    return max((one for one in stamps if isinstance(one, dt.datetime) and one.tzinfo), default=None)


def _rendered(made: Schedule, at: dt.datetime) -> bytes:
    import icalendar

    made_of = icalendar.Calendar()
    made_of.add("prodid", "-//Bonecast//Care schedule//EN")
    made_of.add("version", "2.0")
    made_of.add("method", "PUBLISH")
    made_of.add("name", "Denosumab plan")
    made_of.add("x-wr-calname", "Denosumab plan")
    for entry in made.entries:
        if entry.have is None:
            made_of.add_component(_event(entry, made.patient, at))
    return made_of.to_ical()


def _event(entry: Entry, patient_id: str, at: dt.datetime):
    import icalendar

    event = icalendar.Event()
    event.add("uid", entry_id(patient_id, entry))
    event.add("dtstamp", at)
    event.add("last-modified", at)
    event.add("sequence", max(0, int((at - _FIRST_VERSION).total_seconds())))
    event.add("dtstart", entry.date)
    event.add("dtend", entry.date + dt.timedelta(days=1))
    event.add("summary", entry.what)
    event.add("description", description(entry))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [entry.part])
    for days in ALARM_D[entry.part]:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{entry.what} on {entry.date}")
        alarm.add("trigger", dt.timedelta(days=-days))
        event.add_component(alarm)
    return event


def description(entry: Entry) -> str:
    """What stands under an entry: window, the latest result, text, rules with their sources, and the standing line."""
    window = ""
    if entry.first and entry.last:
        window = f"Window {entry.first} to {entry.last}."
    elif entry.last:
        window = f"{'Closed on' if entry.last < entry.date else 'Until'} {entry.last}."
    result = ""
    if entry.result is not None:
        age = "" if entry.result.fresh else ", too old to count"
        result = f"Latest result: {entry.result} on {entry.result.date}{age}."
    sources = "; ".join(source.text for source in entry.sources)
    doubt = (
        " Some of these were not read (recalled, unverified)." if set(entry.marks) != {"published"} else ""
    )
    lines = [window, result, entry.text, f"Rules {', '.join(entry.rules)}: {sources}.{doubt}", DISCLAIMER]
    return "\n".join(filter(None, lines))
