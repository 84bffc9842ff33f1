"""Item 2 of RUCAM: how the values fall once the drug has stopped acting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bonecast.liver.rucam import Answer
from bonecast.liver.rucam_form import InjuryType, form
from bonecast.liver.threshold import limit


@dataclass(frozen=True)
class Curve:
    """Values of one test in multiples of the upper limit, by time, from the onset."""

    test: str
    at: tuple[dt.datetime, ...]
    x: tuple[float, ...]


def course(curve: Curve | None, stop: dt.date | None, injury: InjuryType, why_none: str = "") -> Answer:
    """Which choice is it at item 2?

    Fraction fallen = (peak - value) / (peak - 1), in multiples, after the peak or the stop, whichever is later.
    Hepatocellular: half within 8 d 3, within 30 d 2, later 0; less than half after day 30, or half and then
    back above it, -2. Other form: half within 180 d 2, less 1. Without a stop, or values after it, 0.
    `stop` is None while the drug goes on. Source: RUCAM 2016. [published; "back above half" assumption]
    """
    letter = "H" if injury == "hepatocellular" else "C"

    def answer(end: str, why: str, assumed: str = "") -> Answer:
        return Answer(form()[f"{letter}2_{end}"], why, assumed)

    if curve is None or not curve.x or max(curve.x) <= limit("raised"):
        return answer("NOINFO", why_none or "no raised value to follow", "counted as no information")
    if stop is None:
        return answer("NOINFO", why_none or "the drug goes on")
    peak = max(curve.x)
    zero = max(curve.at[curve.x.index(peak)], dt.datetime.combine(stop, dt.time()))
    fallen = [
        ((at - zero) / dt.timedelta(days=1), (peak - x) / (peak - 1))
        for at, x in zip(curve.at, curve.x, strict=True)
        if at > zero
    ]
    if not fallen:
        possible = tuple(c for c in form() if c.startswith(f"{letter}2_"))
        made = answer("NOINFO", f"no {curve.test} after the stop and the peak", "counted as no information")
        return Answer(made.choice, made.why, made.assumed, possible)
    return _hepatocellular(curve, fallen, answer) if letter == "H" else _cholestatic(curve, fallen, answer)


def _hepatocellular(curve: Curve, fallen: Sequence[tuple[float, float]], answer) -> Answer:
    half = limit("fall_fraction")
    reached = next((day for day, fraction in fallen if fraction >= half), None)
    if reached is None:
        late = fallen[-1][0] > limit("fall_slow_d")
        why = f"{curve.test} has fallen by {100 * fallen[-1][1]:.0f} % on day {fallen[-1][0]:.0f}"
        return (
            answer("POOR", why)
            if late
            else answer("NOINFO", why, "too early to say: counted as no information")
        )
    if any(day > reached and fraction < half for day, fraction in fallen):
        return answer("POOR", f"{curve.test} fell by half on day {reached:.0f} and rose again")
    end = "8D" if reached <= limit("fall_fast_d") else "30D" if reached <= limit("fall_slow_d") else "LATE"
    return answer(end, f"{curve.test} has fallen by half on day {reached:.0f}")


def _cholestatic(curve: Curve, fallen: Sequence[tuple[float, float]], answer) -> Answer:
    within = [(day, fraction) for day, fraction in fallen if day <= limit("fall_cholestatic_d")]
    best = max((fraction for _, fraction in within), default=0.0)
    why = f"{curve.test} has fallen by {100 * best:.0f} % within {limit('fall_cholestatic_d'):.0f} d"
    return answer("180D" if best >= limit("fall_fraction") else "PART" if best > 0 else "NOINFO", why)
