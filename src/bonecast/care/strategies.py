"""A strategy of a forecast as the acts that the rules judge: what is done first, and how denosumab ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bonecast.care.actions import switches
from bonecast.care.check import Check, check
from bonecast.care.findings import Finding
from bonecast.care.firing import Outcome
from bonecast.care.rules import Severity
from bonecast.care.variables import Value
from bonecast.drugs import find_drug
from bonecast.records import Patient
from bonecast.regimens import Dose, History, Regimen, history_of

LATEST_D = 211  # days after the last injection: on time until then (rule DD-01)
_NO_DRUG = ("placebo",)


@dataclass(frozen=True)
class StrategyCheck:
    """What the rules say of a strategy: a check for each act, and what follows for the way as a whole.

    A rule that blocks an act only until a missing result is there (no calcium on record: measure it first) is no reason
    against a strategy over years. It stands in `first`; the check of the act itself stays blocked.
    """

    name: str
    checks: tuple[Check, ...]

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """The rules that block it by what the record says."""
        return tuple(finding for finding in self._of("block") if not finding.asks_for)

    @property
    def first(self) -> tuple[Finding, ...]:
        """The rules that ask for a missing result before the act."""
        return tuple(finding for finding in self._of("block") if finding.asks_for)

    @property
    def outcome(self) -> Outcome:
        """Blocked by what the record says (or contradicts), warned, or allowed where the rules find nothing."""
        if self.blocks or any(one.contradictions for one in self.checks):
            return "blocked"
        return "warned" if self.first or self._of("warn") else "allowed"

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules behind the outcome."""
        return tuple(dict.fromkeys(finding.rule for finding in self._behind()))

    @property
    def why(self) -> str:
        """The advice of the rules behind the outcome: those that block it, or else ask for a result or warn."""
        told = [f"{finding.rule}: {finding.advice}" for finding in self._behind()]
        if self.outcome == "blocked":
            told += [
                f"The record contradicts itself: {c.what}." for one in self.checks for c in one.contradictions
            ]
        return " ".join(dict.fromkeys(told))

    def _behind(self) -> tuple[Finding, ...]:
        return self.blocks if self.outcome == "blocked" else (*self.first, *self._of("warn"))

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(
            f for one in self.checks for f in one.findings if f.severity == severity and not f.overridden
        )


def check_strategy(
    name: str, plan: Regimen, patient: Patient, jurisdiction: str | None = None
) -> StrategyCheck:
    """Is a strategy from today one that the rules block, warn of or allow?

    Judged are the first act, on its day, and the end of denosumab where the plan stops it.

    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import parse_regimen
    >>> person = read_patient("examples/late-dose.toml")
    >>> check_strategy("stop", parse_regimen("nothing for 2 years"), person, "UK").outcome
    'blocked'
    """
    history = history_of(patient)
    acts = dict(_acts(plan, history))
    return StrategyCheck(
        name, tuple(check(patient, act, jurisdiction, day, facts) for act, (day, facts) in acts.items())
    )


Act = tuple[str, tuple[dt.date, dict[str, Value | str]]]


def _acts(plan: Regimen, history: History) -> Iterator[Act]:
    today = history.date(history.today_d)
    before = [dose for dose in history.doses if dose.drug == "denosumab"]
    doses = [dose for dose in plan.doses if dose.drug not in _NO_DRUG]
    start = _start_d(plan, history)
    if doses:
        yield from _first_act(doses[0], start, before, history)
    last = max((i for i, dose in enumerate(doses) if dose.drug == "denosumab"), default=None)
    stops = plan.steps[-1].pause is not None if last is not None else not _follows_on(doses)
    if (
        stops
        and (before or last is not None)
        and not _follows_on(doses[(last if last is not None else -1) + 1 :])
    ):
        count = len(before) + sum(dose.drug == "denosumab" for dose in doses)
        yield "stop", (today, {"n_doses_received": float(count), "followon_antiresorptive_planned": False})


def _first_act(first: Dose, start: float, before: list[Dose], history: History) -> Iterator[Act]:
    today, day = history.date(history.today_d), history.date(max(start + first.time_d, history.today_d))
    if first.drug == "denosumab":
        dose = 120 if first.amount >= 120 else 60
        late_d = (start + first.time_d) - before[-1].time_d if before else 0
        if before and dose == 60 and start + first.time_d > history.today_d and late_d > LATEST_D:
            yield "delay_60", (today, {})
        else:
            yield f"{'continue' if before else 'start'}_{dose}", (day, {})
    elif before and first.drug in switches():
        yield switches()[first.drug], (day, {})


def _follows_on(doses: list[Dose]) -> bool:
    return any(find_drug(dose.drug).drug_class == "bisphosphonate" for dose in doses)


def _start_d(plan: Regimen, history: History) -> float:
    """Day 0 of the plan on the axis of the history: where the cover of the last dose ends, or today."""
    wait = plan.starts_after_last_dose_d
    counted = (
        history.last_d + wait if wait is not None and history.last_d is not None else history.cover_end_d
    )
    return max(counted, history.today_d)
