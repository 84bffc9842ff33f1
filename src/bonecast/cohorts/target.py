"""A target table: means, SDs and shares that the people of a trial are to have, as in its Table 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bonecast.cohorts.column import Column, find_column
from bonecast.errors import InputError, printable

KEYS = ("mean", "sd", "share")


@dataclass(frozen=True)
class TargetValue:
    """One line of a target table.

    Parameters
    ----------
    column : str
        Name of the covariate.
    mean : float
        Its mean, in its unit; of a yes or no, its share.
    sd : float, optional
        Its SD, where that is to be met too.
    """

    column: str
    mean: float
    sd: float | None = None


def read_target(table: Mapping[str, Any], place: str = "target") -> tuple[TargetValue, ...]:
    """The lines of a target table.

    Parameters
    ----------
    table : mapping
        {covariate: number, or {mean, sd}, or {share}}.
    place : str
        Where the table stands, for errors.

    Returns
    -------
    tuple of TargetValue

    Raises
    ------
    InputError
        For a covariate that is not there, a value that it cannot have, or a word that is not known.

    Examples
    --------
    >>> read_target({"age": {"mean": 72.3, "sd": 5.2}, "prior_vertebral": {"share": 0.23}})[1]
    TargetValue(column='prior_vertebral', mean=0.23, sd=None)
    """
    return tuple(
        _aim(find_column(name, f"{place}, {name[:60]}"), given, f"{place}, {name}")
        for name, given in table.items()
    )


def _aim(column: Column, given: object, place: str) -> TargetValue:
    words = dict(given) if isinstance(given, Mapping) else {"mean" if column.is_number else "share": given}
    centre, allowed = ("mean", ("mean", "sd")) if column.is_number else ("share", ("share",))
    for word in words:
        if word not in allowed:
            what = "a number" if column.is_number else "a yes or no"
            raise InputError(
                place, f"'{printable(word)}' is not asked of {what}", f"write {' and '.join(allowed)}"
            )
    if centre not in words:
        raise InputError(place, f"it has no {centre}", f"write {{ {centre} = ... }}")
    mean = _number(words[centre], f"{place}, {centre}")
    low, high = (column.low, column.high) if column.is_number else (0.0, 1.0)
    if not low <= mean <= high:
        cause = f"{mean:g} is no {column.label}{' in ' + column.unit if column.unit else ''}"
        raise InputError(place, cause, f"the range is {low:g} to {high:g}")
    if "sd" not in words:
        return TargetValue(column.name, mean)
    sd = _number(words["sd"], f"{place}, sd")
    if not 0 < sd <= high - low:
        raise InputError(f"{place}, sd", f"{sd:g} is no SD", f"keep it above 0 and at most {high - low:g}")
    return TargetValue(column.name, mean, sd)


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(place, f"'{printable(value)}' is not a number", "write a number")
    return float(value)
