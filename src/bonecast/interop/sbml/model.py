"""An SBML model in hand: what it holds, its course by the plain path, and the model that the kernel runs."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.core import TableResult
from bonecast.engine import Event
from bonecast.errors import InputError, UnknownName
from bonecast.interop.sbml.description import SbmlDescription
from bonecast.interop.sbml.equations import SbmlEquations, amount_of
from bonecast.interop.sbml.graph_model import HOURS, kernel_model
from bonecast.interop.sbml.plain import PlainRun
from bonecast.interop.sbml.reader import describe_file, describe_text
from bonecast.models import Model

if TYPE_CHECKING:
    import polars as pl

MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class SbmlRun(TableResult):
    """The course of an SBML model by the plain path.

    Parameters
    ----------
    model : str
        Name of the model.
    times : ndarray of float, shape (row,)
        In the time unit of the file.
    outputs : tuple of str
        Quantities, in order.
    values : ndarray of float, shape (row, output)
        Concentrations of species, or amounts of those with only substance units; values of everything else.
    """

    model: str
    times: np.ndarray
    outputs: tuple[str, ...]
    values: np.ndarray

    def __repr__(self) -> str:
        return f"<SbmlRun of {self.model}: {len(self.outputs)} outputs at {len(self.times)} times>"

    def table(self) -> pl.DataFrame:
        """One row for each time, a column for each output; the time comes first."""
        import polars as pl

        first = "time" if "time" not in self.outputs else "model time"
        columns = {first: self.times} | {n: self.values[:, i] for i, n in enumerate(self.outputs)}
        return pl.DataFrame(columns)


class SbmlModel:
    """A model read from SBML.

    Made by `read_sbml`, never by hand.

    Parameters
    ----------
    description : SbmlDescription
        What the file says.

    Examples
    --------
    >>> import bonecast as bc
    >>> model = bc.read_sbml(bc.write_sbml("choi-2025", regimen="denosumab 60 mg once"))
    >>> model.summary()["events"], model.plain_because
    (1, '')

    """

    def __init__(self, description: SbmlDescription) -> None:
        self.description = description
        self.equations = SbmlEquations(description)

    def __repr__(self) -> str:
        d = self.description
        return f"<SbmlModel {d.name}: {len(self.equations.states)} states, {len(d.events)} events>"

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.description.name

    @property
    def outputs(self) -> tuple[str, ...]:
        """The quantities that change in time: species, compartments, parameters, stoichiometries, reactions."""
        d, e = self.description, self.equations
        fixed = set(e.held) - {t for event in d.events for t, _ in event.assignments}
        changing = [
            n
            for n, q in d.quantities.items()
            if q.kind == "species" or (n not in fixed and q.kind != "local")
        ]
        return (*changing, *(r.id for r in d.reactions.values() if r.rate is not None))

    def summary(self) -> dict[str, Any]:
        """What the file holds, for people and for JSON."""
        d = self.description
        kinds = Counter(q.kind for q in d.quantities.values())
        return {
            "name": d.name,
            "file": d.place,
            "level": f"Level {d.level[0]} Version {d.level[1]}",
            "time unit": d.time_unit or "not stated",
            "compartments": kinds["compartment"],
            "species": kinds["species"],
            "parameters": kinds["parameter"] + kinds["local"],
            "reactions": len(d.reactions),
            "rate rules": len(d.rates),
            "assignment rules": len(d.assignments),
            "algebraic rules": len(d.algebraic),
            "initial assignments": len(d.initial),
            "events": len(d.events),
            "states": len(self.equations.states),
            "runs": "in the kernel" if not self.plain_because else f"by the plain path: {self.plain_because}",
        }

    def course(
        self,
        times: Sequence[float],
        wanted: Sequence[tuple[str, str]],
        changes: Mapping[str, float] | None = None,
        **how: Any,
    ) -> np.ndarray:
        """Values[time, quantity] by the plain path.

        Parameters
        ----------
        times : sequence of float
            In order, from zero, in the time unit of the file.
        wanted : sequence of tuple of str
            SbmlQuantity, and "amount", "concentration" or "" (as formulas read it).
        changes : mapping of str to float, optional
            Quantities with another value at the start.
        **how
            `rtol`, `atol` and `seed` of the run.

        Returns
        -------
        ndarray
        """
        known = {**self.description.quantities, **self.description.reactions}
        for symbol in (*(n for n, _ in wanted), *(changes or {})):
            if symbol not in known:
                raise UnknownName(f"model {self.name}", "quantity", symbol, known)
        return PlainRun(self.equations, dict(changes or {}), **how).run(
            times, [self._target(*one) for one in wanted]
        )

    def _target(self, symbol: str, kind: str) -> str:
        q = self.description.quantities.get(symbol)
        if q is None or q.kind != "species" or not kind:
            return symbol
        if kind == "amount":
            return amount_of(q)
        if not q.substance:
            return symbol
        density = f"{symbol}|concentration"
        self.equations.formulas[density] = ("divide", ("name", symbol), ("name", q.compartment))
        return density

    def run(
        self,
        until: float,
        steps: int = 100,
        outputs: Sequence[str] | None = None,
        set: Mapping[str, float] | None = None,
        rtol: float = 1e-9,
        seed: int = 1,
    ) -> SbmlRun:
        """Follow the model from time zero by the plain path.

        Parameters
        ----------
        until : float
            The end, in the time unit of the file.
        steps : int
            Equal distances between the rows.
        outputs : sequence of str, optional
            Quantities to keep; everything that changes by default.
        set : mapping of str to float, optional
            Quantities with another value at the start.
        rtol : float
            Relative tolerance of one step.
        seed : int
            Of the order of simultaneous events without priority.

        Returns
        -------
        SbmlRun
        """
        if not (0 < until < math.inf) or not 1 <= steps <= MOST_STEPS:
            raise InputError(
                "run", "until or steps cannot be used", "give an end above zero and 1 or more steps"
            )
        times = np.array([until * i / steps for i in range(steps + 1)])
        names = tuple(outputs) if outputs is not None else self.outputs
        values = self.course(times.tolist(), [(n, "") for n in names], set, rtol=rtol, seed=seed)
        return SbmlRun(self.name, times, names, values)

    # The kernel

    @cached_property
    def plain_because(self) -> str:
        """Why only the plain path can run it; empty where the kernel can."""
        try:
            kernel_model(self.equations, "hour")
        except InputError as refused:
            return f"{refused.place}: {refused.cause}"
        return ""

    @property
    def known_time_unit(self) -> str:
        """The time unit of the file; an hour where it states none that is known."""
        return self.description.time_unit if self.description.time_unit in HOURS else "hour"

    @property
    def units_per_day(self) -> float:
        """Time units of the file in one day."""
        return 24.0 / HOURS[self.known_time_unit]

    def for_kernel(self, time_unit: str | None = None) -> tuple[Model, list[Event]]:
        """The model that the kernel runs, and the events of the file.

        Parameters
        ----------
        time_unit : {"second", "minute", "hour", "day"}, optional
            Of the file, where it states none that is known; one unit is an hour then.

        Returns
        -------
        tuple of Model and list of Event

        Raises
        ------
        InputError
            If only the plain path can run it: events with triggers on states, algebraic rules, delays, and functions
            that the kernel lacks.
        """
        unit = time_unit or self.known_time_unit
        if unit not in HOURS:
            raise InputError("time_unit", f"there is no unit '{unit}'", f"write one of {', '.join(HOURS)}")
        return kernel_model(self.equations, unit)


def read_sbml(source: str | os.PathLike[str]) -> SbmlModel:
    """Read a model in SBML, Level 1 to 3.

    Parameters
    ----------
    source : str or path
        A file, or the text of one.

    Returns
    -------
    SbmlModel
        `run` follows it as it is; `bonecast.simulate` takes it like any other model.

    Raises
    ------
    InputError
        If it is not valid, or holds what is not supported: package, element and line are named.

    Examples
    --------
    >>> rule = "<rateRule variable='A'><math xmlns='http://www.w3.org/1998/Math/MathML'><cn>2</cn></math></rateRule>"
    >>> model = read_sbml(
    ...     "<sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' version='2'><model id='line'>"
    ...     "<listOfParameters><parameter id='A' value='1' constant='false'/></listOfParameters>"
    ...     f"<listOfRules>{rule}</listOfRules></model></sbml>"
    ... )
    >>> model
    <SbmlModel line: 1 states, 0 events>
    >>> model.run(until=2, steps=2)["A"].round(6).tolist()
    [1.0, 3.0, 5.0]
    """
    if isinstance(source, str) and source.lstrip().startswith("<"):
        return SbmlModel(describe_text(source))
    return SbmlModel(describe_file(source))
