"""`bonecast evidence`: published figures predicted by a model, and predictions held against them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import hear_notices, progress

if TYPE_CHECKING:
    from bonecast.evidence import ClassScore, Prediction, Row, Scorecard

evidence_app = typer.Typer(
    help="Published results: what a model says of each, and how near it comes.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Table = Annotated[
    str | None,
    typer.Argument(help="CSV with the columns of the project's own table, which is read by default."),
]
People = Annotated[int, typer.Option(help="Virtual people in each arm.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same people.")]
Which = Annotated[
    str,
    typer.Option(
        "--set", help="Set of the project's rows: calibration, set_2, pack, calcium, strength or all."
    ),
]
COLUMNS = ("id", "prediction", "lo90", "hi90", "lo50", "hi50", "note")


@evidence_app.command()
def predict(
    table_file: Table = None,
    which: Which = "calibration",
    out: Annotated[str | None, typer.Option(help="G.csv, for the predictions; a table otherwise.")] = None,
    model: Annotated[str | None, typer.Option(help="Library name of the model; ours by default.")] = None,
    people: People = 240,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """What a model says of each row of a table: id, prediction, 90 % and 50 % intervals, note."""
    from bonecast.core import check_file
    from bonecast.models import DEFAULT_MODEL

    inputs = (table_file,) if table_file is not None else ()
    target = check_file(out, (".csv",), "--out", inputs) if out is not None else None
    rows, name = _read(table_file, which), model or DEFAULT_MODEL
    made = _predicted(rows, name, people, seed)
    if target is not None:
        _write(made, target)
    if as_json:
        return echo_json([_as_row(one) for one in made])
    if target is None:
        return table(COLUMNS, [list(_as_row(one).values()) for one in made])
    given = sum(one.value is not None for one in made)
    echo(f"{given} of {len(made)} rows predicted by {name}, in {target}")


@evidence_app.command()
def score(
    table_file: Table = None,
    which: Which = "calibration",
    model: Annotated[
        list[str] | None, typer.Option(help="Library name; repeatable, for models side by side.")
    ] = None,
    people: People = 240,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Predicted against published: by class, by endpoint and row by row, for one model or several."""
    from bonecast.evidence import score as hold_against
    from bonecast.models import DEFAULT_MODEL, load_model

    rows = _read(table_file, which)
    names = list(dict.fromkeys(load_model(name).name for name in model or [DEFAULT_MODEL]))
    cards = {name: hold_against(rows, _predicted(rows, name, people, seed)) for name in names}
    if as_json:
        return echo_json({"people": people, "seed": seed, "models": {n: c.plain() for n, c in cards.items()}})
    _say_rows(cards)
    _say_endpoints(cards)
    _say_strata(cards)
    _say_classes(cards)
    echo(
        "\nA hit lies within half the published 95 % interval or the noise floor, whichever is larger (1 BMD point,"
        " 10 marker\npoints, factor 1.5). Shares are of rows with a plan: a row without a prediction is a miss."
    )


@evidence_app.command()
def register(
    design: Annotated[
        str,
        typer.Argument(help="CSV in the form of the project's own table without values, or a design's name."),
    ],
    out: Annotated[str | None, typer.Option(help="G.json, for the registered prediction.")] = None,
    model: Annotated[str | None, typer.Option(help="Library name of the model; ours by default.")] = None,
    people: People = 240,
    seed: Seed = 1,
) -> None:
    """A dated and hashed prediction of a design whose result is not known: JSON, with intervals."""
    from bonecast.core import atomic_write, check_file
    from bonecast.evidence import register_prediction
    from bonecast.models import DEFAULT_MODEL

    target = check_file(out, (".json",), "--out", (design,)) if out is not None else None
    hear_notices()
    with progress(design) as step:
        found = register_prediction(design, model or DEFAULT_MODEL, people, seed, progress=step)
    if target is None:
        return echo_json(found)
    with atomic_write(target) as beside:
        Path(beside).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    echo(f"{len(found['rows'])} rows of {found['design']} registered on {found['registered']}, in {target}")
    echo(f"SHA-256 {found['sha256']}")


