"""A population of one's own: a table of people from whom candidates are drawn, row by row."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from bonecast.cohorts.column import columns
from bonecast.cohorts.covariates import Covariates
from bonecast.cohorts.own_table import numbers_of
from bonecast.cohorts.source import Population, density_at, uniform
from bonecast.cohorts.typical_kinds import SITES
from bonecast.core import Faults, read_columns
from bonecast.errors import InputError, UnknownName, printable

FEWEST, MOST = 5, 5_000  # rows


@dataclass(frozen=True)
class OwnPopulation(Population):
    """A table of people: each candidate is one row, drawn at random, with the rest as in a population of the library.

    Parameters
    ----------
    rows : mapping of str to ndarray, shape (row,)
        Covariates that the table has; those that it lacks are drawn from the population that it is like.
    """

    rows: Mapping[str, np.ndarray]

    def draw(self, seed: int, first: int, count: int) -> Covariates:
        """Draw candidates `first` to `first + count - 1`.

        Parameters
        ----------
        seed, first, count : int

        Returns
        -------
        Covariates
        """
        drawn = super().draw(seed, first, count)
        made, size = dict(drawn.values_of), len(next(iter(self.rows.values())))
        row = np.minimum((uniform(seed, "row of the table", first, count) * size).astype(np.int64), size - 1)
        for name, values in self.rows.items():
            made[name] = values[row] if columns()[name].is_number else values[row] > 0
        for site in SITES:
            if f"{site}_T_score" in self.rows and f"{site}_BMD_g_cm2" not in self.rows:
                made[f"{site}_BMD_g_cm2"] = density_at(site, made[f"{site}_T_score"])
        if {"weight_kg", "height_cm"} & set(self.rows) and "bmi_kg_m2" not in self.rows:
            made["bmi_kg_m2"] = made["weight_kg"] / (made["height_cm"] / 100.0) ** 2
        return Covariates("own", seed, drawn.number, made)


def own_population(like: Population, rows: Mapping[str, Sequence[float]]) -> OwnPopulation:
    """Make a population of a table of people.

    Parameters
    ----------
    like : Population
        Where covariates come from that the table lacks.
    rows : mapping of str to sequence of float
        Covariates, a value for each person; a yes is 1 and a no 0.

    Returns
    -------
    OwnPopulation
        The population.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> old = own_population(population("postmenopausal-women"), {"age": [80, 81, 82, 83, 84]})
    >>> bool(old.draw(1, 0, 50)["age"].min() >= 80)
    True
    """
    own = {field.name: getattr(like, field.name) for field in fields(Population)}
    return OwnPopulation(**own, rows={name: np.asarray(values, np.float64) for name, values in rows.items()})


def people_rows(file: str | os.PathLike[str]) -> dict[str, list[float]]:
    """Read a table of people.

    Parameters
    ----------
    file : path
        A CSV with a row for each person: covariates as in `columns()`, a yes or no as such or as 1 and 0; `id` is not
        used.

    Returns
    -------
    dict of str to list of float
        Covariate to values.

    Raises
    ------
    RecordError
        If columns or cells cannot be used, with row and column.
    """
    place = printable(os.fspath(file), 120)
    given, faults, found = read_columns(Path(file), place), Faults(), {}
    for name, cells in given.cells.items():
        if name.casefold() == "id":
            continue
        if name not in columns():
            faults.note(UnknownName(given.place, "column", printable(name, 60), ["id", *columns()]))
            continue
        values, column = numbers_of(cells, f"{given.place}, column {name}", faults), columns()[name]
        low, high = (column.low, column.high) if column.is_number else (0.0, 1.0)
        for row in np.flatnonzero((values < low) | (values > high))[:1]:
            cause = f"{values[row]:g} is outside {low:g} to {high:g}"
            hint = f"give it in {column.unit}" if column.unit else "write yes or no"
            faults.note(InputError(f"{given.place}, column {name}, row {row + 1}", cause, hint))
        found[name] = values.tolist()
    size = len(given.lines)
    if not found or not FEWEST <= size <= MOST:
        cause = f"it has {size} people and {len(found)} covariates"
        faults.note(InputError(given.place, cause, f"give {FEWEST} to {MOST:,} people, and their age, say"))
    faults.raise_any()
    return found
