"""From a plan and the days on which it is really taken to the dose events of each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bonecast.engine import Bolus, Event, Infusion
from bonecast.models import Model
from bonecast.regimens import Regimen, dose_events
from bonecast.trials.bone.adherence import Appointments, is_injection


@dataclass(frozen=True)
class Template:
    """The events of a plan, each hung on an appointment: so many days after it, or after the start where it is -1."""

    events: tuple[Event, ...]
    anchor: tuple[int, ...]
    after_d: tuple[float, ...]


@dataclass(frozen=True)
class Phase:
    """A plan as these people follow it: from the day `start[person]` up to `end[person]`, which is no part of it.

    kept : its appointments, counted from the start.
    """

    template: Template
    kept: Appointments
    start: np.ndarray
    end: np.ndarray


def template(model: Model, plan: Regimen) -> Template:
    """The events of a plan, ready to be moved.

    Doses of a course (tablets, daily injections) hang on the injection before them and move with it.
    """
    doses = [d for d in plan.doses if d.drug != "placebo"]
    # placebo injections are appointments too, and give no event
    planned = sorted({d.time_d for d in plan.doses if is_injection(d)})
    anchor = [int(np.searchsorted(planned, d.time_d, side="right")) - 1 for d in doses]
    after = [d.time_d - (planned[a] if a >= 0 else 0.0) for d, a in zip(doses, anchor, strict=True)]
    return Template(tuple(dose_events(model, doses)), tuple(anchor), tuple(after))


def person_events(
    model: Model, before: Sequence[Event], phases: Sequence[Phase], person: int, offset_d: float
) -> list[Event]:
    """All events of one person: those of the run-in, and each phase's, `offset_d` days later than day 0."""
    per_day = model.system.per_day
    events = list(before)
    for phase in phases:
        start, end = float(phase.start[person]), float(phase.end[person])
        given, stopped = phase.kept.given[person].tolist(), float(phase.kept.stopped[person])
        cut = min(end - start, stopped if stopped == stopped else np.inf)
        for event, anchor, after in zip(
            phase.template.events, phase.template.anchor, phase.template.after_d, strict=True
        ):
            day = (given[anchor] if anchor >= 0 else 0.0) + after
            if not day < cut:  # also NaN: an injection that is not given
                continue
            time = (start + day + offset_d) * per_day
            if isinstance(event, Bolus):
                events.append(Bolus(time, event.route, event.amount))
            elif isinstance(event, Infusion):
                events.append(Infusion(time, event.route, event.amount, event.duration))
    return events


def all_alike(phases: Sequence[Phase]) -> bool:
    """Do all of these people have the same events?"""
    return all(
        bool(np.all(array == array[:1]) or np.isnan(array).all())
        for phase in phases
        for array in (phase.kept.given, phase.kept.stopped, phase.start, phase.end)
        if array.size
    )
