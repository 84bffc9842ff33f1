"""The findings of a check by cause, so that each fact is said once, and advice by what is new since the last dose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bonecast.care.findings import FactUsed, Finding
from bonecast.care.questions import question_of
from bonecast.care.variables import find_variable
from bonecast.core import gettext

if TYPE_CHECKING:
    import datetime as dt

# What belongs to the act or to the person for good: no cause that could be looked into.
_GIVEN = frozenset(
    ("jurisdiction", "indication", "sex", "menopausal_status", "n_doses_received", "fracture_risk")
)


@dataclass(frozen=True)
class Cause:
    """Findings that rest on one fact of the person.

    Parameters
    ----------
    label : str
        The fact in words; "the planned act" where it is none of the person.
    head : Finding
        The most severe of them.
    also : tuple of Finding
        The others, most severe first.
    """

    label: str
    head: Finding
    also: tuple[Finding, ...]


@dataclass(frozen=True)
class Advice:
    """What a check says for information.

    Parameters
    ----------
    new : tuple of Finding
        What rests on a result that came after the last injection; all that is about the person where there was none.
    known : tuple of Finding
        What was so at the last injection.
    routine : tuple of Finding
        What is said at every dose.
    """

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    routine: tuple[Finding, ...]

    @property
    def lines(self) -> int:
        """How many lines does it take, where what is known and what is routine take one each?"""
        return len(self.new) + bool(self.known) + bool(self.routine)


def causes_of(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Group blocks and warnings by the fact that they rest on, in the order in which they come.

    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> found = check(read_patient("examples/late-dose.toml"), "stop", "UK")
    >>> [(one.head.rule, one.label) for one in causes_of(found.findings)][0]
    ('DC-01', 'follow-on antiresorptive is planned')
    """
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity != "inform" and finding.overridden is None:
            groups.setdefault(_cause(finding), []).append(finding)
    return tuple(Cause(_label(group[0]), group[0], tuple(group[1:])) for group in groups.values())


def advice_in(findings: Iterable[Finding], last_dose: dt.date | None) -> Advice:
    """Sort what is said for information by whether it is new since the last injection."""
    new: list[Finding] = []
    known: list[Finding] = []
    routine: list[Finding] = []
    for finding in findings:
        if finding.severity != "inform" or finding.overridden is not None:
            continue
        facts = _of_the_person(finding)
        if not facts:
            routine.append(finding)
        elif last_dose is None or any(_after(fact, last_dose) for fact in facts):
            new.append(finding)
        else:
            known.append(finding)
    return Advice(tuple(new), tuple(known), tuple(routine))


def _after(fact: FactUsed, day: dt.date) -> bool:
    return fact.date is not None and fact.date > day and fact.origin != "record"


def _of_the_person(finding: Finding) -> list[FactUsed]:
    return [
        fact
        for fact in finding.facts
        if find_variable(fact.name, "causes").about == "person" and fact.name not in _GIVEN
    ]


def _cause(finding: Finding) -> str:
    """What the finding rests on: facts that one question asks for are one cause; an emergency is its own."""
    facts = _of_the_person(finding) or list(finding.facts[:1])
    return question_of(facts[0].name) if facts else finding.topic


def _label(finding: Finding) -> str:
    facts = _of_the_person(finding)
    acts = [fact for fact in finding.facts if find_variable(fact.name, "causes").about == "act"]
    named = [fact for fact in (*facts, *acts) if fact.name not in ("planned_action", "jurisdiction")]
    return gettext(named[0].label) if named else gettext("the planned act")
