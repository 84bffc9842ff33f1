"""Strength beside BMD: what a finite-element model of hip or spine would say, and the trabecular bone score.

    m        = BMD/matrix                                   mineral in matrix: grows as bone ages
    strength = matrix^a m^b exp(-g integral of resorption)  relative to the first day; resorption 1 untreated, years
    TBS      = matrix of the spine^c

All from the curves of matrix, BMD and resorption. BMD does not tell new matrix from old matrix that took up mineral,
and does not see plates that are perforated; strength does. The numbers are cards in `strength.toml`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np

from bonecast.models import ParameterSet, read_parameters

STRENGTH_SITES = {"hip": "TH", "spine": "LS"}
YEAR_D = 365.25


@cache
def strength_parameter_set() -> ParameterSet:
    """Every number of strength and trabecular bone score with its unit, source and mark.

    Returns
    -------
    ParameterSet
    """
    with as_file(files("bonecast.outcomes")) as here:
        return read_parameters(here / "strength.toml")


def strength_change(
    days: np.ndarray, bmd_pct: np.ndarray, matrix_pct: np.ndarray, resorption_pct: np.ndarray
) -> np.ndarray:
    """Compute the change of finite-element strength of a site since the first day.

    Parameters
    ----------
    days : ndarray, shape (time,)
        Days, close enough that resorption may be joined by straight lines (weekly).
    bmd_pct : ndarray, shape (person, time)
        BMD of the site, % change (`LS_BMD_pct_change`, `TH_BMD_pct_change`).
    matrix_pct : ndarray, shape (person, time)
        Bone matrix of the site, % change (`LS_matrix_pct_change`, `TH_matrix_pct_change`).
    resorption_pct : ndarray, shape (person, time)
        Resorption, % of untreated (`resorption_pct_of_baseline`).

    Returns
    -------
    ndarray, shape (person, time)
        %.

    Examples
    --------
    >>> days, same = np.array([0.0, 365.25]), np.zeros((1, 2))
    >>> strength_change(days, same, same, same + 100).round(1).tolist()  # untreated, with a BMD that stays
    [[0.0, -1.3]]
    """
    card = strength_parameter_set().values()
    matrix = _since_first(matrix_pct)
    mineral = _since_first(bmd_pct) / matrix
    pieces = np.diff(days) / YEAR_D * (resorption_pct[:, 1:] + resorption_pct[:, :-1]) / 200
    resorbed = np.concatenate([np.zeros((len(pieces), 1)), np.cumsum(pieces, axis=1)], axis=1)
    strength = matrix ** card["matrix"] * mineral ** card["mineral"] * np.exp(-card["unseen"] * resorbed)
    return 100 * (strength - 1)


def tbs_change(matrix_pct: np.ndarray) -> np.ndarray:
    """Compute the change of the trabecular bone score since the first day.

    Parameters
    ----------
    matrix_pct : ndarray, shape (person, time)
        Bone matrix of the spine, % change.

    Returns
    -------
    ndarray, shape (person, time)
        %.

    Examples
    --------
    >>> tbs_change(np.array([[0.0, 6.4]])).round(1).tolist()
    [[0.0, 1.9]]
    """
    return 100 * (_since_first(matrix_pct) ** strength_parameter_set().values()["texture"] - 1)


def _since_first(pct: np.ndarray) -> np.ndarray:
    level = 1 + pct / 100
    return level / level[:, :1]
