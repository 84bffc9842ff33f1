"""`bonecast populations`: the virtual populations, one of them card by card, and people drawn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError

if TYPE_CHECKING:
    from bonecast.cohorts import Covariates, Population

SUFFIXES = (".csv", ".parquet")
MOST = 2_000_000  # people in one draw: about 0.6 GB
SHOWN = 20_000  # people from whom the table of a population is made
UNVERIFIED = "Entries marked 'recalled' come from memory and are unverified; 'assumption' is our choice."


def populations(
    name: Annotated[str | None, typer.Argument(help="A population, such as men.")] = None,
    draw: Annotated[int | None, typer.Option(help="People to draw.", min=1, max=MOST)] = None,
    eligible: Annotated[
        list[str] | None, typer.Option(help='Who may stay, such as "age >= 60"; as often as needed.')
    ] = None,
    out: Annotated[str | None, typer.Option(help="F.csv or F.parquet, for the people drawn.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw.", min=0)] = 1,
    as_json: AsJson = False,
) -> None:
    """The virtual populations: whom they describe, their numbers with sources, and people drawn from them."""
    from bonecast.cohorts import Eligibility, population
    from bonecast.core import check_file

    if name is None:
        if draw is not None or out is not None or eligible:
            cause = "--draw, --eligible and --out want a population"
            raise InputError("populations", cause, "name one, such as: bonecast populations men --draw 100")
        return _list(as_json)
    people, asked = population(name), Eligibility.of(eligible or (), "--eligible")
    if out is not None and draw is None:
        raise InputError("--out", "nothing is drawn", "add --draw N")
    target = None if out is None else check_file(out, SUFFIXES, "--out")
    drawn = people.draw(seed, 0, draw or SHOWN)
    drawn = drawn.select(asked.holds(drawn))
    if not drawn.count:
        cause = f"none of {draw or SHOWN:,} candidates is eligible"
        raise InputError("--eligible", cause, "ask for less, draw more or take another population")
    if target is not None:
        _write(drawn, target)
    if as_json:
        return echo_json(_page(people, drawn))
    _show(people, drawn, draw)
    if target is not None:
        echo(f"\n{drawn.count:,} people: {target}")
    echo(f"\n{DISCLAIMER}")


def _list(as_json: bool) -> None:
    from bonecast.cohorts import population, presets

    rows = [
        {"population": p.name, "ids": f"{p.prefix}-000000 ...", "whom": p.title, "not": p.is_not}
        for p in map(population, presets())
    ]
    if as_json:
        return echo_json(rows)
    table(["population", "whom"], [[row["population"], row["whom"]] for row in rows])
    echo("\nbonecast populations NAME gives the numbers with their sources; --draw N draws people.")


def _page(people: Population, drawn: Covariates) -> dict[str, Any]:
    """Everything of a population and of its people, as JSON takes it."""
    from bonecast.cohorts import summary

    return {
        "population": people.name,
        "title": people.title,
        "is_not": people.is_not,
        "before": people.like.prior_plan,
        "states": dict(people.like.states),
        "margins": [_margin(margin) for margin in people.margins.values()],
        "shares": [vars(share) for share in people.shares.values()],
        "drawn": drawn.count,
        "covariates": summary(drawn),
        "standing": DISCLAIMER,
    }


def _margin(margin: Any) -> dict[str, Any]:
    """A margin without the infinite numbers that JSON has not."""
    from math import isfinite

    made = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(margin).items()}
    return {
        key: None if isinstance(value, float) and not isfinite(value) else value
        for key, value in made.items()
    }


def _show(people: Population, drawn: Covariates, draw: int | None) -> None:
    from bonecast.cohorts import summary

    echo(f"{people.name}: {people.title}")
    echo(f"mind: it is not {people.is_not}")
    if people.like.prior_plan:
        echo(f"before day 0: {people.like.prior_plan}")
    if draw is None:
        heading("Distributions")
        columns = ["quantity", "law", "typical", "spread", "from", "to", "unit", "mark", "source"]
        table(columns, [_margin_row(_margin(margin)) for margin in people.margins.values()])
        heading("Shares")
        shares = [[s.name, s.value, s.mark, s.source] for s in people.shares.values()]
        table(["of whom", "share", "mark", "source"], shares)
        echo(f"\n{UNVERIFIED}")
    heading(f"{drawn.count:,} people")
    names = ["covariate", "unit", "mean", "sd", "p05", "p50", "p95"]
    rows = [[_short(row[key]) for key in names] for row in summary(drawn)]
    table(names, rows)


def _margin_row(row: dict[str, Any]) -> list[object]:
    typical = row["typical"] if row["typical"] is not None else "by age"
    start = [row["name"], row["law"], typical, row["spread"]]
    return [
        _short(cell) for cell in [*start, row["low"], row["high"], row["unit"], row["mark"], row["source"]]
    ]


def _short(cell: object) -> object:
    return f"{cell:.4g}" if isinstance(cell, float) else cell


def _write(drawn: Covariates, target: Any) -> None:
    from bonecast.core import write_table

    write_table(drawn.table(), target, decimals=10)
