"""Item 7 of RUCAM: what an unintended second exposure did."""

from __future__ import annotations

import datetime as dt

from bonecast.liver.rucam import Answer
from bonecast.liver.rucam_course import Curve
from bonecast.liver.rucam_form import InjuryType, form
from bonecast.liver.threshold import limit


def reexposure(
    curve: Curve | None, date: dt.date | None, conditions: str | None, injury: InjuryType
) -> Answer:
    """Which choice is it at item 7?

    The last value before the second exposure and the highest after it: doubled, from below 5 x ULN of ALT
    (2 x of ALP), 3 with the drug alone and 1 with the same drugs as at first; a rise that stays below the upper
    limit -2; all else 0. Source: RUCAM 2016. [transcribed]

    >>> days = tuple(dt.datetime(2026, month, 1) for month in (1, 3, 5))
    >>> alt = Curve("ALT", days, (20.0, 1.5, 9.0))
    >>> reexposure(alt, dt.date(2026, 4, 1), "alone", "hepatocellular").choice.points
    3
    """
    letter = "H" if injury == "hepatocellular" else "C"

    def answer(end: str, why: str, assumed: str = "", possible: tuple[str, ...] = ()) -> Answer:
        return Answer(
            form()[f"{letter}7_{end}"], why, assumed, tuple(f"{letter}7_{code}" for code in possible)
        )

    if date is None:
        return answer("OTHER", "no second exposure stated")
    every = ("ALONE", "COMBI", "NEG", "OTHER")
    midnight = dt.datetime.combine(date, dt.time())
    pairs = list(zip(curve.at, curve.x, strict=True)) if curve is not None else []
    before, after = [x for at, x in pairs if at < midnight], [x for at, x in pairs if at >= midnight]
    if curve is None or not before or not after:
        return answer("OTHER", "no value before or after the second exposure", "counted as other", every)
    low, high = before[-1], max(after)
    why = f"{curve.test} {low:.3g} x ULN before, {high:.3g} x ULN after {date}"
    if conditions == "other":
        return answer("OTHER", f"{why}; under other conditions")
    if low < high <= limit("raised"):
        return answer("NEG", why)
    doubled = high >= limit("again_factor") * low
    if not doubled or low >= limit("again_alt" if letter == "H" else "again_alp"):
        return answer("OTHER", why)
    if conditions is None:
        assumed = "alone or with which drugs not stated, counted as other"
        return answer("OTHER", why, assumed, ("ALONE", "COMBI", "OTHER"))
    return answer("ALONE" if conditions == "alone" else "COMBI", why)
