"""A number with its unit, as people write it: "0.31 ng/mL", "<0.05 ng/mL", "1 week"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bonecast.core.translation import gettext
from bonecast.errors import InputError, printable

_NUMBER = re.compile(
    r"(?P<sign><=?|>=?)?\s*(?P<number>[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?P<unit>.*)"
)
_SPAN = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<word>day|week|month|year)s?")

# A month is a twelfth of a Julian year. All four are exact in binary, so that six months twice is one year,
# bit for bit, and doses that are meant to fall together do.
DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
_ADVERBS = {"daily": "1 day", "weekly": "1 week", "monthly": "1 month", "yearly": "1 year"}


@dataclass(frozen=True)
class Amount:
    """A positive number with its unit, as people write it.

    Parameters
    ----------
    number : float
        The number.
    unit : str
        The unit as written.
    below : bool
        Whether it was written as an upper bound ("<").
    above : bool
        Whether it was written as a lower bound (">").
    """

    number: float
    unit: str
    below: bool
    above: bool = False


def read_amount(text: str, place: str, above: bool = False) -> Amount:
    """Read a number with its unit, such as "0.31 ng/mL" or "<0.05 ng/mL".

    Parameters
    ----------
    text : str
        The text.
    place : str
        Where it stands, for the error.
    above : bool
        Read ">" too, as a lower bound.

    Returns
    -------
    Amount
        A finite number above zero, with its unit.

    Raises
    ------
    InputError
        For anything else, also for ">" unless it was asked for.

    Examples
    --------
    >>> read_amount("<0.05 ng/mL", "value")
    Amount(number=0.05, unit='ng/mL', below=True, above=False)
    """
    text = text.strip().replace("≤", "<=").replace("≥", ">=").replace("−", "-")
    match = _NUMBER.fullmatch(text)
    if match is None:
        if text.lstrip("+-<>= ").casefold().startswith(("nan", "inf")):
            raise InputError(
                place,
                gettext("'{given}' is not a finite number", given=printable(text)),
                gettext("give the measured number"),
            )
        raise InputError(
            place,
            gettext("'{given}' is not a number with its unit", given=printable(text)),
            gettext('write it like "0.31 ng/mL"'),
        )
    sign, digits, unit = match["sign"] or "", match["number"], match["unit"].strip()
    if unit.startswith(","):
        raise InputError(
            place,
            gettext("'{given}' has a comma in the number", given=printable(text)),
            gettext("write a decimal point and no thousands sign"),
        )
    if sign.startswith(">") and not above:
        raise InputError(
            place,
            gettext("'{given}' is above a limit, not a measured value", given=printable(text)),
            gettext("give a number or leave it out"),
        )
    number = float(digits)
    if not math.isfinite(number):
        raise InputError(
            place,
            gettext("'{given}' is not a finite number", given=printable(text)),
            gettext("give the measured number"),
        )
    if number <= 0:
        what = "zero" if number == 0 else "negative"
        hint = gettext('give a number above zero, or "<" and the limit if it lies below the assay limit')
        raise InputError(place, f"'{printable(text)}' is {what}", hint)
    return Amount(number, unit, sign.startswith("<"), sign.startswith(">"))


def read_span(text: str, place: str) -> float:
    """Read a time span such as "1 week", "3 months" or "daily".

    Parameters
    ----------
    text : str
        The text; a month is 30.4375 days, a year 365.25.
    place : str
        Where it stands, for the error.

    Returns
    -------
    float
        Days.

    Raises
    ------
    InputError
        For anything else.

    Examples
    --------
    >>> read_span("1 week", "every")
    7.0
    """
    words = " ".join(text.casefold().split())
    match = _SPAN.fullmatch(_ADVERBS.get(words, words))
    days = float(match["number"]) * DAYS_IN[match["word"] + "s"] if match else 0.0
    if not 0 < days <= 20 * DAYS_IN["years"]:
        raise InputError(
            place,
            gettext("'{given}' is not a span of time", given=printable(text)),
            gettext('write it like "1 day", "1 week" or "6 months"'),
        )
    return days
