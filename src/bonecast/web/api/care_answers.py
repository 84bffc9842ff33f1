"""What the calls on care answer: the shape of a check, of a plan in dates and of a leaflet."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel

from bonecast.care import (
    Alternatives,
    Elsewhere,
    Finding,
    Outcome,
    Question,
    SituationName,
    State,
    Symptom,
    Unchecked,
)


class MissingLine(BaseModel):
    """A missing fact, and the blocks that wait for it."""

    fact: str
    rules: list[str]


class ContradictionLine(BaseModel):
    """Where the record contradicts itself."""

    id: str
    what: str


class OverrideLine(BaseModel):
    """Why, by whom, when, and for which act and values a finding is overridden; `until` is the last day of it."""

    rule: str
    reason: str
    by: str
    at: dt.datetime
    action: str
    values: list[tuple[str, bool | float | str | None]]
    until: dt.date


class OverriddenLine(OverrideLine):
    """An override that holds, and the advice that it sets aside."""

    advice: str


class LapsedLine(OverrideLine):
    """An override that no longer holds, and why."""

    why: str


class CauseLine(BaseModel):
    """One fact of the person and the rules that rest on it, the most severe first."""

    label: str
    rule: str
    also: list[str]


class AdviceLine(BaseModel):
    """Rules for information: new since the last injection, known then already, said at every dose."""

    new: list[str]
    known: list[str]
    routine: list[str]


class KidneyLine(BaseModel):
    """One estimate of kidney function; its value is null where the record does not give it."""

    name: str
    label: str
    value: float | str | None
    unit: str
    date: dt.date | None
    age_days: int | None
    origin: str


class CheckAnswer(BaseModel):
    """The answer for one planned act, as `bonecast.care.content` makes it.

    `state` says what may be done: do_not_give, not_complete (`questions` must still be answered), caution, clear or
    given. `outcome` is that of the findings alone. `emergency` asks for help today, whatever act was asked for.
    `alternatives` are there where the act is not to be done.
    """

    action: str
    on: dt.date
    jurisdiction: str
    jurisdiction_chosen: bool
    outcome: Outcome
    state: State
    heading: str
    complete: bool
    emergency: Finding | None
    conflicts: list[str]
    block_ids: list[str]
    warn_ids: list[str]
    inform_ids: list[str]
    contradictions: list[ContradictionLine]
    findings: list[Finding]
    causes: list[CauseLine]
    advice: AdviceLine
    alternatives: Alternatives | None
    overridden: list[OverriddenLine]
    lapsed: list[LapsedLine]
    kidney: list[KidneyLine]
    symptoms: list[Symptom]
    questions: list[Question]
    missing: list[MissingLine]
    unchecked: list[Unchecked]
    elsewhere: list[Elsewhere]
    standing: str


class ResultLine(BaseModel):
    """The latest result of a test, "<2.3" where only a bound is known: its flag, and whether it is new enough."""

    value: float | str
    unit: str
    date: dt.date
    flag: Literal["", "low", "high", "unclear"]
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
    situation: SituationName
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
    situation: SituationName
    withheld: list[str]
    sections: list[LeafletPart]
    day: str
    standing: str
