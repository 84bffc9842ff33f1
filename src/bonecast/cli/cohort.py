"""The forecast of many people: `bonecast forecast` with several records or a table of people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from bonecast.cli.output import echo, echo_json, table
from bonecast.cli.progress import hear_notices, progress, warn
from bonecast.core import DISCLAIMER
from bonecast.forecasts import CohortSettings

REPORTED = 10  # people who failed, listed one by one
DEFAULT_FOLDER = "forecast-cohort"


def is_cohort(paths: Sequence[str]) -> bool:
    """Several files, or a table, rather than one record.

    >>> is_cohort(["a.toml"]), is_cohort(["a.toml", "b.toml"]), is_cohort(["people.csv"])
    (False, True, True)
    """
    return len(paths) > 1 or Path(paths[0]).suffix.casefold() == ".csv"


def cohort(
    paths: Sequence[str], settings: CohortSettings, out: str | None, workers: int | None, as_json: bool
) -> None:
    """Forecast them all, write cohort.csv and cohort.parquet, and say who could not be used.

    The exit code is 2 if anyone could not, with the others' rows written all the same.
    """
    import polars as pl

    from bonecast.core import check_folder, write_table
    from bonecast.forecasts import JOURNAL, check_settings, people_of, run_cohort

    check_settings(settings)
    people = people_of(paths)
    written = {suffix: f"cohort.{suffix}" for suffix in ("csv", "parquet")}
    folder = check_folder(out or DEFAULT_FOLDER, "--out", paths, (*written.values(), JOURNAL))
    folder.mkdir(parents=True, exist_ok=True)
    hear_notices()
    with progress(f"forecast of {len(people)} people") as step:
        made = run_cohort(people, settings, folder, workers, step)
    frame = pl.DataFrame(list(made.rows), schema=list(made.columns), infer_schema_length=None)
    files = {suffix: folder / name for suffix, name in written.items()}
    for path in files.values():
        write_table(frame, path)
    for place, why in made.failed[:REPORTED]:
        warn(f"passed over: {why}" if place in why else f"passed over: {place}: {why}")
    if len(made.failed) > REPORTED:
        warn(f"and {len(made.failed) - REPORTED} more were passed over; cohort.jsonl has the reasons")
    if as_json:
        echo_json(
            {
                "folder": str(folder),
                "files": [str(path) for path in files.values()],
                "people": len(people),
                "done": made.done,
                "kept": made.kept,
                "failed": [{"place": place, "why": why} for place, why in made.failed],
            }
        )
    else:
        _summary(frame)
        echo(
            f"\n{made.done} of {len(people)} people, {made.kept} results kept from before;"
            f" {len(made.failed)} passed over.\ntable: {files['csv']}\n{DISCLAIMER}"
        )
    if made.failed:
        raise typer.Exit(2)


def _summary(frame) -> None:  # polars is imported where it is needed only
    import polars as pl

    from bonecast.decisions import of_100

    if frame.is_empty():
        return
    rows = (
        frame.group_by("strategy", maintain_order=True)
        .agg(
            pl.len(),
            pl.col("LS_BMD_pct_change_24m_p50").median(),
            pl.col("vertebral_fractures_of_1000_24m_p50").median(),
            pl.col("best_chance").mean(),
        )
        .rows()
    )
    table(
        [
            "strategy",
            "people",
            "spine BMD 24 months, %",
            "vertebral fractures 24 months, of 1,000",
            "best, of 100",
        ],
        [
            [name, count, *_shown(spine, ".1f"), *_shown(broken, ".1f"), "" if best is None else of_100(best)]
            for name, count, spine, broken, best in rows
        ],
    )


def _shown(value: float | None, form: str) -> list[str]:
    return [format(value, form) if value is not None else ""]
