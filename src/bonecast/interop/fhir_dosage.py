"""How often a medicine is taken: the timing of a FHIR Dosage, its code or its words."""

from __future__ import annotations

import re

from bonecast.core import DAYS_IN
from bonecast.interop.fhir_resources import Dosage, Repeat, Timing

_SPANS = {"h": "hours", "d": "days", "wk": "weeks", "mo": "months", "a": "years"}
_IN_DAYS = {"hours": 1 / 24} | DAYS_IN
_WORD_SPANS = (
    (r"days?|tagen?|tage|d[ií]as?", "days"),
    (r"weeks?|wk|wks|wochen?|semanas?", "weeks"),
    (r"months?|mo|mon|monaten?|monate|mes(?:es)?", "months"),
    (r"years?|yr|jahren?|jahre|a[ñn]os?", "years"),
)
_NUMBERS = {
    "": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
    "other": 2,
    "sechs": 6,
    "seis": 6,
    "vier": 4,
}
_EVERY = re.compile(
    r"(?:every|each|q|alle|jede[nrs]?|cada)\.?\s*(?P<number>\d+|one|two|three|four|six|other|sechs|seis|vier)?\s*[- ]?(?:\(\w+\)\s*)?"  # noqa: E501
    r"(?P<span>[a-zíñ]+)"
)
_ADVERBS = (
    (r"daily|once a day|per day|täglich|diari[oa]|al d[ií]a|\bqd\b|every day", "1 days"),
    (r"weekly|once a week|wöchentlich|semanal", "1 weeks"),
    (r"monthly|once a month|monatlich|mensual", "1 months"),
    (r"half-?yearly|twice a year|halbjährlich|semestral|semi-?annual\w*|biannual\w*", "6 months"),
    (r"yearly|annual\w*|once a year|jährlich|anual", "1 years"),
)
_CODES = {
    "QD": "1 days",
    "AM": "1 days",
    "PM": "1 days",
    "BID": "0.5 days",
    "TID": "0.333333 days",
    "QOD": "2 days",
    "WK": "1 weeks",
    "MO": "1 months",
}


def interval_of(dosage: Dosage | None) -> str | None:
    """The interval as a record writes it, such as "6 months"; None where it is not said.

    >>> interval_of(Dosage(text="60 mg subcutaneously every 6 months"))
    '6 months'
    >>> interval_of(Dosage(text="60 mg s.c. alle sechs Monate"))
    '6 months'
    """
    if dosage is None:
        return None
    timing = dosage.timing
    found = _repeated(timing.repeat) if timing and timing.repeat else None
    return found or (_coded(timing) if timing else None) or _in_words(dosage.text or "")


def interval_days(dosage: Dosage | None) -> float | None:
    """The interval in days; None where it is not said."""
    said = interval_of(dosage)
    if said is None:
        return None
    number, _, span = said.partition(" ")
    return float(number) * _IN_DAYS[span]


def _repeated(repeat: Repeat) -> str | None:
    if (
        repeat.period is None
        or repeat.periodUnit not in _SPANS
        or repeat.frequency <= 0
        or repeat.period <= 0
    ):
        return None
    if _SPANS[repeat.periodUnit] == "hours":
        return f"{repeat.period / repeat.frequency / 24:.6g} days"
    return f"{repeat.period / repeat.frequency:.6g} {_SPANS[repeat.periodUnit]}"


def _coded(timing: Timing) -> str | None:
    if timing.code is None:
        return None
    known = next((_CODES[code.upper()] for code in timing.code.codes() if code.upper() in _CODES), None)
    return known or next((found for text in timing.code.words() if (found := _in_words(text))), None)


def _in_words(text: str) -> str | None:
    lower = text[:500].casefold()
    for match in _EVERY.finditer(lower):
        for words, span in _WORD_SPANS:
            if re.fullmatch(words, match["span"]) or (span == "months" and match["span"] == "m"):
                number = match["number"] or ""
                return f"{_NUMBERS.get(number, number)} {span}"
    return next((interval for words, interval in _ADVERBS if re.search(words, lower)), None)
