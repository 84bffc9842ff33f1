"""People of a table of one's own: a row for each person, and what is known of them in its columns."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bonecast.cohorts.cohort import Cohort, draw_cohort
from bonecast.cohorts.column import columns
from bonecast.cohorts.covariates import Covariates, facts_of
from bonecast.core import MOST_ROWS, Faults, csv_rows, read_text
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
    known = model if isinstance(model, Model) else load_model(model)
    place, table = _columns_of(data)
    size = len(next(iter(table.values()), ()))
    if not size:
        raise InputError(place, "there is no row", "add one for each person")
    if size > MOST_ROWS:
        raise InputError(place, f"there are over {MOST_ROWS:,} rows", "split the table")
    faults = Faults()
    ids = [str(cell).strip() for cell in table.get("id", range(1, size + 1))]
    parameters: dict[str, np.ndarray] = {}
    covariates: dict[str, np.ndarray] = {}
    facts: dict[str, np.ndarray] = {}
    for name, cells in table.items():
        if name == "id":
            continue
        kind = _kind(known, name, place)
        values = _numbers(cells, f"{place}, column {name}", faults)
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


def _columns_of(data: Any) -> tuple[str, dict[str, list[Any]]]:
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        found = [row for _, row in csv_rows(read_text(path, path.name), path.name)]
        header = [name.strip() for name in found[0]]
        for i, row in enumerate(found[1:], start=1):
            if len(row) != len(header):
                cause = f"it has {len(row)} cells under {len(header)} columns"
                raise InputError(f"{path.name}, row {i}", cause, "quote cells that hold commas")
        if len(set(header)) < len(header):
            raise InputError(path.name, "two columns have one name", "rename one")
        place, table = path.name, {name: [row[k] for row in found[1:]] for k, name in enumerate(header)}
    elif hasattr(data, "columns") or isinstance(data, Mapping):
        names = list(getattr(data, "columns", data))
        place, table = "people", {str(name): list(data[name]) for name in names}
    else:
        cause = f"a {type(data).__name__} is neither a number of people nor a table"
        raise InputError("people", cause, "give a number, a Cohort, a CSV file or a frame")
    if len({len(cells) for cells in table.values()}) > 1:
        raise InputError(place, "its columns have different lengths", "give each person a cell in each")
    return place, {("id" if name.casefold() == "id" else name): cells for name, cells in table.items()}


def _kind(model: Model, name: str, place: str) -> str:
    if name in model.system.parameters:
        return "parameter"
    if name in columns():
        return "covariate"
    if name in model.covariates:
        return "fact"
    known = ["id", *model.system.parameters, *columns(), *model.covariates]
    raise UnknownName(place, "column", name, known)


def _numbers(cells: list[Any], place: str, faults: Faults) -> np.ndarray:
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
    if count < 1:
        raise InputError("people", f"{count} is no number of people", "ask for one or more")
    return np.random.default_rng([seed, size]).integers(0, size, count)


def _typical(model: Model, facts: Mapping[str, np.ndarray]) -> dict[str, Any]:
    from bonecast.cohorts.patient_parameters import person_parameters

    return person_parameters(model, facts)
