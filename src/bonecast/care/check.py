"""The check of one planned act: from a record to findings, outcome, gaps and the view of other jurisdictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bonecast.care.actions import planned
from bonecast.care.alternatives import Alternatives, alternatives
from bonecast.care.case import CareCase, Known
from bonecast.care.causes import Advice, Cause, advice_in, causes_of
from bonecast.care.derived import GIVING
from bonecast.care.findings import Finding, Unchecked, finding_of, overridden, unchecked_of
from bonecast.care.firing import (
    EMERGENCIES,
    OUTCOMES,
    Contradiction,
    Outcome,
    State,
    contradictions_in,
    fired,
    outcome_of,
    state_of,
    switched_off,
    undecided,
)
from bonecast.care.limits import limit_days
from bonecast.care.overrides import Override, bound, lapsed
from bonecast.care.person_facts import person_facts
from bonecast.care.questions import Question, is_open, missing_facts, questions
from bonecast.care.reactions import Symptom, symptoms_in
from bonecast.care.rules import JURISDICTIONS, SEVERITIES, Rule, find_rule
from bonecast.care.variables import Value, find_variable, read_value, variables
from bonecast.core import check_day, gettext
from bonecast.errors import InputError, UnknownName
from bonecast.records import Patient

COVER_D = {60.0: limit_days("due_d"), 120.0: limit_days("due_120_d")}  # days that an injection covers
URGENT = "MO-06"  # symptoms of a low calcium: an emergency where no calcium is known, also under a review
NOT_OVERRIDABLE = (*EMERGENCIES, "FX-20")  # nor can the record error that leaves the strength open


@dataclass(frozen=True)
class Elsewhere:
    """Outcome of the same check under the rules of another jurisdiction.

    Parameters
    ----------
    jurisdiction : str
        The other jurisdiction.
    outcome : str
        Outcome there: "blocked", "warned" or "allowed".
    state : str
        State there, by the facts that its own rules need; overrides do not count.
    only_there : tuple of str
        Ids of the rules that fire there and not here.
    only_here : tuple of str
        Ids of the rules that fire here and not there.
    """

    jurisdiction: str
    outcome: Outcome
    state: State
    only_there: tuple[str, ...]
    only_here: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """Result of the check of one planned act.

    Parameters
    ----------
    case : CareCase
        The facts, with the planned act among them.
    outcome : str
        "blocked", "warned" or "allowed", from the findings alone. A record that contradicts itself is blocked.
    jurisdiction : str
        Jurisdiction whose rules decided.
    chosen : bool
        Whether a jurisdiction was named; if not, the strictest of all decided.
    findings : tuple of Finding
        Rules that fired: emergencies, blocks, warnings, information.
    unchecked : tuple of Unchecked
        Rules that could not be decided, with the facts that are missing; blocks first.
    contradictions : tuple of Contradiction
        Facts that cannot all be true.
    symptoms : tuple of Symptom
        Symptoms in the record, with the adverse reaction that each may indicate.
    lapsed : tuple of (Override, str)
        Overrides that are no longer in force, each with the reason.
    """

    case: CareCase
    outcome: Outcome
    jurisdiction: str
    chosen: bool
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    contradictions: tuple[Contradiction, ...]
    symptoms: tuple[Symptom, ...]
    lapsed: tuple[tuple[Override, str], ...] = ()

    def __repr__(self) -> str:
        return f"<Check of {self.action}: {self.state}, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        from bonecast.care.notebook import html

        return html(self)

    @property
    def action(self) -> str:
        """The planned act, as the rules name it."""
        return str(self.case.values["planned_action"])

    def ids(self, severity: str) -> tuple[str, ...]:
        """The rules of this severity that fired."""
        return tuple(finding.rule for finding in self.findings if finding.severity == severity)

    @property
    def state(self) -> State:
        """What may be done now.

        "do_not_give" : a rule blocks, or the record contradicts itself.
        "not_complete" : a fact is missing that could still block; `questions` says which.
        "caution" : a rule warns, results of one day contradict each other, or a finding was overridden.
        "clear" : no contraindication and no caution was found, and no fact is missing that could block.
        "given" : the injection is in the record on this day.
        """
        held = [find_rule(one.rule) for one in self.findings if one.overridden is None]
        return self._state(held, not self.complete, bool(self.overridden))

    @property
    def switched_off(self) -> tuple[tuple[Rule, str], ...]:
        """The rules that would fire, were they not switched off in this clinic, each with the reason."""
        return tuple(switched_off(self.case.values))

    @property
    def overridden(self) -> tuple[Finding, ...]:
        """The findings that a clinician overrode."""
        return tuple(one for one in self.findings if one.overridden is not None)

    @property
    def emergency(self) -> Finding | None:
        """The finding that asks for help today, whatever act was asked for; None where there is none."""
        urgent = emergency_rules(self.case)
        return next((one for one in self.findings if one.rule in urgent), None)

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The results of one day that contradict each other, in words; the worse of them counts."""
        return tuple(_conflict(name, known) for name, known in self.case.facts.items() if known.others)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The blocks and warnings by the fact that they rest on, each fact once."""
        return causes_of(self.findings)

    @property
    def advice(self) -> Advice:
        """What is said for information: what is new since the last injection, what was known, what is said always."""
        last = self.case.known("last_denosumab_offset_days")
        return advice_in(self.findings, last.date if last is not None else None)

    @property
    def alternatives(self) -> Alternatives:
        """What can be done now instead: the acts that no rule blocks, or else to whom to refer and when."""
        facts = self.case.facts.items()
        several = {name: known.same_day for name, known in facts if known.same_day}
        return alternatives({name: known.value for name, known in facts}, same_day=several)

    @property
    def complete(self) -> bool:
        """Is every fact there that could still block this act for this person?"""
        return not self._missing

    def missing(self) -> dict[str, tuple[str, ...]]:
        """Which missing facts could still block, and by which rules?"""
        return dict(self._missing)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What must be asked before the answer is complete, in the order in which it is asked."""
        return questions(self._missing)

    @cached_property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """The same check in each of the other jurisdictions."""
        return tuple(self._in(place) for place in JURISDICTIONS if place != self.jurisdiction)

    def _in(self, place: str) -> Elsewhere:
        there = self.case.under(place)
        found, ids = fired(there.values), [one.rule for one in self.findings]
        return Elsewhere(
            place,
            "blocked" if self.contradictions else outcome_of(found),
            self._state(found, bool(_missing_in(there))),
            tuple(rule.id for rule in found if rule.id not in ids),
            tuple(one for one in ids if one not in {rule.id for rule in found}),
        )

    def _state(self, held: Iterable[Rule], missing: bool, doubt: bool = False) -> State:
        if self.action in GIVING and self.case.values.get("last_denosumab_offset_days") == 0:
            return "given"
        if self.contradictions:
            return "do_not_give"
        return state_of(held, missing, doubt or bool(self.conflicts))

    @cached_property
    def _missing(self) -> dict[str, tuple[str, ...]]:
        return _missing_in(self.case)


