"""The model library and the curves of a typical person, in JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request
from pydantic import BaseModel, Field

from bonecast.errors import InputError
from bonecast.models import line, load_model, model_names
from bonecast.models import page as page_of
from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED
from bonecast.web.api.people import NOT_THERE, NotThere
from bonecast.web.jobs import Ended, Refused
from bonecast.web.pages.models import model_or_404
from bonecast.web.pages.tuning import OF_PARAMETER, read_tuning

router = api_router(tags=["models"])
ModelName = Annotated[str, Path(max_length=100, description="Library name, such as bonecast-2.")]
BUSY: dict[int | str, dict[str, Any]] = {503: {"model": NotThere}}


class ModelLine(BaseModel):
    """One model of the library."""

    name: str
    title: str
    drugs: list[str]
    states: int
    parameters: int
    outputs: int


class ModelPage(BaseModel):
    """All that the library knows of a model; each parameter with unit, value, source and mark."""

    name: str
    title: str
    summary: str
    time_unit: str
    limits: list[str]
    drugs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    states: list[dict[str, Any]]
    parameters: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    covariates: dict[str, Any]
    spread: dict[str, Any]
    sources: list[dict[str, Any]]
    equations: list[dict[str, Any]]


class Curves(BaseModel):
    """One typical person: a row for each time, a column for each output, the unit in its name."""

    model: str
    plan: str
    changed: dict[str, float]
    columns: list[str]
    rows: list[list[float]] = Field(description="Times in days from the start of the plan come first.")


@router.get("/models")
def library() -> list[ModelLine]:
    """Which models there are."""
    return [ModelLine(**line(load_model(name))) for name in model_names()]


@router.get("/models/{name}", responses=NOT_THERE)
def model(name: ModelName) -> ModelPage:
    """One model: equations, states, parameters, spread and sources."""
    return ModelPage(**page_of(model_or_404(name)))


@router.get("/models/{name}/curves", responses=NOT_THERE | REFUSED | BUSY)
def curves(
    request: Request,
    name: ModelName,
    plan: Annotated[str, Query(max_length=10_000, description="In the plan grammar.")] = "",
    until: Annotated[
        str, Query(max_length=40, description="Such as 5 years; to the plan's end if blank.")
    ] = "",
    set: Annotated[
        list[str] | None,
        Query(max_length=100, description="NAME=VALUE of a parameter that has a range; repeatable."),
    ] = None,
) -> Curves:
    """What becomes of a typical person under this plan, with these parameters changed."""
    given = [("plan", plan), ("until", until)]
    for text in set or []:
        parameter, sign, value = text.partition("=")
        card = model_or_404(name).parameter_set.parameters.get(parameter.strip())
        if not sign or card is None or card.range is None:
            raise InputError("set", "this is not a parameter with a range and its value", "write NAME=VALUE")
        given.append((OF_PARAMETER + card.name, value))
    tuning = read_tuning(model_or_404(name), given)
    for place, fault in tuning.faults.items():
        raise InputError(place.removeprefix(OF_PARAMETER), fault.rstrip("."))
    try:
        made = request.app.state.workshop.ask("rows", tuning.asked)
    except Refused as error:
        raise InputError("curves", str(error).rstrip(".")) from None
    except Ended as error:
        raise HTTPException(503, str(error)) from None
    return Curves(model=tuning.model.name, changed=tuning.changed, **made)
