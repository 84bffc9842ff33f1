"""What an SBML file says, free of its level: quantities, rules, reactions and events with their mathematics."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from bonecast.interop.sbml.expressions import Expr

Kind = Literal["compartment", "species", "parameter", "stoichiometry", "local"]


@dataclass(frozen=True)
class SbmlQuantity:
    """A compartment, species, parameter or stoichiometry.

    value : at the start, NaN where none is given; of a species its amount, or its concentration.
    concentration : whether that value is a concentration.
    substance : whether the symbol of a species stands for its amount in formulas.
    """

    id: str
    kind: Kind
    value: float
    constant: bool
    unit: str = ""
    label: str = ""
    compartment: str = ""
    concentration: bool = False
    substance: bool = False
    boundary: bool = False
    factor: str = ""
    line: int = 0


@dataclass(frozen=True)
class SbmlReaction:
    """A reaction: its rate, and the change of each species for one extent. changes : (species, stoichiometry)."""

    id: str
    rate: Expr | None
    changes: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class SbmlEvent:
    """An event as SBML defines it."""

    id: str
    trigger: Expr
    initial: bool
    persistent: bool
    delay: Expr | None
    priority: Expr | None
    at_trigger: bool
    assignments: tuple[tuple[str, Expr], ...]
    line: int = 0


@dataclass(frozen=True)
class SbmlDescription:
    """A model as its file states it; functions are expanded.

    place : name of the file, for messages.
    delayed : the expressions that `delay` reads at an earlier time.
    """

    name: str
    place: str
    level: tuple[int, int]
    time_unit: str
    quantities: dict[str, SbmlQuantity]
    initial: dict[str, Expr] = field(default_factory=dict)
    assignments: dict[str, Expr] = field(default_factory=dict)
    rates: dict[str, Expr] = field(default_factory=dict)
    algebraic: tuple[tuple[Expr, int], ...] = ()
    reactions: dict[str, SbmlReaction] = field(default_factory=dict)
    events: tuple[SbmlEvent, ...] = ()
    delayed: tuple[Expr, ...] = ()
    notes: tuple[str, ...] = ()

    def of_kind(self, kind: Kind) -> list[SbmlQuantity]:
        """The quantities of one kind, in order."""
        return [q for q in self.quantities.values() if q.kind == kind]

    @property
    def reacting(self) -> set[str]:
        """The species that reactions change."""
        changed = {species for r in self.reactions.values() for species, _ in r.changes}
        return {s for s in changed if not self.quantities[s].boundary and not self.quantities[s].constant}


MISSING = math.nan