def check(
    patient: Patient,
    action: str | None = None,
    jurisdiction: str | None = None,
    on: dt.date | None = None,
    facts: Mapping[str, Value | str] | None = None,
    overrides: Iterable[Override] = (),
) -> Check:
    """Check whether an act may be done for this person now, and what to consider.

    Parameters
    ----------
    patient : Patient
        The record.
    action : str, optional
        Act: a common name such as "next dose", "stop" or "dental procedure", or the name in the rules, such as
        "continue_60"; by default the next injection.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest of the five.
    on : date, optional
        Day of the act; by default the day of the record.
    facts : mapping of str to Value, optional
        Facts that the record does not hold, by variable, such as {"administered_by": "self"}.
    overrides : iterable of Override
        Findings that a clinician overrode, with the reason; the other findings decide the outcome.

    Returns
    -------
    Check
        Findings, outcome, and what could not be checked.

    Raises
    ------
    InputError
        If the day is before the record, a value cannot be read, or an override does not apply. The content of the
        record never raises.
    UnknownName
        If the act, the jurisdiction or a fact is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> checked = check(read_patient("examples/late-dose.toml"), "stop", "UK")
    >>> checked.outcome, checked.ids("warn")
    ('blocked', ('DC-13',))
    >>> checked.findings[0].would_change
    ('follow-on antiresorptive is planned: yes',)
    """
    return check_case(case_of(patient, action, jurisdiction, on, facts), overrides)


