"""`bonecast trial power` and `bonecast trial size`: how often a design succeeds, and how many people it needs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, table
from bonecast.cli.progress import hear_notices, progress
from bonecast.cli.trial_results import plain
from bonecast.core import DISCLAIMER

POOL = 20_000
Design = Annotated[str, typer.Argument(help="DESIGN.toml, or the name of a design of the package.")]
Name = Annotated[str | None, typer.Option("--endpoint", help="Which endpoint; the primary one by default.")]
Folder = Annotated[
    str | None, typer.Option("--pool", help="The folder of a finished run whose people are drawn from.")
]
Many = Annotated[int, typer.Option(help="People simulated for the pool where none is given.")]
Workers = Annotated[int, typer.Option(help="Chunks of the pool that are played side by side.")]


def power(
    design: Design,
    endpoint: Name = None,
    people: Annotated[int | None, typer.Option(help="People of one trial; the design's by default.")] = None,
    trials: Annotated[int, typer.Option(help="How many trials are drawn from the pool.")] = 1000,
    null: Annotated[
        bool,
        typer.Option(
            "--null", help="The type I error: arms alike, or a difference at the margin of equivalence."
        ),
    ] = False,
    assurance: Annotated[
        int | None,
        typer.Option(
            help="Average the power over so many draws of the model's posterior, and its discrepancy."
        ),
    ] = None,
    joint: Annotated[
        bool,
        typer.Option("--joint", help="All endpoints that share the level of the design ([multiplicity])."),
    ] = False,
    pool: Folder = None,
    pool_people: Many = POOL,
    workers: Workers = 1,
    as_json: AsJson = False,
) -> None:
    """How often do trials of a bone design succeed? With the error of the simulation."""
    from bonecast.trials import design_power

    hear_notices()
    if assurance is not None:
        return _assurance(design, endpoint, assurance, people, workers, as_json)
    if joint:
        return _joint(design, people, trials, null, pool or pool_people, workers, as_json)
    with progress("power") as step:
        found = design_power(
            design,
            endpoint,
            people=people,
            trials=trials,
            null=null,
            pool=pool or pool_people,
            workers=workers,
            progress=step,
        )
    if as_json:
        return echo_json(plain(asdict(found)))
    what = "type I error" if null else "power"
    echo(f"{found.endpoint}, {found.people:,} people, {what}: {_share(found.share, found.error)}")
    echo(
        f"{found.trials:,} trials from a pool of {found.pool:,}; Monte Carlo error {100 * found.simulation_error:.2f} %"
    )
    if len(found.looks) > 1:
        echo()
        table(
            ["look", "information, %", "|z| to reach", "succeed here, %", "given up here, %"],
            [
                [
                    x.at,
                    f"{100 * x.information:.0f}",
                    f"{x.z:.3f}",
                    f"{100 * x.share:.1f}",
                    f"{100 * x.given_up:.1f}",
                ]
                for x in found.looks
            ],
        )
    if round(found.mean_people) != found.people:
        echo(f"people on average: {found.mean_people:,.0f}")
    if found.without:
        echo(f"{found.without:,} trials had no estimate, and count as failures")
    echo(f"\n± standard error, of the simulation and of the pool. Nobody in it is real.\n{DISCLAIMER}")


def size(
    design: Design,
    endpoint: Name = None,
    power: Annotated[float, typer.Option(help="The power asked for.")] = 0.9,
    precision: Annotated[
        float, typer.Option(help="Half of the 95 % interval of the size, as a share of it.")
    ] = 0.02,
    pool: Folder = None,
    pool_people: Many = POOL,
    workers: Workers = 1,
    as_json: AsJson = False,
) -> None:
    """How many people does a bone design need? A search by simulation that stops when it is precise enough."""
    from bonecast.trials import design_size

    hear_notices()
    with progress("size") as step:
        found = design_size(
            design,
            endpoint,
            power=power,
            precision=precision,
            pool=pool or pool_people,
            workers=workers,
            progress=step,
        )
    if as_json:
        return echo_json(plain(asdict(found)))
    echo(
        f"{found.endpoint}, power {100 * found.power:g} %: {found.people:,} people ({found.low:,} to {found.high:,})"
    )
    whole = f"{found.pool_low:,} to {found.pool_high:,}"
    echo(f"{found.trials:,} trials from a pool of {found.pool:,}; with the pool's own error {whole}")
    if not found.precise:
        echo(
            f"the interval is wider than the {100 * found.precision:g} % asked for: the search ended at its last trial"
        )
    echo(f"\n95 % interval. Nobody in it is real.\n{DISCLAIMER}")


def _assurance(
    design: str, endpoint: str | None, draws: int, people: int | None, workers: int, as_json: bool
) -> None:
    """Power averaged over what the model does not know."""
    from bonecast.trials import design_assurance

    with progress("assurance") as step:
        found = design_assurance(design, endpoint, draws=draws, people=people, workers=workers, progress=step)
    if as_json:
        return echo_json(plain(asdict(found)))
    echo(f"{found.endpoint}, {found.people:,} people, assurance: {_share(found.assurance, found.error)}")
    echo(f"{found.draws:,} draws of the posterior with {found.trials:,} trials each")
    echo(f"power of draws, 80 % range: {100 * found.low:.0f} to {100 * found.high:.0f} %")
    echo(f"SD of the model's discrepancy in the difference of arms: {found.discrepancy:.2g}")
    echo(f"\n± standard error. Nobody in it is real.\n{DISCLAIMER}")


def _joint(
    design: str, people: int | None, trials: int, null: bool, pool: str | int, workers: int, as_json: bool
) -> None:
    """All endpoints that share a level."""
    from bonecast.trials import design_joint_power

    with progress("power") as step:
        found = design_joint_power(
            design, people=people, trials=trials, null=null, pool=pool, workers=workers, progress=step
        )
    if as_json:
        return echo_json(plain(asdict(found)))
    rows = zip(found.endpoints, found.alone, found.adjusted, strict=True)
    table(
        ["endpoint", "alone, %", "under the shared level, %"],
        [[name, f"{100 * a:.1f}", f"{100 * b:.1f}"] for name, a, b in rows],
    )
    both = f"any of them {100 * found.any_of_them:.1f} %, all of them {100 * found.all_of_them:.1f} %"
    echo(f"\n{both}, of {found.trials:,} trials")
    echo(f"of {found.people:,} people. Nobody in it is real.\n{DISCLAIMER}")


def _share(share: float, error: float) -> str:
    return f"{100 * share:.1f} ± {100 * error:.1f} %"
