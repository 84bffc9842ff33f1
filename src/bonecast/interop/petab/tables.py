"""The files of a PEtab problem, version 1 and 2, as one form: parameters, observables, experiments and measurements."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonecast.errors import InputError, printable
from bonecast.interop.petab.formulas import parse_formula
from bonecast.interop.sbml.expressions import Expr

MOST_BYTES = 50_000_000
_SCALES = ("lin", "log", "log10")


@dataclass(frozen=True)
class PetabParameter:
    """One row of the parameter table.

    Parameters
    ----------
    id : str
        Name.
    scale : {"lin", "log", "log10"}
        On which it is estimated.
    lower, upper : float
        Bounds, on the linear scale.
    nominal : float
        Value, on the linear scale.
    estimate : bool
        Whether it is free.
    prior : str
        Distribution of its prior; empty where none is stated.
    prior_parameters : tuple of float
        Its parameters.
    """

    id: str
    scale: str
    lower: float
    upper: float
    nominal: float
    estimate: bool
    prior: str = ""
    prior_parameters: tuple[float, ...] = ()


@dataclass(frozen=True)
class PetabObservable:
    """An observable. transform : scale on which the noise acts; placeholders : names that the measurements fill."""

    id: str
    formula: Expr
    noise: Expr
    distribution: str
    transform: str
    placeholders: tuple[str, ...]
    noise_placeholders: tuple[str, ...]


@dataclass(frozen=True)
class PetabMeasurement:
    """One measured value."""

    observable: str
    experiment: str
    time: float
    value: float
    overrides: tuple[Expr, ...]
    noise_overrides: tuple[Expr, ...]
    where: str


@dataclass(frozen=True)
class PetabPeriod:
    """A time from which conditions hold; -inf stands for a steady state before. changes : (quantity, value)."""

    time: float
    changes: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class PetabTables:
    """All tables of a problem."""

    version: int
    model_file: Path
    parameters: dict[str, PetabParameter]
    observables: dict[str, PetabObservable]
    experiments: dict[str, tuple[PetabPeriod, ...]]
    measurements: tuple[PetabMeasurement, ...]


class _Row:
    """One row of a table, with its place."""

    def __init__(self, cells: Mapping[str, str], where: str) -> None:
        self.cells, self.where = cells, where

    def text(self, column: str, usual: str | None = "") -> str:
        found = (self.cells.get(column) or "").strip()
        if not found and usual is None:
            raise InputError(self.where, f"{column} is empty", "fill it")
        return found or (usual or "")

    def number(self, column: str, usual: float | None = None) -> float:
        text = self.text(column)
        if not text and usual is not None:
            return usual
        try:
            return float(text)
        except ValueError:
            place = f"{self.where}, {column}"
            raise InputError(place, f"'{printable(text)}' is no number", "give a number") from None

    def formula(self, column: str, usual: str | None = None) -> Expr:
        return parse_formula(self.text(column, usual), f"{self.where}, {column}")

    def listed(self, column: str) -> list[str]:
        return [part.strip() for part in self.text(column).split(";") if part.strip()]

    def formulas(self, column: str) -> tuple[Expr, ...]:
        return tuple(parse_formula(part, f"{self.where}, {column}") for part in self.listed(column))


def read_tables(path: str | os.PathLike[str]) -> PetabTables:
    """Read the YAML file of a problem and the tables that it names."""
    try:
        import yaml
    except ImportError:
        raise InputError(
            "PEtab", "pyyaml is not installed", "install it: pip install 'bonecast[petab]'"
        ) from None
    file = Path(path)
    if not file.is_file():
        raise InputError(
            printable(str(path)), "there is no such file", "give the YAML file of a PEtab problem"
        )
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputError(file.name, "it is not valid YAML", "give the YAML file of a PEtab problem") from None
    if not isinstance(said, dict) or "format_version" not in said:
        raise InputError(file.name, "it states no format_version", "give the YAML file of a PEtab problem")
    version = str(said["format_version"]).split(".")[0]
    if version not in ("1", "2"):
        raise InputError(file.name, f"format_version {version} is not supported", "give version 1 or 2")
    return (_version_1 if version == "1" else _version_2)(file, said)


def _rows(folder: Path, names: Any) -> list[_Row]:
    """The rows of some tables, one after the other."""
    found = []
    for name in [names] if isinstance(names, str) else names or []:
        file = folder / str(name)
        if not file.is_file():
            raise InputError(
                printable(str(name)), "there is no such file", "put the table beside the YAML file"
            )
        if file.stat().st_size > MOST_BYTES:
            raise InputError(file.name, "it is larger than 50 MB", "give a smaller table")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t")
            found += [
                _Row(r, f"{file.name}, line {n}") for n, r in enumerate(table, start=2) if any(r.values())
            ]
    return found


def _one_model(file: Path, listed: list[Any], kind: str) -> Path:
    if len(listed) != 1:
        raise InputError(f"{file.name}, {kind}", f"it names {len(listed)} models", "give one model")
    return file.parent / str(listed[0])


def _parameter(row: _Row, version: int) -> PetabParameter:
    scale = row.text("parameterScale", "lin") if version == 1 else "lin"
    if scale not in _SCALES:
        raise InputError(
            f"{row.where}, parameterScale", f"there is no scale '{scale}'", "write lin, log or log10"
        )
    free = row.text("estimate", "0").casefold() in ("1", "true", "1.0")
    prior, given = ("objectivePriorType", "objectivePriorParameters") if version == 1 else ("priorDistribution", "priorParameters")  # fmt: skip  # noqa: E501
    values = tuple(float(part) for part in row.listed(given))
    return PetabParameter(
        row.text("parameterId", None), scale, row.number("lowerBound", -math.inf), row.number("upperBound", math.inf),
        row.number("nominalValue", math.nan), free, row.text(prior), values,
    )  # fmt: skip


def _observable(row: _Row, version: int) -> PetabObservable:
    name, distribution = row.text("observableId", None), row.text("noiseDistribution", "normal")
    if version == 1:
        transform = row.text("observableTransformation", "lin")
        formulas = row.text("observableFormula"), row.text("noiseFormula")
        placeholders = [
            tuple(f"{kind}Parameter{i}_{name}" for i in range(1, 50) if f"{kind}Parameter{i}_{name}" in text)
            for kind, text in zip(("observable", "noise"), formulas, strict=True)
        ]
        first, noise_placeholders = placeholders
    else:
        transform = "log" if distribution.startswith("log-") else "lin"
        distribution = distribution.removeprefix("log-")
        first = tuple(row.listed("observablePlaceholders"))
        noise_placeholders = tuple(row.listed("noisePlaceholders"))
    if distribution not in ("normal", "laplace") or transform not in _SCALES:
        cause = f"noise of the kind '{printable(distribution)}' on '{printable(transform)}' is not supported"
        raise InputError(f"{row.where}, noiseDistribution", cause, "write normal or laplace")
    formula, noise = row.formula("observableFormula", None), row.formula("noiseFormula", "1")
    return PetabObservable(name, formula, noise, distribution, transform, first, noise_placeholders)


def _measurement(row: _Row, experiment: str) -> PetabMeasurement:
    return PetabMeasurement(
        row.text("observableId", None), experiment, row.number("time"), row.number("measurement"),
        row.formulas("observableParameters"), row.formulas("noiseParameters"), row.where,
    )  # fmt: skip


def _version_1(file: Path, said: Mapping[str, Any]) -> PetabTables:
    problems = said.get("problems") or []
    if len(problems) != 1:
        raise InputError(f"{file.name}, problems", f"there are {len(problems)}", "give one problem")
    problem, folder = problems[0], file.parent
    ignored = ("conditionId", "conditionName")
    conditions = {
        row.text("conditionId", None): tuple(
            (target, row.formula(target))
            for target, cell in row.cells.items()
            if target and target not in ignored and (cell or "").strip() and cell.strip().casefold() != "nan"
        )
        for row in _rows(folder, problem.get("condition_files"))
    }
    experiments: dict[str, tuple[PetabPeriod, ...]] = {}
    measurements = []
    for row in _rows(folder, problem.get("measurement_files")):
        before, now = row.text("preequilibrationConditionId"), row.text("simulationConditionId", None)
        for condition in filter(None, (before, now)):
            if condition not in conditions:
                raise InputError(row.where, f"there is no condition '{printable(condition)}'", "add it")
        key = f"{before} {now}".strip()
        periods = ((-math.inf, before), (0.0, now)) if before else ((0.0, now),)
        experiments[key] = tuple(PetabPeriod(time, conditions[one]) for time, one in periods)
        measurements.append(_measurement(row, key))
    return PetabTables(
        1, _one_model(file, problem.get("sbml_files") or [], "sbml_files"),
        {p.id: p for p in (_parameter(row, 1) for row in _rows(folder, said.get("parameter_file")))},
        {o.id: o for o in (_observable(row, 1) for row in _rows(folder, problem.get("observable_files")))},
        experiments, tuple(measurements),
    )  # fmt: skip


def _version_2(file: Path, said: Mapping[str, Any]) -> PetabTables:
    folder, models = file.parent, said.get("model_files") or {}
    for name, about in models.items():
        if about.get("language") != "sbml":
            where = f"{file.name}, model_files, {name}"
            raise InputError(
                where, f"the language {about.get('language')} is not supported", "give a model in SBML"
            )
    if said.get("extensions"):
        extension = next(iter(said["extensions"]))
        raise InputError(
            f"{file.name}, extensions", f"'{printable(str(extension))}' is not supported", "leave it out"
        )
    aliases = {
        row.text("petabEntityId"): row.text("modelEntityId")
        for row in _rows(folder, said.get("mapping_files"))
        if row.text("modelEntityId") not in ("", row.text("petabEntityId"))
    }
    if aliases:
        where, first = f"{file.name}, mapping_files", next(iter(aliases))
        raise InputError(where, f"'{printable(first)}' stands for another name", "use the names of the model")
    conditions: dict[str, list[tuple[str, Expr]]] = {}
    for row in _rows(folder, said.get("condition_files")):
        change = (row.text("targetId", None), row.formula("targetValue", None))
        conditions.setdefault(row.text("conditionId", None), []).append(change)
    periods: dict[str, dict[float, list[tuple[str, Expr]]]] = {"": {0.0: []}}
    for row in _rows(folder, said.get("experiment_files")):
        condition = row.text("conditionId")
        if condition and condition not in conditions:
            raise InputError(row.where, f"there is no condition '{printable(condition)}'", "add it")
        at = periods.setdefault(row.text("experimentId", None), {}).setdefault(row.number("time"), [])
        at += conditions.get(condition, [])
    measurements = tuple(
        _measurement(row, row.text("experimentId")) for row in _rows(folder, said.get("measurement_files"))
    )
    for one in measurements:
        if one.experiment not in periods:
            raise InputError(one.where, f"there is no experiment '{printable(one.experiment)}'", "add it")
    return PetabTables(
        2, _one_model(file, [m.get("location") for m in models.values()], "model_files"),
        {p.id: p for p in (_parameter(row, 2) for row in _rows(folder, said.get("parameter_files")))},
        {o.id: o for o in (_observable(row, 2) for row in _rows(folder, said.get("observable_files")))},
        {k: tuple(PetabPeriod(t, tuple(c)) for t, c in sorted(v.items())) for k, v in periods.items()},
        measurements,
    )  # fmt: skip