def case_of(
    patient: Patient,
    action: str | None = None,
    jurisdiction: str | None = None,
    on: dt.date | None = None,
    facts: Mapping[str, Value | str] | None = None,
) -> CareCase:
    """Build the case of a record, an act and a day.

    Parameters
    ----------
    patient : Patient
        The record.
    action : str, optional
        Act, as in `check`; by default the next injection.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, if any.
    on : date, optional
        Day of the act; by default the day of the record.
    facts : mapping of str to Value, optional
        Facts that the record does not hold, by variable.

    Returns
    -------
    CareCase
        The facts, with the planned act among them.

    Raises
    ------
    InputError
        If the day is before the record, or a value cannot be read.
    UnknownName
        If the act, the jurisdiction or a fact is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> case_of(read_patient("examples/late-dose.toml"), "stop", "UK").values["planned_action"]
    'stop'
    """
    day = check_day(on or patient.record_date, "day of the act")
    if day < patient.record_date:
        cause = gettext(
            "{day} lies before the record ({record_date})", day=day, record_date=patient.record_date
        )
        raise InputError("--on", cause, gettext("give the day of the record or a later one"))
    known = person_facts(patient, day)
    for name, value in (facts or {}).items():
        known[name] = Known(read_value(find_variable(name, "facts"), value, f"facts, {name}"), None, "given")
    known |= planned(action, known)
    if _other_product_active(known):
        known.setdefault("concurrent_denosumab_product", Known(True, None, "the other strength still covers"))
    if jurisdiction is not None:
        if jurisdiction not in JURISDICTIONS:
            raise UnknownName("--jurisdiction", "jurisdiction", jurisdiction, JURISDICTIONS)
        known["jurisdiction"] = Known(jurisdiction, None, "chosen")
    known.setdefault("concurrent_denosumab_product", Known(False, day, "injections in the record"))
    for name in ("calcium_lln_mmol_L", "calcium_uln_mmol_L", "route"):
        default = variables()[name].case_default
        assert default is not None
        known.setdefault(name, Known(default, None, "usual value, not from the record"))
    return _worse_for_the_act(CareCase(known, day))


def under_rules_of(patient: Patient, jurisdiction: str | None) -> Patient:
    """Give the record a jurisdiction.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; None leaves the record unchanged.

    Returns
    -------
    Patient
        The record with this jurisdiction.

    Raises
    ------
    UnknownName
        If the jurisdiction is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> dict(under_rules_of(read_patient("examples/late-dose.toml"), "EU").facts)["jurisdiction"]
    'EU'
    """
    if jurisdiction is None:
        return patient
    if jurisdiction not in JURISDICTIONS:
        raise UnknownName("--jurisdiction", "jurisdiction", jurisdiction, JURISDICTIONS)
    return replace(
        patient, facts=tuple(sorted({**dict(patient.facts), "jurisdiction": jurisdiction}.items()))
    )


def emergency_rules(case: CareCase) -> tuple[str, ...]:
    """The rules that are an emergency for this person: symptoms of a low calcium too where no calcium is known."""
    known = not is_open(case.values.get("albumin_corrected_calcium_mmol_L"))
    return EMERGENCIES if known else (*EMERGENCIES, URGENT)


def _missing_in(case: CareCase) -> dict[str, tuple[str, ...]]:
    return missing_facts({name: known.value for name, known in case.facts.items()})


def _conflict(name: str, known: Known) -> str:
    variable = find_variable(name, "conflict")
    others = ", ".join(variable.shown(one) for one in known.others)
    return gettext(
        "{label} of {date}: {shown} and {others}; the worse counts",
        label=gettext(variable.label),
        date=known.date,
        shown=variable.shown(known.value),
        others=others,
    )


