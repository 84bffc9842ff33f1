"""The items of the updated RUCAM of 2016: the form, and the choice at each item from the data of a case.

Source of all items: Danan & Teschke 2016; each choice has its own mark and source in `rucam.csv`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import gettext, rows
from bonecast.errors import InputError, UnknownName
from bonecast.liver.case import (
    CAUSES_I,
    CAUSES_II,
    Cause,
    DrugUse,
    InjuryType,
    LiverCase,
    Rechallenge,
    Ruling,
)
from bonecast.liver.livertox import hepatotoxicity_record
from bonecast.liver.thresholds import limit

CO_DRUGS = {
    "none": "K4_NONE",
    "incompatible": "K4_INCOMP",
    "compatible": "K4_COMP",
    "hepatotoxin": "K4_HEPTOX",
    "proven": "K4_PROVEN",
}
HEPATOTOXICITY = {"labelled": "N6_LABEL", "published": "N6_PUBL", "unknown": "N6_UNKN"}
ENOUGH_CAUSES = 5  # of the seven causes of group I, for no point to be lost


@dataclass(frozen=True)
class RucamChoice:
    """One line of the form.

    Parameters
    ----------
    item : str
        Number of the item, "1" to "7" with "3a", "3p" and "3b".
    title : str
        Name of the item.
    injury_type : str
        The form that it belongs to, or "both".
    code : str
        Short name of the choice.
    text : str
        The criterion in words.
    points : int or None
        The score; None where the choice ends the scoring ("unrelated").
    mark, source : str
        Provenance.
    """

    item: str
    title: str
    injury_type: str
    code: str
    text: str
    points: int | None
    mark: str
    source: str


@dataclass(frozen=True)
class Answer:
    """The choice at one item.

    Parameters
    ----------
    choice : RucamChoice
        The choice made.
    why : str
        The reason, from the data.
    assumed : str
        What was taken for something unknown; empty where it is known.
    possible : tuple of str
        Codes that what is known leaves open, the chosen one among them.
    """

    choice: RucamChoice
    why: str = ""
    assumed: str = ""
    possible: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[RucamChoice, ...]:
        """The choices that are still possible."""
        return tuple(form()[code] for code in self.possible) or (self.choice,)


@dataclass(frozen=True)
class LabSeries:
    """Values of one test in multiples of the upper limit, by time, from the onset."""

    test: str
    at: tuple[dt.datetime, ...]
    x: tuple[float, ...]


@cache
def form() -> dict[str, RucamChoice]:
    """Read the form.

    Returns
    -------
    Every choice, by its code.

    Examples
    --------
    >>> form()["H2_8D"].points, form()["H1_UNRELATED"].points
    (3, None)
    """
    return {
        row["code"]: RucamChoice(
            item=row["item"],
            title=row["title"],
            injury_type=row["injury_type"],
            code=row["code"],
            text=row["criterion"],
            points=None if row["points"] == "NA" else int(row["points"]),
            mark=row["mark"],
            source=row["source"],
        )
        for row in rows(files("bonecast.liver") / "rucam.csv", dict)
        if row["item"] != "band"
    }


def choices(item: str, injury_type: InjuryType) -> tuple[RucamChoice, ...]:
    """List the choices of one item.

    Parameters
    ----------
    item : str
        Number of the item.
    injury_type : InjuryType
        Which form.

    Returns
    -------
    The choices; none for pregnancy on the hepatocellular form.

    Examples
    --------
    >>> [one.code for one in choices("3b", "hepatocellular")]
    ['G3_GE55', 'G3_LT55']
    """
    return tuple(c for c in form().values() if c.item == item and c.injury_type in (injury_type, "both"))


def find_choice(code: str, item: str, injury_type: InjuryType, place: str) -> RucamChoice:
    """Find a choice by its code.

    Parameters
    ----------
    code : str
        Short name of the choice.
    item, injury_type : str
        The item and the form that it must belong to.
    place : str
        Where the code stands, for the error message.

    Returns
    -------
    The choice.

    Raises
    ------
    UnknownName
        No choice has this code.
    InputError
        The choice belongs to another item or form.

    Examples
    --------
    >>> find_choice("H2_8D", "2", "hepatocellular", "case").points
    3
    """
    known = [one.code for one in choices(item, injury_type)]
    if code not in form():
        raise UnknownName(place, "RUCAM code", code, known or [*form()])
    if code not in known:
        cause = f"{code} is no choice of item {item} on the {injury_type.replace('_', ' or ')} form"
        raise InputError(place, cause, f"write one of {', '.join(known)}" if known else "leave it empty")
    return form()[code]


def latency(onset: dt.date, uses: Sequence[DrugUse], slow: bool, injury: InjuryType) -> Answer:
    """Item 1: time to onset from the start of the drug, or from its stop.

    From the first start 5 to 90 days give 2, others 1. From a later start (re-exposure) it is 1 to 15 days on
    the hepatocellular form and 1 to 90 on the other. After the stop, 15 (30) days give 1 and more exclude,
    but for a slowly eliminated drug. Each injection of a `slow` drug is a start, and it has no stop window.
    Source: RUCAM 2016 [published]; injections of slow drugs [assumption].

    >>> first = DrugUse(drug="denosumab", amount="60 mg", date=dt.date(2026, 1, 1))
    >>> latency(dt.date(2026, 2, 1), [first], True, "hepatocellular").choice.code
    'H1_START_5_90'
    """
    before = [use for use in uses if use.start <= onset]
    if not before:
        return _answer("1_UNRELATED", injury, gettext("onset {onset} before the first dose", onset=onset))
    last = before[-1]
    hepatocellular = injury == "hepatocellular"
    if not slow and last.end is not None and onset > last.end:
        days = (onset - last.end).days
        if days <= limit(f"stop_window_{'hepatocellular' if hepatocellular else 'cholestatic'}_d"):
            return _answer("1_STOP", injury, gettext("{days} d after the stop", days=days))
        return _answer(
            "1_UNRELATED", injury, gettext("{days} d after the stop, normally eliminated drug", days=days)
        )
    days = (onset - last.start).days
    if len(before) == 1:
        low, high, which = limit("onset_from_d"), limit("onset_to_d"), gettext("the first dose")
    else:
        low = limit("onset_rechallenge_from_d")
        high = limit("onset_rechallenge_to_d" if hepatocellular else "onset_to_d")
        which = gettext("dose {count}, by the window of a re-exposure", count=len(before))
    assumed = gettext("slowly eliminated: no stop window, each injection a start") if slow else ""
    end = "1_START_5_90" if low <= days <= high else "1_START_OTHER"
    return _answer(end, injury, f"{days} d after {which}", assumed)


def dechallenge(
    series: LabSeries | None, stop: dt.date | None, injury: InjuryType, why_none: str = ""
) -> Answer:
    """Item 2: course of the values after the drug has stopped acting (`stop`; None while it goes on).

    Fraction fallen = (peak - value) / (peak - 1), in multiples, after the peak or the stop, whichever is later.
    Hepatocellular: half within 8 d 3, within 30 d 2, later 0; less than half after day 30, or half and then
    back above it, -2. Other form: half within 180 d 2, less 1. Without a stop, or values after it, 0.
    Source: RUCAM 2016. [published; "back above half" assumption]
    """
    if series is None or not series.x or max(series.x) <= limit("raised"):
        why = why_none or gettext("no raised value to follow")
        return _answer("2_NOINFO", injury, why, gettext("counted as no information"))
    if stop is None:
        return _answer("2_NOINFO", injury, why_none or gettext("the drug goes on"))
    peak = max(series.x)
    zero = max(series.at[series.x.index(peak)], dt.datetime.combine(stop, dt.time()))
    fallen = [
        ((at - zero) / dt.timedelta(days=1), (peak - x) / (peak - 1))
        for at, x in zip(series.at, series.x, strict=True)
        if at > zero
    ]
    if not fallen:
        ends = (
            ("8D", "30D", "NOINFO", "LATE", "POOR")
            if injury == "hepatocellular"
            else ("180D", "PART", "NOINFO")
        )
        why = gettext("no {test} after the stop and the peak", test=series.test)
        return _answer(
            "2_NOINFO", injury, why, gettext("counted as no information"), [f"2_{end}" for end in ends]
        )
    if injury == "hepatocellular":
        return _fall_of_alt(series.test, fallen)
    days = limit("dechallenge_cholestatic_d")
    best = max((fraction for day, fraction in fallen if day <= days), default=0.0)
    why = gettext(
        "{test} has fallen by {value:.0f} % within {days:.0f} d",
        test=series.test,
        value=100 * best,
        days=days,
    )
    end = "180D" if best >= limit("dechallenge_fraction") else "PART" if best > 0 else "NOINFO"
    return _answer(f"2_{end}", injury, why)


def _fall_of_alt(test: str, fallen: Sequence[tuple[float, float]]) -> Answer:
    """The fall of ALT, as (day, fraction): how soon by half, and whether it lasts."""
    half, slow = limit("dechallenge_fraction"), limit("dechallenge_slow_d")
    reached = next((day for day, fraction in fallen if fraction >= half), None)
    if reached is None:
        day, fraction = fallen[-1]
        why = gettext(
            "{test} has fallen by {value:.0f} % on day {day:.0f}", test=test, value=100 * fraction, day=day
        )
        if day > slow:
            return Answer(form()["H2_POOR"], why)
        return Answer(form()["H2_NOINFO"], why, gettext("too early to say: counted as no information"))
    if any(day > reached and fraction < half for day, fraction in fallen):
        return Answer(
            form()["H2_POOR"],
            gettext("{test} fell by half on day {reached:.0f} and rose again", test=test, reached=reached),
        )
    end = "8D" if reached <= limit("dechallenge_fast_d") else "30D" if reached <= slow else "LATE"
    return Answer(
        form()[f"H2_{end}"],
        gettext("{test} has fallen by half on day {reached:.0f}", test=test, reached=reached),
    )


def risk_factors(case: LiverCase, injury: InjuryType) -> list[Answer]:
    """Item 3: alcohol, pregnancy (cholestatic form only) and age. [published]"""
    return [_alcohol(case), *([_pregnancy(case)] if injury == "cholestatic_mixed" else []), _age(case)]


def _alcohol(case: LiverCase) -> Answer:
    drinks, women, men = case.rucam.drinks_per_day, limit("drinks_women"), limit("drinks_men")
    bound = {"female": women, "male": men}.get(case.person.sex or "")
    if drinks is not None and (bound is not None or drinks <= women or drinks > men):
        code = "A3_ALC" if drinks > (bound if bound is not None else men) else "A3_NONE"
        return Answer(form()[code], gettext("{drinks:g} drinks per day", drinks=drinks))
    what = (
        gettext("alcohol not stated")
        if drinks is None
        else gettext("{drinks:g} drinks per day, sex not stated", drinks=drinks)
    )
    return Answer(form()["A3_NONE"], what, gettext("counted as below the limit"), ("A3_ALC", "A3_NONE"))


def _pregnancy(case: LiverCase) -> Answer:
    if case.person.sex == "male":
        return Answer(form()["P3_NO"], "a man")
    pregnant = case.rucam.pregnant
    if pregnant is None:
        return Answer(
            form()["P3_NO"],
            gettext("pregnancy not stated"),
            gettext("counted as not pregnant"),
            ("P3_YES", "P3_NO"),
        )
    return Answer(form()["P3_YES" if pregnant else "P3_NO"], "stated")


def _age(case: LiverCase) -> Answer:
    age = case.person.age
    if age is None:
        return Answer(
            form()["G3_LT55"],
            gettext("age not stated"),
            gettext("counted as below 55"),
            ("G3_GE55", "G3_LT55"),
        )
    return Answer(form()["G3_GE55" if age >= limit("age_years") else "G3_LT55"], f"{age:g} years")


def concomitant_drugs(case: LiverCase) -> Answer:
    """Item 4: what the clinician judged; the doses on file are named, never judged here."""
    others = sorted({use.drug for use in case.doses} - {case.suspect})
    named = f"taken: {', '.join(others)}" if others else gettext("none on file")
    judged = case.rucam.co_drug
    if judged is not None:
        return Answer(form()[CO_DRUGS[judged]], f"judged {judged}; {named}")
    assumed = gettext("not judged, counted as none or no information")
    return Answer(form()["K4_NONE"], named, assumed, tuple(CO_DRUGS.values()))


def competing_causes(rulings: Mapping[Cause, Ruling]) -> Answer:
    """Item 5: the competing causes, and which of them were ruled out.

    All twelve ruled out 2, all seven of group I 1, five or six 0, fewer -2; one that is highly probable -3.
    What is not stated counts as not ruled out, and stays open in the range. Source: RUCAM 2016. [transcribed]

    >>> competing_causes(dict.fromkeys(CAUSES_I, "excluded")).choice.code
    'X5_I7'
    """
    probable = [cause for cause, ruling in rulings.items() if ruling == "probable"]
    if probable:
        return Answer(form()["X5_PROB"], gettext("{names} highly probable", names=", ".join(probable)))
    excluded = {cause for cause, ruling in rulings.items() if ruling == "excluded"}
    code = _causes_code(excluded)
    first, second = len(excluded & {*CAUSES_I}), len(excluded & {*CAUSES_II})
    why = gettext(
        "{first} of {count} of group I and {second} of {count_2} of group II ruled out",
        first=first,
        count=len(CAUSES_I),
        second=second,
        count_2=len(CAUSES_II),
    )
    unknown = [cause for cause in (*CAUSES_I, *CAUSES_II) if cause not in rulings]
    if not unknown:
        return Answer(form()[code], why)
    order = ("X5_LT5", "X5_I56", "X5_I7", "X5_ALL")
    best = _causes_code({*excluded, *unknown})
    between = order[order.index(code) : order.index(best) + 1]
    assumed = gettext("not stated, counted as not ruled out: {names}", names=", ".join(unknown))
    return Answer(form()[code], why, assumed, ("X5_PROB", *between))


def _causes_code(excluded: Set[str]) -> str:
    first = len(excluded & {*CAUSES_I})
    if first == len(CAUSES_I):
        return "X5_ALL" if excluded >= {*CAUSES_II} else "X5_I7"
    return "X5_I56" if first >= ENOUGH_CAUSES else "X5_LT5"


def hepatotoxicity(case: LiverCase) -> Answer:
    """Item 6: previous reports of the drug: stated, on file, or unknown. [transcribed]"""
    if case.drug is not None and case.drug.hepatotoxicity is not None:
        return Answer(form()[HEPATOTOXICITY[case.drug.hepatotoxicity]], "stated")
    suspect = hepatotoxicity_record(case.suspect)
    if suspect is not None:
        return Answer(form()[HEPATOTOXICITY[suspect.hepatotoxicity]], suspect.hepatotoxicity_why)
    return Answer(
        form()["N6_UNKN"],
        gettext("not stated"),
        gettext("counted as unknown"),
        tuple(HEPATOTOXICITY.values()),
    )


def rechallenge_answer(series: LabSeries | None, again: Rechallenge | None, injury: InjuryType) -> Answer:
    """Item 7: what an unintended second exposure did.

    The last value before the second exposure and the highest after it: doubled, from below 5 x ULN of ALT
    (2 x of ALP), 3 with the drug alone and 1 with the same drugs as at first; a rise that stays below the upper
    limit -2; all else 0. Source: RUCAM 2016. [transcribed]

    >>> days = tuple(dt.datetime(2026, month, 1) for month in (1, 3, 5))
    >>> alt, again = LabSeries("ALT", days, (20.0, 1.5, 9.0)), Rechallenge(date="2026-04-01", conditions="alone")
    >>> rechallenge_answer(alt, again, "hepatocellular").choice.points
    3
    """
    if again is None:
        return _answer("7_OTHER", injury, gettext("no second exposure stated"))
    midnight = dt.datetime.combine(again.date, dt.time())
    pairs = list(zip(series.at, series.x, strict=True)) if series is not None else []
    before, after = [x for at, x in pairs if at < midnight], [x for at, x in pairs if at >= midnight]
    if series is None or not before or not after:
        every = ("7_ALONE", "7_COMBI", "7_NEG", "7_OTHER")
        why = gettext("no value before or after the second exposure")
        return _answer("7_OTHER", injury, why, gettext("counted as other"), every)
    low, high = before[-1], max(after)
    why = gettext(
        "{test} {low:.3g} x ULN before, {high:.3g} x ULN after {date}",
        test=series.test,
        low=low,
        high=high,
        date=again.date,
    )
    if again.conditions == "other":
        return _answer("7_OTHER", injury, gettext("{why}; under other conditions", why=why))
    if low < high <= limit("raised"):
        return _answer("7_NEG", injury, why)
    bound = limit("rechallenge_alt" if injury == "hepatocellular" else "rechallenge_alp")
    if high < limit("rechallenge_factor") * low or low >= bound:
        return _answer("7_OTHER", injury, why)
    if again.conditions is None:
        assumed = gettext("alone or with which drugs not stated, counted as other")
        return _answer("7_OTHER", injury, why, assumed, ("7_ALONE", "7_COMBI", "7_OTHER"))
    return _answer("7_ALONE" if again.conditions == "alone" else "7_COMBI", injury, why)


def _answer(
    code: str, injury: InjuryType, why: str, assumed: str = "", possible: Sequence[str] = ()
) -> Answer:
    """An answer on one of the two forms, whose codes begin with H and C."""
    letter = "H" if injury == "hepatocellular" else "C"
    return Answer(form()[letter + code], why, assumed, tuple(letter + one for one in possible))
