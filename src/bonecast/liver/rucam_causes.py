"""Item 5 of RUCAM: the other causes, and which of them were ruled out."""

from __future__ import annotations

from collections.abc import Mapping

from bonecast.liver.case import CAUSES_I, CAUSES_II, Ruling
from bonecast.liver.rucam import Answer
from bonecast.liver.rucam_form import form

ENOUGH = 5  # of the seven causes of group I, for no point to be lost


def other_causes(rulings: Mapping[str, Ruling]) -> Answer:
    """Which choice is it at item 5?

    All twelve ruled out 2, all seven of group I 1, five or six 0, fewer -2; one that is highly probable -3.
    What is not stated counts as not ruled out, and stays open in the range. Source: RUCAM 2016. [transcribed]

    >>> other_causes(dict.fromkeys(CAUSES_I, "excluded")).choice.code
    'X5_I7'
    """
    chosen = _code(rulings)
    unknown = [cause for cause in (*CAUSES_I, *CAUSES_II) if cause not in rulings]
    counted = sum(rulings.get(cause) == "excluded" for cause in CAUSES_I)
    also = sum(rulings.get(cause) == "excluded" for cause in CAUSES_II)
    why = f"{counted} of {len(CAUSES_I)} of group I and {also} of {len(CAUSES_II)} of group II ruled out"
    probable = [cause for cause, ruling in rulings.items() if ruling == "probable"]
    if probable:
        return Answer(form()[chosen], f"{', '.join(probable)} highly probable")
    if not unknown:
        return Answer(form()[chosen], why)
    best = _code({**rulings, **dict.fromkeys(unknown, "excluded")})
    order = ("X5_LT5", "X5_I56", "X5_I7", "X5_ALL")
    between = order[order.index(chosen) : order.index(best) + 1]
    assumed = f"not stated, counted as not ruled out: {', '.join(unknown)}"
    return Answer(form()[chosen], why, assumed, ("X5_PROB", *between))


def _code(rulings: Mapping[str, Ruling]) -> str:
    if "probable" in rulings.values():
        return "X5_PROB"
    first = sum(rulings.get(cause) == "excluded" for cause in CAUSES_I)
    second = all(rulings.get(cause) == "excluded" for cause in CAUSES_II)
    if first == len(CAUSES_I):
        return "X5_ALL" if second else "X5_I7"
    return "X5_I56" if first >= ENOUGH else "X5_LT5"
