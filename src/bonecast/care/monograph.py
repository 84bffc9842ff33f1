"""What is known of denosumab, sentence by sentence, each with its source; and where common claims stand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.care.reactions import headings
from bonecast.care.rules import find_rule
from bonecast.care.sources import RuleSource, find_source
from bonecast.care.variables import table
from bonecast.core import EVIDENCE_GRADES
from bonecast.errors import UnknownName


@dataclass(frozen=True)
class Sentence:
    """One sentence, its source and mark, and the claims of common texts that it carries or corrects."""

    text: str
    source: RuleSource
    mark: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter of the monograph.

    Parameters
    ----------
    key : str
        Key.
    title : str
        Title.
    sentences : tuple of Sentence
        Sentences, each with its source.
    """

    key: str
    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Claim:
    """What a common text on denosumab says, the verdict on it, and where the right thing stands.

    chapters, reactions : keys of chapters and of reaction headings. rules : ids of rules.
    """

    id: str
    text: str
    claim: str
    verdict: str
    note: str
    chapters: tuple[str, ...]
    reactions: tuple[str, ...]
    rules: tuple[str, ...]


@cache
def monograph() -> dict[str, Chapter]:
    """Load the monograph of denosumab.

    Returns
    -------
    dict of str to Chapter
        Key to chapter, in order.

    Examples
    --------
    >>> list(monograph())[:3]
    ['mechanism', 'indications', 'products']
    """
    rows = tomllib.loads((files("bonecast.care") / "monograph.toml").read_text("utf-8"))["section"]
    known = {row["id"] for row in table("claims.csv")}
    return {row["key"]: _chapter(row, known) for row in rows}


def find_chapter(key: str, place: str = "section") -> Chapter:
    """Find a chapter of the monograph.

    Parameters
    ----------
    key : str
        Key of the chapter.
    place : str
        Where the key stands, for the error.

    Returns
    -------
    Chapter
        The chapter.

    Raises
    ------
    UnknownName
        If there is no such chapter; the error has the nearest keys.

    Examples
    --------
    >>> find_chapter("mechanism").title
    'How it works'
    """
    if key not in monograph():
        raise UnknownName(place, "section", key, (*monograph(), "reactions", "claims"))
    return monograph()[key]


@cache
def claims() -> dict[str, Claim]:
    """List the claims of common texts that were checked, with the chapters and rules that support or correct them.

    Returns
    -------
    dict of str to Claim
        Id to claim.

    Examples
    --------
    >>> claims()["s1-05"].verdict, claims()["s1-05"].chapters
    ('INCORRECT for 60 mg', ('products',))
    """
    return {row["id"]: _claim(row) for row in table("claims.csv")}


def _claim(row: dict[str, str]) -> Claim:
    rule_ids = tuple(row["rules"].split())
    for rule_id in rule_ids:
        find_rule(rule_id, f"claims.csv, {row['id']}")
    chapters = (c.key for c in monograph().values() if any(row["id"] in s.claims for s in c.sentences))
    return Claim(
        row["id"],
        row["text"],
        row["claim"],
        row["verdict"],
        row["note"],
        tuple(chapters),
        tuple(heading.key for heading in headings().values() if row["id"] in heading.claims),
        rule_ids,
    )


def _chapter(row: dict[str, Any], known: set[str]) -> Chapter:
    place = f"monograph.toml, {row['key']}"
    return Chapter(row["key"], row["title"], tuple(_sentence(one, place, known) for one in row["sentences"]))


def _sentence(row: dict[str, Any], place: str, known: set[str]) -> Sentence:
    for claim in row["claims"]:
        if claim not in known:
            raise UnknownName(place, "claim", claim, known)
    if row["mark"] not in EVIDENCE_GRADES:
        raise UnknownName(place, "mark", row["mark"], EVIDENCE_GRADES)
    return Sentence(row["text"], find_source(row["source"], place), row["mark"], tuple(row["claims"]))
