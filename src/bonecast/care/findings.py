"""What a check says: findings with their facts, reasons and disagreements, and what could not be checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from bonecast.care.case import CareCase
from bonecast.care.derived import treatments
from bonecast.care.disagreements import Disagreement, disagreements_of
from bonecast.care.overrides import Override
from bonecast.care.questions import is_open
from bonecast.care.rules import JURISDICTIONS, Rule, Severity, find_rule
from bonecast.care.sources import RuleSource
from bonecast.care.variables import Value, variables
from bonecast.core import Leaf, gettext

# What nobody can change about a person, or what is another question: another act, dose or jurisdiction.
_FIXED = frozenset(
    ("planned_action", "jurisdiction", "giving_dose", "starting", "dose_mg", "age_years", "sex")
)
_FIXED |= {"n_doses_received", "prior_vertebral_fracture", "n_fragility_fractures"}
_PASSED = ("days_since_last_denosumab", "days_since_prior_therapy", "days_since_last_zoledronate")


@dataclass(frozen=True)
class FactUsed:
    """A fact that a rule used.

    Parameters
    ----------
    name : str
        Name of its variable.
    label : str
        What it is, in words.
    value : bool, float or str, optional
        Value in `unit`; None where the rule fired because the fact is missing.
    unit : str
        Unit; empty where it has none.
    date : date, optional
        Day on which it was true.
    age_days : int, optional
        Age in days on the day of the act.
    origin : str
        Where it comes from, such as "record" or "worked out".
    """

    name: str
    label: str
    value: Value | None
    unit: str
    date: dt.date | None
    age_days: int | None
    origin: str

    def __str__(self) -> str:
        dated = (
            gettext(" ({date}, {age_days} days before)", date=self.date, age_days=self.age_days)
            if self.date and self.age_days
            else ""
        )
        return f"{gettext(self.label)}: {variables()[self.name].shown(self.value)}{dated}"


@dataclass(frozen=True)
class OtherView:
    """A rule that says something else about the same question, and whether it fires where its source applies."""

    id: str
    jurisdictions: tuple[str, ...]
    severity: Severity
    advice: str
    source: RuleSource
    mark: str
    fires: bool


@dataclass(frozen=True)
class Finding:
    """A rule that fired, with everything needed to judge it.

    Parameters
    ----------
    rule : str
        Id of the rule.
    topic : str
        Topic, such as "discontinuation".
    severity : str
        "block", "warn" or "inform".
    advice : str
        What to do.
    strength : str
        Strength of the advice in its source, such as "labelled contraindication".
    source : RuleSource
        Where the rule was read.
    mark : str
        Evidence grade, one of `bonecast.core.EVIDENCE_GRADES`.
    jurisdictions : tuple of str
        Where the source applies; ("ALL",) for most.
    review_by : date
        Day by which the rule is reviewed again.
    facts : tuple of FactUsed
        Facts that the rule used, with dates and ages.
    why : tuple of str
        Conditions that decided, in words.
    would_change : tuple of str
        For each fact that alone would keep the rule from firing, the value that it would need, in words.
    others : tuple of OtherView
        Rules that disagree.
    positions : tuple of Disagreement
        Positions on the same question in the US, EU, UK, Canada and of societies.
    overridden : Override, optional
        Override by a clinician, with the reason.
    asks_for : tuple of str
        Facts whose absence made the rule fire (`calcium == null`); once they are known, it no longer fires.
    """

    rule: str
    topic: str
    severity: Severity
    advice: str
    strength: str
    source: RuleSource
    mark: str
    jurisdictions: tuple[str, ...]
    review_by: dt.date
    facts: tuple[FactUsed, ...]
    why: tuple[str, ...]
    would_change: tuple[str, ...]
    others: tuple[OtherView, ...]
    positions: tuple[Disagreement, ...]
    overridden: Override | None = None
    asks_for: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Was the source read? Recalled and assumed rules say that they were not."""
        return self.mark == "published"


