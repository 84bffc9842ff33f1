"""What a notebook shows of a check: the outcome, the findings, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.care.state_words import findings_shown, state_heading, state_sentence
from bonecast.charts import Card, Table, card_html
from bonecast.core import DISCLAIMER

if TYPE_CHECKING:
    from bonecast.care.check import Check
    from bonecast.care.leaflet import Leaflet
    from bonecast.care.schedule import Schedule


def html(check: Check) -> str:
    """The card of a check."""
    rows = tuple((f.severity, f.topic, f.advice, f.source.text) for f in findings_shown(check))
    asked = tuple(f"To be asked: {one.text}" for one in check.questions)
    return card_html(
        Card(
            f"Check of {check.action.replace('_', ' ')}: {state_heading(check)}",
            (f"Rules of {check.jurisdiction}. {state_sentence(check)}", *check.conflicts, *asked),
            table=Table(("severity", "topic", "advice", "source"), rows),
            remarks=(DISCLAIMER,),
        )
    )


def schedule_html(schedule: Schedule) -> str:
    """The card of a schedule: its dates in order."""
    rows = tuple((entry.date.isoformat(), entry.what) for entry in schedule.entries)
    remarks = ("No further injection is planned.", DISCLAIMER) if schedule.ending else (DISCLAIMER,)
    if schedule.withheld:
        remarks = ("The care rules withhold what would be dated.", *remarks)
    return card_html(
        Card(
            "Schedule",
            (f"Rules of {schedule.jurisdiction}; {len(schedule.entries)} dates",),
            table=Table(("date", "what"), rows),
            remarks=remarks,
        )
    )


def leaflet_html(leaflet: Leaflet) -> str:
    """The card of a leaflet: its sections by title; `.text` has the words."""
    rows = tuple((title, f"{len(lines)} lines") for _, title, lines in leaflet.sections)
    return card_html(Card(leaflet.title, table=Table(("section", "length"), rows), remarks=(DISCLAIMER,)))