def _read(table_file: str | None, which: str) -> tuple[Row, ...]:
    from bonecast.evidence import evidence_rows, read_rows

    if table_file is not None:
        return read_rows(table_file, keep_odd=True)
    return evidence_rows() if which == "all" else evidence_rows(which)


def _predicted(rows: Sequence[Row], model: str, people: int, seed: int) -> tuple[Prediction, ...]:
    from bonecast.evidence import predict_table

    hear_notices()
    with progress(model) as step:
        return predict_table(rows, model, people, seed, progress=step)


def _as_row(one: Prediction) -> dict[str, object]:
    """One prediction under the names of the columns."""
    return dict(
        zip(COLUMNS, (one.id, one.value, one.lo90, one.hi90, one.lo50, one.hi50, one.note), strict=True)
    )


def _write(made: Sequence[Prediction], target: Path) -> None:
    from bonecast.core import atomic_write

    with atomic_write(target) as beside, open(beside, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in made:
            numbers = [
                "" if x is None else f"{x:.6g}" for x in (one.value, one.lo90, one.hi90, one.lo50, one.hi50)
            ]
            writer.writerow([one.id, *numbers, one.note])


def _say_rows(cards: dict[str, Scorecard]) -> None:
    """Every row: published, and each model's figure with its verdict."""
    heading("Rows")
    rows = []
    for scored in zip(*(card.rows for card in cards.values()), strict=True):
        first = scored[0]
        cells = [(one.prediction, {True: "hit", False: "miss", None: ""}[one.hit]) for one in scored]
        notes = dict.fromkeys(one.note for one in scored if one.note)
        rows.append([first.id, first.published, *(c for pair in cells for c in pair), "; ".join(notes)])
    table(["id", "published", *(c for name in cards for c in (name, "")), "note"], rows)


def _say_endpoints(cards: dict[str, Scorecard]) -> None:
    """Every endpoint: rows with a plan, and each model's hits of predicted rows."""
    heading("Endpoints: hits of predicted rows")
    rows = []
    for found in zip(*(card.endpoints for card in cards.values()), strict=True):
        cells = [f"{one.hits} of {one.predicted}" if one.predicted else "" for one in found]
        rows.append([found[0].name, max(one.with_plan for one in found), *cells])
    table(["endpoint", "with plan", *cards], rows)


def _say_strata(cards: dict[str, Scorecard]) -> None:
    """Every class by phase, drug and population: hits, and how often the intervals hold."""
    heading("By phase, drug and population")
    rows = []
    for name, card in cards.items():
        rows += [
            [one.name, name, one.predicted, one.hits, *_held(one)] for one in card.strata if one.predicted
        ]
    table(["stratum", "model", "predicted", "hits", *HELD], rows)


HELD = ("in 90 % interval, %", "in 50 % interval, %", "half width, points")


def _held(one: ClassScore) -> list[float | None]:
    """How often the intervals hold, and how wide they are."""
    shares = [None if share is None else round(100 * share) for share in (one.in_interval, one.in_half)]
    return [*shares, None if one.half_width is None else round(one.half_width, 2)]


def _say_classes(cards: dict[str, Scorecard]) -> None:
    heading("Classes")
    columns = ["class", "model", "rows", "with plan", "predicted", "hits", "share %", "mean error, points"]
    rows = []
    for found in zip(*(card.classes for card in cards.values()), strict=True):
        for name, one in zip(cards, found, strict=True):
            share = None if one.share is None else round(100 * one.share, 1)
            error = None if one.mean_abs_error is None else round(one.mean_abs_error, 2)
            factor = None if one.median_factor is None else round(one.median_factor, 2)
            rows.append(
                [
                    one.name,
                    name,
                    one.rows,
                    one.with_plan,
                    one.predicted,
                    one.hits,
                    share,
                    error,
                    factor,
                    *_held(one),
                ]
            )
    table([*columns, "median factor", *HELD], rows)
