"""Units at the border: what a record states is brought to the usual unit here, once, and nowhere else."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from bonecast.core import Amount, gettext, read_amount, registry
from bonecast.errors import InputError, printable
from bonecast.records.quantity import Quantity

# The same unit in other spellings, after folding (case, spaces, µ, superscripts): plain words and UCUM codes.
_SPELLINGS = {
    "mcg": "ug",
    "mcg/l": "ug/l",
    "mcg/ml": "ug/ml",
    "[lb_av]": "lb",
    "lbs": "lb",
    "[in_i]": "in",
    "inch": "in",
    "inches": "in",
    "mg/d": "mg/day",
    "g/d": "g/day",
    "iu/d": "iu/day",
    "[iu]/d": "iu/day",
    "units/d": "units/day",
    "unit/day": "units/day",
    "iu/l": "u/l",
    "nmolbce/mmol": "nmol/mmol",
    "nmolbce/mmolcreatinine": "nmol/mmol",
    "nmol/mmolcreatinine": "nmol/mmol",
    "ml/min/{1.73_m2}": "ml/min/1.73m2",
    "ml/min/1.73": "ml/min/1.73m2",
}


def to_usual(quantity: Quantity, number: float, unit: str, place: str = "unit") -> float:
    """Convert a number to the usual unit of its quantity.

    Parameters
    ----------
    quantity : Quantity
        The quantity.
    number : float
        In `unit`.
    unit : str
        An accepted unit.
    place : str
        Where the unit was given, for the error.

    Returns
    -------
    float
        In the usual unit.

    Raises
    ------
    InputError
        If the unit is not accepted for this quantity; the error lists those that are.

    Examples
    --------
    >>> from bonecast.records import find_test
    >>> round(to_usual(find_test("calcium"), 9.4, "mg/dL"), 3)
    2.345
    """
    return number * _factor(quantity, find_unit(quantity, unit, place))


def from_usual(quantity: Quantity, number: float, unit: str, place: str = "unit") -> float:
    """Convert a number from the usual unit of a quantity; the inverse of `to_usual`.

    Parameters
    ----------
    quantity : Quantity
        The quantity.
    number : float
        In the usual unit.
    unit : str
        Another accepted unit.
    place : str
        Where the unit was given, for the error.

    Returns
    -------
    float
        In that unit.

    Raises
    ------
    InputError
        If the unit is not accepted for this quantity.

    Examples
    --------
    >>> from bonecast.records import find_test
    >>> round(from_usual(find_test("CTX"), 0.31, "pg/mL"))
    310
    """
    return number / _factor(quantity, find_unit(quantity, unit, place))


def find_unit(quantity: Quantity, unit: str, place: str = "unit") -> str:
    """Find an accepted unit of a quantity by any of its spellings.

    Parameters
    ----------
    quantity : Quantity
        The quantity.
    unit : str
        The unit as written.
    place : str
        Where it was given, for the error.

    Returns
    -------
    str
        The unit as it is kept.

    Raises
    ------
    InputError
        If the unit is not accepted for this quantity.

    Examples
    --------
    >>> from bonecast.records import find_test
    >>> find_unit(find_test("P1NP"), "µg/l")
    'ug/L'
    """
    accepted = _accepted(quantity)
    key = _folded(unit)
    # A UCUM annotation such as {creat} says what is counted, not in which unit.
    without_annotation = re.sub(r"\{[^{}]*\}", "", key)
    for spelling in (key, _SPELLINGS.get(key, key), without_annotation):
        if spelling in accepted:
            return accepted[spelling]
    choice = " or ".join(filter(None, [", ".join(quantity.units[:-1]), quantity.units[-1]]))
    if not unit:
        raise InputError(
            place,
            gettext("the {name} has no unit", name=quantity.name),
            gettext("write {choice} after the number", choice=choice),
        )
    raise InputError(
        place,
        gettext("{name} is not read in '{unit}'", name=quantity.name, unit=printable(unit)),
        gettext("give it in {choice}", choice=choice),
    )


def read_quantity(
    quantity: Quantity, text: str, place: str, exact: bool = False, above: bool = False
) -> tuple[float, Amount]:
    """Read a value with its unit, such as "310 ng/L".

    Parameters
    ----------
    quantity : Quantity
        What it is a value of.
    text : str
        The text; only the upper hard limit holds for a value below the assay limit.
    place : str
        Where it stands, for errors.
    exact : bool
        Refuse a value below the assay limit.
    above : bool
        Read a value above the limit of its assay (">") too.

    Returns
    -------
    tuple of (float, Amount)
        The number in the usual unit, and the amount as written.

    Raises
    ------
    InputError
        If the text has no number, no unit or an unknown unit, or lies outside the hard limits.

    Examples
    --------
    >>> from bonecast.records import find_test
    >>> read_quantity(find_test("CTX"), "310 ng/L", "value")[0]
    0.31
    """
    amount = read_amount(text, place, above)
    if amount.below and exact:
        raise InputError(
            place, gettext("'{given}' is not one number", given=printable(text)), gettext("leave the < out")
        )
    number = to_usual(quantity, amount.number, amount.unit, place)
    if number > quantity.high or (number < quantity.low and not amount.below) or number == 0:
        span = f"{quantity.low:g} to {quantity.high:g} {quantity.usual}"
        raise InputError(
            place,
            gettext(
                "'{given}' cannot be a {name} (accepted are {span})",
                given=printable(text),
                name=quantity.name,
                span=span,
            ),
            gettext("check number and unit; units read are {units}", units=", ".join(quantity.units)),
        )
    return number, amount


@cache
def _accepted(quantity: Quantity) -> dict[str, str]:
    return {_folded(known): known for known in quantity.units}


@lru_cache(1024)
def _folded(unit: str) -> str:
    """A unit without case, spaces and typography: 'µg / L' and 'UG/L' fold to the same text."""
    plain = unicodedata.normalize("NFKC", unit).replace("μ", "u").casefold().replace("μ", "u")
    return re.sub(r"[\s^*]", "", plain.replace("·", ""))


@cache
def _factor(quantity: Quantity, unit: str) -> float:
    """Usual units in one of these units, by pint; molecules are weighed with the quantity's molar mass."""
    if unit == quantity.usual:
        return 1.0
    if {unit, quantity.usual} == {"mL/min", "mL/min/1.73m2"}:
        return 1.0  # an eGFR written in mL/min means the indexed rate: see quantities.toml
    units = registry()
    given, usual = units.Quantity(1.0, _for_pint(unit)), _for_pint(quantity.usual)
    if quantity.molar_mass:
        mass = units.Quantity(quantity.molar_mass.value, "gram / mole")
        converted = given.to(usual, "chemistry", mw=mass)
    else:
        converted = given.to(usual)
    # Twelve digits: a factor of 0.9999999999999998 is the noise of the conversion, not a conversion.
    return float(f"{converted.magnitude:.12g}")


def _for_pint(unit: str) -> str:
    return {"g/cm2": "g/cm**2", "mg/cm2": "mg/cm**2", "in": "inch"}.get(unit, unit)
