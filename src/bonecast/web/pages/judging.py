"""What the worklist says of each person: the judge of the care rules is asked, and its answer kept for the day.

There is no second rule here: whether something can be given is what `bonecast.care` says of the next injection. Who is
due in eight weeks or overdue is judged again each day; everybody else when the record changes, or when that time comes.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session

from bonecast.care import Check, Known, Override, Situation, case_of, limit_days, situation_of, variables
from bonecast.core import ENGLISH, Between, speaking
from bonecast.errors import InputError
from bonecast.records import Patient
from bonecast.web.context import later_of, settings_of, store_of
from bonecast.web.pages.whose_rules import whose_rules
from bonecast.web.service_figures import history_for_figures
from bonecast.web.store import StoredPerson, overrides, people, worklist

# The results without which nothing is given, and how they are shown.
CALCIUM, KIDNEY = "albumin_corrected_calcium_mmol_L", ("egfr_mL_min_173m2", "crcl_mL_min")
URGENT, LOW = ("emergency",), ("calcium_low",)
# Days past the due day of 60 mg.
VERY_LATE_D, LATE_D = (limit_days(key) - limit_days("due_d") for key in ("very_late_d", "on_time_last_d"))
LOOK_S, WORK_S, FILE_S = 0.1, 0.5, 20.0  # how long a page, a step and a file judge whom the list waits for
AT_ONCE = 200  # people that are asked for from the database at once


@speaking(ENGLISH)  # it is kept, for pages in any language
def judged(
    person: StoredPerson, standing: Iterable[Override], clinic: str | None, today: dt.date
) -> dict[str, Any]:
    """The columns of the worklist for this person on this day; a record that cannot be used is blocked and says so."""
    kept: dict[str, Any] = {"judged_version": person.version, "judged_until": None}
    try:
        patient = people.patient(person, today)
        patient = replace(patient, record_date=max(today, patient.record_date))
        case = case_of(patient)
        doses = [one for one in patient.doses if one.drug == "denosumab"]
        last = case.known("last_denosumab_offset_days")
        kept |= {
            "last_dose": last.date if last is not None else None,
            "doses": int(float(case.values.get("n_doses_received", len(doses)))),
            "days": history_for_figures(patient),
            **_shown("calcium", case.known(CALCIUM), 2),
            **_shown("egfr", case.known(KIDNEY[0]), 0),
        }
        near = None if person.due is None else person.due - dt.timedelta(worklist.HORIZON_D)
        if near is None or near > today:
            until = None if near is None else near - dt.timedelta(1)
            return kept | {"judged_until": until, "state": "", "blocked": False, "reason": "", "urgency": 9}
        return kept | {"judged_until": today} | _asked(patient, person, tuple(standing), clinic, today)
    except InputError as error:
        return kept | {
            "judged_until": today,
            "state": "do_not_give",
            "blocked": True,
            "reason": worklist.reason_of("record", error.cause),
            "urgency": 1,
        }


def refresh(request: Request, s: Session, budget_s: float, today: dt.date) -> int:
    """Judge whom the list waits for, for so long at most; how many are still waiting.

    What was found is written by `Later`, so that somebody who only looks waits for nobody.
    """
    ends, clinic, made = time.monotonic() + budget_s, settings_of(request).jurisdiction, {}
    waiting = worklist.stale(s, today, AT_ONCE)
    for person in waiting:
        if time.monotonic() > ends:
            break
        standing = (one.override for one in overrides.standing(s, person.id) if not one.ended)
        made[person.id] = judged(person, standing, clinic, today)
    if made:
        later_of(request).write(f"worklist {min(made)}", lambda writing: worklist.keep(writing, made))
    if len(waiting) < AT_ONCE:
        return len(waiting) - len(made)
    with store_of(request).reading() as fresh:
        return worklist.stale_count(fresh, today)


def refresh_all(request: Request, s: Session, today: dt.date) -> int:
    """Judge everybody whom the list waits for, as far as `FILE_S` goes; how many are still waiting."""
    ends = time.monotonic() + FILE_S
    left = refresh(request, s, WORK_S, today)
    while left and time.monotonic() < ends:
        with store_of(request).reading() as fresh:
            left = refresh(request, fresh, WORK_S, today)
    return left


def _asked(
    patient: Patient, person: StoredPerson, standing: tuple[Override, ...], clinic: str | None, today: dt.date
) -> dict[str, Any]:
    """What the judge says of the next injection of someone who is due soon or overdue."""
    found = situation_of(patient, whose_rules(patient, "", clinic), overrides=standing)
    check = found.checks[0]
    wanting = [name for name in (CALCIUM, *KIDNEY) if name in check.missing()]
    blocked = found.withheld or check.state == "do_not_give" or bool(wanting)
    assert person.due is not None
    return {
        "state": check.state,
        "blocked": blocked,
        "reason": _reason(found, check, wanting),
        "urgency": _urgency(found, (today - person.due).days, blocked),
    }


def _reason(found: Situation, check: Check, wanting: list[str]) -> str:
    """What is to be settled first, as the list keeps it; the open questions where nothing blocks."""
    if check.emergency is not None or URGENT[0] in found.reasons:
        return worklist.reason_of("emergency")
    if check.contradictions:
        return worklist.reason_of("contradiction")
    obtain = check.alternatives.obtain if check.state == "do_not_give" else ()
    obtain = obtain or tuple(variables()[name].label for name in wanting)
    if obtain:
        return worklist.reason_of("obtain", *obtain)
    causes = [one.label for one in check.causes if one.head.severity == "block"]
    if causes or found.withheld:
        return worklist.reason_of("settle", *causes) if causes else worklist.reason_of("check")
    count = len(check.questions)
    return worklist.reason_of("questions", str(count)) if count else ""


def _urgency(found: Situation, late_d: int, blocked: bool) -> int:
    """The place in the order of work: 1 first.

    A calcium that is too low; more than 16 weeks late; more than 4 weeks late; kidneys; not yet possible; due.
    """
    rungs = (
        any(one in found.reasons for one in (*URGENT, *LOW)),
        late_d > VERY_LATE_D,
        late_d > LATE_D,
        "kidneys" in found.reasons,
        blocked and late_d >= -worklist.SOON_D,
        late_d >= -worklist.SOON_D,
    )
    return next((number for number, holds in enumerate(rungs, start=1) if holds), 8)


def _shown(name: str, known: Known | None, digits: int) -> dict[str, Any]:
    """A result and its day, as two columns."""
    if known is None:
        return {name: "", f"{name}_day": None}
    value = str(known.value) if isinstance(known.value, Between) else f"{float(known.value):.{digits}f}"
    return {name: value, f"{name}_day": known.date}
