"""The timeline of one case: liver values in multiples of the upper limit, with the doses of every drug."""

from __future__ import annotations

import datetime as dt

import polars as pl

from bonecast.charts import STYLES, Lane, Mark, Point, Strip, Style, Threshold
from bonecast.charts.axes import log_domain
from bonecast.charts.panel import held
from bonecast.charts.styles import HISTORY_STYLE
from bonecast.charts.traces import JOINED, Trace, Traces
from bonecast.liver.assessment import Assessment
from bonecast.liver.case import DrugUse, LiverCase
from bonecast.liver.threshold import limit

DRAWN = ("ALT", "AST", "ALP", "GGT", "bilirubin")
LONGEST_D = 400  # a longer span is cut, so that weeks of injury can be told apart
BEFORE_D = 220  # then it begins so long before the onset: one interval of denosumab and the panel before it


def timeline(made: Assessment) -> Traces:
    """How did the values run, and when was each drug given?"""
    case = made.case
    domain = _domain(made)
    shown = [_trace(made, test, i) for i, test in enumerate(DRAWN)]
    drawn = tuple(trace for trace in shown if trace is not None)
    values = [p.y for trace in drawn for p in trace.points if held(domain, p.x)] or [1.0]
    before = sum(use.start < domain[0] for use in case.suspect_uses)
    earlier = f"Before {domain[0]}: {before} doses of {case.suspect}." if before else ""
    return Traces(
        key="timeline",
        title=f"Liver values and doses: {case.id}",
        description=_words(made),
        y_title="multiples of the upper limit (log)",
        y_domain=log_domain(min(0.5, *values), max(5.0, *values)),
        traces=drawn,
        thresholds=(
            Threshold(limit("raised"), "upper limit"),
            Threshold(limit("hy_bilirubin"), "2 × bilirubin"),
            Threshold(limit("hy_aminotransferase"), "3 × ALT, AST"),
        ),
        rules=tuple(use.start for use in case.suspect_uses),
        strip=_strip(case, domain),
        note=(
            "Hollow signs: below the limit of the method. Upright lines: doses of the drug in question."
            " Level lines: the upper limit and the limits of Hy's law. Values more than"
            f" {JOINED:g} days apart are not joined. {earlier}"
        ).strip(),
    )


def _domain(made: Assessment) -> tuple[dt.date, dt.date]:
    days = [value.at.date() for value in made.case.values]
    starts = [use.start for use in made.case.suspect_uses]
    first, last = min([*days, *starts]), max([*days, *starts])
    onset = made.measured["onset"]
    if (last - first).days > LONGEST_D and onset is not None:
        first = max(first, onset.date() - dt.timedelta(days=BEFORE_D))
    margin = dt.timedelta(days=max(3, (last - first).days // 30))
    return first - margin, last + margin


def _trace(made: Assessment, test: str, position: int) -> Trace | None:
    rows = made.values.filter(pl.col("test") == test).sort("at")
    points = tuple(
        Point(row["at"].date(), row["x"], below=made.case.values[row["row"]].below_limit)
        for row in rows.iter_rows(named=True)
    )
    return Trace(test, STYLES[position], points) if points else None


def _strip(case: LiverCase, domain: tuple[dt.date, dt.date]) -> Strip:
    """One lane for each drug, the drug in question first."""
    drugs = sorted({use.drug for use in case.uses}, key=lambda drug: (drug != case.suspect, drug))
    lanes = []
    for drug in drugs:
        uses = [use for use in case.uses if use.drug == drug]
        look = STYLES[0] if drug == case.suspect else Style(HISTORY_STYLE, (), "circle")
        marks = tuple(mark for use in uses if (mark := _mark(use, domain)) is not None)
        lanes.append(Lane(drug, look, marks, "not in this span"))
    empty = Lane("drugs", Style(HISTORY_STYLE, (), "circle"), (), "no dose is on file")
    return Strip(
        key="liver-doses",
        title="Doses",
        description="Doses of each drug.",
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


def _words(made: Assessment) -> str:
    peaks = [
        f"{test} {made.measured[f'{short}_peak_x']:.3g}"
        for test, short in zip(DRAWN, ("alt", "ast", "alp", "ggt", "bili"), strict=True)
        if made.measured[f"{short}_peak_x"] is not None
    ]
    doses = (
        f"{len(made.case.suspect_uses)} doses of {made.case.suspect}"
        if made.case.suspect
        else "no drug named"
    )
    return f"Peaks in multiples of the upper limit: {', '.join(peaks) or 'none under treatment'}; {doses}."
