"""Rescue: a condition on a person's readings that, once true at a visit, puts the person on another plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from bonecast.core import Condition, Symbol, Vocabulary, names_in, read_condition

CHANGE = "_pct_change"  # after the name of a quantity: its change in % since the first visit


@cache
def condition(text: str, quantities: tuple[str, ...], place: str) -> Condition:
    """The condition that this text states of the readings of these quantities, and of their change."""
    names = [name for quantity in quantities for name in (quantity, quantity + CHANGE)]
    symbols = {name: Symbol(name, "number", label=name) for name in names}
    example = "TH_BMD_pct_change < -7"
    return read_condition(text, place, Vocabulary("reading", symbols, example, arithmetic=True))


def meets(asked: Condition, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Of whom is it true? values : name to a value per person; who lacks one that it asks for is not judged.

    >>> asked = condition("TH_BMD_pct_change < -7", ("TH_BMD",), "rescue")
    >>> meets(asked, {"TH_BMD_pct_change": np.array([-8.0, -1.0, np.nan])}).tolist()
    [True, False, False]
    """
    known = np.all([np.isfinite(values[name]) for name in names_in(asked)], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known & asked.holds(values)
