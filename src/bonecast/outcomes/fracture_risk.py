"""From hazards to what is counted: persons with a fracture in a window of time, and how many had several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bonecast.errors import InputError, UnknownName
from bonecast.outcomes.clinic_baseline import ClinicBaseline
from bonecast.outcomes.fracture_course import YEAR_D, FractureCourse, burst
from bonecast.outcomes.fracture_hazard import cluster, hazard
from bonecast.outcomes.fracture_parameters import fracture_parameters
from bonecast.outcomes.fracture_profile import Profile

_AT_LEAST = {"multiple vertebral": 2, "four or more vertebral": 4}


@dataclass(frozen=True)
class FractureRisk:
    """Hazards over time, and what they come to in a window of days.

    Parameters
    ----------
    days : ndarray
        Days of the curves.
    hazard : mapping of str to ndarray
        Kind to [person, time], per 100 person-years.
    cluster : ndarray
        [person, time], the chance that a vertebral event breaks one vertebra more.
    """

    days: np.ndarray
    hazard: Mapping[str, np.ndarray]
    cluster: np.ndarray
    _areas: dict[tuple[str, int | None], tuple[np.ndarray, np.ndarray]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # of hazards that were asked for: the curve, and its area up to each day

    def cumulative(self, kind: str, from_day: float, to_day: float) -> np.ndarray:
        """Probability[person], 0 to 1, of at least one fracture of that kind in the window, if none was before in it.

            P = 1 - exp(-integral of the hazard)

        For "multiple vertebral" it is the probability of two or more new vertebral fractures in the window, in one
        event or in several; for "four or more vertebral" of four or more. Mean over persons times 1,000: people with
        a fracture per 1,000. Raises UnknownName for a kind, InputError for a window outside the course.

        >>> flat = FractureRisk(np.array([0.0, 365.25]), {"hip": np.full((1, 2), 0.4)}, np.zeros((1, 2)))
        >>> flat.cumulative("hip", 0, 365.25).round(5).tolist()
        [0.00399]
        """
        if kind in _AT_LEAST:
            return self._several(_AT_LEAST[kind], from_day, to_day)
        return -np.expm1(-self._integral(kind, from_day, to_day))

    def rate(self, kind: str, from_day: float, to_day: float) -> np.ndarray:
        """Persons[person] with a fracture of that kind per 100 person-years: -ln(1 - cumulative) over the window."""
        years = (to_day - from_day) / YEAR_D
        return -100 * np.log1p(-self.cumulative(kind, from_day, to_day)) / years

    def share_multiple(self, from_day: float, to_day: float) -> np.ndarray:
        """Of those with a new vertebral fracture in the window, which share[person] has two or more?

        For a group, divide the sums over persons instead: the share of a mean is not the mean of shares.
        """
        several = self.cumulative("multiple vertebral", from_day, to_day)
        return several / self.cumulative("vertebral", from_day, to_day)

    def _several(self, count: int, from_day: float, to_day: float) -> np.ndarray:
        """P(`count` fractures or more): clusters of 1, 2, 3 ... come as independent Poisson streams.

        With m_k the mean number of events of k fractures, P(0) = exp(-sum of all m) and
        n P(n) = sum over k of k m_k P(n - k).
        """
        means = [self._integral("vertebral", from_day, to_day, k) for k in range(count - 1)]
        chance = [np.exp(-self._integral("vertebral", from_day, to_day))]
        for n in range(1, count):
            chance.append(np.sum([k * means[k - 1] * chance[n - k] for k in range(1, n + 1)], axis=0) / n)
        return np.maximum(0.0, 1 - np.sum(chance, axis=0))

    def _of(self, kind: str) -> np.ndarray:
        if kind not in self.hazard:
            raise UnknownName("fracture risk", "kind of fracture", kind, self.hazard)
        return self.hazard[kind]

    def _integral(self, kind: str, from_day: float, to_day: float, more: int | None = None) -> np.ndarray:
        """Events per person in the window: the area under straight lines between the days.

        more : only events that break so many vertebrae beside the first.
        """
        days = self.days
        if not days[0] <= from_day < to_day <= days[-1]:
            raise InputError(
                f"fracture window, day {from_day:g} to {to_day:g}",
                "it is empty or not inside the course",
                f"keep it within day {days[0]:g} to {days[-1]:g}",
            )
        if (kind, more) not in self._areas:
            curves = self._of(kind)
            if more is not None:
                curves = curves * (1 - self.cluster) * self.cluster**more
            area = np.diff(days) * (curves[:, 1:] + curves[:, :-1]) / 2
            to_date = np.concatenate([np.zeros((len(curves), 1)), np.cumsum(area, axis=1)], axis=1)
            self._areas[kind, more] = curves, to_date
        curves, to_date = self._areas[kind, more]
        return (_area_at(to_day, days, curves, to_date) - _area_at(from_day, days, curves, to_date)) / (
            100 * YEAR_D
        )


def fracture_risk(
    profile: Profile,
    course: FractureCourse,
    parameters: Mapping[str, float] | None = None,
    clinic: ClinicBaseline | None = None,
) -> FractureRisk:
    """Compute how often people break a bone on this course. The equations and sources are in `docs/fractures.md`.

    Parameters
    ----------
    profile : Profile
        Who, on day 0.
    course : FractureCourse
        BMD and turnover from day 0, with and without the drugs.
    parameters : mapping of str to float, optional
        Those of `fracture.toml` unless given.
    clinic : ClinicBaseline, optional
        Whose rates stand behind a clinic patient; those of the people of trials by default.

    Returns
    -------
    FractureRisk
        Hazards per 100 person-years.

    Raises
    ------
    InputError
        Where profile and course do not fit together.

    Examples
    --------
    A woman like those of the FREEDOM trial, without treatment, over three years:

    >>> days = np.arange(0.0, 1100.0, 7.0)
    >>> ageing = -0.5 * days / 365.25  # % of total hip BMD
    >>> untreated = FractureCourse(
    ...     days=days, ls=0 * days, th=ageing, ls_untreated=0 * days, th_untreated=ageing,
    ...     resorption=0 * days + 1, formation=0 * days + 1,
    ... )
    >>> woman = Profile(age=72.0, female=1, th_t=-1.9, fn_t=-2.2, ls_t=-2.8, prior_vertebral=0.23)
    >>> bool(0.05 < fracture_risk(woman, untreated).cumulative("vertebral", 0, 1095)[0] < 0.08)
    True
    """
    values = fracture_parameters() if parameters is None else parameters
    released = burst(values, course)
    hazards = hazard(values, profile, course, clinic, released)
    q = np.broadcast_to(cluster(values, profile, course, released), hazards["vertebral"].shape)
    return FractureRisk(course.days, hazards, q)


def _area_at(day: float, days: np.ndarray, curves: np.ndarray, to_date: np.ndarray) -> np.ndarray:
    """Area from the first day to `day`."""
    i = min(int(np.searchsorted(days, day, side="right")) - 1, len(days) - 2)
    passed = day - days[i]
    slope = (curves[:, i + 1] - curves[:, i]) / (days[i + 1] - days[i])
    return to_date[:, i] + passed * (curves[:, i] + slope * passed / 2)
