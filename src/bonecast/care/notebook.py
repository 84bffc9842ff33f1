"""What a notebook shows of a check: the outcome, the findings, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html
from bonecast.core import DISCLAIMER

if TYPE_CHECKING:
    from bonecast.care.check import Check


def html(check: Check) -> str:
    """The card of a check."""
    rows = tuple((f.severity, f.topic, f.advice, f.source.text) for f in check.findings)
    missing = check.missing()
    return card_html(
        Card(
            f"Check of {check.action.replace('_', ' ')}: {check.outcome}",
            (f"Rules of {check.jurisdiction}; {len(check.findings)} findings, {len(missing)} facts missing",),
            table=Table(("severity", "topic", "advice", "source"), rows),
            remarks=(DISCLAIMER,),
        )
    )
