"""A case: what is known of a person and of the planned act on one day, each fact with its date and origin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bonecast.care.derived import with_derived
from bonecast.care.variables import Value


@dataclass(frozen=True)
class Known:
    """One fact, with its date and origin.

    Parameters
    ----------
    value : bool, float or str
        Value, in the unit of its variable.
    date : date, optional
        Day on which it was true; None where it has none.
    origin : str
        Where it comes from, such as "record", "given" or "worked out".
    others : tuple of float
        Values of the same day that contradict it; `value` is the worst of them.
    same_day : tuple of float
        All values of that day, where there are several and which is the worse depends on the act.
    """

    value: Value
    date: dt.date | None = None
    origin: str = "given"
    others: tuple[float, ...] = ()
    same_day: tuple[float, ...] = ()


@dataclass(frozen=True)
class CareCase:
    """The facts that the rules are checked against, on the day of the planned act.

    Parameters
    ----------
    facts : mapping of str to Known
        Fact by variable.
    on : date
        Day of the planned act.

    Examples
    --------
    >>> case = CareCase({"planned_action": Known("start_60")}, dt.date(2026, 9, 15))
    >>> case.values["starting"]
    True
    """

    facts: Mapping[str, Known]
    on: dt.date

    def __repr__(self) -> str:
        return f"<Case: {len(self.facts)} facts>"

    @cached_property
    def values(self) -> dict[str, Value]:
        """Every value by name, with what follows from them."""
        return with_derived({name: known.value for name, known in self.facts.items()})

    def known(self, name: str) -> Known | None:
        """The fact of this name; those worked out say so; None where it is missing."""
        if name in self.facts:
            return self.facts[name]
        return Known(self.values[name], None, "worked out") if name in self.values else None

    def age_days(self, name: str) -> int | None:
        """How many days before the planned act was this fact true? None where it has no date."""
        known = self.facts.get(name)
        return (self.on - known.date).days if known and known.date else None

    def under(self, jurisdiction: str) -> CareCase:
        """The same case in another jurisdiction."""
        chosen = replace(self.facts["jurisdiction"], value=jurisdiction)
        return CareCase({**self.facts, "jurisdiction": chosen}, self.on)
