"""Parameter cards: each number of a model with its unit, range, source, population and what it is not.

A model keeps its cards in `parameters.toml` beside its equations:

    [source.peterson-riggs-2010]
    text = "Peterson MC, Riggs MM. Bone 2010;46:49-63"
    doi = "10.1016/j.bone.2009.08.053"

    [parameter.koutL]
    meaning = "loss of free RANKL"
    value = 0.00293273
    unit = "1/h"
    source = "peterson-riggs-2010"
    mark = "transcribed"
    range = [0.001, 0.01]          # optional: values that make sense when it is varied
    population = "..."             # optional: whom it describes; else the file's [about] population
    is_not = "..."                 # optional: the misuse that it invites

    [alternative.healthy-men]      # optional: another set of the same publication
    source, mark, population       # as above
    values = { ka = 0.014 }        # parameters not named keep their card's value
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from bonecast.words import MARKS


@dataclass(frozen=True)
class Source:
    """Where a number was read: key, citation text, DOI or other locator."""

    key: str
    text: str
    doi: str = ""


@dataclass(frozen=True)
class Card:
    """One parameter: value and unit, with where it comes from and what it must not be taken for."""

    name: str
    meaning: str
    value: float
    unit: str
    source: str
    mark: str
    population: str
    range: tuple[float, float] | None = None
    is_not: str = ""


@dataclass(frozen=True)
class Alternative:
    """Another published set of the same model: the parameters that differ, and whom it describes."""

    name: str
    values: dict[str, float]
    source: str
    mark: str
    population: str


@dataclass(frozen=True)
class Deck:
    """All cards and sources of one model, with the alternative sets that its publication gives."""

    cards: dict[str, Card]
    sources: dict[str, Source]
    alternatives: dict[str, Alternative] = field(default_factory=dict)

    def values(self) -> dict[str, float]:
        """Name to value, in the order of the file."""
        return {name: card.value for name, card in self.cards.items()}


def read_deck(path: Path) -> Deck:
    """Read the cards of one model; one without unit, source or mark is refused (ValueError: our fault)."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    about = data.get("about", {})
    sources = {k: Source(k, v["text"], v.get("doi", "")) for k, v in data["source"].items()}
    cards = {}
    for name, row in data["parameter"].items():
        card = Card(
            name=name,
            meaning=row["meaning"],
            value=float(row["value"]),
            unit=row["unit"],
            source=row.get("source", about.get("source", "")),
            mark=row.get("mark", about.get("mark", "")),
            population=row.get("population", about.get("population", "")),
            range=tuple(row["range"]) if "range" in row else None,
            is_not=row.get("is_not", ""),
        )
        if card.source not in sources or card.mark not in MARKS or not card.unit or not card.population:
            raise ValueError(f"{path.name}, card {name}: source, mark, unit and population must all be given")
        if card.range and not card.range[0] <= card.value <= card.range[1]:
            raise ValueError(f"{path.name}, card {name}: the value lies outside its own range")
        cards[name] = card
    alternatives = {}
    for name, row in data.get("alternative", {}).items():
        if row["source"] not in sources or row["mark"] not in MARKS or not set(row["values"]) <= set(cards):
            raise ValueError(f"{path.name}, alternative {name}: source, mark and parameters must be known")
        alternatives[name] = Alternative(name, row["values"], row["source"], row["mark"], row["population"])
    return Deck(cards, sources, alternatives)
