"""Global sensitivity of any output by SALib: Sobol's shares of the variance, and Morris's elementary effects."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.core import TableResult
from bonecast.engine import DEFAULT_RTOL, System
from bonecast.errors import ComputeError, InputError
from bonecast.models import Model, load_model
from bonecast.simulation.run import TimeUnit, simulate

if TYPE_CHECKING:
    import polars as pl

WITHIN = 0.2  # of a parameter, to each side, where no bounds are given
MOST_RUNS = 2_000_000
LEVEL = 0.9
TRAJECTORIES = 64
LEVELS = 4  # of Morris's grid
CONSTANT = 1e-9  # spread of an output, as a share of its size, that is none
Method = Literal["sobol", "morris"]


@dataclass(frozen=True)
class GlobalSensitivities(TableResult):
    """How much of the spread of an output comes from each parameter, over ranges of all of them.

    Parameters
    ----------
    model : Model
        The model.
    method : str
        "sobol" or "morris".
    bounds : dict of str to (float, float)
        Range of each parameter.
    runs : int
        People that were followed.
    rows : polars.DataFrame
        What `table` returns.
    notes : tuple of str
        What to bear in mind.

    Examples
    --------
    >>> import bonecast as bc
    >>> plan, output = "denosumab 60 mg once", "denosumab_ng_mL"
    >>> found = bc.global_sensitivity("choi-2025", plan, ["CL", "ka"], output, [120], method="morris", samples=8)
    >>> found.runs
    24
    """

    model: Model
    method: Method
    bounds: dict[str, tuple[float, float]]
    runs: int
    rows: pl.DataFrame
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        size = f"{len(self.bounds)} parameters, {self.runs:,} runs"
        return f"<GlobalSensitivities of {self.model.name}: {self.method}, {size}>"

    def table(self) -> pl.DataFrame:
        """Return the indices.

        Returns
        -------
        polars.DataFrame
            A row for each output, time and parameter. Sobol: `first` (share of the variance by the parameter alone) and
            `total` (with all its interactions), each with half the width of its 90 % interval (`first_conf`,
            `total_conf`). Morris: `mu`, `mu_star` (mean and mean size of the effect over the whole range, in the unit
            of the output), `mu_star_conf` and `sigma` (interactions and bends).
        """
        return self.rows


def global_sensitivity(
    model: str | Model | System,
    regimen: Any,
    parameters: Sequence[str] | Mapping[str, tuple[float, float] | None],
    outputs: str | Sequence[str],
    times: float | Sequence[float],
    *,
    method: Method = "sobol",
    samples: int | None = None,
    time_unit: TimeUnit | None = None,
    log: bool = False,
    seed: int = 1,
    rtol: float = DEFAULT_RTOL,
) -> GlobalSensitivities:
    """Find which parameters an output depends on, over ranges of all of them at once.

    Parameters
    ----------
    model : str, Model or System
        Library name, a model, or a bare system of equations.
    regimen : str, Regimen, sequence of Dose or Event, or event table of one person
        As in `simulate`.
    parameters : sequence of str or mapping of str to (low, high)
        Which vary, independently; without bounds by 20 % to each side.
    outputs : str or sequence of str
        Outputs or states.
    times : float or sequence of float
        When, in `time_unit`.
    method : {"sobol", "morris"}
        Shares of the variance (N (D + 2) runs for D parameters), or elementary effects (N (D + 1) runs).
    samples : int, optional
        N: for Sobol a power of two, 512 by default; for Morris the trajectories, 64 by default.
    time_unit : {"h", "d"}, optional
        Unit of `times`: days by default.
    log : bool
        Whether parameters are uniform on a logarithmic scale; bounds then lie above zero.
    seed : int
    rtol : float
        Relative tolerance of one step.

    Returns
    -------
    GlobalSensitivities

    Raises
    ------
    InputError
        If SALib is missing, or a name, bound or number cannot be used.
    ComputeError
        If the equations cannot be followed somewhere within the bounds.

    Examples
    --------
    >>> plan, output = "denosumab 60 mg once", "denosumab_ng_mL"
    >>> found = global_sensitivity("choi-2025", plan, ["CL", "ka"], output, [120], method="morris", samples=8)
    >>> found.table()["parameter"].to_list()
    ['CL', 'ka']
    """
    known = load_model(model)
    if method not in ("sobol", "morris"):
        raise InputError("global sensitivity, method", f"there is no '{method}'", "write sobol or morris")
    bounds = _bounds(known, parameters, log)
    names = (outputs,) if isinstance(outputs, str) else tuple(outputs)
    at = np.atleast_1d(np.array(times, np.float64))
    count = _samples(method, samples, len(bounds))
    places, analyse = _design(method, list(bounds), count, seed)
    ends = np.array(list(bounds.values()))
    low, high = np.log(ends.T) if log else ends.T
    values = low + (high - low) * places
    values = np.exp(values) if log else values
    cohort = Cohort.of_parameters(known, {name: values[:, j] for j, name in enumerate(bounds)})
    run = simulate(known, regimen, people=cohort, times=at, time_unit=time_unit, outputs=names, rtol=rtol)
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for name in names:
        found = run[name].reshape(len(values), len(at))
        lost = int((~np.isfinite(found).all(axis=1)).sum())
        if lost:
            raise ComputeError(
                f"model {known.name}: {lost:,} of {len(values):,} sets of parameters could not be followed within these"
                " bounds; narrow them."
            )
        for k, time in enumerate(at.tolist()):
            y = found[:, k]
            if np.ptp(y) <= CONSTANT * max(float(np.abs(y).max()), 1e-300):
                notes.append(f"{name} at {time:g} does not depend on any of these parameters.")
                continue
            for j, parameter in enumerate(bounds):
                indices = {key: float(column[j]) for key, column in analyse(y).items()}
                rows.append({"output": name, "time": time, "parameter": parameter, **indices})
    if not rows:
        raise InputError(
            "global sensitivity", notes[0].removesuffix("."), "name other parameters, outputs or times"
        )
    import polars as pl

    return GlobalSensitivities(known, method, bounds, len(values), pl.DataFrame(rows), tuple(notes))


def _bounds(model: Model, parameters: Any, log: bool) -> dict[str, tuple[float, float]]:
    given = dict(parameters) if isinstance(parameters, Mapping) else dict.fromkeys(parameters)
    model.parameter_changes(dict.fromkeys(given, 0.0))
    if len(given) < 2:
        raise InputError("global sensitivity, parameters", f"there are {len(given)}", "name at least two")
    found = {}
    for name, ends in given.items():
        place, value = f"global sensitivity, parameter {name}", model.system.parameters[name]
        if ends is None:
            if value == 0:
                raise InputError(place, "it is zero, so that a share of it is none", "give its bounds")
            ends = tuple(sorted((value * (1 - WITHIN), value * (1 + WITHIN))))
        try:
            low, high = (float(end) for end in ends)
        except (TypeError, ValueError):
            raise InputError(place, "its bounds are no pair of numbers", "give (low, high)") from None
        if not (-math.inf < low < high < math.inf):
            raise InputError(place, f"{low:g} to {high:g} is no range", "give the lower bound first")
        if log and low <= 0:
            raise InputError(place, f"{low:g} has no logarithm", "give bounds above zero, or leave log out")
        found[name] = (low, high)
    return found


def _samples(method: str, samples: int | None, size: int) -> int:
    count = samples if samples is not None else 512 if method == "sobol" else TRAJECTORIES
    if count < 2:
        raise InputError("global sensitivity, samples", f"{count} are too few", "give at least 2")
    if method == "sobol" and count & (count - 1):
        nearest = 1 << round(math.log2(count))
        raise InputError("global sensitivity, samples", f"{count} is no power of two", f"give {nearest}")
    runs = count * (size + (2 if method == "sobol" else 1))
    if runs > MOST_RUNS:
        raise InputError(
            "global sensitivity, samples",
            f"they make {runs:,} runs",
            f"keep to {MOST_RUNS:,}: fewer samples or parameters",
        )
    return count


def _design(method: str, names: list[str], count: int, seed: int) -> tuple[np.ndarray, Any]:
    """Places in the unit cube, and a function from the output there to the indices of each parameter."""
    try:
        from SALib.analyze import morris as morris_indices
        from SALib.analyze import sobol as sobol_indices
        from SALib.sample import morris as morris_sample
        from SALib.sample import sobol as sobol_sample
    except ImportError:
        cause, hint = "SALib is not installed", "pip install 'bonecast[sensitivity]'"
        raise InputError("global sensitivity", cause, hint) from None
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if method == "sobol":
        places = sobol_sample.sample(problem, count, calc_second_order=False, seed=seed)

        def shares(y: np.ndarray) -> dict[str, Any]:
            found = sobol_indices.analyze(problem, y, calc_second_order=False, conf_level=LEVEL, seed=seed)
            keys = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}
            return {key: found[own] for key, own in keys.items()}

        return places, shares
    places = morris_sample.sample(problem, count, num_levels=LEVELS, seed=seed)

    def effects(y: np.ndarray) -> dict[str, Any]:
        found = morris_indices.analyze(problem, places, y, num_levels=LEVELS, conf_level=LEVEL, seed=seed)
        return {key: found[key] for key in ("mu", "mu_star", "mu_star_conf", "sigma")}

    return places, effects
