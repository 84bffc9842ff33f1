"""The updated RUCAM of 2016: from a choice at each item to total, band, and the range over unknown items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from bonecast.core import gettext
from bonecast.liver.case import ITEMS, Convention, Counting, InjuryType, LiverCase
from bonecast.liver.livertox import hepatotoxicity_record
from bonecast.liver.rucam_items import (
    Answer,
    LabSeries,
    choices,
    competing_causes,
    concomitant_drugs,
    dechallenge,
    find_choice,
    hepatotoxicity,
    latency,
    rechallenge_answer,
    risk_factors,
)
from bonecast.liver.thresholds import limit

VERSION = "updated RUCAM 2016 (Danan & Teschke)"  # the older CIOMS form has other causes and other points
NEEDED = tuple(item for item in ITEMS if item != "3p")  # pregnancy is asked on one form only
PATTERN: dict[Convention, str] = {"rucam-2016": "pattern_2016", "livertox": "pattern_livertox"}


@dataclass(frozen=True)
class Rucam:
    """The score of one case.

    Parameters
    ----------
    injury_type : InjuryType
        Which of the two forms was used.
    answers : tuple of Answer
        The choice at each item, in the order of the form.
    counting : Counting
        How alcohol and pregnancy were counted.
    total : int or None
        Sum of points; None where the drug is unrelated by time.
    band : str
        The causality grade in words.
    low, high : int or None
        Range of the total over everything that is not known.
    """

    injury_type: InjuryType
    answers: tuple[Answer, ...]
    counting: Counting
    total: int | None
    band: str
    low: int | None
    high: int | None

    def items(self) -> list[tuple[str, str, str, str]]:
        """Each item in words: its title, points, the text of the choice, the reason and what was assumed."""
        return [
            (
                f"{a.choice.item} {a.choice.title}",
                "" if a.choice.points is None else str(a.choice.points),
                a.choice.text,
                "; ".join(filter(None, [a.why, a.assumed and f"assumed: {a.assumed}"])),
            )
            for a in self.answers
        ]

    def to_dict(self) -> dict[str, Any]:
        """The score as JSON takes it: every choice with text, points, mark and source, and what was assumed."""
        return {
            "version": VERSION,
            "injury": self.injury_type,
            "alcohol_and_pregnancy": self.counting,
            "total": self.total,
            "band": self.band,
            "range": [self.low, self.high],
            "items": [
                {**asdict(a.choice), "why": a.why, "assumed": a.assumed, "possible": list(a.possible)}
                for a in self.answers
            ],
        }


def band(total: int) -> str:
    """Name the causality grade of a total: <=0 excluded, 1-2 unlikely, 3-5 possible, 6-8 probable, >=9 highly probable.

    One public re-implementation begins "highly probable" at 8: it is wrong. [published]

    Parameters
    ----------
    total : int
        The sum of points.

    Returns
    -------
    The grade in words.

    Examples
    --------
    >>> [band(total) for total in (0, 1, 3, 6, 8, 9)]
    ['excluded', 'unlikely', 'possible', 'probable', 'probable', 'highly probable']
    """
    tops = ((0, "excluded"), (2, "unlikely"), (5, "possible"), (8, "probable"))
    return next((name for top, name in tops if total <= top), "highly probable")


def score(injury_type: InjuryType, answers: Sequence[Answer], counting: Counting = "either") -> Rucam:
    """Add up the answers.

    Source: RUCAM 2016; ranges -9 to 14, and -7 to 13 (14 apart). [published; cholestatic range derived]

    Parameters
    ----------
    injury_type : InjuryType
        Which form.
    answers : sequence of Answer
        One answer for each item; where an item has none the sum is a subtotal.
    counting : Counting
        On the cholestatic form alcohol and pregnancy share one point with "either" (LiverTox worksheet) and count one
        each with "apart" (list of 2016).

    Returns
    -------
    The score with its range over unknown items.

    Raises
    ------
    ValueError
        Two answers at one item, or an answer of the other form.

    Examples
    --------
    >>> codes = "H1_START_5_90 H2_30D A3_NONE G3_LT55 K4_NONE X5_ALL N6_LABEL H7_OTHER".split()
    >>> from bonecast.liver import form
    >>> result = score("hepatocellular", [Answer(form()[code]) for code in codes])
    >>> result.total, result.band
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
    ends = [{item: _end(answer, pick) for item, answer in by_item.items()} for pick in (min, max)]
    low, high = (_sum(end, counting) for end in ends)
    complete = all(item in by_item for item in NEEDED)
    return Rucam(injury_type, ordered, counting, total, band(total) if complete else "subtotal", low, high)


