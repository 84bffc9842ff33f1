"""Items 3, 4 and 6 of RUCAM: the person, the other drugs, and what is known of the drug in question."""

from __future__ import annotations

from bonecast.liver.case import CO_DRUGS, LiverCase
from bonecast.liver.rucam import Answer
from bonecast.liver.rucam_form import InjuryType, form
from bonecast.liver.suspect import find_suspect
from bonecast.liver.threshold import limit

KNOWN = {"labelled": "N6_LABEL", "published": "N6_PUBL", "unknown": "N6_UNKN"}


def risk_answers(case: LiverCase, injury: InjuryType) -> list[Answer]:
    """The answers on alcohol, pregnancy (cholestatic form only) and age. Source: RUCAM 2016. [published]"""
    return [_alcohol(case), *([_pregnancy(case)] if injury == "cholestatic_mixed" else []), _age(case)]


def _alcohol(case: LiverCase) -> Answer:
    drinks = case.stated.drinks_per_day
    women, men = limit("drinks_women"), limit("drinks_men")
    bound = {"female": women, "male": men}.get(case.sex or "")
    if drinks is not None and (bound is not None or drinks <= women or drinks > men):
        code = "A3_ALC" if drinks > (bound if bound is not None else men) else "A3_NONE"
        return Answer(form()[code], f"{drinks:g} drinks per day")
    what = "alcohol not stated" if drinks is None else f"{drinks:g} drinks per day, sex not stated"
    return Answer(form()["A3_NONE"], what, "counted as below the limit", ("A3_ALC", "A3_NONE"))


def _pregnancy(case: LiverCase) -> Answer:
    if case.sex == "male":
        return Answer(form()["P3_NO"], "a man")
    if case.stated.pregnant is None:
        return Answer(form()["P3_NO"], "pregnancy not stated", "counted as not pregnant", ("P3_YES", "P3_NO"))
    code = "P3_YES" if case.stated.pregnant else "P3_NO"
    return Answer(form()[code], "stated")


def _age(case: LiverCase) -> Answer:
    if case.age is None:
        return Answer(form()["G3_LT55"], "age not stated", "counted as below 55", ("G3_GE55", "G3_LT55"))
    code = "G3_GE55" if case.age >= limit("age_years") else "G3_LT55"
    return Answer(form()[code], f"{case.age:g} years")


def co_drug(case: LiverCase) -> Answer:
    """The answer on other drugs: what the clinician judged; the doses on file are named, never judged here."""
    others = sorted({use.drug for use in case.uses} - {case.suspect})
    named = f"taken: {', '.join(others)}" if others else "none on file"
    if case.stated.co_drug is not None:
        return Answer(form()[CO_DRUGS[case.stated.co_drug]], f"judged {case.stated.co_drug}; {named}")
    assumed = "not judged, counted as none or no information"
    return Answer(form()["K4_NONE"], named, assumed, tuple(CO_DRUGS.values()))


def known_hepatotoxicity(case: LiverCase) -> Answer:
    """The answer on the record of the drug: stated, on file, or unknown. [transcribed]"""
    stated, suspect = case.stated.known_hepatotoxicity, find_suspect(case.suspect)
    if stated is not None:
        return Answer(form()[KNOWN[stated]], "stated")
    if suspect is not None:
        return Answer(form()[KNOWN[suspect.hepatotoxicity]], suspect.hepatotoxicity_why)
    return Answer(form()["N6_UNKN"], "not stated", "counted as unknown", tuple(KNOWN.values()))
