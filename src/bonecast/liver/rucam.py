"""The updated RUCAM of 2016: from a choice at each item to total, band, and the range over unknown items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bonecast.liver.rucam_form import ITEMS, Choice, InjuryType, band, choices, form

VERSION = "updated RUCAM 2016 (Danan & Teschke)"  # the older CIOMS form has other causes and other points
Counting = Literal["either", "apart"]
COUNTINGS: tuple[Counting, ...] = ("either", "apart")
NEEDED = tuple(item for item in ITEMS if item != "3p")  # pregnancy is asked on one form only


@dataclass(frozen=True)
class Answer:
    """The choice at one item. `assumed` says what was taken for something unknown; empty where it is known.

    `possible` are the codes that what is known leaves open, the chosen one among them.
    """

    choice: Choice
    why: str = ""
    assumed: str = ""
    possible: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Choice, ...]:
        """The choices that are still possible."""
        return tuple(form()[code] for code in self.possible) or (self.choice,)


@dataclass(frozen=True)
class Rucam:
    """The score. `total` is None where the drug is unrelated by time; `low` and `high` run over unknown items."""

    injury_type: InjuryType
    answers: tuple[Answer, ...]
    counting: Counting
    total: int | None
    band: str
    low: int | None
    high: int | None


def score(injury_type: InjuryType, answers: Sequence[Answer], counting: Counting = "either") -> Rucam:
    """What do these answers come to?

    total = sum of points. On the cholestatic form alcohol and pregnancy share one point with
    `counting="either"` (LiverTox worksheet) and count one each with "apart" (list of 2016). Where an item has
    no answer the sum is a subtotal. One answer for each item; those of another type are a ValueError.
    Source: RUCAM 2016; ranges -9 to 14, and -7 to 13 (14 apart). [published; cholestatic range derived]

    >>> codes = "H1_START_5_90 H2_30D A3_NONE G3_LT55 K4_NONE X5_ALL N6_LABEL H7_OTHER".split()
    >>> made = score("hepatocellular", [Answer(form()[code]) for code in codes])
    >>> made.total, made.band
    (8, 'probable')
    """
    by_item = {answer.choice.item: answer for answer in answers}
    if len(by_item) < len(answers):
        raise ValueError("two answers at one item")
    if any(answer.choice.injury_type not in (injury_type, "both") for answer in answers):
        raise ValueError(f"an answer does not belong to the {injury_type} form")
    ordered = tuple(by_item[item] for item in ITEMS if item in by_item)
    points = {item: answer.choice.points for item, answer in by_item.items()}
    if points.get("1", 0) is None:
        return Rucam(injury_type, ordered, counting, None, "unrelated", None, None)
    total = _sum(points, counting)
    ends = [{i: _end(a, pick) for i, a in by_item.items()} for pick in (min, max)]
    low, high = (_sum(end, counting) for end in ends)
    complete = all(item in by_item for item in NEEDED)
    return Rucam(injury_type, ordered, counting, total, band(total) if complete else "subtotal", low, high)


def limits(injury_type: InjuryType, counting: Counting = "either") -> tuple[int, int]:
    """The lowest and the highest total that the form can give.

    >>> limits("hepatocellular"), limits("cholestatic_mixed"), limits("cholestatic_mixed", "apart")
    ((-9, 14), (-7, 13), (-7, 14))
    """
    known = {item: [c.points for c in choices(item, injury_type) if c.points is not None] for item in ITEMS}
    ends = [{item: pick(points) for item, points in known.items() if points} for pick in (min, max)]
    return _sum(ends[0], counting), _sum(ends[1], counting)


def _sum(points: Mapping[str, int | None], counting: Counting) -> int:
    counted = {item: value or 0 for item, value in points.items()}
    if counting == "either":
        shared = max(counted.pop("3a", 0), counted.pop("3p", 0))
        return sum(counted.values()) + shared
    return sum(counted.values())


def _end(answer: Answer, pick: Callable[[Iterable[int]], int]) -> int:
    return pick(choice.points for choice in answer.open if choice.points is not None)
