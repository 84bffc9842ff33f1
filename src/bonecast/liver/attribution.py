"""RUCAM for a whole case: each item answered from doses, values and statements, and added up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from bonecast.liver.case import LiverCase
from bonecast.liver.rucam import Answer, Rucam, score
from bonecast.liver.rucam_again import reexposure
from bonecast.liver.rucam_causes import other_causes
from bonecast.liver.rucam_course import Curve, course
from bonecast.liver.rucam_form import InjuryType, find_choice
from bonecast.liver.rucam_person import co_drug, known_hepatotoxicity, risk_answers
from bonecast.liver.rucam_time import Timing, time_to_onset
from bonecast.liver.suspect import find_suspect
from bonecast.liver.threshold import limit


def attribute(case: LiverCase, found: Mapping[str, Any], values: pl.DataFrame) -> tuple[Rucam | None, str]:
    """How likely did the drug cause this injury? The score, or None with the reason why there is none.

    `found` is the row of `measure` for this case, `values` what `admit` gave.
    """
    if case.suspect is None:
        return None, "no drug is named"
    onset = case.stated.onset or _onset(found)
    if onset is None:
        return None, "no raised value and no onset is stated"
    pattern = found["pattern_2016" if case.options.convention == "rucam-2016" else "pattern_livertox"]
    if case.stated.injury is None and pattern is None:
        return None, "the type of injury is unknown: it takes ALT and ALP of the onset, or a statement"
    by_r: InjuryType = "hepatocellular" if pattern == "hepatocellular" else "cholestatic_mixed"
    injury = case.stated.injury or by_r
    answers = {
        "1": time_to_onset(Timing(onset, case.suspect_uses, _slow(case)), injury),
        "2": _course(case, found, values, injury, onset),
        **{answer.choice.item: answer for answer in risk_answers(case, injury)},
        "4": co_drug(case),
        "5": other_causes(case.stated.causes),
        "6": known_hepatotoxicity(case),
        "7": reexposure(
            _curve(values, "ALT" if injury == "hepatocellular" else "ALP", onset),
            case.stated.reexposure,
            case.stated.conditions,
            injury,
        ),
    }
    for item, code in case.stated.codes.items():
        choice = find_choice(code, item, injury, f"case {case.id}, rucam, codes, {item}")
        answers[item] = Answer(choice, "chosen by hand")
    return score(injury, [*answers.values()], case.options.counting), ""


def causes_excluded(rucam: Rucam | None) -> bool | None:
    """Step 3 of Hy's law: were all other causes ruled out? False where one is probable, else unknown."""
    codes = {answer.choice.code for answer in rucam.answers} if rucam is not None else set()
    return True if "X5_ALL" in codes else False if "X5_PROB" in codes else None


def _onset(found: Mapping[str, Any]) -> dt.date | None:
    raised = found["onset_by"] in ("case", "raised")
    return found["onset"].date() if raised else None


def _slow(case: LiverCase) -> bool:
    suspect = find_suspect(case.suspect)
    return suspect is not None and suspect.slow


def _course(
    case: LiverCase, found: Mapping[str, Any], values: pl.DataFrame, injury: InjuryType, onset: dt.date
) -> Answer:
    """Item 2 from the values; a drug that acts for months goes on until its cover ends."""
    last = case.suspect_uses[-1]
    why, stop = "", last.end
    if _slow(case) and not case.options.score_recovery:
        stop = last.start + dt.timedelta(days=limit("cover_d"))
        latest = max(value.at.date() for value in case.values)
        if latest <= stop:
            why = f"{case.suspect} acts until about {stop}, {round(limit('cover_d'))} d after {last.start}: continued"
            stop = None
    return course(_followed(found, values, injury, onset), stop, injury, why)


def _followed(
    found: Mapping[str, Any], values: pl.DataFrame, injury: InjuryType, onset: dt.date
) -> Curve | None:
    """ALT; on the other form ALP where it is the liver's, else bilirubin: an ALP of bone falls with denosumab."""
    if injury == "hepatocellular":
        return _curve(values, "ALT", onset)
    alp = _curve(values, "ALP", onset)
    of_liver = found["case_alp"] is True or found["bone_alp"] is not True
    raised = alp is not None and max(alp.x) > limit("raised")
    return alp if of_liver and raised else _curve(values, "bilirubin", onset)


def _curve(values: pl.DataFrame, test: str, onset: dt.date) -> Curve | None:
    seen = values.filter((pl.col("test") == test) & (pl.col("at") >= dt.datetime.combine(onset, dt.time())))
    seen = seen.sort("at")
    return Curve(test, tuple(seen["at"]), tuple(seen["x"])) if seen.height else None
