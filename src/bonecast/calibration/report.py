"""The report of a calibration, from stored files: how well each class is met, what moved, what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from bonecast.calibration.files import pulled_by
from bonecast.calibration.fit import CalibrationFit, GaussNewton, Problem
from bonecast.calibration.left_out import read_left_out, read_slopes
from bonecast.calibration.profiles import CostProfile, profiles
from bonecast.calibration.targets import setup_of, targets
from bonecast.calibration.validation import stored_path
from bonecast.evidence import Prediction, Row, Scorecard, evidence_rows, score
from bonecast.models import Model, Parameter
from bonecast.outcomes import fracture_parameter_set

KNOWN, HALF_KNOWN = (
    0.5,
    0.85,
)  # of the prior SD that is left: below it the rows decide, above it they say little
TIED = 0.6  # correlation of two logarithms above which only a combination is known


def report(
    model: Model, body: CalibrationFit, rows: tuple[Row, ...], held: Sequence[CostProfile], card: Scorecard
) -> str:
    """Write the page `docs/calibration-report.md`.

    Parameters
    ----------
    model : Model
        A calibrated model.
    body : CalibrationFit
        What the calibration of its body found, from its stored files.
    rows : tuple of Row
        The rows of `body`.
    held : sequence of CostProfile
        Parameters held elsewhere.
    card : Scorecard
        Its score of all rows of its sets.

    Returns
    -------
    str
        Markdown.
    """
    cards = model.parameter_set.parameters
    return "\n".join(
        [
            "# Calibration report",
            "",
            "<!-- Written by `python -m bonecast.calibration report`; not by hand. -->",
            "",
            f"Of `{model.name}`, which makes the forecasts; [how it is done](calibration.md) is said elsewhere. Rows"
            " are named by their id in the [tables of evidence](evidence.md). This is fit, not foresight: what the"
            " model says of studies that it has not seen is on the page of the [validation](validation.md).",
            "",
            "## How well the rows are met",
            "",
            *_classes(card),
            "",
            "## What the rows made of the body's parameters",
            "",
            f"{len(rows)} rows, {len(body.names)} parameters."
            f" Cost: rows {body.costs[0]:.1f}, priors {body.costs[1]:.1f}.",
            "",
            *_parameters(*_pulled(body, rows), cards),
            "",
            "## What is not identified",
            "",
            *_unknown(body, cards),
            "",
            "Known only in combination (correlation of the logarithms above "
            f"{TIED:g} in size): {_tied(body)}.",
            "",
            "## Profiles",
            "",
            "One parameter held a third lower or a half higher, all others fitted again: by how much the cost rises. A"
            " rise below 4 means that the rows hardly object, one below zero that the prior alone holds it back."
            " Figures are straight lines around the optimum here, from the stored derivatives: a rise says how sharply"
            " the rows decide, not what a refit so far away would cost.",
            "",
            *_profiles(held),
            "",
            "What each mechanism is for stands, with its ablation, in the [design note](bonecast-2/index.md).",
            "",
            "## The fracture relation",
            "",
            *_relation(fracture_parameter_set(model).parameters),
            "",
        ]
    )


def stored_report(model: Model, home: Path) -> str:
    """Make the report of a model from its stored files; nothing is run.

    Parameters
    ----------
    model : Model
        A calibrated model.
    home : Path
        Folder of the package.

    Returns
    -------
    str
        Markdown.
    """
    folder, wanted = stored_path(home, model.name).parent, targets(model.name)
    names, ids, figures, by_log = read_slopes(folder / "slopes.csv")
    at = [ids.index(row.id) for row in wanted.rows]
    search = GaussNewton(Problem(model, wanted, tuple(names)), figures[at], by_log[at])
    assert model.posterior is not None  # a calibrated model has one
    cost = float((search.residuals**2).sum())
    body = CalibrationFit(
        search.asked.names,
        search.asked.cards,
        model.posterior.covariance,
        search.slopes * search.asked.prior_sd,
        search.figures,
        (cost, search.cost - cost),
    )
    rows = evidence_rows(*setup_of(model.name).sets)
    made = [Prediction(one.id, one.prediction) for one in read_left_out(folder / "left_out.csv")]
    return report(model, body, wanted.rows, profiles(search), score(rows, made))


def _classes(card: Scorecard) -> Iterable[str]:
    yield "| class | rows with a plan | predicted | hits | share | mean absolute error | in the 90 % interval |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for c in card.classes:
        error = "" if c.mean_abs_error is None else f"{c.mean_abs_error:.2f}"
        share = "" if c.share is None else f"{100 * c.share:.0f} %"
        inside = "" if c.in_interval is None else f"{100 * c.in_interval:.0f} %"
        yield f"| {c.name} | {c.with_plan} | {c.predicted} | {c.hits} | {share} | {error} | {inside} |"


def _parameters(found: CalibrationFit, named: Sequence[str], cards: dict[str, Parameter]) -> Iterable[str]:
    yield "| parameter | before | found | CV before | CV left | pulled most by (SDs of the row per prior SD) |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, value, cv, pull in zip(found.names, found.values, found.cv, named, strict=True):
        yield _line(cards[name], value, cv, pull)


def _pulled(found: CalibrationFit, rows: tuple[Row, ...]) -> tuple[CalibrationFit, list[str]]:
    """The rows that pull each parameter most, in words."""
    pulls = (pulled_by(found, rows, i) for i in range(len(found.names)))
    return found, [", ".join(f"{row} ({pull:+.1f})" for row, pull in one) for one in pulls]


def _relation(cards: dict[str, Parameter]) -> Iterable[str]:
    yield "| parameter | before | found | CV before | CV left | pulled most by |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for card in cards.values():
        if card.prior_sd is not None:
            yield _line(card, card.value, card.cv or card.prior_sd, card.rows.replace(";", ","))


def _line(card: Parameter, value: float, cv: float, pull: str) -> str:
    return (
        f"| `{card.name}`, {card.meaning} ({card.unit}) | {card.prior:.3g} | {value:.3g} | {card.prior_sd:.2f} "
        f"| {cv:.2f} | {pull} |"
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


def _profiles(found: Sequence[CostProfile]) -> Iterable[str]:
    yield "| parameter | held at | rise of the cost | rows that are met worst for it |"
    yield "| --- | --- | --- | --- |"
    for p in found:
        yield f"| `{p.name}` | {p.value:.3g} | {p.rise:+.1f} | {', '.join(p.worst)} |"
