"""The pictures of a window trial: what happens in the tumour under each truth, without the error of reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bonecast.charts import STYLES, Panel, Series, format_number, linear_domain, log_domain, y_span
from bonecast.cohorts import simulate
from bonecast.regimens import parse_regimen
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.design import Arm, Design, Truth
from bonecast.trials.people import People, draw_people

LEVELS = (5, 25, 50, 75, 95)
PEOPLE = 600  # enough for a 90 % range whose ends do not tremble


def pictures(design: Design) -> tuple[Panel, ...]:
    """Lymphocytes of each subtype and Ki67 of all over the days from the first dose, and the level with its effect.

    The people are the first of the run; the curves are followed again, which takes a second.
    """
    people = draw_people(design, 0, -(-PEOPLE // design.people))
    truth = design.truths[0]
    days = np.arange(0.0, max(visit.last for visit in design.visits) + 1)
    til = tuple(
        _series(f"{kind}, {arm.name}", i, days, _curves(design, people, arm, truth, "TIL_pct", days, kind))
        for arm in design.arms
        for i, kind in enumerate(design.subtypes)
    )
    worlds = tuple(
        _series(f"{one.name}, {arm.name}", i, days, _curves(design, people, arm, one, "Ki67_pct", days, ""))
        for arm in design.arms
        for i, one in enumerate(design.truths)
    )
    drug = tuple(
        _series(title, i, days, _curves(design, people, design.arms[0], truth, output, days, ""))
        for i, (output, title) in enumerate(SIGNALS)
    )
    return (
        _panel("TIL", f"Lymphocytes if {truth.name} act", "stromal TIL, %", til, ".0f"),
        _panel("Ki67", "Ki67 in each truth", "Ki67, %", worlds, ".0f"),
        _panel(
            "signal",
            f"From the drug to the brake, {design.arms[0].name}",
            "% of before the drug",
            drug,
            ".1f",
            log=True,
        ),
    )


def pictures_of_run(design: Design | BoneDesign, files: Sequence[Path]) -> list[Panel]:
    """The curves of a finished run by arm: of a bone trial as read at each visit, of a window trial as they are."""
    from bonecast.trials.report_curves import curves
    from bonecast.trials.report_source import source_of

    if isinstance(design, Design):
        return list(pictures(design))
    return [panel for panel, _ in curves(design, source_of(files))]


SIGNALS = (
    ("RANKL_free_pct", "free RANKL in serum"),
    ("tumour_RANKL_signal_pct", "RANKL signal in the tumour"),
    ("brake_pct", "suppressive brake"),
)


def _curves(
    design: Design, people: People, arm: Arm, truth: Truth, output: str, days: np.ndarray, kind: str
) -> np.ndarray:
    """quantiles[level, day] of one output over the people (of one subtype), all given this arm's plan."""
    who = people.words["subtype"] == kind if kind else np.ones(len(people.arm), bool)
    cohort = people.cohort.select(who).with_parameters(truth.parameters)
    run = simulate(cohort, parse_regimen(arm.plan), days, [output], threads=1).require_success(design.name)
    return np.nanpercentile(run[output], LEVELS, axis=0)


def _series(name: str, position: int, days: np.ndarray, quantiles: np.ndarray) -> Series:
    rows = tuple(tuple(float(f"{v:.6g}") for v in row) for row in quantiles)
    return Series(name, STYLES[position], tuple(float(d) for d in days), rows)


def _panel(
    key: str, title: str, y_title: str, series: tuple[Series, ...], form: str, log: bool = False
) -> Panel:
    low, high = y_span(series, ())
    days = tuple(float(d) for d in range(len(series[0].x)))
    answer = "; ".join(
        f"{s.name} {format_number(s.median[0], form)} to {format_number(s.median[-1], form)}" for s in series
    )
    return Panel(
        key=key,
        title=title,
        description=f"Medians on day {days[0]:g} and day {days[-1]:g}: {answer}.",
        y_title=y_title,
        x_title="days from the first dose",
        x_domain=(days[0], days[-1]),
        y_domain=log_domain(low, high) if log else linear_domain(0.0, high),
        form=form,
        series=series,
        rows_at=tuple(d for d in days if d % 7 == 0),
        log=log,
        x_word="day ",
        note="Median, 50 and 90 % range of people; what is there, before the error of a reading.",
    )
