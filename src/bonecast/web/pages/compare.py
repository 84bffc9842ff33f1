"""Strategies side by side: a table that sorts by any column, which of them cannot be distinguished, and the charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.charts import format_number
from bonecast.core import gettext
from bonecast.decisions import AIMS, find_aim
from bonecast.web.clinic import ClinicSettings
from bonecast.web.context import By, Db, Person, clinic_of, later_of, page, redirect, settings_of
from bonecast.web.jobs.job_request import JobRequest, request_job
from bonecast.web.pages.whose_rules import usual_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
DEFAULT_AIM = "vertebral"


@dataclass(frozen=True)
class ComparisonCell:
    """One number in words with its 90 % range; `key` is what rows are sorted by, None sorts last."""

    text: str
    range: str = ""
    key: float | None = None


@dataclass(frozen=True)
class ComparisonColumn:
    """A column: its name in the address, its title, and whether a small number is the better one."""

    name: str
    title: str
    cell: Callable[[dict[str, Any]], ComparisonCell]


@router.get("/people/{id:int}/compare")
def compare(
    request: Request,
    person: Person,
    account: By,
    sort: str = "best",
    down: bool = False,
    aim: str = DEFAULT_AIM,
) -> Response:
    """The strategies that fit what was given last, those that the care rules block marked."""
    found = compare_job(request, person, account.name, aim)
    listed = (*COLUMNS, *_price_column(clinic_of(request)))
    columns = listed if found.result is None else tuple(c for c in listed if _has(found.result, c))
    rows = rows_of(found.result, columns, sort, down) if found.result else []
    return page(
        request,
        "compare.html.jinja",
        person,
        "compare",
        work=found,
        made=found.result,
        columns=columns,
        rows=rows,
        sort=sort,
        down=down,
        aim=aim,
        aims=AIMS,
    )


@router.post("/people/{id:int}/compare/again")
def again(request: Request, s: Db, person: Person, account: By, aim: str = DEFAULT_AIM) -> Response:
    """Compute it again after it failed or was stopped."""
    compare_job(request, person, account.name, aim, s=s)
    return redirect(f"/people/{person.id}/compare?aim={find_aim(aim).name}")


def compare_job(request: Request, person: StoredPerson, by: str, aim: str, s: Db | None = None) -> JobRequest:
    """The job of the comparison by this aim. Raises UnknownName."""
    asked = {"best_by": find_aim(aim).name, **usual_rules(person, settings_of(request).jurisdiction)}
    return request_job(
        later_of(request), request.app.state.workshop, "compare", person, by, asked, again=s is not None, s=s
    )


def rows_of(
    made: dict[str, Any], columns: tuple[ComparisonColumn, ...], sort: str, down: bool
) -> list[dict[str, Any]]:
    """A row for each strategy, in the order of a column; what has no number stands last."""
    made = made["forecast"]
    ranks = {one["strategy"]: one for one in (made["ranking"] or {"ranks": []})["ranks"]}
    rows = []
    for place, (way, summary) in enumerate(zip(made["strategies"], made["summaries"], strict=True)):
        whole = {**summary, "way": way, "rank": ranks.get(way["name"])}
        cells = {column.name: column.cell(whole) for column in columns}
        rows.append(
            {"name": way["name"], "plan": way["plan"], "care": way["care"], "cells": cells, "place": place}
        )
    if sort in {column.name for column in columns}:
        known = [row for row in rows if row["cells"][sort].key is not None]
        known.sort(key=lambda row: row["cells"][sort].key, reverse=down)
        rows = known + [row for row in rows if row["cells"][sort].key is None]
    elif ranks:
        order = {name: place for place, name in enumerate(ranks)}
        rows.sort(key=lambda row: order.get(row["name"], len(order)), reverse=down)
    return rows


def _has(made: dict[str, Any], column: ComparisonColumn) -> bool:
    return any(row["cells"][column.name].key is not None for row in rows_of(made, (column,), "", False))


def ranged(found: dict[str, Any] | None, form: str) -> ComparisonCell:
    """A number with the range in which 9 of 10 people lie.

    >>> ranged({"p05": -2.0, "p50": 1.25, "p95": 4.0}, "+.1f")
    ComparisonCell(text='+1.2', range='−2.0 to +4.0', key=1.25)
    """
    if found is None or found["p50"] is None:
        return ComparisonCell("–")
    low, middle, high = (format_number(found[name], form) for name in ("p05", "p50", "p95"))
    return ComparisonCell(middle, gettext("{low} to {high}", low=low, high=high), found["p50"])


def _of(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any] | None:
    return next((row for row in rows if all(row[k] == v for k, v in wanted.items())), None)


def _change(months: int) -> Callable[[dict[str, Any]], ComparisonCell]:
    return lambda row: ranged(_of(row["change_pct_from_now"], endpoint="LS_BMD", months=months), "+.1f")


def _fractures(kind: str, months: int) -> Callable[[dict[str, Any]], ComparisonCell]:
    return lambda row: ranged(_of(row["fractures_of_1000"], kind=kind, months=months), ".0f")


def _chance(value: float | None) -> ComparisonCell:
    return ComparisonCell("–") if value is None else ComparisonCell(f"{100 * value:.0f} %", "", value)


def _below(row: dict[str, Any]) -> ComparisonCell:
    found = _of(row["chance_of_calcium_below"], mmol_L=2.0)
    return _chance(found["chance"] if found else None)


def _visits(row: dict[str, Any]) -> ComparisonCell:
    """Days on which something is injected or infused; what is swallowed at home is no visit."""
    days = {
        d["date"] for d in row["way"]["doses"] if d["drug"] in ("denosumab", "zoledronate", "romosozumab")
    }
    return ComparisonCell(str(len(days)), "", float(len(days)))


def _price_column(clinic: ClinicSettings) -> tuple[ComparisonColumn, ...]:
    """The price of the drugs of each strategy, where the clinic has set prices."""

    def cell(row: dict[str, Any]) -> ComparisonCell:
        cost = clinic.cost(one for one in row["way"]["doses"] if one["planned"])
        return ComparisonCell("–") if cost is None else ComparisonCell(f"{cost:,.0f}", "", cost)

    title = gettext("Price of the drugs, {currency}", currency=clinic.currency)
    return (ComparisonColumn("price", title, cell),) if clinic.prices else ()


def _best(row: dict[str, Any]) -> ComparisonCell:
    rank = row["rank"]
    if rank is None:
        return ComparisonCell("–")
    return ComparisonCell(rank["best_of_100"], "", rank["chance_of_being_best"])


def _bracket(row: dict[str, Any]) -> ComparisonCell:
    rank = row["rank"]
    return (
        ComparisonCell(rank["bracket"], "", float(sum(map(ord, rank["bracket"][:1]))))
        if rank and rank["bracket"]
        else ComparisonCell("–")
    )


COLUMNS = (
    ComparisonColumn("spine12", "Spine BMD, 12 months, %", _change(12)),
    ComparisonColumn("spine24", "Spine BMD, 24 months, %", _change(24)),
    ComparisonColumn(
        "loss",
        "Chance of a measurable spine loss in 24 months",
        lambda row: _chance(row["chance_of_loss_in_24_months"].get("LS_BMD")),
    ),
    ComparisonColumn("vertebral", "Vertebral fracture in 5 years, of 1,000", _fractures("vertebral", 60)),
    ComparisonColumn("hip", "Hip fracture in 5 years, of 1,000", _fractures("hip", 60)),
    ComparisonColumn("calcium", "Calcium below 2.0 mmol/L", _below),
    ComparisonColumn("visits", "Visits in 5 years", _visits),
    ComparisonColumn("chance", "Really the best, of 100", _best),
    ComparisonColumn("bracket", "Cannot be distinguished", _bracket),
)
