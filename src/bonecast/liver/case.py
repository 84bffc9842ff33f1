"""One case: a person, the drugs taken, the laboratory values, and what the clinician states."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from bonecast.liver.admission import ROWS
from bonecast.liver.ratio import Convention
from bonecast.liver.rucam import Counting
from bonecast.liver.rucam_form import InjuryType

Ruling = Literal["excluded", "not excluded", "probable"]
RULINGS: tuple[Ruling, ...] = ("excluded", "not excluded", "probable")
CAUSES_I = ("HAV", "HBV", "HCV", "HEV", "imaging", "alcohol", "hypotension")
CAUSES_II = ("underlying disease", "CMV", "EBV", "HSV", "VZV")
CO_DRUGS = {
    "none": "K4_NONE",
    "incompatible": "K4_INCOMP",
    "compatible": "K4_COMP",
    "hepatotoxin": "K4_HEPTOX",
    "proven": "K4_PROVEN",
}
CONDITIONS = ("alone", "same drugs", "other")


@dataclass(frozen=True)
class DrugUse:
    """One dose (`end` is its own day) or a course from `start` to `end`; None while it goes on."""

    drug: str
    amount: str
    start: dt.date
    end: dt.date | None


@dataclass(frozen=True)
class LabValue:
    """One value as the laboratory reported it, with its own upper limit."""

    at: dt.datetime
    test: str
    value: float
    unit: str
    uln: float | None
    uln_unit: str
    baseline: bool
    place: str
    lab: str = ""
    below_limit: bool = False


@dataclass(frozen=True)
class Statements:
    """What the clinician states for severity, ALP, RUCAM; None and absence mean unknown."""

    facts: dict[str, bool] = field(default_factory=dict)
    bone_source: bool | None = None
    alp_origin: Literal["liver", "bone"] | None = None
    onset: dt.date | None = None
    injury: InjuryType | None = None
    drinks_per_day: float | None = None
    pregnant: bool | None = None
    co_drug: str | None = None
    known_hepatotoxicity: Literal["labelled", "published", "unknown"] | None = None
    causes: dict[str, Ruling] = field(default_factory=dict)
    reexposure: dt.date | None = None
    conditions: str | None = None
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """Conventions where the sources differ, and whether a natural recovery counts as dechallenge."""

    convention: Convention = "rucam-2016"
    counting: Counting = "either"
    score_recovery: bool = False


@dataclass(frozen=True)
class LiverCase:
    """A case as read: everything checked that can be checked without assessing it."""

    id: str
    sex: Literal["female", "male"] | None
    age: float | None
    suspect: str | None
    uses: tuple[DrugUse, ...]
    values: tuple[LabValue, ...]
    stated: Statements = Statements()
    options: Options = Options()

    def __repr__(self) -> str:
        return f"<LiverCase: {len(self.values)} values, {len(self.uses)} uses of drugs>"

    def _repr_html_(self) -> str:
        from bonecast.liver.notebook import case_html

        return case_html(self)

    @property
    def suspect_uses(self) -> tuple[DrugUse, ...]:
        """The uses of the drug in question, by start."""
        return tuple(sorted((u for u in self.uses if u.drug == self.suspect), key=lambda use: use.start))

    @property
    def start(self) -> dt.date | None:
        """The first day of the drug in question."""
        return self.suspect_uses[0].start if self.suspect_uses else None

    def rows(self) -> pl.DataFrame:
        """The values as rows for `admit`; the number of a row is its position in `values`."""
        listed = [
            (i, self.id, v.at, v.test, v.value, v.unit, v.uln, v.uln_unit, v.baseline)
            for i, v in enumerate(self.values)
        ]
        return pl.DataFrame(listed, schema=ROWS, orient="row")
