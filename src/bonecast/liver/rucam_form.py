"""The form of the updated RUCAM of 2016: its items, the choices of each, and their points."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from bonecast.core import EVIDENCE_GRADES
from bonecast.errors import InputError, UnknownName

InjuryType = Literal["hepatocellular", "cholestatic_mixed"]
TYPES: tuple[InjuryType, ...] = ("hepatocellular", "cholestatic_mixed")
ITEMS = ("1", "2", "3a", "3p", "3b", "4", "5", "6", "7")


@dataclass(frozen=True)
class Choice:
    """One line of the form. `points` is None where the choice ends the scoring ("unrelated")."""

    item: str
    title: str
    injury_type: str
    code: str
    text: str
    points: int | None
    mark: str
    source: str


@cache
def form() -> dict[str, Choice]:
    """Every choice, by its code.

    >>> form()["H2_8D"].points, form()["H1_UNRELATED"].points
    (3, None)
    """
    found = {}
    for row in _rows():
        if row["item"] == "band":
            continue
        points = None if row["points"] == "NA" else int(row["points"])
        if row["mark"] not in EVIDENCE_GRADES or not row["source"]:
            raise ValueError(f"rucam.csv, {row['code']}: source and mark must both be given")
        found[row["code"]] = Choice(
            row["item"],
            row["title"],
            row["injury_type"],
            row["code"],
            row["criterion"],
            points,
            row["mark"],
            row["source"],
        )
    return found


def choices(item: str, injury_type: InjuryType) -> tuple[Choice, ...]:
    """The choices of one item on the form of this type; none for pregnancy on the hepatocellular form.

    >>> [one.code for one in choices("3b", "hepatocellular")]
    ['G3_GE55', 'G3_LT55']
    """
    return tuple(
        one for one in form().values() if one.item == item and one.injury_type in (injury_type, "both")
    )


def find_choice(code: str, item: str, injury_type: InjuryType, place: str) -> Choice:
    """The choice of this code, which must belong to this item and type. Raises UnknownName or InputError."""
    known = [one.code for one in choices(item, injury_type)]
    if code not in form():
        raise UnknownName(place, "RUCAM code", code, known or [*form()])
    if code not in known:
        cause = f"{code} is no choice of item {item} on the {injury_type.replace('_', ' or ')} form"
        hint = f"write one of {', '.join(known)}" if known else "leave it empty"
        raise InputError(place, cause, hint)
    return form()[code]


def band(total: int) -> str:
    """What does a total mean? <=0 excluded, 1-2 unlikely, 3-5 possible, 6-8 probable, >=9 highly probable.

    One public re-implementation begins "highly probable" at 8: it is wrong. [published]

    >>> [band(total) for total in (0, 1, 3, 6, 8, 9)]
    ['excluded', 'unlikely', 'possible', 'probable', 'probable', 'highly probable']
    """
    tops = ((0, "excluded"), (2, "unlikely"), (5, "possible"), (8, "probable"))
    return next((word for top, word in tops if total <= top), "highly probable")


def _rows() -> list[dict[str, str]]:
    text = (files("bonecast.liver") / "rucam.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
