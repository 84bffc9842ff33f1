"""Where jurisdictions and societies differ on one question, side by side."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.care.rules import JURISDICTIONS, find_rule
from bonecast.errors import UnknownName


@dataclass(frozen=True)
class Disagreement:
    """One question, and who says what: position by jurisdiction or "societies"."""

    key: str
    question: str
    rules: tuple[str, ...]
    positions: tuple[tuple[str, str], ...]


@cache
def disagreements() -> tuple[Disagreement, ...]:
    """Every question on which sources differ.

    >>> [one.key for one in disagreements()][:2]
    ['first_line', 'calcium_before']
    """
    rows = tomllib.loads((files("bonecast.care") / "disagreements.toml").read_text("utf-8"))
    return tuple(_disagreement(key, row) for key, row in rows.items())


@cache
def disagreements_of(rule_id: str) -> tuple[Disagreement, ...]:
    """The questions that this rule takes a side on."""
    return tuple(one for one in disagreements() if rule_id in one.rules)


def _disagreement(key: str, row: dict) -> Disagreement:
    place = f"disagreements.toml, {key}"
    for rule_id in row["rules"]:
        find_rule(rule_id, place)
    sides = {side: text for side, text in row.items() if side not in ("question", "rules")}
    for side in sides:
        if side not in (*JURISDICTIONS, "societies"):
            raise UnknownName(place, "side", side, (*JURISDICTIONS, "societies"))
    return Disagreement(key, row["question"], tuple(row["rules"]), tuple(sides.items()))
