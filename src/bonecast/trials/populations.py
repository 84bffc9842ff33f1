"""One way to people: a population of the library, the people of a trial design, or a table of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

from bonecast.cohorts import Cohort, Population, check_people, cohort_of_table
from bonecast.cohorts import population as preset_population
from bonecast.cohorts import presets as population_presets
from bonecast.core import is_table
from bonecast.errors import InputError, UnknownName
from bonecast.models import DEFAULT_MODEL, Model, load_model
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.roster import enrolled
from bonecast.trials.reader import preset, presets


@overload
def find_population(source: str) -> Population: ...


@overload
def find_population(
    source: Any,
    count: int | None = None,
    model: str | Model = DEFAULT_MODEL,
    seed: int = 1,
    eligible: Sequence[str] = (),
    posterior: bool = False,
) -> Cohort: ...


def find_population(
    source: Any,
    count: int | None = None,
    model: str | Model = DEFAULT_MODEL,
    seed: int = 1,
    eligible: Sequence[str] = (),
    posterior: bool = False,
) -> Population | Cohort:
    """Find a population by its name, and draw people from it.

    Parameters
    ----------
    source : str, path or table
        A population ("postmenopausal-osteoporosis"); a trial design ("freedom"), whose people meet its criteria and the
        means of its Table 1; or a table with a row for each person, as a CSV file or a frame: its columns are `id`,
        parameters of the model, covariates or facts (`age`, `weight`).
    count : int, optional
        How many people. Without it, a population is returned as such, and a table gives each row once.
    model : str or Model
        Library name, or a model.
    seed : int
        The same seed gives the same people.
    eligible : sequence of str
        Further expressions over covariates that must hold ("age >= 60"); of a population.
    posterior : bool
        Whether each person also gets a draw of the model's calibrated parameters (`Cohort.with_posterior`).

    Returns
    -------
    Population or Cohort
        A cohort where people are asked for.

    Raises
    ------
    UnknownName
        If there is no such population or design.
    InputError
        If a number, expression or table cannot be used.

    Examples
    --------
    >>> find_population("men").title
    'Men with low bone mass'
    >>> women = find_population("freedom", 200, seed=3)
    >>> women.count, bool(women.covariates["age"].min() >= 60)
    (200, True)
    """
    is_name = isinstance(source, str) and not is_table(source)
    if is_name and source in population_presets():
        found = preset_population(source)
        if count is None:
            if eligible or posterior:
                raise InputError("population, count", "there is none", "say how many people to draw")
            return found
        cohort = found.cohort(count, model, seed, eligible)
    elif eligible:
        raise InputError(
            "population, eligible", "it is asked of a population only", "select people by their covariates"
        )
    elif is_name:
        cohort = _of_design(source, count, model, seed)
    elif is_table(source):
        cohort = cohort_of_table(source, model, seed, count)
    else:
        cause = f"a {type(source).__name__} is neither a name nor a table"
        raise InputError("population", cause, "give a name, a CSV file or a frame")
    return cohort.with_posterior(seed) if posterior else cohort


def _of_design(name: str, count: int | None, model: str | Model, seed: int) -> Cohort:
    """The people whom a trial of this design would enrol."""
    if name not in presets():
        raise UnknownName("populations", "population", name, [*population_presets(), *presets()])
    design = preset(name)
    if not isinstance(design, BoneDesign):
        raise UnknownName("populations", "population", name, population_presets())
    if count is None:
        raise InputError(f"population {name}, count", "there is none", "say how many people to enrol")
    sized = replace(design, people=check_people(count), seed=seed)
    return Cohort.of(load_model(model), enrolled(sized, 0, 0, count).covariates)
