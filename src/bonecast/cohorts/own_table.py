"""People of a table of one's own: a row for each person, and what is known of them in its columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bonecast.cohorts.cohort import Cohort, check_people, draw_cohort
from bonecast.cohorts.column import columns
from bonecast.cohorts.covariates import Covariates, facts_of
from bonecast.core import Faults, read_columns
from bonecast.errors import InputError, UnknownName, printable
from bonecast.models import DEFAULT_MODEL, Model, load_model

PREFIX = "own"
YES = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


def cohort_of_table(
    data: Any, model: str | Model = DEFAULT_MODEL, seed: int = 1, count: int | None = None
) -> Cohort:
    """The people of a table: their parameters and covariates, and random effects in what is not known of them.

    Parameters
    ----------
    data : path, polars or pandas DataFrame, or mapping of str to sequence
        A row for each person. Columns are `id`, parameters of the model, covariates (`columns()`), or facts that the
        model knows (`age`, `weight`, `eGFR`). A parameter that is given is not varied.
    model : str or Model
        Library name, or a model.
    seed : int
        Of the random effects, and of the rows that are drawn.
    count : int, optional
        How many people to draw from the rows, with replacement and all that a row says kept together; every row once
        by default.

    Returns
    -------
    Cohort

    Raises
    ------
    InputError
        If a column or cell cannot be used, with row and column.

    Examples
    --------
    >>> two = cohort_of_table({"id": ["A", "B"], "weight": [55.0, 80.0], "CL": [0.003, 0.004]}, "choi-2025")
    >>> two.ids, two.parameters["CL"].tolist()
    (['A', 'B'], [0.003, 0.004])
    """
    known = load_model(model)
    place, _, columns_by_name = read_columns(data, "people", "is neither a number of people nor a table")
    table = {("id" if name.casefold() == "id" else name): cells for name, cells in columns_by_name.items()}
    size = len(next(iter(table.values())))
    faults = Faults()
    ids = [str(cell).strip() for cell in table.get("id", range(1, size + 1))]
    parameters: dict[str, np.ndarray] = {}
    covariates: dict[str, np.ndarray] = {}
    facts: dict[str, np.ndarray] = {}
    for name, cells in table.items():
        if name == "id":
            continue
        kind = _kind(known, name, place)
        values = numbers_of(cells, f"{place}, column {name}", faults)
        {"parameter": parameters, "covariate": covariates, "fact": facts}[kind][name] = values
    faults.raise_any()
    rows = np.arange(size) if count is None else _drawn(count, size, seed)
    number = np.arange(len(rows))
    female = covariates.get("female")
    described = facts_of({"female": np.ones(size), **covariates}) if covariates else {}
    if female is None:
        described.pop("sex", None)
    typical = _typical(known, {**described, **facts})
    cohort = draw_cohort(known, number, seed, {name: values[rows] for name, values in typical.items()})
    own = [ids[row] for row in rows.tolist()]
    if count is not None:
        own = [f"{name}/{k + 1}" for k, name in enumerate(own)]
    described_by = {fact.parameter for fact in known.covariates.values()}
    traits = {name: values for name, values in parameters.items() if name in described_by}
    of_people = {name: values[rows] for name, values in {**covariates, **facts, **traits}.items()}
    return replace(
        cohort.with_parameters({name: values[rows] for name, values in parameters.items()}),
        covariates=Covariates(PREFIX, seed, number, of_people, np.array(own)),
    )


def _kind(model: Model, name: str, place: str) -> str:
    if name in model.system.parameters:
        return "parameter"
    if name in columns():
        return "covariate"
    if name in model.covariates:
        return "fact"
    known = ["id", *model.system.parameters, *columns(), *model.covariates]
    raise UnknownName(place, "column", name, known)


def numbers_of(cells: Sequence[Any], place: str, faults: Faults) -> np.ndarray:
    """The numbers of a column, a yes as 1 and a no as 0; what is none is noted with its row."""
    values = []
    for row, cell in enumerate(cells, start=1):
        said = cell.strip().casefold() if isinstance(cell, str) else cell
        try:
            value = float(YES.get(said, said) if isinstance(said, str) else said)
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value) and not faults.full:
            cause = f"'{printable(cell)}' is not a finite number"
            faults.note(
                InputError(f"{place}, row {row}", cause, "give each person a number, or leave the column out")
            )
        values.append(value)
    return np.array(values, np.float64)


def _drawn(count: int, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, size]).integers(0, size, check_people(count))


def _typical(model: Model, facts: Mapping[str, np.ndarray]) -> dict[str, Any]:
    from bonecast.cohorts.patient_parameters import person_parameters

    return person_parameters(model, facts)
