"""What is to be fitted: parameters with scales, bounds, priors and random effects, and the residual error of outputs.

A file of parameters is TOML:

    [parameters.CL]
    start = 2.5                     # in the unit of the parameter
    omega = 0.3                     # start of the SD of its random effect; without it, people share the parameter
    scale = "log"                   # "log" (default), "linear", or "logit" between its bounds
    bounds = [0.1, 50.0]
    prior = { value = 3.0, sd = 0.3 }           # sd on the scale of the parameter: 0.3 of a logarithm is 30 %
    covariates.WT = { power = 0.75, reference = 70.0 }
    [parameters.KA]
    start = 1.2
    fixed = true

    [residual.CONC]                 # an output or state of the model
    additive = 0.1                  # starts of the SDs: in the unit of the output, and as a share of it
    proportional = 0.2
    df = 4.0                        # degrees of freedom of a t distribution; a normal one without
    dvid = "1"                      # rows of the column DVID that observe it, where several outputs are observed
    fixed = false
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bonecast.core import parse_toml, read_text
from bonecast.errors import InputError, UnknownName
from bonecast.models import Model

Scale = Literal["log", "linear", "logit"]
LEAST_OMEGA = 1e-3  # of the SD of a random effect: below it, people do not differ
MOST_OMEGA = 10.0
START_OMEGA_SHARE = 0.5


@dataclass(frozen=True)
class FitParameter:
    """One parameter of a fit.

    Parameters
    ----------
    start : float, optional
        Where the search starts; the model's own value by default.
    omega : float, optional
        Start of the SD between people, on the scale of the parameter; without it people share the parameter.
    scale : {"log", "linear", "logit"}
        On which the parameter is searched and people are normal; "logit" lies between the bounds.
    bounds : tuple of (float, float), optional
        Least and greatest value.
    prior : tuple of (float, float), optional
        Value, and SD on the scale.
    covariates : mapping of str to (float, float)
        Column of the data to (power, reference): the parameter is multiplied by (column/reference)^power.
    fixed : bool
        Whether the start is kept (its omega too).

    Examples
    --------
    >>> FitParameter(2.5, omega=0.3).scale
    'log'
    """

    start: float | None = None
    omega: float | None = None
    scale: Scale = "log"
    bounds: tuple[float, float] | None = None
    prior: tuple[float, float] | None = None
    covariates: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    fixed: bool = False

    def to_scale(self, value: Any) -> Any:
        """A value on the scale of the search."""
        if self.scale == "log":
            return np.log(value)
        if self.scale == "logit":
            low, high = self.bounds or (0.0, 1.0)
            return np.log((value - low) / (high - value))
        return value

    def from_scale(self, z: Any) -> Any:
        """The value in the unit of the parameter."""
        if self.scale == "log":
            return np.exp(np.minimum(z, 700.0))
        if self.scale == "logit":
            low, high = self.bounds or (0.0, 1.0)
            return low + (high - low) / (1 + np.exp(-z))
        return z

    def slope(self, z: Any) -> Any:
        """Derivative of the value by its place on the scale."""
        if self.scale == "linear":
            return np.ones_like(z)
        value = self.from_scale(z)
        if self.scale == "log":
            return value
        low, high = self.bounds or (0.0, 1.0)
        return (value - low) * (high - value) / (high - low)


@dataclass(frozen=True)
class FitResidual:
    """How far observations of an output lie from its predictions.

    Parameters
    ----------
    additive : float
        Start of the SD in the unit of the output; 0 for none.
    proportional : float
        Start of the SD as a share of the prediction; 0 for none. Both together are the root of the sum of squares.
    df : float, optional
        Degrees of freedom of a t distribution; a normal one without.
    dvid : str
        Value of the column DVID in rows that observe it.
    fixed : bool
        Whether the starts are kept.

    Examples
    --------
    >>> FitResidual(proportional=0.2).additive
    0.0
    """

    additive: float = 0.0
    proportional: float = 0.0
    df: float | None = None
    dvid: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class FitSpecification:
    """All that is to be fitted.

    Parameters
    ----------
    parameters : mapping of str to FitParameter
        By the names of the model.
    residual : mapping of str to FitResidual
        By the names of outputs or states.
    """

    parameters: Mapping[str, FitParameter]
    residual: Mapping[str, FitResidual]

    def checked(self, model: Model) -> FitSpecification:
        """The same with every start filled in; an error names the entry that cannot be used."""
        if not self.parameters:
            raise InputError("fit, parameters", "there are none", "name at least one")
        if not self.residual:
            raise InputError("fit, residual", "no output is observed", 'give it, such as {"CONC": ...}')
        model.parameter_changes(dict.fromkeys(self.parameters, 0.0))
        filled = {name: _checked(model, name, one) for name, one in self.parameters.items()}
        known = {*model.system.output_names, *model.system.states}
        for name, error in self.residual.items():
            place = f"fit, residual {name}"
            if name not in known:
                raise UnknownName(
                    "fit, residual", "output", name, [*model.system.output_names, *model.system.states]
                )
            if not (0 <= error.additive < math.inf and 0 <= error.proportional < math.inf):
                raise InputError(place, "an SD is negative or not finite", "give zero or more")
            if error.additive + error.proportional == 0:
                raise InputError(place, "it has no error", "give additive, proportional or both")
            if error.df is not None and not 1 <= error.df < math.inf:
                raise InputError(
                    place, f"df is {error.df:g}", "give 1 or more, or leave it out for a normal error"
                )
        if all(one.fixed for one in filled.values()) and all(error.fixed for error in self.residual.values()):
            raise InputError("fit", "everything is fixed", "leave at least one parameter free")
        return FitSpecification(filled, self.residual)


def _checked(model: Model, name: str, one: FitParameter) -> FitParameter:
    from dataclasses import replace

    place = f"fit, parameter {name}"
    start = model.system.parameters[name] if one.start is None else float(one.start)
    if one.scale not in ("log", "linear", "logit"):
        raise InputError(place, f"there is no scale '{one.scale}'", "write log, linear or logit")
    if one.scale == "logit" and one.bounds is None:
        raise InputError(place, "a logit scale has no bounds", "give bounds = [low, high]")
    if one.bounds is not None and not (len(one.bounds) == 2 and one.bounds[0] < one.bounds[1]):
        raise InputError(place, "the bounds are not in order", "give [low, high]")
    low, high = one.bounds or (-math.inf, math.inf)
    if not (math.isfinite(start) and low <= start <= high) or (one.scale == "logit" and start in (low, high)):
        raise InputError(
            place, f"its start {start:g} is not between its bounds", "move the start or the bounds"
        )
    if one.scale == "log" and start <= 0:
        hint = 'give a start above zero, or scale = "linear"'
        raise InputError(place, f"its start {start:g} is not above zero", hint)
    if one.omega is not None and not LEAST_OMEGA <= one.omega <= MOST_OMEGA:
        raise InputError(place, f"omega is {one.omega:g}", f"give {LEAST_OMEGA:g} to {MOST_OMEGA:g}")
    if one.prior is not None:
        value, sd = one.prior
        if not (0 < sd < math.inf and low <= value <= high) or (one.scale == "log" and value <= 0):
            raise InputError(
                place, "the prior cannot be used", "give a value within the bounds, and an SD above zero"
            )
    if one.covariates and one.scale != "log":
        raise InputError(place, "covariates need the log scale", 'write scale = "log"')
    for column, (power, reference) in one.covariates.items():
        if not (math.isfinite(power) and 0 < reference < math.inf):
            raise InputError(
                f"{place}, covariate {column}", "it cannot be used", "give a power and a reference above 0"
            )
    return replace(one, start=start)


def read_specification(path: Path | str) -> FitSpecification:
    """Read a file of parameters.

    Parameters
    ----------
    path : path
        A TOML file.

    Returns
    -------
    FitSpecification

    Raises
    ------
    InputError
        If an entry cannot be read, with its place.
    """
    file = Path(path)
    place = file.name
    content = parse_toml(read_text(file, place), place)
    for name in content:
        if name not in ("parameters", "residual"):
            raise UnknownName(place, "table", name, ("parameters", "residual"))
    parameters, residual = (
        _tables(content.get(key, {}), f"{place}, {key}") for key in ("parameters", "residual")
    )
    return FitSpecification(
        {name: _parameter(given, f"{place}, parameters.{name}") for name, given in parameters.items()},
        {name: _entry(FitResidual, given, f"{place}, residual.{name}") for name, given in residual.items()},
    )


def _tables(given: Any, place: str) -> dict[str, dict[str, Any]]:
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise InputError(place, "it is no table of tables", "write [parameters.NAME] and [residual.OUTPUT]")
    return given


def _parameter(given: dict[str, Any], place: str) -> FitParameter:
    made = dict(given)
    if "prior" in made:
        made["prior"] = _pair(made["prior"], ("value", "sd"), f"{place}, prior")
    if "bounds" in made:
        made["bounds"] = _pair(made["bounds"], ("low", "high"), f"{place}, bounds")
    if "covariates" in made:
        made["covariates"] = {
            column: _pair(pair, ("power", "reference"), f"{place}, covariates.{column}")
            for column, pair in _tables(made["covariates"], f"{place}, covariates").items()
        }
    return _entry(FitParameter, made, place)


def _pair(given: Any, keys: tuple[str, str], place: str) -> tuple[float, float]:
    values = [given.get(key) for key in keys] if isinstance(given, dict) else given
    if isinstance(given, dict) and set(given) - set(keys):
        raise UnknownName(place, "entry", min(set(given) - set(keys)), keys)
    if not isinstance(values, Sequence) or len(values) != 2 or not all(_is_number(value) for value in values):
        raise InputError(place, "it is no pair of numbers", f"give {keys[0]} and {keys[1]}")
    return float(values[0]), float(values[1])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _entry(kind: Any, given: dict[str, Any], place: str) -> Any:
    """An object of a kind, with every entry of a type that its field takes."""
    known = {one.name: one for one in fields(kind)}
    for name, value in given.items():
        if name not in known:
            raise UnknownName(place, "entry", name, known)
        wanted = "fixed" if name == "fixed" else "text" if name in ("scale", "dvid") else "number"
        fits = {
            "fixed": isinstance(value, bool),
            "text": isinstance(value, str | int),
            "number": _is_number(value),
        }
        if name not in ("prior", "bounds", "covariates") and not fits[wanted]:
            hint = {"fixed": "write true or false", "text": "write a text", "number": "write a number"}[
                wanted
            ]
            raise InputError(f"{place}, {name}", f"{value!r} cannot be used", hint)
    return kind(**{name: str(value) if name == "dvid" else value for name, value in given.items()})
