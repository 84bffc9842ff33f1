"""Numbers of which only a bound is known, such as a result below the assay limit: compared, they may be undecided."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

BOUND_COMPARED = {"<": "<", "<=": "<", ">": ">", ">=": ">", "==": "==", "!=": "!="}


class Between(float):
    """A number that lies between two others; as a plain number it is the bound that is known.

    Parameters
    ----------
    low, high : float
        The number lies above `low` and below `high`; one of them may be infinite.

    Examples
    --------
    >>> below = Between(high=2.3)
    >>> str(below), is_compared("<", below, 2.4), is_compared("<", below, 2.1)
    ('<2.3', True, None)
    """

    low: float
    high: float

    def __new__(cls, low: float = -math.inf, high: float = math.inf) -> Between:
        made = super().__new__(cls, high if math.isfinite(high) else low)
        made.low, made.high = low, high
        return made

    def __getnewargs__(self) -> tuple[float, float]:
        return self.low, self.high

    def __str__(self) -> str:
        if math.isinf(self.low):
            return f"<{self.high:.4g}"
        return f">{self.low:.4g}" if math.isinf(self.high) else f"{self.low:.4g} to {self.high:.4g}"

    def __repr__(self) -> str:
        return f"Between({self.low!r}, {self.high!r})"


def bounds_of(value: float) -> tuple[float, float]:
    """Give the bounds of a number.

    Parameters
    ----------
    value : float
        The number; one that is known exactly is both of its bounds.

    Returns
    -------
    tuple of (float, float)
        Lower and upper bound.

    Examples
    --------
    >>> bounds_of(2.3), bounds_of(Between(low=60.0))
    ((2.3, 2.3), (60.0, inf))
    """
    return (value.low, value.high) if isinstance(value, Between) else (value, value)


def is_compared(sign: str, one: float, other: float) -> bool | None:
    """Compare two numbers of which at least one is known by its bounds.

    Parameters
    ----------
    sign : str
        "<", "<=", ">", ">=", "==" or "!=".
    one, other : float
        The numbers.

    Returns
    -------
    bool or None
        None where the bounds leave it open.
    """
    (low, high), (other_low, other_high) = bounds_of(one), bounds_of(other)
    below, above = high <= other_low, low >= other_high
    if not below and not above:
        return None
    match BOUND_COMPARED[sign]:
        case "<":
            return below
        case ">":
            return above
    return sign == "!="


def mapped(value: float, function: Callable[[float], float]) -> float:
    """Apply a rising or falling function to a number and to its bounds.

    Parameters
    ----------
    value : float
        The number.
    function : callable
        A monotone function of one number, which need not take infinity or negative numbers: the bound is then open.

    Returns
    -------
    float
        The result, with bounds where the number has them.

    Examples
    --------
    >>> mapped(Between(high=2.0), lambda x: 1000 * x), mapped(Between(high=2.0), lambda x: 1 / x)
    (Between(-inf, 2000.0), Between(0.5, inf))
    """
    if not isinstance(value, Between):
        return function(value)
    ends = [end for end in bounds_of(value) if math.isfinite(end)]
    results = sorted(map(function, ends))
    if len(results) == 2:
        return Between(*results)
    rises = function(ends[0] * 1.01) >= results[0]
    return Between(high=results[0]) if rises is math.isinf(value.low) else Between(low=results[0])


def worst(values: Iterable[float], worse: Callable[[Iterable[float]], float]) -> float:
    """Take the lowest or highest of several numbers, some of which may be known by their bounds.

    Parameters
    ----------
    values : iterable of float
        The numbers, at least one.
    worse : callable
        `min` or `max`.

    Returns
    -------
    float
        With bounds where it cannot be said exactly.

    Examples
    --------
    >>> worst([2.2, Between(high=2.3)], min).high >= 2.2, worst([2.4, Between(high=2.3)], max)
    (True, 2.4)
    """
    found = list(values)
    low, high = (worse(ends) for ends in zip(*map(bounds_of, found), strict=True))
    if low == high:
        return low
    exact = [one for one in found if not isinstance(one, Between)]
    # A bound that is itself a measured value may be reached.
    low = math.nextafter(low, -math.inf) if low in exact else low
    high = math.nextafter(high, math.inf) if high in exact else high
    return Between(low, high)
