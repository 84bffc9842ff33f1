"""A plan that was read: its steps, the doses that they make, and the plan said back in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from bonecast.errors import printable
from bonecast.regimens.course import Dose, DoseCourse, Step
from bonecast.regimens.span import DAYS_IN, plain_number
from bonecast.regimens.timing import PlacedStep, lay_out


@dataclass(frozen=True)
class Regimen:
    """A treatment regimen; all times are days from its start.

    Two regimens are equal when their steps are, however they were written.

    Parameters
    ----------
    text : str
        The regimen as it was written; `str(regimen)` is the canonical text, which reads back as the same regimen.
    steps : tuple of Step
        Steps, one after the other.

    Examples
    --------
    >>> from bonecast.regimens import parse_regimen
    >>> plan = parse_regimen("Prolia 60mg every 6 months x 2, then nothing for 1 year")
    >>> str(plan)
    'denosumab 60 mg every 6 months x 2, then nothing for 1 year'
    >>> [dose.time_d for dose in plan.doses], plan.end_d
    ([0.0, 182.625], 730.5)
    """

    text: str = field(compare=False)
    steps: tuple[Step, ...]

    def __repr__(self) -> str:
        return f"<Plan: {printable(str(self), 100)}>"

    def _repr_html_(self) -> str:
        from bonecast.regimens.notebook import html

        return html(self)

    @cached_property
    def placed(self) -> tuple[PlacedStep, ...]:
        """The steps with their start and end."""
        return lay_out(self.steps)

    @cached_property
    def doses(self) -> tuple[Dose, ...]:
        """All doses in order of time; doses of one moment in the order of the text."""
        # Each step's doses are in order, and no step starts before a dose of the steps that precede it.
        return tuple(dose for placed in self.placed for dose in placed.doses)

    @property
    def end_d(self) -> float:
        """The day on which the last cover, or the last "nothing for", ends."""
        return max((placed.end_d for placed in self.placed), default=0.0)

    @property
    def last_dose_d(self) -> float | None:
        """The day of the last dose; None for a plan without any."""
        return self.doses[-1].time_d if self.doses else None

    @property
    def drugs(self) -> tuple[str, ...]:
        """Generic names, in the order in which the text brings them."""
        return tuple(dict.fromkeys(course.drug for step in self.steps for course in step.courses))

    @property
    def starts_after_last_dose_d(self) -> float | None:
        """If the first step says "6 months after the last dose": that wait in days, else None.

        The dose meant lies before the plan. Day 0 of the plan is this many days after it.
        """
        first = self.steps[0] if self.steps else Step()
        return first.wait.days if first.wait else None

    def describe(self) -> str:
        """The plan in a plain sentence, with the months at which each step starts and ends.

        >>> from bonecast.regimens import parse_regimen
        >>> parse_regimen("denosumab 60 mg every 6 months x 4, then nothing for 1 year").describe()
        '4 doses of denosumab 60 mg every 6 months, until month 24; then nothing for 1 year, until month 36.'
        """
        return "; then ".join(_described(placed) for placed in self.placed) + "."

    def __str__(self) -> str:
        return ", then ".join(str(step) for step in self.steps)


def _described(placed: PlacedStep) -> str:
    step = placed.step
    start, end = _month(placed.start_d), _month(placed.end_d)
    if step.pause:
        return f"nothing for {step.pause}, until {end}"
    wait = f"{step.wait} after the last dose, " if step.wait else ""
    given = " together with ".join(_course_described(course) for course in step.courses)
    since = f"from {start} " if placed.start_d > 0 else ""
    when = f"{since}until {end}" if placed.end_d > placed.start_d else f"at {start}"
    return f"{wait}{given}, {when}"


def _course_described(course: DoseCourse) -> str:
    dose = f"{course.drug} {plain_number(course.amount)} {course.unit}"
    if course.interval is None:
        return f"one dose of {dose}"
    return f"{course.n_doses} dose{'' if course.n_doses == 1 else 's'} of {dose} {course.rhythm}"


def _month(time_d: float) -> str:
    month = round(time_d / DAYS_IN["months"], 1)
    return f"month {plain_number(month)}" if month > 0 else "the start"
