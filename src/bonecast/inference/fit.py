"""Weighted least squares: the parameters of any model at which its typical person meets a table of data.

    cost = sum over rows of d^2 + sum over priors of (ln(p/start)/prior_sd)^2,    d = (value - predicted)/sd

The search is in the logarithms of the parameters. Derivatives are differences; all shifted sets of parameters are
followed in one ensemble run per regimen. The covariance is the inverse of the curvature at the end (Laplace).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from bonecast.cohorts import AnyRegimen, Cohort, simulate
from bonecast.core import TableResult
from bonecast.engine import System
from bonecast.errors import ComputeError, InputError, UnknownName
from bonecast.models import Model, load_model

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

SHIFT = 1e-3  # of a logarithm, to each side
RTOL = 1e-8  # of the runs: their error is far below what a shift changes
MOST_STEPS = 100
Z95 = 1.959964
CONDITION = 1e10  # of the curvature, above which the data do not determine the parameters together
COLUMNS = ("time_d", "output", "value", "sd")


@dataclass(frozen=True)
class ParameterFit(TableResult):
    """Parameters of a model, fitted to data.

    Parameters
    ----------
    model : Model
        The model with the fitted values as its defaults.
    names : tuple of str
        The fitted parameters.
    start : ndarray, shape (parameter,)
        Values at the start, in the unit of each parameter.
    values : ndarray, shape (parameter,)
        Fitted values, in the same unit.
    covariance : ndarray, shape (parameter, parameter)
        Covariance of the logarithms.
    data : polars.DataFrame
        The data with the columns `predicted` and `residual`, the latter in SDs.
    cost : float
        Sum of the squared residuals of the rows and of the priors.
    converged : bool
        Whether the search came to rest.
    notes : tuple of str
        What to bear in mind.

    Examples
    --------
    >>> import polars as pl
    >>> data = pl.DataFrame({"time_d": [364.0], "output": ["LS_BMD_pct_change"], "value": [7.0], "sd": [0.5]})
    >>> found = fit("choi-2025", data, "denosumab 60 mg every 6 months x 2", ["kout"], prior_sd={"kout": 0.3})
    >>> found["parameter"].tolist(), bool(found.cv[0] < 0.3)
    (['kout'], True)
    """

    model: Model
    names: tuple[str, ...]
    start: np.ndarray
    values: np.ndarray
    covariance: np.ndarray
    data: pl.DataFrame
    cost: float
    converged: bool
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<ParameterFit of {self.model.name}: {', '.join(self.names)}; {self.data.height} rows>"

    def _repr_html_(self) -> str:
        from bonecast.inference.notebook import fit_html

        return fit_html(self)

    @property
    def cv(self) -> np.ndarray:
        """Relative standard error of each parameter: the SD of its logarithm."""
        return np.sqrt(np.diag(self.covariance))

    def table(self) -> pl.DataFrame:
        """Return the parameters.

        Returns
        -------
        polars.DataFrame
            One row for each parameter: `parameter`, `unit`, `start`, `value`, `cv`, and the 95 % interval as `low95`
            and `high95`.
        """
        import polars as pl

        cards = self.model.parameter_set.parameters
        return pl.DataFrame(
            {
                "parameter": list(self.names),
                "unit": [cards[name].unit for name in self.names],
                "start": self.start,
                "value": self.values,
                "cv": self.cv,
                "low95": self.values * np.exp(-Z95 * self.cv),
                "high95": self.values * np.exp(Z95 * self.cv),
            }
        )

    def plot(self) -> Any:
        """Draw the data over the predictions, one picture for each output.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.
        """
        from bonecast.charts import stack
        from bonecast.inference.fit_pictures import pictures

        return stack(pictures(self))


def fit(
    model: str | Model | System,
    data: pl.DataFrame | pd.DataFrame | Mapping[str, Sequence[Any]],
    regimen: AnyRegimen | None = None,
    parameters: Sequence[str] = (),
    *,
    start: Mapping[str, float | str] | None = None,
    prior_sd: Mapping[str, float] | None = None,
    steps: int = MOST_STEPS,
) -> ParameterFit:
    """Fit parameters of a model to data, by weighted least squares.

    The typical person of the model is followed under each regimen. Variability between people is not estimated.

    Parameters
    ----------
    model : str, Model or System
        Library name, a model, or a bare system of equations.
    data : polars or pandas DataFrame, or mapping of str to sequence
        One row for each value: `time_d` (days from the start of the regimen), `output` (name of an output of the
        model), `value` and `sd` (standard deviation of the value), both in the unit of the output. A column `regimen`
        gives each row a regimen of its own.
    regimen : str, Regimen, or sequence of Dose or Event, optional
        The regimen of all rows, where the data have no column `regimen`.
    parameters : sequence of str
        Names of the parameters to be fitted; their values stay above zero.
    start : mapping of str to float or str, optional
        Values from which the search starts, in the unit of the parameter or as texts with a unit; the model's own by
        default.
    prior_sd : mapping of str to float, optional
        How sure the start is, as the SD of the logarithm of a parameter; without one the data alone decide.
    steps : int
        Most evaluations of the search.

    Returns
    -------
    ParameterFit
        Values with their uncertainty, and the model that has them.

    Raises
    ------
    InputError
        If a row, name or number cannot be used, or the data do not determine the parameters.
    UnsupportedDrug
        If the model does not support a drug of a regimen.
    ComputeError
        If the equations cannot be followed near the start.

    Notes
    -----
    The search minimises

        sum over rows of ((value - predicted)/sd)^2 + sum over priors of (ln(p/start)/prior_sd)^2

    in the logarithms of the parameters (trust region; `scipy.optimize.least_squares`).

    Examples
    --------
    >>> import bonecast as bc
    >>> regimen = "denosumab 60 mg every 6 months x 2"
    >>> truth = bc.simulate("choi-2025", regimen, every="60 days", set={"CL": 0.004})
    >>> level = "denosumab_ng_mL"
    >>> count = len(truth["time_d"])
    >>> data = {"time_d": truth["time_d"], "output": [level] * count, "value": truth[level], "sd": [50.0] * count}
    >>> found = fit("choi-2025", data, regimen, ["CL"])
    >>> round(float(found.values[0]), 5)
    0.004
    """
    known = load_model(model)
    rows = _rows(data, regimen, known)
    names = _names(known, parameters)
    values = {**known.system.parameters, **known.parameter_values(start or {})}
    first = np.array([values[name] for name in names], np.float64)
    if not (first > 0).all():
        low = names[int(np.argmin(first))]
        raise InputError(f"fit, {low}", "its start is not above zero", "give a start above zero")
    priors = _priors(names, prior_sd or {})
    if len(rows.value) + int(np.isfinite(priors).sum()) < len(names):
        cause = f"there are {len(rows.value)} rows for {len(names)} parameters"
        raise InputError("fit, data", cause, "give more rows, fewer parameters, or prior_sd")
    base = replace(known, system=replace(known.system, parameters=values), posterior=None)
    return _search(_Problem(base, names, first, priors, rows), steps)


@dataclass(frozen=True)
class _Rows:
    """The data as arrays, with each regimen once. arm : position of the row's regimen."""

    table: pl.DataFrame
    days: np.ndarray
    outputs: tuple[str, ...]
    value: np.ndarray
    sd: np.ndarray
    regimens: tuple[AnyRegimen, ...]
    arm: np.ndarray


