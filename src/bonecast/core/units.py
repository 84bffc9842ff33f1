"""The one registry of physical units, and numbers with a unit brought to another by it."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from typing import Any

from bonecast.core.translation import gettext
from bonecast.errors import InputError, printable

_VALUE = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*")
_UNIT = re.compile(r"(?:1/)?[A-Za-z%]+(?:\^?-?[0-9])?(?:[/*. ][A-Za-z%]+(?:\^?-?[0-9])?)*")
_FOR_PINT = {"y": "year", "d": "day", "min": "minute", "h": "hour", "%": "percent"}


@cache
def registry() -> Any:
    """Return the registry of physical units.

    pint and its definitions take half a second, and most work needs no conversion; they are loaded here.

    Returns
    -------
    pint.UnitRegistry
    """
    import pint

    return pint.UnitRegistry()


def split_value(text: str) -> tuple[float, str] | None:
    """Split a text into the number at its head and the unit behind it.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    tuple of (float, str) or None
        Number and unit; None where no number stands there.

    Examples
    --------
    >>> split_value("30 mL/min"), split_value("0.003"), split_value("many")
    ((30.0, 'mL/min'), (0.003, ''), None)
    """
    read = _VALUE.fullmatch(text)
    return (float(read[1]), read[2]) if read else None


def value_in(unit: str, value: Any, place: str) -> float:
    """Convert a value to a unit.

    Parameters
    ----------
    unit : str
        The unit.
    value : float or str
        A number as it is, or a text with a unit ("30 mL/min").
    place : str
        Where it stands, for the error.

    Returns
    -------
    float
        In `unit`.

    Raises
    ------
    InputError
        If it is no number, or its unit cannot be converted.

    Examples
    --------
    >>> value_in("mL/min", "1.8 L/h", "parameter GFR"), value_in("mL/min", 30, "parameter GFR")
    (30.0, 30.0)
    """
    if isinstance(value, str):
        read = split_value(value)
        if read is None:
            raise InputError(
                place,
                gettext("'{value}' is not a number", value=printable(value)),
                gettext("give one, in {unit}", unit=unit),
            )
        number = read[0]
        if read[1]:  # twelve digits: the noise of a conversion is none of the value
            number = float(f"{number * _factor(read[1], unit, place):.12g}")
    else:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            cause = gettext("{value} is not one number", value=printable(repr(value)))
            raise InputError(place, cause, gettext("give one, in {unit}", unit=unit)) from None
    if not math.isfinite(number):
        raise InputError(place, gettext("the value is not a finite number"), gettext("give a finite number"))
    return number


def _factor(given: str, unit: str, place: str) -> float:
    """How many of `unit` is one of `given`?"""
    if _folded(given) == _folded(unit):
        return 1.0
    try:
        pair = [_for_pint(text) for text in (given, unit)]
        return float(registry().Quantity(1.0, pair[0]).to(pair[1]).magnitude)
    except Exception:  # pint has no common ancestor for what it raises at a text that is no unit
        cause = gettext("'{given}' cannot be brought to {unit}", given=printable(given), unit=unit)
        raise InputError(
            place, cause, gettext("give it in {unit}, or as a number without unit", unit=unit)
        ) from None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("μ", "u")
    return re.sub(r"[\s^]", "", plain.replace("·", "*"))


def _for_pint(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("·", "*").strip()
    plain = f"1{plain}" if plain.startswith("/") else plain
    if not _UNIT.fullmatch(plain) or len(plain) > 40:
        raise ValueError(plain)
    plain = re.sub(r"([A-Za-z])(-?[0-9])", r"\1^\2", plain)
    return re.sub(r"[A-Za-z%]+", lambda word: _FOR_PINT.get(word[0], word[0]), plain)
