"""Conditions and habits of a person: which may be stated, and what each may say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bonecast.core import gettext
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records.quantity import quantities
from bonecast.records.units import read_quantity

if TYPE_CHECKING:
    from bonecast.records.patient import FactValue

MOST = 50  # more fractures or metastases than this are a slip of the keyboard


@dataclass(frozen=True)
class Fact:
    """One thing that may be stated of a person.

    Parameters
    ----------
    key : str
        Key in the file.
    kind : str
        Kind of value.
    kept_as : str
        Name under which it is kept.
    meaning : str
        What it is.
    choices : tuple of str
        Values that are allowed, where they are listed.
    most : int
        Largest value of a count.
    """

    key: str
    kind: str
    kept_as: str
    meaning: str
    choices: tuple[str, ...] = ()
    most: int = MOST


@cache
def known_facts() -> dict[str, Fact]:
    """List the facts that may stand under [person].

    Returns
    -------
    dict of str to Fact
        Key to fact.

    Examples
    --------
    >>> known_facts()["calcium_intake"].kept_as
    'calcium_intake_mg_day'
    """
    rows = tomllib.loads((files("bonecast.records") / "facts.toml").read_text("utf-8"))
    return {
        key: Fact(
            key,
            row["kind"],
            row.get("kept_as", key),
            row["meaning"],
            tuple(row.get("choices", ())),
            row.get("most", MOST),
        )
        for key, row in rows.items()
    }


def read_fact(key: str, value: object, place: str) -> tuple[str, FactValue]:
    """What does this line of [person] say? The name that the fact is kept under, and its value.

    >>> read_fact("calcium_intake", "0.8 g/day", "person, calcium_intake")
    ('calcium_intake_mg_day', 800.0)
    """
    fact = known_facts()[key]
    if fact.kind == "yes or no":
        if not isinstance(value, bool):
            raise InputError(
                place,
                gettext("'{value}' is neither true nor false", value=printable(value)),
                gettext("write true or false"),
            )
        return fact.kept_as, value
    if fact.kind == "count":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= fact.most:
            raise InputError(
                place,
                gettext("'{value}' is not a count", value=printable(value)),
                gettext("write a whole number from 0 to {most}", most=fact.most),
            )
        return fact.kept_as, value
    if not isinstance(value, str):
        raise InputError(
            place,
            gettext("'{value}' is not text", value=printable(value)),
            gettext("write in quotes: {meaning}", meaning=fact.meaning),
        )
    if fact.kind == "choice" and value not in fact.choices:
        raise UnknownName(place, "choice", value[:60], fact.choices)
    if fact.kind in ("choice", "text"):
        return fact.kept_as, value
    return fact.kept_as, read_quantity(quantities()[fact.kind], value, place)[0]
