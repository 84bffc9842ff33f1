"""How often people of a country break a bone: published rates by sex and age, and the curve through them.

    hip                 level(country, sex) * shape(age);   the level makes the mean over the standard population the
                        published one
    other nonvertebral  the level of the UK times the country's hip level over that of the UK
    vertebral           clinical ones by their number per hip fracture of women, over the share that is felt

The shapes and the two ratios are in `clinic.toml`, the rates in `incidence.csv`, each with its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from bonecast.core import rows
from bonecast.errors import UnknownName
from bonecast.models import ParameterSet, read_parameters
from bonecast.outcomes.fracture_parameters import fracture_parameters

REFERENCE_COUNTRY = "GB"  # whose rates of nonvertebral fractures other than of the hip are known
OLDEST_Y = 100.0
_KNEES = (60.0, 85.0)  # ages between which hip fracture doubles every 5 to 6 years
_HERE = files("bonecast.outcomes")


@dataclass(frozen=True)
class FractureIncidence:
    """One published rate of fractures in a general population.

    Parameters
    ----------
    id : str
        Row of the table.
    country : str
        ISO 3166 code.
    sex : str
        "female" or "male".
    from_age, to_age : float
        Ages counted, years; up to `to_age`, not including it.
    years : str
        When it was counted.
    kind : str
        "hip", "other nonvertebral", "clinical vertebral" or "major osteoporotic".
    value : float
        Per 100,000 person-years.
    low, high : float or None
        Published interval.
    role : str
        "anchor": the level of the country rests on it; "check": it is compared with the curve.
    mark, source, note : str
        How sure it is, where it was read, what must be known about it.
    """

    id: str
    country: str
    sex: str
    from_age: float
    to_age: float
    years: str
    kind: str
    value: float
    low: float | None
    high: float | None
    role: str
    mark: str
    source: str
    note: str


def clinic_parameter_set() -> ParameterSet:
    """Read the numbers of the baseline of clinic patients, with unit, source and mark.

    Returns
    -------
    ParameterSet
    """
    return _parameters()


@cache
def published_incidence() -> tuple[FractureIncidence, ...]:
    """List every published rate of the table.

    Returns
    -------
    tuple of FractureIncidence

    Examples
    --------
    >>> [row.value for row in published_incidence() if row.id == "GB-hip-F-50"]
    [335.0]
    """
    return tuple(_incidence(row) for row in rows(_HERE / "incidence.csv", dict))


def countries() -> tuple[str, ...]:
    """List the countries whose level is known, by their ISO 3166 codes.

    Returns
    -------
    tuple of str
    """
    return tuple(sorted({row.country for row in anchors()}))


def anchors(
    country: str | None = None, sex: str | None = None, kind: str = "hip"
) -> tuple[FractureIncidence, ...]:
    """List the rates that a level rests on.

    Parameters
    ----------
    country, sex : str, optional
        Only of these.
    kind : str
        What is counted.

    Returns
    -------
    tuple of FractureIncidence
    """
    return tuple(
        row
        for row in published_incidence()
        if row.role == "anchor"
        and row.kind == kind
        and country in (None, row.country)
        and sex in (None, row.sex)
    )


def incidence(country: str, sex: str, kind: str, age: np.ndarray | float) -> np.ndarray:
    """Rate of first fractures in a general population.

    Parameters
    ----------
    country : str
        ISO 3166 code, one of `countries`.
    sex : str
        "female" or "male".
    kind : str
        "hip", "nonvertebral" (hip included), "vertebral" (morphometric) or "clinical vertebral".
    age : ndarray or float
        Years; beyond `OLDEST_Y` it is held.

    Returns
    -------
    ndarray
        Per 100 person-years.

    Raises
    ------
    UnknownName
        For a country without a rate.

    Examples
    --------
    >>> incidence("US", "female", "hip", np.array([65.0, 75.0, 85.0])).round(2).tolist()
    [0.14, 0.49, 1.74]
    """
    if country not in countries():
        raise UnknownName("fracture incidence", "country", country, countries())
    age = np.minimum(np.asarray(age, np.float64), OLDEST_Y)
    if kind == "hip":
        return _level(country, sex, "hip") * _shape("hip", sex, age)
    if kind == "nonvertebral":
        scale = _level(country, sex, "hip") / _level(REFERENCE_COUNTRY, sex, "hip")
        other = _level(REFERENCE_COUNTRY, sex, "other nonvertebral") * _shape("other nonvertebral", sex, age)
        return _level(country, sex, "hip") * _shape("hip", sex, age) + scale * other
    clinical = _level(country, sex, "clinical vertebral") * _shape("clinical vertebral", sex, age)
    return clinical if kind == "clinical vertebral" else clinical / fracture_parameters()["clinical_share"]


def mean_incidence(country: str, sex: str, kind: str, from_age: float, to_age: float) -> float:
    """Mean rate over the ages of the European Standard Population.

    Parameters
    ----------
    country, sex, kind : str
        As of `incidence`.
    from_age, to_age : float
        Ages, years.

    Returns
    -------
    float
        Per 100 person-years.

    Examples
    --------
    >>> round(mean_incidence("GB", "female", "hip", 50, 100), 3)
    0.335
    """
    age, weight = standard_ages(from_age, to_age)
    return float(np.average(incidence(country, sex, kind, age), weights=weight))


def curve_rate(row: FractureIncidence) -> float | None:
    """Compute what the curve of a country says where a rate was published.

    Parameters
    ----------
    row : FractureIncidence
        A published rate.

    Returns
    -------
    float or None
        Per 100,000 person-years; None of kinds that are not one of the curve's (major osteoporotic fractures).

    Examples
    --------
    >>> rows = {row.id: row for row in published_incidence()}
    >>> round(curve_rate(rows["NO-hip-F-75"]) / rows["NO-hip-F-75"].value, 1)
    1.0
    """

    def mean(kind: str) -> float:
        return 1000 * mean_incidence(row.country, row.sex, kind, row.from_age, row.to_age)

    if row.kind == "other nonvertebral":
        return mean("nonvertebral") - mean("hip")
    return mean(row.kind) if row.kind in ("hip", "clinical vertebral") else None


def standard_ages(from_age: float, to_age: float) -> tuple[np.ndarray, np.ndarray]:
    """Ages in single years, and how many people of the European Standard Population have them.

    Parameters
    ----------
    from_age, to_age : float
        Ages, years.

    Returns
    -------
    tuple of ndarray
        Middle of each year of age, and its weight.
    """
    age, weight = _standard_population()
    inside = (age > from_age) & (age < to_age)
    return age[inside], weight[inside]


def _level(country: str, sex: str, kind: str) -> float:
    """What the shape is multiplied with: the published mean over the mean of the shape."""
    if (
        kind == "clinical vertebral"
    ):  # a number per hip fracture, of women; of men by the women of their country
        p = _parameters().values()
        mean = p["vertebral_per_hip"] * mean_incidence(country, "female", "hip", 50, OLDEST_Y)
        age, weight = standard_ages(50, OLDEST_Y)
        men = p["vertebral_men"] if sex == "male" else 1.0
        return men * mean / float(np.average(_shape(kind, sex, age), weights=weight))
    counted = expected = 0.0
    for row in anchors(country, sex, kind):
        age, weight = standard_ages(row.from_age, row.to_age)
        counted += row.value / 1000 * weight.sum()
        expected += float((weight * _shape(kind, sex, age)).sum())
    return counted / expected


def _shape(kind: str, sex: str, age: np.ndarray) -> np.ndarray:
    """How the rate changes with age: 1 at 60 for the hip, at 65 for the others."""
    p = _parameters().values()
    if kind == "hip":
        young, old = _KNEES
        ends = p["hip_rise_ends_women" if sex == "female" else "hip_rise_ends_men"]
        middle = np.clip(age, young, old)
        return np.exp(p["hip_rise"] * (middle - young) + ends * (age - middle))
    rise = p["other_rise"] if kind == "other nonvertebral" else p["vertebral_rise"]
    return np.exp(rise * (age - 65.0))


@cache
def _parameters() -> ParameterSet:
    with as_file(_HERE) as here:
        return read_parameters(here / "clinic.toml")


@cache
def _standard_population() -> tuple[np.ndarray, np.ndarray]:
    ages: list[float] = []
    weights: list[float] = []
    for row in rows(_HERE / "standard_population.csv", dict):
        low, high = int(row["from_age"]), int(row["to_age"])
        ages += [year + 0.5 for year in range(low, high)]
        weights += [float(row["weight"]) / (high - low)] * (high - low)
    return np.array(ages), np.array(weights)


def _incidence(row: dict[str, str]) -> FractureIncidence:
    def number(key: str) -> float | None:
        return float(row[key]) if row[key] else None

    numbers: dict[str, Any] = {key: float(row[key]) for key in ("from_age", "to_age", "value")}
    return FractureIncidence(**{**row, **numbers, "low": number("low"), "high": number("high")})
