"""The people of one arm as they follow it: their injections, visits, phases of treatment, and what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bonecast.regimens import Regimen, parse_regimen
from bonecast.trials.bone.adherence import Appointments, Stream, appointments, late_and_missed
from bonecast.trials.bone.courses import Phase, template
from bonecast.trials.bone.design import BoneArm, BoneDesign, Taking
from bonecast.trials.bone.visits import attended, visit_days


@dataclass(frozen=True)
class Following:
    """The people of an arm, at `places` of the slice that is played.

    phases : plans in order of time. days, present : [person, visit], when each visit is and whether it is attended.
    crossed, rescued : days, NaN for who was not. followed : the last day of each in the trial.
    """

    arm: BoneArm
    places: np.ndarray
    phases: tuple[Phase, ...]
    days: np.ndarray
    present: np.ndarray
    followed: np.ndarray
    crossed: np.ndarray
    rescued: np.ndarray


def follow_arm(
    design: BoneDesign, arm: BoneArm, places: np.ndarray, followed: np.ndarray, stream: Stream
) -> Following:
    """How these people follow their arm, before any rescue. `stream` gives the numbers of these people."""
    none = np.full(len(places), np.nan)
    taking = arm.adherence or design.taking
    first = _phase(design, taking, parse_regimen(arm.plan), np.zeros(len(places)), stream, "")
    made = Following(arm, places, (first,), first.kept.given, none > 0, followed, none, none)
    made = _seen(design, made, stream)
    if arm.after_stop is not None:
        day = first.kept.stopped + arm.after_stop.after_d
        day = np.where(day <= followed, np.ceil(day), np.nan)
        other = _onto(design, made, arm.after_stop.plan, day, stream, "after the stop, ")
        return _seen(design, other, stream, crossed=day)
    if arm.crossover is None:
        return made
    at = design.place(arm.crossover.at)
    # who misses the visit crosses on its day all the same, if still in the trial
    crossed = np.where(made.days[:, at] <= followed, made.days[:, at], np.nan)
    return _seen(
        design,
        _onto(design, made, arm.crossover.plan, crossed, stream, "crossover, "),
        stream,
        crossed=crossed,
    )


def rescue_arm(design: BoneDesign, made: Following, rescued: np.ndarray, stream: Stream) -> Following:
    """The same people, of whom some go onto the rescue plan on the day `rescued` (NaN for who does not)."""
    assert made.arm.rescue is not None
    return _seen(
        design,
        _onto(design, made, made.arm.rescue.plan, rescued, stream, "rescue, "),
        stream,
        rescued=rescued,
    )


def some(made: Following, who: np.ndarray) -> Following:
    """Those of the people whose places in the arm it names."""
    phases = tuple(
        Phase(
            p.template,
            Appointments(p.kept.planned, p.kept.given[who], p.kept.due[who], p.kept.stopped[who]),
            p.start[who],
            p.end[who],
        )
        for p in made.phases
    )
    return Following(
        made.arm,
        made.places[who],
        phases,
        made.days[who],
        made.present[who],
        made.followed[who],
        made.crossed[who],
        made.rescued[who],
    )


def counted(made: Following) -> dict[str, np.ndarray]:
    """Doses, late doses, missed doses, and the day on which the drug was stopped for good (NaN for never)."""
    totals = np.zeros((3, len(made.places)), np.int64)
    stopped = np.full(len(made.places), np.nan)
    for phase in made.phases:
        until = np.minimum(np.nextafter(phase.end, -np.inf), made.followed) - phase.start
        totals += np.stack(late_and_missed(phase.kept, until))
        day = np.where(phase.kept.stopped <= until, phase.start + phase.kept.stopped, np.nan)
        stopped = np.where(np.isnan(stopped), day, stopped)
    return {"doses": totals[0], "late_doses": totals[1], "missed_doses": totals[2], "stopped_d": stopped}


def _phase(
    design: BoneDesign, taking: Taking, plan: Regimen, start: np.ndarray, stream: Stream, prefix: str
) -> Phase:
    def own(name: str) -> np.ndarray:
        return stream(prefix + name)

    kept = appointments(plan, taking, len(start), own)
    return Phase(template(design.model, plan), kept, start, np.full(len(start), np.inf))


def _onto(
    design: BoneDesign, made: Following, plan: str, day: np.ndarray, stream: Stream, prefix: str
) -> Following:
    """From `day` on (NaN: never) the people follow another plan; what came before ends there."""
    start = np.where(np.isnan(day), np.inf, day)
    taking = made.arm.adherence or design.taking
    ended: Sequence[Phase] = [replace(p, end=np.minimum(p.end, start)) for p in made.phases]
    return replace(made, phases=(*ended, _phase(design, taking, parse_regimen(plan), start, stream, prefix)))


def _seen(design: BoneDesign, made: Following, stream: Stream, **days: np.ndarray) -> Following:
    """The visits, given the injections of all phases."""
    given = [
        np.where(p.start[:, None] + p.kept.given < p.end[:, None], p.start[:, None] + p.kept.given, np.nan)
        for p in made.phases
    ]
    seen = visit_days(design, np.concatenate(given, axis=1), stream)
    return replace(made, days=seen, present=attended(design, seen, made.followed, stream), **days)
