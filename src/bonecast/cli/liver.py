"""`bonecast liver`: one case, a table of cases, or a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError

if TYPE_CHECKING:
    from bonecast.liver import Assessment

WRITTEN = ("liver.json", "timeline.png", "timeline.csv", "edish.png", "edish.csv")  # of a case
WAYS = "name a CASE, or --cases F.csv, or --cohort F.csv"


def liver(
    case: Annotated[str | None, typer.Argument(help="A case: TOML, or a CSV of laboratory values.")] = None,
    cases: Annotated[str | None, typer.Option(help="A CSV table with one row for each case.")] = None,
    cohort: Annotated[
        str | None, typer.Option(help="A CSV or Parquet file with one row for each laboratory value.")
    ] = None,
    out: Annotated[
        str | None, typer.Option(help="With CASE a folder; else a file for the results, .csv or .parquet.")
    ] = None,
    picture: Annotated[str | None, typer.Option(help="With --cohort: the eDISH plot, a .png file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Assess liver injury by a drug: pattern, severity, Hy's law, RUCAM and LiverTox, with their sources."""
    given = [way for way in (case, cases, cohort) if way is not None]
    if len(given) != 1:
        raise InputError(
            "liver", "there is nothing to assess" if not given else "there is more than one input", WAYS
        )
    if picture is not None and cohort is None:
        raise InputError(
            "--picture", "it is drawn of a cohort only", "with a CASE, --out DIR draws its pictures"
        )
    if case is not None:
        return _one(case, out, as_json)
    return _rows(cases, out, as_json) if cases is not None else _cohort(str(cohort), out, picture, as_json)


def _one(path: str, out: str | None, as_json: bool) -> None:
    from bonecast.core import check_folder
    from bonecast.liver import assess, write_assessment

    folder = check_folder(out, "--out", (path,), WRITTEN) if out is not None else None
    assessment = assess(path)
    files = write_assessment(assessment, folder) if folder is not None else {}
    if as_json:
        return echo_json({"files": [str(file) for file in files.values()], **assessment.to_dict()})
    _show(assessment)
    for file in files.values():
        echo(f"written: {file}")
    echo(f"\n{DISCLAIMER}")


def _show(assessment: Assessment) -> None:
    table(["result", assessment.case.id], assessment.summary())
    if values := assessment.peaks():
        heading("Values in multiples of the upper limit")
        table(["test", "first", "highest", "on"], values)
    if assessment.rucam is not None:
        heading("RUCAM 2016, item by item")
        table(["item", "points", "choice", "why"], assessment.rucam.items())
    if assessment.findings:
        heading("Findings")
        for finding in assessment.findings:
            echo(f"{finding.id} {finding.severity}: {finding.action} [{finding.source}; {finding.mark}]")
    if assessment.livertox is not None:
        echo(f"\nLiverTox: {assessment.livertox.why} [{assessment.livertox.source}]")
    for note in assessment.notes:
        echo(f"Note: {note}.")


def _rows(path: str, out: str | None, as_json: bool) -> None:
    from bonecast.core import atomic_write, check_file
    from bonecast.liver import assess_case_table, read_case_table, to_csv

    target = check_file(out, (".csv",), "--out", (path,)) if out is not None else None
    results = assess_case_table(read_case_table(Path(path), path), path)
    if target is not None:
        with atomic_write(target) as beside:
            beside.write_text(to_csv(results), encoding="utf-8")
    if as_json:
        return echo_json(results)
    if target is None:
        return table(list(results[0]), [list(row.values()) for row in results])
    echo(f"{len(results)} cases: {target}")


def _cohort(path: str, out: str | None, picture: str | None, as_json: bool) -> None:
    from bonecast.core import check_file
    from bonecast.liver import assess_cohort, edish_of_cohort, write_cohort, write_picture

    if out is None:
        raise InputError(
            "--out", "a cohort needs a file for its results", "add --out results.csv or results.parquet"
        )
    target = check_file(out, (".csv", ".parquet"), "--out", (path,))
    drawing = check_file(picture, (".png",), "--picture", (path, out)) if picture is not None else None
    results = assess_cohort(path)
    write_cohort(results, target)
    if drawing is not None:
        write_picture(edish_of_cohort(results), drawing)
    counts = {
        "people": results.height,
        "with values before the first dose": int((results["values_before"] > 0).sum()),
        **{f"case of liver injury: {word}": _count(results["dili"], value) for word, value in _THREE},
        **{f"biochemical Hy's law: {word}": _count(results["hy_biochem"], value) for word, value in _THREE},
        **{
            f"eDISH: {name}": int((results["edish"] == name).sum())
            for name in ("hy", "temple", "cholestasis", "normal")
        },
        "eDISH: no place": int(results["edish"].null_count()),
    }
    if as_json:
        return echo_json({"files": [str(f) for f in (target, drawing) if f is not None], "counts": counts})
    table(["cohort", "people"], list(counts.items()))
    echo(f"\nwritten: {target}\n{DISCLAIMER}")


_THREE = (("yes", True), ("no", False), ("unknown", None))


def _count(column, value: bool | None) -> int:
    return column.null_count() if value is None else int((column == value).sum())
