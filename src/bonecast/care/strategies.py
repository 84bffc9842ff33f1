"""A strategy of a forecast as the acts that the rules judge: what is done first, and how denosumab ends."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bonecast.care.actions import act_giving
from bonecast.care.alternatives import LATEST_D
from bonecast.care.case import CareCase, Known
from bonecast.care.check import Check, case_of, check
from bonecast.care.derived import OTHER
from bonecast.care.findings import Finding
from bonecast.care.firing import EMERGENCIES, Outcome
from bonecast.care.rules import Severity, find_rule
from bonecast.care.variables import Value, find_variable
from bonecast.core import DAYS_IN, gettext
from bonecast.drugs import find_drug
from bonecast.records import Patient
from bonecast.regimens import Dose, History, Regimen, history_of


@dataclass(frozen=True)
class StrategyCheck:
    """Check of a strategy: the check of each act, and what follows for the strategy as a whole.

    A rule that blocks an act only until a result is measured (no calcium on record: measure it first) does not block
    a strategy over years. It stands in `first`; the check of the act itself stays blocked. A block whose source is only
    recalled is a warning here.

    Parameters
    ----------
    name : str
        Name of the strategy.
    checks : tuple of Check
        Check of each act, in order.
    """

    name: str
    checks: tuple[Check, ...]

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """The rules that block it by what the record says, or does not say of the person's history."""
        return tuple(f for f in self._of("block") if find_rule(f.rule).binding and not _measurable(f))

    @property
    def first(self) -> tuple[Finding, ...]:
        """The rules that ask for a missing result before the act."""
        return tuple(f for f in self._of("block") if find_rule(f.rule).binding and _measurable(f))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The rules that warn of it, and those that would block it if their source had been read."""
        recalled = (f for f in self._of("block") if not find_rule(f.rule).binding)
        return (*recalled, *self._of("warn"))

    @property
    def outcome(self) -> Outcome:
        """Blocked by what the record says (or contradicts), warned, or allowed where the rules find nothing."""
        if self.blocks or any(one.contradictions for one in self.checks):
            return "blocked"
        return "warned" if self.first or self.warnings else "allowed"

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules behind the outcome."""
        return tuple(dict.fromkeys(finding.rule for finding in self._behind()))

    @property
    def why(self) -> str:
        """The advice of the rules behind the outcome: those that block it, or else ask for a result or warn."""
        return " ".join(self.reasons)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The same, one sentence for each rule or contradiction."""
        said = [f"{finding.rule}: {gettext(finding.advice)}" for finding in self._behind()]
        if self.outcome == "blocked":
            said += [
                gettext("The record contradicts itself: {what}.", what=c.what)
                for one in self.checks
                for c in one.contradictions
            ]
        return tuple(dict.fromkeys(said))

    def _behind(self) -> tuple[Finding, ...]:
        return self.blocks if self.outcome == "blocked" else (*self.first, *self.warnings)

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(
            f for one in self.checks for f in one.findings if f.severity == severity and not f.overridden
        )


def check_strategy(
    name: str, plan: Regimen, patient: Patient, jurisdiction: str | None = None
) -> StrategyCheck:
    """Check whether the rules block a strategy, warn of it or allow it.

    The checks cover every drug that the strategy gives, the limits on how long each is given, and the end of denosumab
    where the strategy stops it. The first act is checked on its day, a later one by what is known today.

    Parameters
    ----------
    name : str
        Name of the strategy.
    plan : Regimen
        The strategy, from today on.
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest.

    Returns
    -------
    StrategyCheck
        Outcome, with the rules behind it.

    Raises
    ------
    UnknownName
        If the jurisdiction is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import parse_regimen
    >>> person = read_patient("examples/late-dose.toml")
    >>> check_strategy("stop", parse_regimen("nothing for 2 years"), person, "UK").outcome
    'blocked'
    """
    return StrategyCheck(
        name,
        tuple(
            check(patient, act, jurisdiction, day, facts)
            for act, day, facts in _acts(plan, history_of(patient), patient)
        ),
    )


Facts = dict[str, Value | str]
Act = tuple[str, dt.date, Facts]


def _acts(plan: Regimen, history: History, patient: Patient) -> Iterator[Act]:
    """Every act of the plan: its name in the rules, the day by which it is judged, what it adds to the facts."""
    today, start = history.date(history.today_d), _start_d(plan, history)
    given = [(dose.drug, dose.time_d) for dose in history.doses if dose.drug == "denosumab"]
    doses = [dose for dose in plan.doses if not _is_no_treatment(dose.drug)]
    known = case_of(patient, "review", None, today)
    for place, stretch in enumerate(_stretches(doses)):
        before, had = [day for _, day in given], _had_at_the_end(stretch, known)
        if place == 0:
            had |= _age_today(known)
            yield from _first_act(stretch[0], start, before, history, had)
        else:
            yield from _later_act(stretch[0], start, before, today, had)
        if stretch[0].drug == "denosumab":
            given += [(dose.drug, start + dose.time_d) for dose in stretch]
    yield from _stop(plan, doses, history, today)


def _is_no_treatment(drug: str) -> bool:
    """Placebo and supplements change no treatment."""
    return find_drug(drug).supplement or find_drug(drug).status == "comparator"


def _stretches(doses: list[Dose]) -> list[list[Dose]]:
    """Doses of one treatment after another, until another treatment begins."""
    return [list(group) for _, group in groupby(doses, key=lambda dose: (dose.drug, _treatment(dose)))]


def _treatment(dose: Dose) -> str | float:
    if dose.drug == "denosumab":
        return _strength(dose)
    found = find_drug(dose.drug).treatment(dose.amount)
    return found.name if found is not None else dose.drug


def _strength(dose: Dose) -> int:
    return 120 if dose.amount >= 120 else 60


def _first_act(first: Dose, start: float, before: list[float], history: History, had: Facts) -> Iterator[Act]:
    today, day = history.date(history.today_d), history.date(max(start + first.time_d, history.today_d))
    if first.drug == "denosumab":
        strength = _strength(first)
        late_d = (start + first.time_d) - before[-1] if before else 0
        if before and strength == 60 and start + first.time_d > history.today_d and late_d > LATEST_D:
            yield "delay_60", today, {"planned_delay_to_day": float(math.ceil(late_d))}
        else:
            yield f"{'continue' if before else 'start'}_{strength}", day, had
    else:
        yield from _other(first, day, bool(before), had)


def _later_act(first: Dose, start: float, before: list[float], today: dt.date, had: Facts) -> Iterator[Act]:
    """An act that comes after another drug, judged by what is known today as if its day had come."""
    facts: Facts = {**had, "n_doses_received": float(len(before))}
    if before:
        facts["last_denosumab_offset_days"] = -float(round(start + first.time_d - before[-1]))
    if first.drug == "denosumab":
        strength = _strength(first)
        begun = "restart" if before and strength == 60 else "start"
        yield f"{begun}_{strength}", today, facts
    else:
        yield from _other(first, today, bool(before), facts)


def _other(dose: Dose, day: dt.date, treated: bool, facts: Facts) -> Iterator[Act]:
    """Giving another drug: a switch after denosumab, a start without."""
    act = act_giving(dose.drug, dose.amount)
    if act is not None:
        yield act[0] if treated else OTHER, day, {**facts, **act[1]}


def _age_today(known: CareCase) -> Facts:
    """How old is the calcium today? That a result will be old by the day of an act is no warning about the strategy."""
    age = known.known("calcium_result_age_days")
    return {} if age is None else {"calcium_result_age_days": float(age.value)}


def _had_at_the_end(stretch: list[Dose], known: CareCase) -> Facts:
    """How much of the drug will have been had before the last dose, for labels that limit doses or months?"""
    first, last = stretch[0], stretch[-1]
    found = find_drug(first.drug).treatment(first.amount)
    if found is None or first is last:
        return {}
    months = (last.time_d - first.time_d) // DAYS_IN["months"]
    facts: Facts = {name: _number(known.known(name)) + months for name in found.months}
    if found.counts:
        facts[found.counts] = _number(known.known(found.counts)) + len(stretch) - 1
    return facts


def _number(known: Known | None) -> float:
    return 0.0 if known is None else float(known.value)


def _stop(plan: Regimen, doses: list[Dose], history: History, today: dt.date) -> Iterator[Act]:
    before = sum(dose.drug == "denosumab" for dose in history.doses)
    last = max((i for i, dose in enumerate(doses) if dose.drug == "denosumab"), default=None)
    stops = plan.steps[-1].pause is not None if last is not None else not _follows_on(doses)
    after = doses[(last if last is not None else -1) + 1 :]
    if stops and (before or last is not None) and not _follows_on(after):
        count = before + sum(dose.drug == "denosumab" for dose in doses)
        yield "stop", today, {"n_doses_received": float(count), "followon_antiresorptive_planned": False}


def _follows_on(doses: list[Dose]) -> bool:
    """Does another drug against resorption follow, as strong as a bisphosphonate?"""
    return any(
        find_drug(dose.drug).drug_class in ("bisphosphonate", "RANKL antibody") and dose.drug != "denosumab"
        for dose in doses
    )


def _start_d(plan: Regimen, history: History) -> float:
    """Day 0 of the plan on the axis of the history: where the cover of the last dose ends, or today."""
    wait = plan.starts_after_last_dose_d
    counted = (
        history.last_d + wait if wait is not None and history.last_d is not None else history.cover_end_d
    )
    return max(counted, history.today_d)


def _measurable(finding: Finding) -> bool:
    """Does it block only because a result is missing that can be measured, and waits for it without an emergency?"""
    numbers = [find_variable(name, "care").is_number for name in finding.asks_for]
    return bool(numbers) and all(numbers) and finding.rule not in EMERGENCIES
