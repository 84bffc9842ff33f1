"""Steps laid on days: when each starts and ends, and when each dose falls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bonecast.regimens.course import Dose, Step


@dataclass(frozen=True)
class PlacedStep:
    """A step of a regimen laid on days.

    Parameters
    ----------
    step : Step
        The step.
    start_d : float
        First day, from the start of the regimen.
    end_d : float
        End, in days from the start of the regimen.
    doses : tuple of Dose
        Its doses in order of time.
    """

    step: Step
    start_d: float
    end_d: float
    doses: tuple[Dose, ...]


def lay_out(steps: Iterable[Step]) -> tuple[PlacedStep, ...]:
    """When does each step start and end?

    A step without a wait starts when the step before it ends. A wait counts from the last dose so far,
    whatever stands between; so a wait that is shorter than a pause before it starts its step inside that
    pause. The first step starts on day 0: if it waits, the wait counts from a dose before the plan, and
    the caller that knows that dose places day 0.
    """
    placed: list[PlacedStep] = []
    cover_end, last_dose = 0.0, None
    for step in steps:
        start = cover_end if step.wait is None or last_dose is None else last_dose + step.wait.days
        # Sorting is stable: doses of one moment keep the order of the text.
        doses = [dose for course in step.courses for dose in course.doses(start)]
        doses.sort(key=lambda dose: dose.time_d)
        cover_end = start + step.length_d
        if doses:
            # No step starts before the last dose that precedes it, so this one's last dose is the latest.
            last_dose = doses[-1].time_d
        placed.append(PlacedStep(step, start, cover_end, tuple(doses)))
    return tuple(placed)
