"""A length of time as people write it: a number and days, weeks, months or years."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bonecast.core import DAYS_IN


@dataclass(frozen=True)
class Span:
    """A length of time.

    Parameters
    ----------
    number : float
        How many.
    unit : str
        "days", "weeks", "months" or "years".

    Examples
    --------
    >>> Span(6, "months").days, str(Span(1, "weeks"))
    (182.625, '1 week')
    """

    number: float
    unit: str

    @property
    def days(self) -> float:
        """The span in days."""
        return self.number * DAYS_IN[self.unit]

    def __str__(self) -> str:
        return f"{plain_number(self.number)} {self.unit[:-1] if self.number == 1 else self.unit}"


def plain_number(value: float) -> str:
    """Write the shortest decimal text that reads back as the same number.

    Parameters
    ----------
    value : float
        A number.

    Returns
    -------
    str
        Text without an exponent.
    """
    text = f"{Decimal(repr(float(value))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
