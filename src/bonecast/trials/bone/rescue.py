"""Rescue: a condition on a person's readings that, once true at a visit, puts the person on another plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import rule_engine

from bonecast.errors import InputError, UnknownName, printable

Row = Mapping[str, float]
CHANGE = "_pct_change"  # after the name of a quantity: its change in % since the first visit


@dataclass(frozen=True)
class Condition:
    """A condition on readings, and the names that it asks for."""

    text: str
    names: tuple[str, ...]
    _asked: Callable[[Row], bool]

    def holds(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Of whom is it true? values : name to a value per person; who lacks one of them is not judged.

        >>> asked = condition("TH_BMD_pct_change < -7", ("TH_BMD", "TH_BMD_pct_change"), "rescue")
        >>> asked.holds({"TH_BMD_pct_change": np.array([-8.0, -1.0, np.nan])}).tolist()
        [True, False, False]
        """
        columns = [np.asarray(values[name], np.float64) for name in self.names]
        known = np.isfinite(np.sum(columns, axis=0))
        held = np.zeros(len(known), bool)
        for i in np.flatnonzero(known):
            held[i] = self._asked({name: float(c[i]) for name, c in zip(self.names, columns, strict=True)})
        return held


@cache
def condition(text: str, known: tuple[str, ...], place: str) -> Condition:
    """What does this text ask? Numbers only, by these names. Raises UnknownName or InputError."""
    context = rule_engine.Context(
        type_resolver=rule_engine.type_resolver_from_dict(dict.fromkeys(known, rule_engine.DataType.FLOAT))
    )
    try:
        rule = rule_engine.Rule(text, context=context)
    except rule_engine.SymbolResolutionError as error:
        raise UnknownName(place, "reading", error.symbol_name, known) from None
    except rule_engine.EngineError as error:
        cause = f"'{printable(text, 60)}' cannot be read ({error.message})"
        raise InputError(place, cause, "write a comparison, such as TH_BMD_pct_change < -7") from None
    return Condition(text, tuple(sorted(context.symbols)), rule.matches)


def readable(quantities: Iterable[str]) -> tuple[str, ...]:
    """The names that a condition may ask for where these quantities are read."""
    return tuple(name for q in quantities for name in (q, q + CHANGE))
