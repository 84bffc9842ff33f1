"""The vocabulary of the rules: every variable with its kind, unit, choices and range; conditions and values in it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bonecast.core import Condition, Symbol, Value, Vocabulary, gettext
from bonecast.core import read_condition as read_in
from bonecast.drugs import all_drugs
from bonecast.errors import InputError, UnknownName, printable


@dataclass(frozen=True)
class Variable(Symbol):
    """One fact that a rule may use.

    Parameters
    ----------
    name : str
        Name, which includes the unit.
    kind : str
        "yes or no", "choice", "text", "number" or "count" (a whole number).
    unit : str
        Unit of the number; empty for plain numbers.
    choices : tuple of str
        Values that are allowed, where they are listed.
    low : float, optional
        Lowest number accepted, in `unit`; a number below it was probably written in another unit.
    high : float, optional
        Highest number accepted, in `unit`.
    label : str
        What it is, in words.
    about : str
        "person", "act" (what is planned) or "derived" (computed from others).
    case_default : bool, float or str, optional
        Value for an empty cell of a case file; None for most.

    Examples
    --------
    >>> variables()["vitd_25oh_nmol_L"].shown(18.0)
    '18 nmol/L'
    """

    about: str = ""
    case_default: Value | None = None


def variables() -> dict[str, Variable]:
    """List the variables that a rule may use. Drugs to be given are those of the catalogue and of its plug-ins.

    Returns
    -------
    dict of str to Variable
        Name to variable.

    Examples
    --------
    >>> variables()["dental_status"].choices[:2]
    ('good', 'active_disease')
    """
    return _variables(tuple(drug.generic for drug in all_drugs() if not drug.treatments))


@cache
def _variables(unnamed: tuple[str, ...]) -> dict[str, Variable]:
    found = {row["name"]: _variable(row) for row in table("variables.csv")}
    target = found["target_drug"]
    return found | {"target_drug": replace(target, choices=(*target.choices, *unnamed))}


def find_variable(name: str, place: str) -> Variable:
    """The variable of this name; UnknownName with the nearest names otherwise."""
    if name not in variables():
        raise UnknownName(place, "variable", name, variables())
    return variables()[name]


def read_condition(text: str, place: str) -> Condition:
    """The condition that this text states of a person's facts. Raises InputError where it cannot be used.

    >>> str(read_condition("vitd_25oh_nmol_L < 25", "rule"))
    '25-OH vitamin D below 25 nmol/L'
    >>> read_condition("sex == 'X'", "rule")
    Traceback (most recent call last):
    bonecast.errors.UnknownName: rule, sex: there is no choice of sex called 'X'; known are F, M.
    """
    return read_in(text, place, Vocabulary("variable", variables(), "age_years < 18", missing=True))


def read_value(variable: Variable, given: object, place: str) -> Value:
    """What value does this cell, JSON value or option give? Raises InputError with the hint.

    >>> read_value(variables()["giving_dose"], "true", "row 1"), read_value(variables()["dose_mg"], 120, "row 1")
    (True, 120.0)
    """
    if variable.is_number:
        return _number(variable, given, place)
    text = str(given).strip() if isinstance(given, str | bool) else None
    if text is None:
        raise InputError(
            place,
            gettext("'{given}' is no value of {name}", given=printable(given), name=variable.name),
            _hint(variable),
        )
    if variable.kind == "yes or no":
        if text.casefold() not in ("true", "false", "yes", "no"):
            raise InputError(
                place, gettext("'{given}' is neither true nor false", given=printable(text)), _hint(variable)
            )
        return text.casefold() in ("true", "yes")
    if not isinstance(given, str):
        raise InputError(
            place,
            gettext("{value} is no value of {name}", value=printable(text.casefold()), name=variable.name),
            _hint(variable),
        )
    if variable.choices and text not in variable.choices:
        raise UnknownName(place, f"choice of {variable.name}", text, variable.choices)
    return text


def table(name: str) -> Iterator[dict[str, str]]:
    """Read a table of this package.

    Parameters
    ----------
    name : str
        File name, such as "exits.csv".

    Yields
    ------
    dict of str to str
        Column to cell, for each row.

    Examples
    --------
    >>> next(table("exits.csv"))["name"]
    'zoledronate'
    """
    text = (files("bonecast.care") / name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def _number(variable: Variable, given: object, place: str) -> float:
    try:
        number = (
            float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else None
        )
    except (ValueError, OverflowError):
        number = None
    if number is None or not math.isfinite(number):
        raise InputError(place, gettext("'{given}' is not a number", given=printable(given)), _hint(variable))
    if variable.kind == "count" and number != int(number):
        raise InputError(place, gettext("{number:g} is not a whole number", number=number), _hint(variable))
    if variable.low is not None and variable.high is not None and not variable.low <= number <= variable.high:
        raise InputError(
            place,
            gettext(
                "{number:g} is out of range ({low:g} to {high:g})",
                number=number,
                low=variable.low,
                high=variable.high,
            ),
            _hint(variable),
        )
    return number


def _hint(variable: Variable) -> str:
    match variable.kind:
        case "yes or no":
            return f"write true or false for {variable.name}"
        case "choice":
            return f"write one of {', '.join(variable.choices)}"
        case "text":
            return f"write {variable.name} as text"
    unit = f" in {variable.unit}" if variable.unit else ""
    return f"write {variable.name} as a {'whole ' if variable.kind == 'count' else ''}number{unit}"


def _variable(row: dict[str, str]) -> Variable:
    plain = Variable(
        row["name"],
        row["kind"],
        row["unit"],
        tuple(row["choices"].split()),
        float(row["low"]) if row["low"] else None,
        float(row["high"]) if row["high"] else None,
        row["label"],
        row["about"],
        None,
    )
    if not row["case_default"]:
        return plain
    default = read_value(plain, row["case_default"], f"variables.csv, {plain.name}")
    return Variable(**{**plain.__dict__, "case_default": default})
