"""The fields of the record form: names, labels, hints and choices, taken from the catalogues of the record."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.drugs import drug_names
from bonecast.records import FRACTURE_SITES, Fact, known_facts, quantities


@dataclass(frozen=True)
class Field:
    """One field. `kind` is text, date, time, number, choice, tick or yes-no; `listed` names a list of suggestions."""

    key: str
    label: str
    hint: str = ""
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    listed: str = ""
    required: bool = False


SPELT = {"vitamin_d_intake": "vitamin D intake", "ckd_mbd_status": "bone disease of the kidney (CKD-MBD)"}
OPEN = "Asked before the next injection"
YES_NO = (("", "not known"), ("true", "yes"), ("false", "no"))
PERSON = (
    Field("id", "Id", "Number or code of the person, such as A-17", required=True),
    Field("name", "Name or initials"),
    Field(
        "sex",
        "Sex",
        kind="choice",
        choices=(("", "choose"), ("female", "female"), ("male", "male")),
        required=True,
    ),
    Field("birth_date", "Date of birth", kind="date", required=True),
    Field("record_date", "Date of the record", "The “today” of a forecast", kind="date", required=True),
    Field("weight", "Weight", "With its unit, such as 61 kg"),
    Field("height", "Height", "With its unit, such as 160 cm"),
    Field("menopause_age", "Age at menopause", "In years", kind="number"),
    Field("death_date", "Date of death", kind="date"),
    Field("address", "Address", "Its lines with commas; for letters and labels"),
    Field("phone", "Phone", "For texts"),
    Field("language", "Language of letters", "Its code, such as es; empty: the usual one"),
)
DOSE = (
    Field("drug", "Drug", listed="drugs", required=True),
    Field("amount", "Amount", "Such as 60 mg", required=True),
    Field("date", "Date given", kind="date"),
    Field("product", "Product"),
    Field("lot", "Lot"),
    Field("injection_site", "Injection site", "Such as abdomen"),
    Field("given_by", "Given by"),
)
COURSE = (
    Field("every", "Every", "Such as 1 week"),
    Field("from", "First day", kind="date"),
    Field("to", "Last day", "Empty while it goes on", kind="date"),
)
REGULAR = (*DOSE[:2], *COURSE)
FRACTURE = (
    Field(
        "site",
        "Bone",
        kind="choice",
        choices=(("", "choose"), *((site, site) for site in FRACTURE_SITES)),
        required=True,
    ),
    Field("date", "Date", "The day it broke, or was found", kind="date", required=True),
)
ENTRIES = {
    "doses": (*DOSE, *COURSE),
    "fractures": FRACTURE,
}
DRUGS = drug_names()
TESTS = tuple(sorted((q.name for q in quantities().values() if q.is_test), key=str.casefold))


@cache
def fact_groups() -> tuple[tuple[str, tuple[Field, ...]], ...]:
    """The facts of a person, in groups."""
    text = (files("bonecast.web.pages") / "fact_groups.toml").read_text("utf-8")
    named = {title: list(group["facts"]) for title, group in tomllib.loads(text).items()}
    stated = {key for keys in named.values() for key in keys}
    named[list(named)[-1]] += [key for key in known_facts() if key not in stated]
    return tuple((title, tuple(_fact(known_facts()[key]) for key in keys)) for title, keys in named.items())


def with_open_first(asked: Iterable[str]) -> tuple[tuple[str, tuple[Field, ...]], ...]:
    """The groups, before them the facts that the next injection waits for; `asked` are their names in the rules."""
    names = set(asked)
    keys = {key for key, fact in known_facts().items() if fact.kept_as in names}
    first = tuple(field for _, fields in fact_groups() for field in fields if field.key in keys)
    rest = tuple(
        (title, tuple(field for field in fields if field.key not in keys)) for title, fields in fact_groups()
    )
    return ((OPEN, first), *rest) if first else rest


def fields_of_person() -> tuple[Field, ...]:
    """Every field of [person]: who it is, and the facts."""
    return (*PERSON, *(field for _, fields in fact_groups() for field in fields))


def words(key: str) -> str:
    """A key of a record as words.

    >>> words("calcium_intake")
    'Calcium intake'
    """
    said = SPELT.get(key, key.replace("_", " "))
    return said[0].upper() + said[1:]


def _fact(fact: Fact) -> Field:
    meaning = fact.meaning[0].upper() + fact.meaning[1:]
    match fact.kind:
        case "yes or no":
            return Field(fact.key, meaning, kind="yes-no", choices=YES_NO)
        case "count":
            return Field(fact.key, meaning, "A whole number", kind="count")
        case "choice":
            choices = (("", "not known"), *((choice, choice.replace("_", " ")) for choice in fact.choices))
            return Field(fact.key, words(fact.key), meaning, kind="choice", choices=choices)
    return Field(fact.key, words(fact.key), meaning.replace('"', ""))
