"""What a plan is made of: steps, each of one or more courses, which make doses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bonecast.regimens.span import Span, plain_number

# Rounding in span / interval must not add a dose on the day on which the span ends.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Dose:
    """One administration.

    Parameters
    ----------
    time_d : float
        Days from the start of the regimen.
    drug : str
        Generic name.
    amount : float
        In `unit`.
    unit : str
        "mg" or "ug".
    cover_d : float
        Interval that the dose covers, in days; 0 for a single dose. The last dose of a course that runs "for" a span
        keeps its whole interval, although the step ends with the span.

    Examples
    --------
    >>> Dose(0.0, "denosumab", 60.0, "mg", 182.625).cover_d
    182.625
    """

    time_d: float
    drug: str
    amount: float
    unit: str
    cover_d: float


@dataclass(frozen=True)
class DoseCourse:
    """One drug at one dose and interval: given once, a number of times, or for a duration.

    Parameters
    ----------
    drug : str
        Generic name.
    amount : float
        In `unit`.
    unit : str
        "mg" or "ug".
    interval : Span, optional
        Time between doses; None for a single dose.
    count : int, optional
        Number of doses; exactly one of `count` and `duration` is set where there is an interval.
    duration : Span, optional
        How long doses are given.
    """

    drug: str
    amount: float
    unit: str
    interval: Span | None = None
    count: int | None = None
    duration: Span | None = None

    @property
    def n_doses(self) -> int:
        """How many doses? With a duration: those strictly before its end, and at least the first."""
        if self.interval is None:
            return 1
        if self.duration is None:
            return self.count or 1
        return max(1, math.ceil(self.duration.days / self.interval.days - ROUNDING))

    @property
    def cover_d(self) -> float:
        """Days that one dose covers."""
        return self.interval.days if self.interval else 0.0

    @property
    def length_d(self) -> float:
        """Days from the first dose to the end of the cover; with a duration, to the end of that."""
        return self.duration.days if self.duration else self.n_doses * self.cover_d

    def doses(self, start_d: float) -> list[Dose]:
        """The doses, if the first is given on day `start_d`."""
        return [
            Dose(start_d + i * self.cover_d, self.drug, self.amount, self.unit, self.cover_d)
            for i in range(self.n_doses)
        ]

    def __str__(self) -> str:
        head = f"{self.drug} {plain_number(self.amount)} {self.unit}"
        if self.interval is None:
            return f"{head} once"
        repeat = f"for {self.duration}" if self.duration else f"x {self.count}"
        return f"{head} {self.rhythm} {repeat}"

    @property
    def rhythm(self) -> str:
        """How often, in the words of the grammar: once, daily, weekly, monthly or "every 6 months"."""
        if self.interval is None:
            return "once"
        short = {"days": "daily", "weeks": "weekly", "months": "monthly"}
        if self.interval.number == 1 and self.interval.unit in short:
            return short[self.interval.unit]
        return f"every {self.interval}"


@dataclass(frozen=True)
class Step:
    """Courses that start together, or a pause.

    Parameters
    ----------
    courses : tuple of DoseCourse
        The courses; empty for a pause.
    wait : Span, optional
        Time after the last dose at which the step starts; by default it starts when the cover before it ends.
    pause : Span, optional
        Length of the pause ("nothing for 24 months").
    """

    courses: tuple[DoseCourse, ...] = ()
    wait: Span | None = None
    pause: Span | None = None

    @property
    def length_d(self) -> float:
        """Days from the start of the step to its end: the pause, or the longest of the courses."""
        return self.pause.days if self.pause else max(course.length_d for course in self.courses)

    @property
    def n_doses(self) -> int:
        """Doses of all courses together."""
        return sum(course.n_doses for course in self.courses)

    def __str__(self) -> str:
        if self.pause:
            return f"nothing for {self.pause}"
        wait = f"{self.wait} after the last dose " if self.wait else ""
        return wait + " with ".join(str(course) for course in self.courses)
