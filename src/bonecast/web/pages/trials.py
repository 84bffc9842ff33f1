"""Virtual trials: designs, a form that runs one, how far it is, and its report."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, Response

from bonecast.charts import Panel, format_number, svg
from bonecast.charts import table as table_of
from bonecast.cohorts import presets as population_presets
from bonecast.core import RecordError
from bonecast.errors import InputError, UnknownName
from bonecast.trials import (
    FORM_FIELDS,
    JUDGED,
    design_from_form,
    design_power_curve,
    preset,
    preset_text,
    presets,
)
from bonecast.web import trial_runs
from bonecast.web.context import By, Db, Posted, page, redirect, require_role, store_of
from bonecast.web.store import jobs
from bonecast.web.trial_runs import LONGEST, NUMBERS, TrialRun, checked, with_numbers

router = APIRouter()
POWER_TRIALS, POWER_POOL = 100, 600  # of a power curve: a few seconds
# The report is one file with its style inside; nothing in it may run or reach out.
EXAMPLE_PLAN = "denosumab 60 mg every 6 months x 6"  # plans are written in English
REPORT = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "sandbox; frame-ancestors 'none'; base-uri 'none'"
}


@router.get("/trials")
def overview(request: Request, s: Db) -> Response:
    """The designs of the package, and every run."""
    return page(request, "trials/overview.html.jinja", designs=designs(), runs=trial_runs.runs(s))


@router.get("/trials/new", dependencies=[require_role("clinician")])
def blank(request: Request, design: str = "") -> Response:
    """The form with a design to start from."""
    try:
        text = preset_text(design or presets()[0])
    except UnknownName as error:
        raise HTTPException(404, str(error)) from None
    return _form(request, text, {}, taken=design)


@router.post("/trials/new")
async def run_it(request: Request, posted: Posted, account: By) -> Response:
    """Check the design, and run it if that was the button."""
    from starlette.concurrency import run_in_threadpool

    text = str(posted.get("toml", ""))
    sent = posted.get("file")
    if isinstance(sent, UploadFile) and sent.filename:
        try:
            text = (await sent.read(LONGEST + 1)).decode("utf-8-sig")
        except UnicodeDecodeError:
            return _form(
                request, text, {}, [InputError("file", "it is not UTF-8 text", "save it as TOML in UTF-8")]
            )
    numbers = {name: str(posted.get(name, ""))[:20] for name in NUMBERS}
    answers = {name: str(posted.get(f"form_{name}", ""))[:200] for name in FORM_FIELDS}
    do = str(posted.get("do", ""))
    return await run_in_threadpool(_answer, request, text, numbers, answers, do, account.name)


def _answer(
    request: Request, text: str, numbers: dict[str, str], answers: dict[str, str], do: str, by: str
) -> Response:
    curve = None
    try:
        text = design_from_form(answers) if do == "write" else with_numbers(text, numbers)
        design = checked(text)
        if do == "power":
            curve = design_power_curve(design, trials=POWER_TRIALS, pool=POWER_POOL).panel()
        if do == "run":
            key = trial_runs.start(store_of(request), request.app.state.workshop, text, by)
            return redirect(f"/trials/runs/{key}")
    except InputError as error:
        faults = error.faults if isinstance(error, RecordError) else (error,)
        return _form(request, text, numbers, faults, answers=answers)
    return _form(request, text, {}, design=design, answers=answers, curve=curve)


@router.get("/trials/runs/{key}")
def run(request: Request, s: Db, key: str) -> Response:
    """How far a run is, or what came out of it."""
    found = _run(s, key)
    made = trial_runs.result(s, found)
    return page(
        request,
        "trials/run.html.jinja",
        run=found,
        made=made,
        table=results_table(made["rows"]) if made else None,
        form=format_number,
    )


@router.post("/trials/runs/{key}/resume")
def resume(request: Request, key: str, account: By) -> Response:
    """Let it go on where it was stopped."""
    with store_of(request).reading() as s:
        found = _run(s, key)
    trial_runs.go_on(store_of(request), request.app.state.workshop, found, account.name)
    return redirect(f"/trials/runs/{found.key}")


@router.post("/trials/runs/{key}/stop")
def stop(request: Request, key: str) -> Response:
    """Stop it; the chunks that are done stay."""
    with store_of(request).session() as s:
        found = _run(s, key)
        jobs.cancel(s, found.job.id)
    return redirect(f"/trials/runs/{found.key}")


@router.get("/trials/runs/{key}/report")
def report(request: Request, s: Db, key: str) -> Response:
    """The report as a page of its own."""
    return _file(request, s, key, "report.html", "text/html; charset=utf-8", REPORT)


@router.get("/trials/runs/{key}/{name}.csv")
def table(request: Request, s: Db, key: str, name: str) -> Response:
    """A table of the report."""
    kept = {"content-disposition": f'attachment; filename="{key}-{name}.csv"'}
    return _file(request, s, key, f"{name}.csv", "text/csv; charset=utf-8", kept)


@router.get("/trials/runs/{key}/design.toml")
def design_file(s: Db, key: str) -> Response:
    """The design as it was run."""
    found = _run(s, key)
    kept = {"content-disposition": f'attachment; filename="{key}.toml"'}
    return Response(found.toml, media_type="application/toml", headers=kept)


def _file(request: Request, s: Db, key: str, name: str, kind: str, headers: dict[str, str]) -> Response:
    path = trial_runs.file_of(request.app.state.workshop.folder, _run(s, key), name)
    if path is None:
        raise HTTPException(404, "There is no such file of this run; it may have been moved away.")
    return FileResponse(path, media_type=kind, headers=headers)


def _run(s: Db, key: str) -> TrialRun:
    found = trial_runs.find(s, key)
    if found is None:
        raise HTTPException(404, "There is no such run.")
    return found


def _form(
    request: Request,
    text: str,
    numbers: dict[str, str],
    faults: Any = (),
    design: Any = None,
    taken: str = "",
    answers: dict[str, str] | None = None,
    curve: Panel | None = None,
) -> Response:
    return page(
        request,
        "trials/new.html.jinja",
        status=422 if faults else 200,
        text=text,
        numbers=numbers,
        faults=faults,
        checked=design,
        taken=taken,
        designs=designs(),
        longest=LONGEST,
        answers=answers or {},
        populations=population_presets(),
        judged=list(JUDGED),
        example_plan=EXAMPLE_PLAN,
        curve=None if curve is None else {"picture": curve, "svg": svg(curve), "table": table_of(curve)},
    )


@cache
def designs() -> tuple[Any, ...]:
    """The designs of the package, read once."""
    return tuple(preset(name) for name in presets())


def results_table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The decisive results in words: of a bone trial by endpoint, of a window trial by truth."""
    if rows and "endpoint" in rows[0]:
        columns = ("endpoint", "compared", "measure", "estimate", "p", "met")
        return {"columns": columns, "rows": [_comparison(row) for row in rows]}
    truths = list(dict.fromkeys(row["truth"] for row in rows))
    at = {(row["name"], row["truth"]): row for row in rows if row["kind"] == "share"}
    names = list(dict.fromkeys(name for name, _ in at))
    lines = [[name, *(_share(at.get((name, truth))) for truth in truths)] for name in names]
    return {"columns": ("share of trials, %", *truths), "rows": lines}


def _comparison(row: dict[str, Any]) -> list[str]:
    ends = (
        ""
        if row["low"] is None or row["high"] is None
        else f" ({format_number(row['low'], '.3g')} to {format_number(row['high'], '.3g')})"
    )
    estimate = "–" if row["estimate"] is None else format_number(row["estimate"], ".3g") + ends
    p = "" if row["p"] is None else ("below 0.001" if row["p"] < 0.001 else format_number(row["p"], ".3f"))
    met = {True: "yes", False: "no", None: ""}[row["success"]]
    return [
        row["endpoint"],
        f"{row['arm']} against {row['reference']}, {row['at']}",
        row["measure"],
        estimate,
        p,
        met,
    ]


def _share(row: dict[str, Any] | None) -> str:
    if row is None or row["value"] is None:
        return "–"
    return f"{100 * row['value']:.1f} ± {100 * (row['error'] or 0.0):.1f}"
