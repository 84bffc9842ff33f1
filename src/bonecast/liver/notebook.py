"""What a notebook shows of a liver case and of its assessment; nothing in it names the person."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html
from bonecast.core import DISCLAIMER

if TYPE_CHECKING:
    from bonecast.liver.assessment import Assessment
    from bonecast.liver.case import LiverCase


def case_html(case: LiverCase) -> str:
    """The card of a case: how many values of which test."""
    tests = Counter(value.test for value in case.values)
    return card_html(
        Card(
            "Liver case",
            (
                f"{len(case.values)} values, {len(case.doses)} doses or courses;"
                f" suspect: {case.suspect or 'no drug'}",
            ),
            table=Table(("test", "values"), tuple((test, str(n)) for test, n in sorted(tests.items()))),
        )
    )


def assessment_html(assessment: Assessment) -> str:
    """The card of an assessment: the results, then the findings."""
    findings = tuple(finding.action for finding in assessment.findings[:4])
    return card_html(
        Card(
            "Liver assessment",
            table=Table(("question", "result"), tuple(assessment.summary())),
            remarks=(*findings, DISCLAIMER),
        )
    )