@dataclass(frozen=True)
class _Problem:
    """What the search makes small. prior_sd : infinite where there is none."""

    model: Model
    names: tuple[str, ...]
    start: np.ndarray
    prior_sd: np.ndarray
    rows: _Rows

    def predicted(self, logs: np.ndarray) -> np.ndarray:
        """predicted[set, row] for logs[set, parameter] around the start."""
        factors = self.start * np.exp(logs)
        cohort = Cohort.of_parameters(self.model, {n: factors[:, i] for i, n in enumerate(self.names)})
        found = np.empty((len(logs), len(self.rows.value)))
        for arm, regimen in enumerate(self.rows.regimens):
            here = np.flatnonzero(self.rows.arm == arm)
            days = np.unique(self.rows.days[here])
            wanted = sorted({self.rows.outputs[j] for j in here})
            run = simulate(cohort, regimen, days, wanted, rtol=RTOL).require_success()
            for j in here:
                found[:, j] = run.at(self.rows.outputs[j], float(self.rows.days[j]))
        if not np.isfinite(found).all():
            raise ComputeError(
                f"model {self.model.name}: its equations cannot be followed with these values."
            )
        return found

    def residuals(self, logs: np.ndarray) -> np.ndarray:
        """Of the rows in SDs, then of the priors."""
        return np.concatenate(
            [(self.predicted(logs[None])[0] - self.rows.value) / self.rows.sd, logs / self.prior_sd]
        )

    def slopes(self, logs: np.ndarray) -> np.ndarray:
        """Derivatives of `residuals` by central differences, all sets in one run."""
        step = SHIFT * np.eye(len(logs))
        found = self.predicted(np.vstack([logs + step, logs - step])) / self.rows.sd
        rows = ((found[: len(logs)] - found[len(logs) :]) / (2 * SHIFT)).T
        return np.vstack([rows, np.diag(1 / self.prior_sd)])


