"""Who may fracture: age, sex, T-scores and fractures before day 0, with unknown T-scores filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from bonecast.core import rows
from bonecast.errors import InputError
from bonecast.outcomes.t_score import t_score, young_normal


@dataclass(frozen=True)
class Profile:
    """One person or many on day 0; each field a number or an array [person].

    Parameters
    ----------
    age : float or ndarray
        Years.
    female : float or ndarray
        1 or 0.
    th_t, fn_t, ls_t : float or ndarray
        T-scores on the female reference, NaN where unknown.
    prior_vertebral : float or ndarray
        1 with, 0 without a vertebral fracture on film; the share with one for people like a trial's.
    prior_other : float or ndarray
        The same for a fragility fracture elsewhere; 0 where it is not known.
    leaver : bool or ndarray
        Someone who left a trial's treatment (a group at higher risk, see `docs/fractures.md`).
    secondary : bool or ndarray
        Someone in a trial who takes a glucocorticoid or an aromatase inhibitor.

    Raises
    ------
    InputError
        For ages out of 18 to 110, shares out of 0 to 1, T-scores out of -8 to 8, or unequal lengths.
    """

    age: np.ndarray | float
    female: np.ndarray | float
    th_t: np.ndarray | float = np.nan
    fn_t: np.ndarray | float = np.nan
    ls_t: np.ndarray | float = np.nan
    prior_vertebral: np.ndarray | float = 0.0
    prior_other: np.ndarray | float = 0.0
    leaver: np.ndarray | bool = False
    secondary: np.ndarray | bool = False

    def __post_init__(self) -> None:
        names = list(self.__dataclass_fields__)
        columns = [np.atleast_1d(np.asarray(getattr(self, name), np.float64)) for name in names]
        try:
            columns = np.broadcast_arrays(*columns)
        except ValueError:
            raise InputError(
                "fracture profile", "its fields differ in length", "give one value per person"
            ) from None
        for name, column in zip(names, columns, strict=True):
            low, high, unknown = _LIMITS[name]
            fits = (column >= low) & (column <= high) | (unknown & np.isnan(column))
            if column.ndim != 1 or not fits.all():
                raise InputError(
                    f"fracture profile, {name}", "a value cannot be", f"keep it from {low:g} to {high:g}"
                )
            object.__setattr__(self, name, column)


_LIMITS = {
    "age": (18.0, 110.0, False),
    "female": (0.0, 1.0, False),
    "th_t": (-8.0, 8.0, True),
    "fn_t": (-8.0, 8.0, True),
    "ls_t": (-8.0, 8.0, True),
    "prior_vertebral": (0.0, 1.0, False),
    "prior_other": (0.0, 1.0, False),
    "leaver": (0.0, 1.0, False),
    "secondary": (0.0, 1.0, False),
}

# where an unknown T-score is taken from, best first: the two hip sites stand for each other before the spine does
_NEAREST = {"TH": ("FN", "LS"), "FN": ("TH", "LS"), "LS": ("TH", "FN")}


def t_scores(parameters: Mapping[str, float], profile: Profile) -> dict[str, np.ndarray]:
    """{site: T-scores[person]}: as given, or filled where unknown.

        T_site = M_site(age, sex) + (T_other - M_other(age, sex)),     M the population's mean

    A person whose hip lies one T-score above the mean of the age is taken to have a spine one above it too (an
    assumption: sites agree less well than that). Without any T-score it is the mean itself.

    >>> from bonecast.outcomes.fracture_parameters import fracture_parameters
    >>> filled = t_scores(fracture_parameters(), Profile(age=75.0, female=1, th_t=-2.5))
    >>> {site: t.round(2).tolist() for site, t in filled.items()}
    {'TH': [-2.5], 'FN': [-2.75], 'LS': [-2.31]}
    """
    given = {"TH": profile.th_t, "FN": profile.fn_t, "LS": profile.ls_t}
    means = population_means(parameters, np.asarray(profile.age), np.asarray(profile.female))
    filled = {}
    for site, nearest in _NEAREST.items():
        away = given[site] - means[site]
        for other in nearest:
            away = np.where(np.isnan(away), given[other] - means[other], away)
        filled[site] = means[site] + np.where(np.isnan(away), 0.0, away)
    return filled


def population_means(
    parameters: Mapping[str, float], age: np.ndarray, female: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the mean T-scores of the general population, on the female reference.

    Straight between the ages of the table, held beyond its ends; the femoral neck from the total hip.

    Parameters
    ----------
    parameters : mapping of str to float
        Numbers of the fracture relation.
    age : ndarray
        Years, for each person.
    female : ndarray
        1 or 0, for each person.

    Returns
    -------
    dict of str to ndarray, shape (person,)
        Site to mean T-score.
    """
    means = {site: _of_population(site, "mean", age, female) for site in ("TH", "LS")}
    means["FN"] = means["TH"] + parameters["neck_minus_hip"]
    return means


def population_spread(age: np.ndarray, female: np.ndarray) -> dict[str, np.ndarray]:
    """Return the SD of T-scores between people of the general population of one age.

    Parameters
    ----------
    age : ndarray
        Years, for each person.
    female : ndarray
        1 or 0, for each person.

    Returns
    -------
    dict of str to ndarray, shape (person,)
        Site to SD; the femoral neck takes that of the total hip.
    """
    spread = {site: _of_population(site, "SD", age, female) for site in ("TH", "LS")}
    return {**spread, "FN": spread["TH"]}


def column(values: np.ndarray | float | bool) -> np.ndarray:
    """Lay values of persons beside a time axis: [person, 1]."""
    return np.atleast_1d(np.asarray(values, np.float64))[:, None]


def _of_population(site: str, what: str, age: np.ndarray, female: np.ndarray) -> np.ndarray:
    """Straight between the ages of the table, held beyond its ends; by the share of women."""
    women, men = (np.interp(age, *_table(site, sex)[what]) for sex in (1, 0))
    return female * women + (1 - female) * men


@cache
def _table(site: str, female: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Ages with the mean and the SD of T-scores."""
    found = [
        row
        for row in rows(files("bonecast.outcomes") / "fracture_population.csv", dict)
        if row["site"] == site and int(row["female"]) == female
    ]
    ages, means, spread = (
        np.array([float(row[key]) for row in found]) for key in ("age_y", "mean_g_cm2", "sd_g_cm2")
    )
    endpoint = f"{site}_BMD"
    return {
        "mean": (ages, t_score(means, endpoint, "Hologic")),
        "SD": (ages, spread / young_normal(endpoint, "Hologic").sd),
    }
