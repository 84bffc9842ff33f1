"""What the calls on care answer: the shape of a check, of a plan in dates and of a leaflet."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel

Severity = Literal["block", "warn", "inform"]
Outcome = Literal["blocked", "warned", "allowed"]


class SourceLine(BaseModel):
    """Where something was read."""

    key: str
    year: int | None
    text: str
    where: str


class FactLine(BaseModel):
    """A fact that a rule used; its value is null where the rule fired because it is missing."""

    name: str
    label: str
    value: bool | float | str | None
    unit: str
    date: dt.date | None
    age_days: int | None
    origin: str


class OtherLine(BaseModel):
    """A rule that says something else about the same question."""

    id: str
    jurisdictions: list[str]
    severity: Severity
    advice: str
    source: SourceLine
    mark: str
    fires: bool


class PositionLine(BaseModel):
    """One question, and who says what: pairs of a jurisdiction, or societies, and its position."""

    key: str
    question: str
    rules: list[str]
    positions: list[tuple[str, str]]


class OverrideLine(BaseModel):
    """Why, by whom and when a finding was set aside."""

    rule: str
    reason: str
    by: str
    at: dt.datetime


class FindingLine(BaseModel):
    """One rule that fired. Its source was read where `mark` is published; else it is unverified."""

    rule: str
    topic: str
    severity: Severity
    advice: str
    strength: str
    source: SourceLine
    mark: str
    jurisdictions: list[str]
    review_by: dt.date
    facts: list[FactLine]
    why: list[str]
    would_change: list[str]
    others: list[OtherLine]
    positions: list[PositionLine]
    overridden: OverrideLine | None
    asks_for: list[str]


class UncheckedLine(BaseModel):
    """A rule that could not be decided, and the facts that are missing for it."""

    rule: str
    topic: str
    severity: Severity
    advice: str
    missing: list[str]


class MissingLine(BaseModel):
    """A missing fact, and the blocks and warnings that wait for it."""

    fact: str
    rules: list[str]


class ContradictionLine(BaseModel):
    """Where the record contradicts itself."""

    id: str
    what: str


class SymptomLine(BaseModel):
    """A symptom in the record, and the adverse reactions that it may point to."""

    fact: str
    heading: str
    title: str
    signs: str
    rules: list[str]


class ElsewhereLine(BaseModel):
    """The outcome in another jurisdiction, and the rules that fire only on one side."""

    jurisdiction: str
    outcome: Outcome
    only_there: list[str]
    only_here: list[str]


class CheckAnswer(BaseModel):
    """The answer for one planned act."""

    action: str
    on: dt.date
    jurisdiction: str
    jurisdiction_chosen: bool
    outcome: Outcome
    complete: bool
    block_ids: list[str]
    warn_ids: list[str]
    inform_ids: list[str]
    contradictions: list[ContradictionLine]
    findings: list[FindingLine]
    symptoms: list[SymptomLine]
    missing: list[MissingLine]
    unchecked: list[UncheckedLine]
    elsewhere: list[ElsewhereLine]
    standing: str


class ResultLine(BaseModel):
    """The latest result of a test: flagged "low" or "high" or not, and whether it is new enough to serve."""

    value: float
    unit: str
    date: dt.date
    flag: Literal["", "low", "high"]
    fresh: bool


class ClockLine(BaseModel):
    """How many days the last 60 mg injection lies back, and the day from which it is late."""

    last_injection: dt.date
    day: int
    limit: int


class DateLine(BaseModel):
    """One date of the plan; `uid` names it in calendars, `have` is the day of a result that already serves."""

    uid: str
    part: Literal["now", "before", "next", "after", "long", "exit"]
    date: dt.date
    first: dt.date | None
    last: dt.date | None
    what: str
    text: str
    rules: list[str]
    sources: list[str]
    marks: list[str]
    have: dt.date | None
    result: ResultLine | None


class ScheduleAnswer(BaseModel):
    """The dates of one person, in order, and what would follow if the last injection had been the last."""

    patient: str
    today: dt.date
    injection: dt.date | None
    jurisdiction: str
    ending: bool
    entries: list[DateLine]
    exit_plan: list[DateLine]
    withheld: list[str]
    situation: str
    clock: ClockLine | None


class LeafletPart(BaseModel):
    """Lines under one title; an empty title for none."""

    key: str
    title: str
    lines: list[str]


class LeafletAnswer(BaseModel):
    """A leaflet in one language."""

    language: str
    title: str
    situation: str
    withheld: list[str]
    sections: list[LeafletPart]
    day: str
    standing: str
