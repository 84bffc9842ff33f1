"""The model library: what each model is and rests on, and its curves under settings of one's own."""

from __future__ import annotations

import ast
import csv
import io
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from bonecast.errors import UnknownName
from bonecast.models import Model, line, load_model, model_names
from bonecast.models import page as page_of
from bonecast.web.context import page
from bonecast.web.jobs import Ended, Refused
from bonecast.web.pages.drawn import inline
from bonecast.web.pages.tuning import LENGTHS, Tuning, read_tuning, sliders, usual_plan

router = APIRouter()


@dataclass(frozen=True)
class EquationList:
    """One file of equations: what its head says, and the text that runs."""

    name: str
    title: str
    about: str
    code: str


@router.get("/models")
def library(request: Request) -> Response:
    """Which models there are, and which drugs each carries."""
    found = [load_model(name) for name in model_names()]
    return page(request, "models/library.html.jinja", models=[(line(one), one) for one in found])


@router.get("/models/{name}")
def model(request: Request, name: str) -> Response:
    """Everything that the library knows of one model."""
    found = model_or_404(name)
    return page(
        request,
        "models/model.html.jinja",
        model=found,
        shown=_shown(found.name),
        equations=_equations(found.name),
        sheets=_sheets(found.name),
    )


@router.get("/models/{name}/try")
def settings(request: Request, name: str) -> Response:
    """Sliders, a plan, and the curves of a typical person that follow from them."""
    tuning = read_tuning(model_or_404(name), request.query_params.multi_items())
    return page(request, "models/try.html.jinja", **_tried(request, tuning), **_form(tuning))


@router.get("/models/{name}/curves")
def curves(request: Request, name: str) -> Response:
    """The curves alone: a part of the page."""
    tuning = read_tuning(model_or_404(name), request.query_params.multi_items())
    return page(request, "models/curves.html.jinja", **_tried(request, tuning))


@router.get("/models/{name}/try.csv")
def download(request: Request, name: str) -> Response:
    """All outputs of the same run as CSV."""
    tuning = read_tuning(model_or_404(name), request.query_params.multi_items())
    if tuning.faults:
        raise HTTPException(422, " ".join(tuning.faults.values()))
    try:
        made = request.app.state.workshop.ask("rows", tuning.asked)
    except (Refused, Ended) as error:
        raise HTTPException(422, str(error)) from None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(made["columns"])
    writer.writerows([f"{value:.10g}" for value in row] for row in made["rows"])
    kept = {"content-disposition": f'attachment; filename="{tuning.model.name}.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=kept)


def model_or_404(name: str) -> Model:
    """The model of this name; no page otherwise."""
    try:
        return load_model(name)
    except UnknownName as error:
        raise HTTPException(404, str(error)) from None


def _tried(request: Request, tuning: Tuning) -> dict[str, Any]:
    """The curves of these settings, or why there are none; what is at fault is left out of them."""
    answer: dict[str, Any] = {
        "tuning": tuning,
        "models": model_names(),
        "made": None,
        "specs": "",
        "trouble": "",
    }
    if tuning.faults:
        return answer
    try:
        made = request.app.state.workshop.ask("curves", tuning.asked)
    except (Refused, Ended) as error:
        return {**answer, "trouble": str(error)}
    return {**answer, "made": made, "specs": inline(made["charts"])}


def _form(tuning: Tuning) -> dict[str, Any]:
    model = tuning.model
    return {
        "model": model,
        "groups": sliders(model),
        "plan": tuning.texts.get("plan") or usual_plan(model),
        "until": tuning.texts.get("until", LENGTHS.get(model.name, "")),
        "own_plan": usual_plan(model),
        "own_length": LENGTHS.get(model.name, ""),
    }


@cache
def _shown(name: str) -> dict[str, Any]:
    return page_of(load_model(name))


@cache
def _sheets(name: str) -> dict[str, list[dict[str, Any]]]:
    """The parameters by the file that holds them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for card in _shown(name)["parameters"]:
        found.setdefault(card["sheet"], []).append(card)
    return found


@cache
def _equations(name: str) -> list[EquationList]:
    """The files of equations in the order in which the signal runs."""
    made = []
    for one in _shown(name)["equations"]:
        said = ast.get_docstring(ast.parse(one["text"])) or one["module"]
        title, _, about = said.partition("\n")
        made.append(
            EquationList(one["module"].rsplit(".", 1)[-1], title.rstrip("."), about.strip("\n"), one["text"])
        )
    return made
