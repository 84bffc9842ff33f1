"""A PEtab problem in hand: its likelihood and prior at given parameters, and what an optimiser needs."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from bonecast.errors import ComputeError, InputError, UnknownName
from bonecast.interop.petab.formulas import value_of
from bonecast.interop.petab.priors import log_prior
from bonecast.interop.petab.tables import (
    PetabMeasurement,
    PetabParameter,
    PetabPeriod,
    PetabTables,
    read_tables,
)
from bonecast.interop.sbml import SbmlModel, read_sbml
from bonecast.interop.sbml.expressions import names_in
from bonecast.interop.sbml.plain import PlainRun

_LONGEST = 1e12  # time units in which a steady state must be reached
_STILL = 1e-9  # rate of a state in a steady state, as a share of its size, for each time unit run
_TO_SCALE = {"lin": float, "log": math.log, "log10": math.log10}
_FROM_SCALE = {"lin": float, "log": math.exp, "log10": lambda x: 10.0**x}


class PetabProblem:
    """A parameter estimation problem in PEtab: a model in SBML, conditions, observables, measurements, parameters.

    Parameters
    ----------
    tables : PetabTables
        The tables.
    model : SbmlModel
        The model.
    name : str
        Name of its file.

    Examples
    --------
    `log_likelihood` takes values by name; `objective` takes a vector of the free parameters on their scales:

    >>> PetabProblem.log_likelihood.__name__, PetabProblem.objective.__name__
    ('log_likelihood', 'objective')
    """

    def __init__(self, tables: PetabTables, model: SbmlModel, name: str) -> None:
        self.tables, self.model, self.name = tables, model, name
        for one in tables.measurements:
            if one.observable not in tables.observables:
                raise UnknownName(one.where, "observable", one.observable, tables.observables)
        for periods in tables.experiments.values():
            for period in periods:
                for target, _ in period.changes:
                    self._check_target(target)

    def __repr__(self) -> str:
        t = self.tables
        counts = (
            f"{len(t.measurements)} measurements, {len(self.free)} of {len(t.parameters)} parameters free"
        )
        return f"<PetabProblem {self.name}: {counts}>"

    def _check_target(self, target: str) -> None:
        d = self.model.description
        known = target in d.quantities or target in self._extra
        if not known or target in d.assignments:
            cause = f"a condition sets '{target}', which is no quantity that can be set"
            raise InputError(
                f"PEtab problem {self.name}", cause, "use the name of a parameter, species or compartment"
            )

    @cached_property
    def _extra(self) -> set[str]:
        """Names that formulas read and the model lacks."""
        t = self.tables
        read = [*(o.formula for o in t.observables.values()), *(o.noise for o in t.observables.values())]
        return set().union(*(names_in(e) for e in read), t.parameters) if read else set(t.parameters)

    # What an optimiser needs

    @property
    def parameters(self) -> dict[str, PetabParameter]:
        """All parameters of the table, by name."""
        return self.tables.parameters

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Names of the parameters to be estimated, in the order of the table."""
        return tuple(n for n, p in self.parameters.items() if p.estimate)

    @property
    def nominal(self) -> dict[str, float]:
        """The values of the table, on the linear scale."""
        return {n: p.nominal for n, p in self.parameters.items()}

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bounds of the free parameters, each on its scale."""
        found = []
        for n in self.free:
            p = self.parameters[n]
            with np.errstate(divide="ignore"):
                ends = [
                    {"lin": lambda x: x, "log": np.log, "log10": np.log10}[p.scale](x)
                    for x in (p.lower, p.upper)
                ]
            found.append(ends)
        both = np.array(found, float).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def scaled(self, values: Mapping[str, float] | None = None) -> np.ndarray:
        """The free parameters as a vector, each on its scale; the nominal ones by default."""
        given = self._values(values)
        return np.array([_TO_SCALE[self.parameters[n].scale](given[n]) for n in self.free])

    def unscaled(self, vector: np.ndarray) -> dict[str, float]:
        """Values by name, on the linear scale, of such a vector."""
        pairs = zip(self.free, np.asarray(vector, float), strict=True)
        return {n: float(_FROM_SCALE[self.parameters[n].scale](x)) for n, x in pairs}

    def objective(self, vector: np.ndarray) -> float:
        """Minus the logarithm of the posterior at a vector of free parameters; infinite where it cannot be computed."""
        values = self.unscaled(vector)
        try:
            found = self.log_likelihood(values) + (self.log_prior(values) if self.has_priors else 0.0)
        except ComputeError:
            return math.inf
        return -found if found == found else math.inf

    # The objective

    @property
    def has_priors(self) -> bool:
        """Whether the table states any prior."""
        return any(p.prior for p in self.parameters.values() if p.estimate)

    def log_prior(self, parameters: Mapping[str, float] | None = None) -> float:
        """The logarithm of the prior density of the free parameters.

        Parameters
        ----------
        parameters : mapping of str to float, optional
            Values on the linear scale; those that are not named are nominal.

        Returns
        -------
        float
        """
        given = self._values(parameters)
        return sum(log_prior(self.parameters[n], given[n], self.tables.version) for n in self.free)

    def log_posterior(self, parameters: Mapping[str, float] | None = None) -> float:
        """The logarithm of likelihood times prior."""
        return self.log_likelihood(parameters) + self.log_prior(parameters)

    def log_likelihood(self, parameters: Mapping[str, float] | None = None) -> float:
        """The logarithm of the likelihood of all measurements.

        Parameters
        ----------
        parameters : mapping of str to float, optional
            Values on the linear scale; those that are not named are nominal.

        Returns
        -------
        float

        Raises
        ------
        UnknownName
            If a name is not in the parameter table.
        ComputeError
            If the equations cannot be followed.
        """
        return float(self._densities(self.predict(parameters))[0].sum())

    def chi2(self, parameters: Mapping[str, float] | None = None) -> float:
        """The sum of the squared residuals in units of the noise."""
        return float((self._densities(self.predict(parameters))[1] ** 2).sum())

    def predict(self, parameters: Mapping[str, float] | None = None) -> np.ndarray:
        """What each measurement should be, and the SD (or scale) of its noise; shape (measurement, 2)."""
        given = self._values(parameters)
        found = np.empty((len(self.tables.measurements), 2))
        for experiment, periods in self.tables.experiments.items():
            rows = [i for i, m in enumerate(self.tables.measurements) if m.experiment == experiment]
            if rows:
                self._experiment(periods, rows, given, found)
        return found

    def _values(self, parameters: Mapping[str, float] | None) -> dict[str, float]:
        for n in parameters or {}:
            if n not in self.parameters:
                raise UnknownName(f"PEtab problem {self.name}", "parameter", str(n), self.parameters)
        return {**self.nominal, **(parameters or {})}

    def _densities(self, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The logarithm of the density of each measurement, and its residual in units of the noise."""
        logs, residuals = np.empty(len(predicted)), np.empty(len(predicted))
        for i, m in enumerate(self.tables.measurements):
            observable, (value, sd) = self.tables.observables[m.observable], predicted[i]
            scale, jacobian = observable.transform, 0.0
            if scale != "lin":
                if not (value > 0 and m.value > 0):
                    logs[i], residuals[i] = -math.inf, math.inf
                    continue
                jacobian = -math.log(m.value) - (math.log(math.log(10)) if scale == "log10" else 0.0)
            residual = (_TO_SCALE[scale](value) - _TO_SCALE[scale](m.value)) / sd
            residuals[i] = residual
            if observable.distribution == "normal":
                logs[i] = -0.5 * math.log(2 * math.pi * sd * sd) - 0.5 * residual * residual + jacobian
            else:
                logs[i] = -math.log(2 * sd) - abs(residual) + jacobian
        return logs, residuals

    # Simulation

    def _experiment(
        self, periods: tuple[PetabPeriod, ...], rows: list[int], given: dict[str, float], found: np.ndarray
    ) -> None:
        """Follow the model through the periods of one experiment, and fill the rows of its measurements."""
        d, tables = self.model.description, self.tables
        values = dict(given)  # of what formulas read and the model lacks
        start = {n: v for n, v in given.items() if n in d.quantities and v == v}
        run: PlainRun | None = None
        for k, period in enumerate(periods):
            place = f"PEtab problem {self.name}, condition at time {period.time:g}"
            state = {} if run is None else self._state(run)
            changes = {t: value_of(e, {**state, **start, **values}, place) if run is None
                       else value_of(e, {**start, **values, **state}, place) for t, e in period.changes}  # fmt: skip
            values.update({t: v for t, v in changes.items() if t not in d.quantities})
            own = {t: v for t, v in changes.items() if t in d.quantities}
            begin = 0.0 if period.time == -math.inf else period.time
            if run is None:
                run = self._begin({**start}, own, begin)
            else:
                if periods[k - 1].time == -math.inf:
                    run.set_time(begin)
                self._apply(run, own)
            until = periods[k + 1].time if k + 1 < len(periods) else math.inf
            last = k + 1 == len(periods)
            here = [i for i in rows if (tables.measurements[i].time >= begin or k == 0) and (tables.measurements[i].time < until or last)]  # fmt: skip  # noqa: E501
            if period.time == -math.inf:
                self._settle(run)
                if not last:
                    continue
            self._measure(run, here, values, found)
            if not last:
                run.run([until], [], hold=True)

    def _begin(self, start: dict[str, float], own: dict[str, float], time: float) -> PlainRun:
        """The run at its start. In version 1 conditions are initial values; in version 2 they act like an event."""
        d = self.model.description
        if self.tables.version == 1:
            return PlainRun(self.model.equations, {**start, **own}, time=time)
        initial = {t: v for t, v in own.items() if d.quantities[t].kind in ("parameter", "local")}
        rest = {t: v for t, v in own.items() if t not in initial}
        run = PlainRun(self.model.equations, {**start, **initial}, time=time)
        self._apply(run, rest)
        return run

    @staticmethod
    def _apply(run: PlainRun, own: dict[str, float]) -> None:
        if own:
            run.assign_levels(own)

    def _state(self, run: PlainRun) -> dict[str, float]:
        """The value of every quantity now."""
        names = list(self.model.description.quantities)
        return {**dict(zip(names, run.values(names), strict=True)), "time": run.time}

    def _settle(self, run: PlainRun) -> None:
        """Follow the model until nothing changes."""
        length = 100.0
        while length < _LONGEST:
            run.run([run.time + length], [])
            rates = np.abs(run.rates(run.time, run.y, run.h)) if run.y else np.zeros(1)
            sizes = np.abs(run.y) if run.y else np.ones(1)
            if np.all(rates * length <= _STILL * np.maximum(sizes, 1e-6 * sizes.max())) and not run.waiting:
                return
            length *= 10.0
        raise ComputeError(f"PEtab problem {self.name}: no steady state is reached")

    def _measure(self, run: PlainRun, rows: list[int], values: dict[str, float], found: np.ndarray) -> None:
        """Fill the rows of measurements of one period."""
        tables, d = self.tables, self.model.description
        used = [tables.observables[tables.measurements[i].observable] for i in rows]
        overridden = [e for i in rows for e in (*tables.measurements[i].overrides, *tables.measurements[i].noise_overrides)]  # fmt: skip  # noqa: E501
        read = set().union(
            *(names_in(o.formula) | names_in(o.noise) for o in used), *(names_in(e) for e in overridden)
        )
        names = sorted(n for n in read if n in d.quantities or n in d.reactions)
        times = sorted(
            {tables.measurements[i].time for i in rows if math.isfinite(tables.measurements[i].time)}
        )
        course = run.run(times, names) if times else np.empty((0, len(names)))
        by_time = {
            t: dict(zip(names, map(float, row), strict=True)) for t, row in zip(times, course, strict=True)
        }
        if any(tables.measurements[i].time == math.inf for i in rows):
            self._settle(run)
            by_time[math.inf] = dict(zip(names, run.values(names), strict=True))
        for i in rows:
            m = tables.measurements[i]
            found[i] = self._predicted(m, {**values, **by_time[m.time], "time": m.time})

    def _predicted(self, m: PetabMeasurement, known: dict[str, float]) -> tuple[float, float]:
        observable = self.tables.observables[m.observable]
        for given, wanted in (
            (m.overrides, observable.placeholders),
            (m.noise_overrides, observable.noise_placeholders),
        ):
            if len(given) != len(wanted):
                cause = f"{len(given)} values are given for {len(wanted)} placeholders of {observable.id}"
                raise InputError(m.where, cause, "give one for each")
            known = {**known, **{n: value_of(e, known, m.where) for n, e in zip(wanted, given, strict=True)}}
        value = value_of(observable.formula, known, m.where)
        return value, value_of(observable.noise, {**known, observable.id: value}, m.where)


def read_petab(path: str | os.PathLike[str]) -> PetabProblem:
    """Read a parameter estimation problem in PEtab, version 1 or 2.

    Parameters
    ----------
    path : str or path
        Its YAML file; the tables and the model in SBML lie where that says.

    Returns
    -------
    PetabProblem
        `log_likelihood(parameters)` is its objective; `free`, `bounds`, `scaled` and `objective` are for an optimiser.

    Raises
    ------
    InputError
        If a table cannot be used: file, line and column are named.

    Examples
    --------
    >>> read_petab("missing.yaml")
    Traceback (most recent call last):
    bonecast.errors.InputError: missing.yaml: there is no such file; give the YAML file of a PEtab problem.
    """
    tables = read_tables(path)
    return PetabProblem(tables, read_sbml(tables.model_file), Path(path).stem)


__all__ = ["PetabProblem", "read_petab"]