@dataclass(frozen=True)
class Unchecked:
    """A rule that could not be decided, and the facts that are missing for it.

    Parameters
    ----------
    rule : str
        Id of the rule.
    topic : str
        Topic, such as "dosing".
    severity : str
        "block", "warn" or "inform".
    advice : str
        What to do where it fires.
    missing : tuple of str
        Variables that the record does not give.
    """

    rule: str
    topic: str
    severity: Severity
    advice: str
    missing: tuple[str, ...]


def finding_of(rule: Rule, case: CareCase) -> Finding:
    """The finding of a rule that fired."""
    leaves = list(dict.fromkeys(rule.condition.support(case.values)))
    return Finding(
        rule.id,
        rule.topic,
        rule.severity,
        rule.advice,
        rule.strength,
        rule.source,
        rule.mark,
        rule.jurisdictions,
        rule.review_by,
        _facts_used(leaves, case),
        tuple(_why(leaf, held, case) for leaf, held in leaves),
        tuple(_would_change(rule, leaves, case)),
        tuple(_other_view(find_rule(other), case) for other in rule.disagrees_with),
        disagreements_of(rule.id),
        asks_for=tuple(leaf.variable.name for leaf, held in leaves if held and leaf.sign == "is missing"),
    )


def unchecked_of(rule: Rule, case: CareCase) -> Unchecked:
    """What is missing for a rule that could not be decided."""
    names = [
        name for leaf in rule.condition.leaves() if leaf.known(case.values) is None for name in leaf.names
    ]
    missing = tuple(dict.fromkeys(name for name in names if is_open(case.values.get(name))))
    return Unchecked(rule.id, rule.topic, rule.severity, rule.advice, missing)


def _facts_used(leaves: list[tuple[Leaf, bool]], case: CareCase) -> tuple[FactUsed, ...]:
    names = dict.fromkeys(name for leaf, _ in leaves for name in leaf.names)
    return tuple(_fact_used(name, case) for name in names)


def _fact_used(name: str, case: CareCase) -> FactUsed:
    known, variable = case.known(name), variables()[name]
    if known is None:
        return FactUsed(name, variable.label, None, variable.unit, None, None, "not in the record")
    return FactUsed(
        name, variable.label, known.value, variable.unit, known.date, case.age_days(name), known.origin
    )


def _why(leaf: Leaf, held: bool, case: CareCase) -> str:
    """The question that decided; a fact that is missing is said to be so."""
    if leaf.known(case.values) is None:
        return f"{gettext(leaf.variable.label)}: {leaf.variable.shown(case.values.get(leaf.variable.name))}"
    return str(leaf if held else leaf.opposite())


def _would_change(rule: Rule, leaves: list[tuple[Leaf, bool]], case: CareCase) -> list[str]:
    """What about the person, one fact at a time, would silence the rule?

    Where one question alone does not, all questions about one fact are turned together.
    """
    fixed = _FIXED | {fact for one in treatments().values() for fact in one.facts}
    open_ = [
        (leaf, held)
        for leaf, held in leaves
        if not fixed & set(leaf.names) and not _goes_back(leaf.opposite() if held else leaf)
    ]
    alone = [[one] for one in open_ if not rule.condition.closed(case.values, (one[0],))]
    if not alone:
        names = dict.fromkeys(leaf.variable.name for leaf, _ in open_)
        by_fact = [[one for one in open_ if one[0].variable.name == name] for name in names]
        alone = [
            group
            for group in by_fact
            if not rule.condition.closed(case.values, tuple(leaf for leaf, _ in group))
        ]
    return [
        gettext(" and ").join(str(leaf.opposite() if held else leaf) for leaf, held in group)
        for group in alone
    ]


def _goes_back(wanted: Leaf) -> bool:
    """Would this have to be earlier than it is? No time that has passed comes back."""
    return wanted.variable.name in _PASSED and wanted.sign in ("<", "<=")


def _other_view(rule: Rule, case: CareCase) -> OtherView:
    places = JURISDICTIONS if rule.jurisdictions == ("ALL",) else rule.jurisdictions
    fires = any(rule.condition.closed(case.under(place).values) for place in places)
    return OtherView(rule.id, rule.jurisdictions, rule.severity, rule.advice, rule.source, rule.mark, fires)


def overridden(finding: Finding, override: Override) -> Finding:
    """The finding with the reason for which it was overridden."""
    return replace(finding, overridden=override)
