"""`fit`: one call from data and a model to estimates."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bonecast import inference
from bonecast.cohorts import AnyRegimen
from bonecast.engine import System
from bonecast.errors import InputError
from bonecast.fitting.marginal import Coordinates
from bonecast.fitting.petab import PetabFit, fit_petab
from bonecast.fitting.predictions import Predictions
from bonecast.fitting.result import FitResult
from bonecast.fitting.search import Found, Uncertainty, evaluate, search, uncertainty
from bonecast.fitting.specification import (
    LEAST_OMEGA,
    FitParameter,
    FitResidual,
    FitSpecification,
    read_specification,
)
from bonecast.inference import ParameterFit
from bonecast.interop import EventRecords, PetabProblem, SbmlModel, read_event_table
from bonecast.models import Model, load_model
from bonecast.simulation import TimeUnit

CURVES = ("time_d", "output", "value", "sd")  # columns of values with a known error: weighted least squares
STRONG = 1000.0  # condition number from which on estimates are said to hang together
SHRUNK = 0.5
AT_BOUND = 1e-3


class FitWarning(UserWarning):
    """What a fit wants to be known: parameters that the data do not determine, bounds, a search that did not rest.

    Examples
    --------
    >>> issubclass(FitWarning, UserWarning)
    True
    """


def fit(
    model: str | Model | System | SbmlModel | PetabProblem,
    data: Any = None,
    regimen: AnyRegimen | None = None,
    parameters: Mapping[str, FitParameter | float] | FitSpecification | Sequence[str] | str | Path = (),
    *,
    residual: Mapping[str, FitResidual] | None = None,
    blq: Literal["m1", "m3"] = "m3",
    starts: int = 1,
    nodes: int | None = None,
    estimate: bool = True,
    time_unit: TimeUnit | None = None,
    seed: int = 1,
    progress: Callable[[str], None] = lambda text: None,
    start: Mapping[str, float | str] | None = None,
    prior_sd: Mapping[str, float] | None = None,
    steps: int = 100,
) -> FitResult | ParameterFit | PetabFit:
    """Fit a model to data: an event table of one person or many, a table of values with known errors, or PEtab.

    An event table (columns TIME, DV and so on, see `read_event_table`) is fitted by maximum likelihood, or to the
    greatest posterior where there are priors. People may differ by random effects; the likelihood is then the integral
    over them, by adaptive Gauss-Hermite quadrature for up to four and by importance sampling for more.

    A table with the columns `time_d`, `output`, `value` and `sd` is fitted by weighted least squares of the typical
    person under `regimen`, and gives a `ParameterFit`.

    A PEtab problem holds its model, data, parameters and errors; it is fitted from its nominal values, and from further
    starts between its bounds (`starts`, `seed`), and gives a `PetabFit`.

    Parameters
    ----------
    model : str, Model, System, SbmlModel or PetabProblem
        Library name, a model, a bare system of equations, a model in SBML without events, or a problem in PEtab.
    data : EventRecords, path, polars or pandas DataFrame, or mapping of str to sequence
        An event table; or values with their errors. None for PEtab.
    regimen : str, Regimen, or sequence of Dose or Event, optional
        Only for values with errors, where they have no column `regimen`.
    parameters : mapping of str to FitParameter or float, FitSpecification, or path
        What is fitted, by name; a number is a start. Or a file of parameters (TOML), with the residual errors. For
        values with errors: names.
    residual : mapping of str to FitResidual, optional
        How far observations of each output lie from their predictions.
    blq : {"m1", "m3"}
        Whether values below the limit are left out (M1), or count with the probability of lying there (M3).
    starts : int
        How many starts are tried: the stated one, and others around it.
    nodes : int, optional
        Quadrature nodes in each direction, or draws of importance sampling; enough for 0.01 in ln L by default.
    estimate : bool
        Whether to search; otherwise the result is that of the starts.
    time_unit : {"h", "d"}, optional
        Unit of the table; the model's by default.
    seed : int
        Of further starts, draws and simulations.
    progress : callable
        Gets a line after each round of the search.
    start, prior_sd : mapping, optional
        For values with errors: as in `ParameterFit`.
    steps : int
        For values with errors: most evaluations.

    Returns
    -------
    FitResult, ParameterFit or PetabFit

    Raises
    ------
    InputError
        If a row, name or number cannot be used.
    ComputeError
        If the equations cannot be followed at the start.

    Warns
    -----
    FitWarning
        Naming what the data do not determine, and whatever else to bear in mind.

    Examples
    --------
    >>> table = {"TIME": [0.0, 168.0, 672.0], "AMT": [60, None, None], "CMT": ["denosumab"] * 3}
    >>> table["DV"] = [None, 6200, 5100]
    >>> found = fit("choi-2025", table, parameters={"CL": FitParameter(0.003, prior=(0.003, 0.3))},
    ...     residual={"denosumab_ng_mL": FitResidual(proportional=0.1, fixed=True)})
    >>> found.converged
    True
    """
    if starts < 1:
        raise InputError("fit, starts", f"{starts} are none", "give at least 1")
    if isinstance(model, PetabProblem):
        if data is not None or regimen is not None or parameters or residual:
            raise InputError("fit", "a PEtab problem has its data, parameters and errors", "leave yours out")
        fitted = fit_petab(model, starts, seed, estimate, progress)
        _warn(fitted.notes)
        return fitted
    if isinstance(model, SbmlModel):
        model, events = model.for_kernel()
        if events:
            raise InputError(
                f"fit, model {model.name}", "its file has events", "write them as rows of the data"
            )
    if data is None:
        raise InputError("fit, data", "there are none", "give an event table, or values with their errors")
    if not isinstance(data, EventRecords):
        named = isinstance(data, Mapping) or hasattr(data, "columns")  # a path is an event table
        columns = (
            {str(name).strip().upper() for name in getattr(data, "columns", data)} if named else {"TIME"}
        )
        if "TIME" not in columns:
            names = () if isinstance(parameters, FitSpecification | Mapping | Path) else parameters
            return inference.fit(model, data, regimen, names, start=start, prior_sd=prior_sd, steps=steps)
        data = read_event_table(data)
    if regimen is not None:
        raise InputError("fit, regimen", "an event table has its doses", "leave the regimen out")
    if blq not in ("m1", "m3"):
        raise InputError("fit, blq", f"there is no method '{blq}'", "write m1 or m3")
    known = load_model(model)
    specification = _specification(parameters, residual).checked(known)
    predictions = Predictions(known, data, specification, blq, time_unit)
    problem = Coordinates.of(specification)
    if problem.random and predictions.people < 2:
        raise InputError("fit, omega", "the data have one person", "leave omega out, or give more people")
    if estimate:
        found = search(problem, predictions, starts, nodes, seed, progress)
    else:
        found = evaluate(problem, predictions, nodes, seed)
    known_well = uncertainty(found)
    result = FitResult(known, predictions, found, known_well, seed)
    notes = _notes(result, found, known_well)
    _warn(notes)
    return FitResult(known, predictions, found, known_well, seed, notes)


def _warn(notes: tuple[str, ...]) -> None:
    for note in notes:
        warnings.warn(note, FitWarning, stacklevel=3)


def _specification(parameters: Any, residual: Mapping[str, FitResidual] | None) -> FitSpecification:
    if isinstance(parameters, str | Path):
        parameters = read_specification(parameters)
    if isinstance(parameters, FitSpecification):
        return FitSpecification(parameters.parameters, residual or parameters.residual)
    if not isinstance(parameters, Mapping):
        parameters = dict.fromkeys(parameters, FitParameter())
    made = {}
    for name, given in parameters.items():
        if not isinstance(given, FitParameter | int | float):
            cause = f"a {type(given).__name__} says nothing of it"
            raise InputError(f"fit, parameter {name}", cause, "give a number or a FitParameter")
        made[name] = given if isinstance(given, FitParameter) else FitParameter(float(given))
    return FitSpecification(made, residual or {})


def _notes(result: FitResult, found: Found, known: Uncertainty) -> tuple[str, ...]:
    problem, notes = result.problem, []
    if not found.converged:
        notes.append(
            f"The search did not come to rest in {found.rounds} rounds: try other starts, or fix parameters."
        )
    notes += known.notes()
    for k, label in enumerate(problem.labels):
        if not problem.free[k]:
            continue
        if label.startswith("omega ") and found.x[k] < np.log(10 * LEAST_OMEGA):
            notes.append(
                f"The data show no variability of {label.removeprefix('omega ')} between people: leave it out."
            )
        elif min(found.x[k] - problem.low[k], problem.high[k] - found.x[k]) < AT_BOUND:
            notes.append(f"{label} rests on its bound {problem.value(k, found.x[k]):.4g}.")
    if STRONG < known.condition < np.inf and not known.unidentified:
        notes.append(f"The estimates hang together strongly (condition number {known.condition:.0f}).")
    for label, share in result.shrinkage.items():
        if share > SHRUNK:
            name = label.removeprefix("omega ")
            notes.append(
                f"Individual estimates of {name} are shrunk by {100 * share:.0f} %: they say little of a person."
            )
    return tuple(notes)
