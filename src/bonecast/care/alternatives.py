"""What can be done now where the planned act is blocked: no answer ends with a refusal alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bonecast.care.actions import CANCER_INDICATIONS
from bonecast.care.derived import OTHER, treatments, with_derived
from bonecast.care.firing import EMERGENCIES, contradictions_in, fired
from bonecast.care.limits import limit_days
from bonecast.care.variables import Value
from bonecast.core import gettext

_SHORT = (
    "CI-01",
    "FX-10",
    "FX-13",
    "PD-06",
    "PD-07",
    "FB-01",
    "FZ-09",
    "FR-01",
)  # calcium or vitamin D is too low
_ONLY_DENOSUMAB = ("GCTB", "BREAST_CA_ANTITUMOUR")  # no other drug of the catalogue is given for these
LATEST_D = limit_days("on_time_last_d")  # after the last injection: on time until then (rule DD-01)


@dataclass(frozen=True)
class PossibleAct:
    """An act that no rule blocks now.

    Parameters
    ----------
    action : str
        Its name in the rules.
    facts : tuple of (str, value)
        What it adds to the facts, such as the drug.
    text : str
        What it is, in words.
    """

    action: str
    facts: tuple[tuple[str, Value], ...]
    text: str


@dataclass(frozen=True)
class Referral:
    """To whom a person is sent where no act is possible.

    Parameters
    ----------
    when : str
        "today" or "this week".
    to : str
        To whom.
    rules : tuple of str
        The rules that leave no act.
    """

    when: Literal["today", "this week"]
    to: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Alternatives:
    """What is possible now.

    Parameters
    ----------
    acts : tuple of PossibleAct
        The acts that no rule blocks.
    referral : Referral, optional
        To whom the person is sent; None where an act is possible.
    obtain : tuple of str
        Results to obtain first, in words, where the planned act is blocked only because they are missing: with them it
        is judged again, the same day. Empty where something else blocks it too.
    """

    acts: tuple[PossibleAct, ...]
    referral: Referral | None
    obtain: tuple[str, ...] = ()


def alternatives(
    facts: Mapping[str, Value],
    first_only: bool = False,
    same_day: Mapping[str, tuple[float, ...]] | None = None,
) -> Alternatives:
    """Find the acts that the rules do not block now.

    Parameters
    ----------
    facts : mapping
        What is known, the planned act among it.
    first_only : bool
        Stop at the first act that is possible.
    same_day : mapping of str to tuple of float, optional
        Facts with several values of one day: an act is possible only if none of them blocks it.

    Returns
    -------
    Alternatives
        The acts, or the referral where there is none. Facts that contradict each other leave no act: the record is
        corrected first.

    Examples
    --------
    >>> low = {"planned_action": "continue_60", "albumin_corrected_calcium_mmol_L": 2.05, "calcium_lln_mmol_L": 2.15,
    ...     "last_denosumab_offset_days": -171.0, "n_doses_received": 3.0, "jurisdiction": "UK"}
    >>> [one.text for one in alternatives(low).acts][:2]
    ['correct calcium and vitamin D, and inject by day 211', 'give abaloparatide']
    >>> unknown = {**low, "albumin_corrected_calcium_mmol_L": None, "last_denosumab_offset_days": -250.0}
    >>> alternatives(unknown).obtain
    ('albumin-corrected calcium',)
    """
    acts: list[PossibleAct] = []
    blocking: dict[str, None] = {}
    for act in _candidates(facts):
        supposed = {**_without_act(facts), "planned_action": act.action, **dict(act.facts)}
        against = _against(supposed, same_day or {})
        if contradictions_in(with_derived(supposed)) or against:
            blocking |= dict.fromkeys(against)
            continue
        acts.append(act)
        if first_only:
            break
    referral = None if acts else _referral(facts, tuple(blocking))
    return Alternatives(tuple(acts), referral, tuple(_obtainable(facts)))


def _against(supposed: dict[str, Value], same_day: Mapping[str, tuple[float, ...]]) -> list[str]:
    """The rules that block the supposed act, with any of the values of one day."""
    variants = [{}, *({name: value} for name, values in same_day.items() for value in values)]
    found = (fired(with_derived({**supposed, **one}), binding=True) for one in variants)
    return list(dict.fromkeys(rule.id for rules in found for rule in rules))


def _obtainable(facts: Mapping[str, Value]) -> list[str]:
    """The facts without which the planned act is blocked, where nothing but their absence blocks it."""
    values = with_derived(facts)
    if contradictions_in(values):
        return []
    missing: dict[str, None] = {}
    for rule in fired(values, binding=True):
        asked = [leaf for leaf, held in rule.condition.support(values) if held and leaf.sign == "is missing"]
        if not asked:
            return []
        missing |= dict.fromkeys(leaf.variable.label for leaf in asked)
    return list(missing)


def _candidates(facts: Mapping[str, Value]) -> Iterator[PossibleAct]:
    """The acts to try: the injection in use or a delay within its window, then the drugs for the same purpose."""
    treated = float(facts.get("n_doses_received", 0.0)) > 0
    values = with_derived(facts)
    dose = 120 if values.get("dose_mg") == 120.0 else 60
    yield PossibleAct(
        f"{'continue' if treated else 'start'}_{dose}", (), gettext("give denosumab {dose} mg", dose=dose)
    )
    since = values.get("days_since_last_denosumab")
    if treated and dose == 60 and isinstance(since, float) and since < LATEST_D:
        day = (("planned_delay_to_day", float(LATEST_D)),)
        short = _is_short(values)
        yield PossibleAct(
            "delay_60",
            day,
            gettext("correct calcium and vitamin D, and inject by day {day}", day=LATEST_D)
            if short
            else gettext("inject by day {day}", day=LATEST_D),
        )
    purpose = facts.get("indication")
    if purpose in _ONLY_DENOSUMAB or (purpose is None and dose == 120):
        return
    for name, treatment in treatments().items():
        if treatment.action == OTHER:  # no product: it is studied only
            continue
        if ("giving_zol4" in treatment.facts) is not (purpose in CANCER_INDICATIONS):
            continue
        act = treatment.action if treated else OTHER
        yield PossibleAct(act, (("target_drug", name),), gettext("give {drug}", drug=name.replace("_", " ")))


def _is_short(values: Mapping[str, Value]) -> bool:
    """Is calcium or vitamin D too low to inject?"""
    return any(rule.id in _SHORT for rule in fired(values))


def _without_act(facts: Mapping[str, Value]) -> dict[str, Value]:
    acts = ("planned_action", "target_drug", "planned_delay_to_day")
    return {name: value for name, value in facts.items() if name not in acts}


def _referral(facts: Mapping[str, Value], rules: tuple[str, ...]) -> Referral:
    values = with_derived(facts)
    since = values.get("days_since_last_denosumab")
    if {*rules, *(rule.id for rule in fired(values))} & {*EMERGENCIES}:
        return Referral("today", "hospital", rules)
    if contradictions_in(values):
        return Referral("today", gettext("the keeper of the record: correct what contradicts itself"), rules)
    late = isinstance(since, float) and since >= LATEST_D
    return Referral("today" if late else "this week", gettext("a bone specialist"), rules)
