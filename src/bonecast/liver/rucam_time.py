"""Item 1 of RUCAM: the time from the start of the drug, or from its stop, to the onset."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.liver.case import DrugUse
from bonecast.liver.rucam import Answer
from bonecast.liver.rucam_form import InjuryType, form
from bonecast.liver.threshold import limit


@dataclass(frozen=True)
class Timing:
    """The onset among the uses of the drug. `injected`: each use is a dose that acts for months (`slow`)."""

    onset: dt.date
    uses: tuple[DrugUse, ...]
    slow: bool

    @property
    def before(self) -> tuple[DrugUse, ...]:
        """The uses that had begun by the onset."""
        return tuple(use for use in self.uses if use.start <= self.onset)


def time_to_onset(timing: Timing, injury: InjuryType) -> Answer:
    """Which choice is it at item 1?

    From the first start 5 to 90 days give 2, others 1. From a later start (re-exposure) it is 1 to 15 days on
    the hepatocellular form and 1 to 90 on the other. After the stop, 15 (30) days give 1 and more exclude,
    but for a slowly eliminated drug. Each injection of a slow drug is a start, and it has no stop window.
    Source: RUCAM 2016 [published]; injections of slow drugs [assumption].

    >>> first = DrugUse("denosumab", "60 mg", dt.date(2026, 1, 1), dt.date(2026, 1, 1))
    >>> time_to_onset(Timing(dt.date(2026, 2, 1), (first,), True), "hepatocellular").choice.code
    'H1_START_5_90'
    """
    letter = "H" if injury == "hepatocellular" else "C"

    def answer(end: str, why: str, assumed: str = "") -> Answer:
        return Answer(form()[f"{letter}1_{end}"], why, assumed)

    if not timing.before:
        return answer("UNRELATED", f"onset {timing.onset} before the first dose")
    last = timing.before[-1]
    if not timing.slow and last.end is not None and timing.onset > last.end:
        days = (timing.onset - last.end).days
        window = limit(f"stop_window_{'hepatocellular' if letter == 'H' else 'cholestatic'}_d")
        why = f"{days} d after the stop"
        return (
            answer("STOP", why) if days <= window else answer("UNRELATED", f"{why}, normally eliminated drug")
        )
    days = (timing.onset - last.start).days
    first = len(timing.before) == 1
    if first:
        low, high = limit("onset_from_d"), limit("onset_to_d")
    else:
        low = limit("onset_again_from_d")
        high = limit("onset_again_to_d") if letter == "H" else limit("onset_to_d")
    which = "the first dose" if first else f"dose {len(timing.before)}, by the window of a re-exposure"
    assumed = "slowly eliminated: no stop window, each injection a start" if timing.slow else ""
    end = "START_5_90" if low <= days <= high else "START_OTHER"
    return answer(end, f"{days} d after {which}", assumed)
