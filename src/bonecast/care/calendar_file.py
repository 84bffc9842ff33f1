"""The schedule as a calendar file (RFC 5545): whole days with alarms, ids that stay from one version to the next."""

from __future__ import annotations

import datetime as dt
import hashlib

from bonecast.care.schedule import Entry, Schedule
from bonecast.core import DISCLAIMER

ALARM_D = {"next": (14, 1), "before": (7,), "after": (1,), "long": (30,), "exit": (30, 7)}  # days before
# Versions of a calendar are counted in minutes from here: later is newer, and the number stays small.
_FIRST_VERSION = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def calendar(made: Schedule, written: dt.datetime | None = None) -> bytes:
    """The schedule as the content of an .ics file.

    `written` is the moment of this version; now where it is left out. An entry keeps its id from version to version
    with a rising SEQUENCE, so that a calendar moves it instead of adding a second one. What is already there
    (a fresh result) is left out.

    >>> from bonecast.care.schedule import schedule
    >>> from bonecast.interop import read_patient
    >>> text = calendar(schedule(read_patient("examples/late-dose.toml"), "UK")).decode()
    >>> text.splitlines()[0], "BEGIN:VALARM" in text
    ('BEGIN:VCALENDAR', True)
    """
    import icalendar

    at = (written or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(microsecond=0)
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


def entry_id(patient_id: str, entry: Entry) -> str:
    """The id of an entry in calendars: the same for the same person and thing, telling nothing of either."""
    return hashlib.sha256(f"{patient_id}\n{entry.uid}".encode()).hexdigest()[:32] + "@bonecast"


def _event(entry: Entry, patient_id: str, at: dt.datetime):
    import icalendar

    event = icalendar.Event()
    event.add("uid", entry_id(patient_id, entry))
    event.add("dtstamp", at)
    event.add("last-modified", at)
    event.add("sequence", max(0, int((at - _FIRST_VERSION).total_seconds() // 60)))
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
    """What stands under an entry: window, text, rules with their sources, and the standing line."""
    window = ""
    if entry.first and entry.last:
        window = f"Window {entry.first} to {entry.last}."
    elif entry.last:
        window = f"Until {entry.last}."
    sources = "; ".join(source.text for source in entry.sources)
    doubt = (
        " Some of these were not read (recalled, unverified)." if set(entry.marks) != {"published"} else ""
    )
    lines = [window, entry.text, f"Rules {', '.join(entry.rules)}: {sources}.{doubt}", DISCLAIMER]
    return "\n".join(filter(None, lines))
