"""The timeline of one case: liver values in multiples of the upper limit, with the doses of every drug."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from bonecast.charts import (
    HISTORY_STYLE,
    JOINED,
    STYLES,
    Lane,
    Mark,
    Point,
    Strip,
    Style,
    Threshold,
    Trace,
    Traces,
    held,
    log_domain,
)
from bonecast.core import gettext
from bonecast.liver.case import DrugUse, LiverCase
from bonecast.liver.measures import SHORT
from bonecast.liver.thresholds import limit

if TYPE_CHECKING:
    from bonecast.liver.assessment import Assessment

LONGEST_D = 400  # a longer span is cut, so that weeks of injury can be distinguished
BEFORE_D = 220  # then it begins so long before the onset: one interval of denosumab and the panel before it


def timeline(assessment: Assessment) -> Traces:
    """Draw the liver values in multiples of the upper limit, with the doses of every drug.

    Parameters
    ----------
    assessment : Assessment
        The assessed case.

    Returns
    -------
    The picture.

    Examples
    --------
    >>> from bonecast.liver import assess
    >>> [lane.name for lane in timeline(assess("examples/liver-case.toml")).strip.lanes]
    ['denosumab', 'atorvastatin']
    """
    case = assessment.case
    domain = _domain(assessment)
    traces = [_trace(assessment, test, i) for i, test in enumerate(SHORT)]
    drawn = tuple(trace for trace in traces if trace is not None)
    values = [p.y for trace in drawn for p in trace.points if held(domain, p.x)] or [1.0]
    before = sum(use.start < domain[0] for use in case.suspect_uses)
    earlier = (
        gettext(
            "Before {value}: {before} doses of {suspect}.",
            value=domain[0],
            before=before,
            suspect=case.suspect,
        )
        if before
        else ""
    )
    return Traces(
        key="timeline",
        title=gettext("Liver values and doses: {id}", id=case.id),
        description=_description(assessment),
        y_title=gettext("multiples of the upper limit (log)"),
        y_domain=log_domain(min(0.5, *values), max(5.0, *values)),
        traces=drawn,
        thresholds=(
            Threshold(limit("raised"), gettext("upper limit")),
            Threshold(limit("hy_bilirubin"), "2 × bilirubin"),
            Threshold(limit("hy_aminotransferase"), "3 × ALT, AST"),
        ),
        rules=tuple(use.start for use in case.suspect_uses),
        strip=_strip(case, domain),
        note=(
            gettext(
                "Hollow signs: below the limit of the method. Upright lines: doses of the drug in "
                "question. Level lines: the upper limit and the limits of Hy's law. Values more than "
                "{JOINED:g} days apart are not joined. {earlier}",
                JOINED=JOINED,
                earlier=earlier,
            )
        ).strip(),
    )


def _domain(assessment: Assessment) -> tuple[dt.date, dt.date]:
    days = [value.at.date() for value in assessment.case.values]
    starts = [use.start for use in assessment.case.suspect_uses]
    first, last = min([*days, *starts]), max([*days, *starts])
    onset = assessment.measured["onset"]
    if (last - first).days > LONGEST_D and onset is not None:
        first = max(first, onset.date() - dt.timedelta(days=BEFORE_D))
    margin = dt.timedelta(days=max(3, (last - first).days // 30))
    return first - margin, last + margin


def _trace(assessment: Assessment, test: str, position: int) -> Trace | None:
    rows = assessment.values.filter(pl.col("test") == test).sort("at")
    points = tuple(
        Point(row["at"].date(), row["x"], below=assessment.case.values[row["row"]].below_limit)
        for row in rows.iter_rows(named=True)
    )
    return Trace(test, STYLES[position], points) if points else None


def _strip(case: LiverCase, domain: tuple[dt.date, dt.date]) -> Strip:
    """One lane for each drug, the drug in question first."""
    drugs = sorted({use.drug for use in case.doses}, key=lambda drug: (drug != case.suspect, drug))
    lanes = []
    for drug in drugs:
        uses = [use for use in case.doses if use.drug == drug]
        look = STYLES[0] if drug == case.suspect else Style(HISTORY_STYLE, (), "circle")
        marks = tuple(mark for use in uses if (mark := _mark(use, domain)) is not None)
        lanes.append(Lane(drug, look, marks, gettext("not in this span")))
    empty = Lane("drugs", Style(HISTORY_STYLE, (), "circle"), (), gettext("no dose is on file"))
    return Strip(
        key="liver-doses",
        title="Doses",
        description=gettext("Doses of each drug."),
        x_title="date",
        x_domain=domain,
        lanes=tuple(lanes) or (empty,),
    )


def _mark(use: DrugUse, domain: tuple[dt.date, dt.date]) -> Mark | None:
    """A dose as a sign, a course as a bar; a course that began before the axis begins at its edge."""
    end = use.end or domain[1]
    if end < domain[0] or use.start > domain[1]:
        return None
    single = use.end == use.start
    name = f"{use.drug} {use.amount}" + ("" if single else f", since {use.start}")
    edge = domain[0] + (domain[1] - domain[0]) / 50  # a sign cut in half by the frame cannot be read
    return Mark(max(use.start, edge), use.drug[0].upper(), name, until=None if single else end)


def _description(assessment: Assessment) -> str:
    peaks = [
        f"{test} {assessment.measured[f'{short}_peak_x']:.3g}"
        for test, short in SHORT.items()
        if assessment.measured[f"{short}_peak_x"] is not None
    ]
    doses = (
        gettext(
            "{count} doses of {suspect}",
            count=len(assessment.case.suspect_uses),
            suspect=assessment.case.suspect,
        )
        if assessment.case.suspect
        else gettext("no drug named")
    )
    return gettext(
        "Peaks in multiples of the upper limit: {peaks}; {doses}.",
        peaks=", ".join(peaks) or gettext("none under treatment"),
        doses=doses,
    )