def score_range(injury_type: InjuryType, counting: Counting = "either") -> tuple[int, int]:
    """The lowest and the highest total that the form can give.

    >>> score_range("hepatocellular"), score_range("cholestatic_mixed"), score_range("cholestatic_mixed", "apart")
    ((-9, 14), (-7, 13), (-7, 14))
    """
    known = {item: [c.points for c in choices(item, injury_type) if c.points is not None] for item in ITEMS}
    ends = [{item: pick(points) for item, points in known.items() if points} for pick in (min, max)]
    return _sum(ends[0], counting), _sum(ends[1], counting)


def score_case(case: LiverCase, measured: Mapping[str, Any], values: pl.DataFrame) -> Rucam | str:
    """Score a case: each item from doses, values and statements; or the reason why there is no score.

    `measured` is the row of `measure` for this case, `values` what `check_values` gave.
    """
    if case.suspect is None:
        return gettext("no drug is named")
    onset = case.facts.onset or _onset(measured)
    if onset is None:
        return gettext("no raised value and no onset is stated")
    pattern = measured[PATTERN[case.options.convention]]
    if case.rucam.injury is None and pattern is None:
        return gettext("the type of injury is unknown: it takes ALT and ALP of the onset, or a statement")
    by_r: InjuryType = "hepatocellular" if pattern == "hepatocellular" else "cholestatic_mixed"
    injury = case.rucam.injury or by_r
    enzyme = _series(values, "ALT" if injury == "hepatocellular" else "ALP", onset)
    answers = {
        "1": latency(onset, case.suspect_uses, _slow(case), injury),
        "2": _dechallenge(case, measured, values, injury, onset),
        **{answer.choice.item: answer for answer in risk_factors(case, injury)},
        "4": concomitant_drugs(case),
        "5": competing_causes(case.rucam.causes),
        "6": hepatotoxicity(case),
        "7": rechallenge_answer(enzyme, case.rechallenge, injury),
    }
    for item, code in case.rucam.codes.items():
        choice = find_choice(code, item, injury, f"case {case.id}, rucam, codes, {item}")
        answers[item] = Answer(choice, gettext("chosen by hand"))
    return score(injury, [*answers.values()], case.options.counting)


def causes_excluded(rucam: Rucam | None) -> bool | None:
    """Step 3 of Hy's law: whether all other causes were ruled out. False where one is probable, else unknown."""
    codes = {answer.choice.code for answer in rucam.answers} if rucam is not None else set()
    return True if "X5_ALL" in codes else False if "X5_PROB" in codes else None


def _sum(points: Mapping[str, int | None], counting: Counting) -> int:
    counted = {item: value or 0 for item, value in points.items()}
    if counting == "either":
        shared = max(counted.pop("3a", 0), counted.pop("3p", 0))
        return sum(counted.values()) + shared
    return sum(counted.values())


def _end(answer: Answer, pick: Callable[[Iterable[int]], int]) -> int:
    return pick(choice.points for choice in answer.open if choice.points is not None)


def _onset(measured: Mapping[str, Any]) -> dt.date | None:
    return measured["onset"].date() if measured["onset_by"] in ("case", "raised") else None


def _slow(case: LiverCase) -> bool:
    record = hepatotoxicity_record(case.suspect)
    return record is not None and record.slow


def _dechallenge(
    case: LiverCase, measured: Mapping[str, Any], values: pl.DataFrame, injury: InjuryType, onset: dt.date
) -> Answer:
    """Item 2 from the values; a drug that acts for months goes on until its effect ends."""
    last = case.suspect_uses[-1]
    why, stop = "", last.end
    if _slow(case) and not case.options.score_recovery:
        stop = last.start + dt.timedelta(days=limit("effect_d"))
        latest = max(value.at.date() for value in case.values)
        if latest <= stop:
            days = round(limit("effect_d"))
            why = gettext(
                "{suspect} acts until about {stop}, {days} d after {start}: continued",
                suspect=case.suspect,
                stop=stop,
                days=days,
                start=last.start,
            )
            stop = None
    return dechallenge(_falling(measured, values, injury, onset), stop, injury, why)


def _falling(
    measured: Mapping[str, Any], values: pl.DataFrame, injury: InjuryType, onset: dt.date
) -> LabSeries | None:
    """ALT; on the other form ALP where it is the liver's, else bilirubin: an ALP of bone falls with denosumab."""
    if injury == "hepatocellular":
        return _series(values, "ALT", onset)
    alp = _series(values, "ALP", onset)
    of_liver = measured["case_alp"] is True or measured["bone_alp"] is not True
    raised = alp is not None and max(alp.x) > limit("raised")
    return alp if of_liver and raised else _series(values, "bilirubin", onset)


def _series(values: pl.DataFrame, test: str, onset: dt.date) -> LabSeries | None:
    since = pl.col("at") >= dt.datetime.combine(onset, dt.time())
    rows = values.filter((pl.col("test") == test) & since).sort("at")
    return LabSeries(test, tuple(rows["at"]), tuple(rows["x"])) if rows.height else None