def _other_product_active(known: Mapping[str, Known]) -> bool:
    """Is one strength planned while an injection of the other still covers?"""
    current, offset = known.get("current_dose_mg"), known.get("last_denosumab_offset_days")
    strength = str(known["planned_action"].value).rpartition("_")[2]
    if current is None or offset is None or strength not in ("60", "120") or current.value == float(strength):
        return False
    return -float(offset.value) < COVER_D[float(current.value)]


def check_case(case: CareCase, overrides: Iterable[Override] = ()) -> Check:
    """Check a case.

    Parameters
    ----------
    case : CareCase
        The case; where it names no jurisdiction, the strictest decides.
    overrides : iterable of Override
        Findings that a clinician overrode, with the reason.

    Returns
    -------
    Check
        Findings, outcome, and what could not be checked.

    Raises
    ------
    InputError
        If an override names a rule that did not fire, or one that cannot be overridden.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> check_case(case_of(read_patient("examples/late-dose.toml"), "stop", "UK")).state
    'do_not_give'
    """
    chosen = "jurisdiction" in case.facts
    if not chosen:
        case = _strictest(case)
    here = str(case.values["jurisdiction"])
    found = fired(case.values)
    findings = {rule.id: finding_of(rule, case) for rule in found}
    in_force, over = {}, []
    for one in overrides:
        why = lapsed(one, case, findings.get(one.rule))
        if why:
            over.append((one, why))
            continue
        if one.rule not in findings:
            raise InputError(
                "--override", gettext("{rule} did not fire", rule=one.rule), gettext("leave it out")
            )
        if one.rule in NOT_OVERRIDABLE:
            raise InputError(
                "--override",
                gettext("{rule} cannot be overridden", rule=one.rule),
                gettext("do what it says"),
            )
        in_force[one.rule] = bound(one, case, findings[one.rule])
    for rule_id, one in in_force.items():
        findings[rule_id] = overridden(findings[rule_id], one)
    contradictions = tuple(contradictions_in(case.values))
    outcome = outcome_of(rule for rule in found if rule.id not in in_force)
    if outcome == "allowed" and any(find_rule(rule_id).severity != "inform" for rule_id in in_force):
        outcome = "warned"
    return Check(
        case,
        "blocked" if contradictions else outcome,
        here,
        chosen,
        tuple(
            sorted(findings.values(), key=lambda f: (f.rule not in EMERGENCIES, SEVERITIES.index(f.severity)))
        ),
        tuple(
            sorted(
                (unchecked_of(rule, case) for rule in undecided(case.values)),
                key=lambda one: SEVERITIES.index(one.severity),
            )
        ),
        contradictions,
        symptoms_in(case.values),
        tuple(over),
    )


def _strictest(case: CareCase) -> CareCase:
    """The case in the jurisdiction with the strictest outcome, and among these with the most blocks and warnings."""
    open_case = CareCase(
        {**case.facts, "jurisdiction": Known(JURISDICTIONS[0], None, "the strictest")}, case.on
    )
    return open_case.under(min(JURISDICTIONS, key=lambda place: _strictness(open_case.under(place))))


def _strictness(case: CareCase) -> tuple[int, int]:
    """The stricter the outcome of a case, the lower; among equals, the more blocks and warnings."""
    found = fired(case.values)
    return OUTCOMES.index(outcome_of(found)), -sum(rule.severity != "inform" for rule in found)


def _worse_for_the_act(case: CareCase) -> CareCase:
    """The case with the worse of the values of one day, where this act decides which is the worse."""
    for name, known in case.facts.items():
        if known.same_day:
            tried = [
                CareCase({**case.facts, name: _another(known, value)}, case.on) for value in known.same_day
            ]
            case = min(
                tried, key=lambda one: _strictness(one if "jurisdiction" in one.facts else _strictest(one))
            )
    return case


def _another(known: Known, value: float) -> Known:
    """The fact with another of the values of its day; those that contradict it stand beside it."""
    apart = tuple(
        sorted({one for one in (known.value, *known.others) if one != value} if known.others else ())
    )
    return replace(known, value=value, others=apart)
