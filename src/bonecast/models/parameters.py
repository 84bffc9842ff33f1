"""Parameters: each number of a model with its unit, range, source, population and what it is not.

A model keeps them in `parameters.toml` beside its equations:

    [source.peterson-riggs-2010]
    text = "Peterson MC, Riggs MM. Bone 2010;46:49-63"
    doi = "10.1016/j.bone.2009.08.053"

    [parameter.koutL]
    meaning = "loss of free RANKL"
    value = 0.00293273
    unit = "1/h"
    source = "peterson-riggs-2010"
    mark = "transcribed"
    range = [0.001, 0.01]          # optional: values that make sense when it is varied
    population = "..."             # optional: whom it describes; else the file's [about] population
    is_not = "..."                 # optional: the misuse that it invites

    prior_sd = 0.3                 # of a calibrated parameter: SD of ln(value) around `value`, before any row is seen

    [alternative.healthy-men]      # optional: another set of the same publication
    source, mark, population       # as above
    values = { ka = 0.014 }        # parameters not named keep their own value

A calibrated model keeps what the calibration found in a file of its own (`fitted`), which lays its values over
these:

    [KL]
    value = 0.52
    cv = 0.21                      # relative uncertainty that the rows leave
    rows = "FREEDOM CTX 6; ..."    # the rows that pull it most
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

from bonecast.core import Source, sourced, toml


@dataclass(frozen=True)
class Parameter:
    """One parameter of a model, with its unit, source and evidence grade.

    Parameters
    ----------
    name : str
        Name in the equations.
    meaning : str
        What it is.
    value : float
        Value, in `unit`.
    unit : str
        Unit.
    source : str
        Key of the source.
    mark : str
        Evidence grade.
    population : str
        Whom it describes.
    range : tuple of (float, float), optional
        Values that make sense when it is varied.
    is_not : str
        What it must not be taken for.
    prior : float, optional
        Of a calibrated parameter: the middle of its log-normal prior.
    prior_sd : float, optional
        Of a calibrated parameter: the SD of the logarithm under the prior.
    cv : float, optional
        Of a calibrated parameter: the relative uncertainty that the data leave.
    rows : str
        Of a calibrated parameter: the rows of the evidence table that decide it most.
    sheet : str
        File that holds it, without its ending: the unit or drug that it belongs to.
    """

    name: str
    meaning: str
    value: float
    unit: str
    source: str
    mark: str
    population: str
    range: tuple[float, float] | None = None
    is_not: str = ""
    prior: float | None = None
    prior_sd: float | None = None
    cv: float | None = None
    rows: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Alternative:
    """Another published parameter set of a model.

    Parameters
    ----------
    name : str
        Name of the set ("healthy-men").
    values : dict of str to float
        Parameters that differ, in their own unit.
    source : str
        Key of the source.
    mark : str
        Evidence grade.
    population : str
        Whom it describes.
    """

    name: str
    values: dict[str, float]
    source: str
    mark: str
    population: str


@dataclass(frozen=True)
class ParameterSet:
    """All parameters of one model with their sources.

    Parameters
    ----------
    parameters : dict of str to Parameter
        Name to parameter, in the order of the file.
    sources : dict of str to Source
        Key to source.
    alternatives : dict of str to Alternative
        Other published sets of the same model.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> cards = load_model("choi-2025").parameter_set
    >>> cards.parameters["CL"].unit, cards.values()["CL"]
    ('L/h', 0.006)
    """

    parameters: dict[str, Parameter]
    sources: dict[str, Source]
    alternatives: dict[str, Alternative] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<ParameterSet: {len(self.parameters)} parameters, {len(self.sources)} sources>"

    def _repr_html_(self) -> str:
        from bonecast.models.notebook import parameter_set_html

        return parameter_set_html(self)

    def values(self) -> dict[str, float]:
        """Name to value, in the order of the file."""
        return {name: parameter.value for name, parameter in self.parameters.items()}

    def namespace(self) -> SimpleNamespace:
        """The values as the equations see them: `p.KL`."""
        return SimpleNamespace(**self.values())


def read_parameters(
    *paths: Path, fitted: Path | None = None, over: ParameterSet | None = None
) -> ParameterSet:
    """Read the parameters of one model from TOML files.

    Sources are shared between the files; a parameter stands in one of them.

    Parameters
    ----------
    *paths : Path
        Files with `[source.KEY]` and `[parameter.NAME]` tables.
    fitted : Path, optional
        File with the values that a calibration found.
    over : ParameterSet, optional
        Cards of an earlier model, over which those of the files are laid.

    Returns
    -------
    ParameterSet
        All parameters.

    Raises
    ------
    ValueError
        If a parameter lacks its unit, source, grade or population, or stands twice.
    """
    parameter_sets = [_read(path) for path in paths]
    parameters = [
        parameter for parameter_set in parameter_sets for parameter in parameter_set.parameters.values()
    ]
    names = [parameter.name for parameter in parameters]
    if len(set(names)) < len(names):
        raise ValueError(f"parameters: two of one name in {', '.join(path.name for path in paths)}")
    below = over or ParameterSet({}, {})
    merged = ParameterSet(
        below.parameters | {parameter.name: parameter for parameter in parameters},
        below.sources
        | {key: source for parameter_set in parameter_sets for key, source in parameter_set.sources.items()},
        {
            name: found
            for parameter_set in parameter_sets
            for name, found in parameter_set.alternatives.items()
        },
    )
    return _calibrated(merged, fitted) if fitted else merged


def _calibrated(parameter_set: ParameterSet, fitted: Path) -> ParameterSet:
    """The parameter set with the values that the calibration found."""
    found = toml(fitted)
    free = {name for name, parameter in parameter_set.parameters.items() if parameter.prior_sd is not None}
    if set(found) != free:
        raise ValueError(
            f"{fitted.name}: it and the parameters with a prior_sd differ: {sorted(set(found) ^ free)}"
        )
    parameters = dict(parameter_set.parameters)
    for name, row in found.items():
        parameters[name] = replace(parameters[name], value=row["value"], cv=row["cv"], rows=row["rows"])
    return ParameterSet(parameters, parameter_set.sources, parameter_set.alternatives)


def _read(path: Path) -> ParameterSet:
    data = toml(path)
    about = {key: data.get("about", {}).get(key, "") for key in ("source", "mark", "population")}
    sources = {k: Source(k, v["text"], v.get("doi", "")) for k, v in data["source"].items()}
    parameters = {}
    for name, row in data["parameter"].items():
        place = f"{path.name}, parameter {name}"
        value = float(row["value"])
        calibrated = {"prior": value} if "prior_sd" in row else {}
        whole = {**about, **row, "value": value, **calibrated, "sheet": path.stem}
        parameter = sourced(whole, Parameter, place, name, sources)
        if not parameter.unit or not parameter.population:
            raise ValueError(f"{place}: unit and population must be given")
        if parameter.range and not parameter.range[0] <= parameter.value <= parameter.range[1]:
            raise ValueError(f"{place}: the value lies outside its own range")
        if (parameter.mark == "calibrated") != (parameter.prior_sd is not None):
            raise ValueError(f"{place}: a calibrated parameter, and no other, has a prior_sd")
        parameters[name] = parameter
    alternatives = {}
    for name, row in data.get("alternative", {}).items():
        place = f"{path.name}, alternative {name}"
        alternatives[name] = sourced(row, Alternative, place, name, sources)
        if not set(row["values"]) <= set(parameters):
            raise ValueError(f"{place}: its parameters must be known")
    return ParameterSet(parameters, sources, alternatives)