def _search(asked: _Problem, steps: int) -> ParameterFit:
    import polars as pl

    ended = least_squares(asked.residuals, np.zeros(len(asked.names)), asked.slopes, max_nfev=steps)  # type: ignore[arg-type]
    curvature = ended.jac.T @ ended.jac
    size = np.sqrt(np.diag(curvature))
    scaled = curvature / np.outer(size, size) if (size > 0).all() else np.full_like(curvature, np.nan)
    if not np.isfinite(scaled).all() or np.linalg.cond(scaled) > CONDITION:
        cause = f"the data do not determine {', '.join(asked.names)} together"
        raise InputError("fit, parameters", cause, "fit fewer of them, or give prior_sd")
    values = asked.start * np.exp(ended.x)
    predicted = asked.predicted(ended.x[None])[0]
    fitted = {**asked.model.system.parameters, **dict(zip(asked.names, values.tolist(), strict=True))}
    notes = asked.model.outside_range(dict(zip(asked.names, values.tolist(), strict=True)))
    if not ended.success:
        notes.append(f"The search was stopped after {steps} evaluations, before it came to rest.")
    return ParameterFit(
        _with_values(asked.model, fitted, asked.names),
        asked.names,
        asked.start,
        values,
        np.linalg.inv(curvature),
        asked.rows.table.with_columns(
            predicted=pl.Series(predicted),
            residual=pl.Series((asked.rows.value - predicted) / asked.rows.sd),
        ),
        float((ended.fun**2).sum()),
        bool(ended.success),
        tuple(notes),
    )


def _with_values(model: Model, values: dict[str, float], names: Sequence[str]) -> Model:
    """The model with these defaults; the fitted parameters say that they were calibrated."""
    cards = {
        name: replace(card, value=values[name], **({"mark": "calibrated"} if name in names else {}))
        for name, card in model.parameter_set.parameters.items()
    }
    return replace(
        model,
        system=replace(model.system, parameters=values),
        parameter_set=replace(model.parameter_set, parameters=cards),
    )


def _names(model: Model, parameters: Sequence[str]) -> tuple[str, ...]:
    names = (parameters,) if isinstance(parameters, str) else tuple(dict.fromkeys(parameters))
    if not names:
        raise InputError("fit, parameters", "there are none", "name at least one")
    model.parameter_changes(dict.fromkeys(names, 0.0))
    return names


def _priors(names: tuple[str, ...], prior_sd: Mapping[str, float]) -> np.ndarray:
    for name, sd in prior_sd.items():
        if name not in names:
            raise UnknownName("fit, prior_sd", "fitted parameter", name, names)
        if not 0 < sd < math.inf:
            raise InputError(f"fit, prior_sd of {name}", f"{sd:g} is not above zero", "0.3 means about 30 %")
    return np.array([prior_sd.get(name, math.inf) for name in names], np.float64)


def _rows(data: Any, regimen: AnyRegimen | None, model: Model) -> _Rows:
    """The data checked; every regimen once, in order of first use."""
    import polars as pl

    table = (
        data if isinstance(data, pl.DataFrame) else pl.DataFrame({name: list(data[name]) for name in data})
    )
    for name in COLUMNS:
        if name not in table.columns:
            raise InputError("fit, data", f"there is no column '{name}'", f"give {', '.join(COLUMNS)}")
    if not table.height:
        raise InputError("fit, data", "there are no rows", "give at least one")
    numbers = {}
    for name in ("time_d", "value", "sd"):
        try:
            numbers[name] = table[name].cast(pl.Float64).fill_null(math.nan).to_numpy()
        except pl.exceptions.PolarsError:
            raise InputError(f"fit, data, column {name}", "it holds no numbers", "give numbers") from None
        least = {"time_d": 0.0, "value": -math.inf, "sd": 0.0}[name]
        wrong = (
            ~np.isfinite(numbers[name]) | (numbers[name] < least) | ((name == "sd") & (numbers[name] == 0))
        )
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0]) + 1
            limit = {"time_d": "zero or above", "value": "a finite number", "sd": "above zero"}[name]
            cause = f"{numbers[name][row - 1]:g} cannot be used"
            raise InputError(f"fit, data, row {row}, {name}", cause, f"give {limit}")
    outputs = tuple(str(name) for name in table["output"])
    for name in dict.fromkeys(outputs):
        model.output(name)
    regimens, arm = _arms(table, regimen)
    return _Rows(table, numbers["time_d"], outputs, numbers["value"], numbers["sd"], regimens, arm)


def _arms(table: pl.DataFrame, regimen: AnyRegimen | None) -> tuple[tuple[AnyRegimen, ...], np.ndarray]:
    if regimen is not None and "regimen" in table.columns:
        raise InputError("fit, regimen", "the data have regimens too", "leave one out")
    if regimen is not None:
        return (regimen,), np.zeros(table.height, int)
    if "regimen" not in table.columns:
        raise InputError("fit, regimen", "there is none", "give it, or a column 'regimen' in the data")
    texts = [str(text) for text in table["regimen"]]
    once = list(dict.fromkeys(texts))
    return tuple(once), np.array([once.index(text) for text in texts])
