"""The report of a calibration: how well each class is met, what moved, what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bonecast.calibration.files import pulled_by
from bonecast.calibration.fit import CalibrationFit
from bonecast.calibration.profiles import ABLATED, CostProfile
from bonecast.evidence import Row, Scorecard
from bonecast.models import Parameter

KNOWN, HALF_KNOWN = (
    0.5,
    0.85,
)  # of the prior SD that is left: below it the rows decide, above it they say little
TIED = 0.6  # correlation of two logarithms above which only a combination is known


def report(
    body: tuple[CalibrationFit, tuple[Row, ...]],
    fractures: tuple[CalibrationFit, tuple[Row, ...]],
    cards: dict[str, Parameter],
    found_profiles: Sequence[CostProfile],
    left_out: Sequence[CostProfile],
    card: Scorecard,
) -> str:
    """The page `docs/calibration-report.md`."""
    return "\n".join(
        [
            "# Calibration report",
            "",
            "Written by `make calibrate`; [how it is done](calibration.md) is said elsewhere. Rows are named by their",
            "id in the [calibration table](evidence.md).",
            "",
            "## How well the rows are met",
            "",
            *_classes(card),
            "",
            "Missed rows:",
            "",
            *_missed(card),
            "",
            "## What the rows made of the body's parameters",
            "",
            f"Cost: rows {body[0].costs[0]:.1f}, priors {body[0].costs[1]:.1f}.",
            "",
            *_parameters(*body, cards),
            "",
            "## What is not identified",
            "",
            *_unknown(body[0], cards),
            "",
            "Known only in combination (correlation of the logarithms above "
            f"{TIED:g} in size): {_tied(body[0])}.",
            "",
            "## Profiles",
            "",
            "One parameter held a third lower or a half higher, all others fitted again: by how much the cost rises. A",
            "rise below 4 means that the rows hardly object.",
            "",
            *_profiles(found_profiles),
            "",
            "## What each mechanism is for",
            "",
            "One mechanism left out, all others fitted again from where they were, for a few steps: costs are upper",
            "bounds. The rows speak of little but BMD; what fission, the pools and the reserve do to the markers is",
            "held by `tests/evidence/test_bonecast_1_shapes.py`.",
            "",
            *_left_out(left_out),
            "",
            "## The fracture relation",
            "",
            f"Cost: rows {fractures[0].costs[0]:.1f}, priors {fractures[0].costs[1]:.1f}.",
            "",
            *_parameters(*fractures, cards),
            "",
        ]
    )


def _classes(card: Scorecard) -> Iterable[str]:
    yield "| class | rows with a plan | predicted | hits | share | mean absolute error | in the 90 % interval |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for c in card.classes:
        error = "" if c.mean_abs_error is None else f"{c.mean_abs_error:.2f}"
        share = "" if c.share is None else f"{100 * c.share:.0f} %"
        inside = "" if c.in_interval is None else f"{100 * c.in_interval:.0f} %"
        yield f"| {c.name} | {c.with_plan} | {c.predicted} | {c.hits} | {share} | {error} | {inside} |"


def _missed(card: Scorecard) -> Iterable[str]:
    yield "| row | published | predicted | why not predicted |"
    yield "| --- | --- | --- | --- |"
    for row in card.rows:
        if row.planned and row.published is not None and not row.hit:
            shown = "" if row.prediction is None else f"{row.prediction:.3g}"
            yield f"| {row.id} | {row.published:g} | {shown} | {row.note if row.prediction is None else ''} |"


def _parameters(found: CalibrationFit, rows: tuple[Row, ...], cards: dict[str, Parameter]) -> Iterable[str]:
    yield "| parameter | before | found | CV before | CV left | pulled most by (SDs of the row per prior SD) |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for i, name in enumerate(found.names):
        c = cards[name]
        named = ", ".join(f"{row} ({pull:+.1f})" for row, pull in pulled_by(found, rows, i))
        yield (
            f"| `{name}`, {c.meaning} ({c.unit}) | {c.prior:.3g} | {found.values[i]:.3g} | {c.prior_sd:.2f} "
            f"| {found.cv[i]:.2f} | {named} |"
        )


def _unknown(found: CalibrationFit, cards: dict[str, Parameter]) -> Iterable[str]:
    left = {name: cv / (cards[name].prior_sd or 1.0) for name, cv in zip(found.names, found.cv, strict=True)}
    groups = (
        ("Decided by the rows (less than half of the prior uncertainty is left)", 0.0, KNOWN),
        ("Half known", KNOWN, HALF_KNOWN),
        ("Not identified: they stay where the prior put them", HALF_KNOWN, np.inf),
    )
    for title, low, high in groups:
        names = [f"`{name}`" for name, share in left.items() if low <= share < high]
        yield f"- {title}: {', '.join(names) or 'none'}."


def _tied(found: CalibrationFit) -> str:
    sd = found.cv
    correlation = found.covariance / np.outer(sd, sd)
    pairs = [
        f"`{found.names[i]}` with `{found.names[j]}` ({correlation[i, j]:+.2f})"
        for i in range(len(sd))
        for j in range(i)
        if abs(correlation[i, j]) > TIED
    ]
    return ", ".join(pairs) or "none"


def _left_out(found: Sequence[CostProfile]) -> Iterable[str]:
    yield "| left out | parameter held at | rise of the cost | rows that are met worst for it |"
    yield "| --- | --- | --- | --- |"
    for p in found:
        yield f"| {ABLATED[p.name][0]} | `{p.name}` = {p.value:g} | {p.rise:+.1f} | {', '.join(p.worst)} |"


def _profiles(found: Sequence[CostProfile]) -> Iterable[str]:
    yield "| parameter | held at | rise of the cost | rows that are met worst for it |"
    yield "| --- | --- | --- | --- |"
    for p in found:
        yield f"| `{p.name}` | {p.value:.3g} | {p.rise:+.1f} | {', '.join(p.worst)} |"
