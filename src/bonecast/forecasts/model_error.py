"""Model error in a forecast: each draw has an error of the model of its own, which stays the same within a class.

A model that is wrong for a class of treatment (`bonecast.models.discrepancy`) is wrong in the same direction for as
long as the class lasts. So a draw has one standard normal for each endpoint and class, z[class], and its error is

    BMD, points     D(t) = sum over classes z[class] sd(T),   T months in that class since the last anchor
    levels          dD/dt = (z[class] sd(T) - D) / settles    ln of a marker, calcium, ln of a fracture rate

The anchor is the last measurement of the endpoint, up to which the person's own values decide, or the first dose; the
clock of BMD begins again on the day of the decision. Strategies that are in one class share z, and their difference
keeps its precision; in different classes the errors are independent but for what two phases of one drug share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from bonecast.engine import normals
from bonecast.models import Discrepancy, DiscrepancyTable, Model, discrepancy_rule, without_table
from bonecast.outcomes import GAP_D
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, Dose, cover_d, drug_class, treatment_phase

SHORT_D = 1.0
RISES_MONTHS = 3.0  # in which an error of bone density rises to the first that was seen
_WITHOUT_COVER = {"zoledronate": DAYS_IN["years"]}  # a single infusion that no label repeats
FRACTURES = {
    "vertebral": "vertebral_fracture",
    "multiple vertebral": "vertebral_fracture",
    "hip": "hip_fracture",
    "nonvertebral": "nonvertebral_fracture",
}


@dataclass(frozen=True)
class Segment:
    """A stretch of days in one phase of treatment."""

    start_d: float
    end_d: float
    drug: str
    phase: str


@dataclass(frozen=True)
class ModelError:
    """The error of a model for the people of one forecast.

    Parameters
    ----------
    table : DiscrepancyTable
        Of the model, or by the rule.
    population : str
        The person's, as the table names populations.
    anchors : mapping of str to float
        Endpoint key to the day of its last measurement; the first day for one without.
    today_d : float
        The day of the decision.
    count, seed : int
        Of the draws; the same seed gives the same errors in every strategy.
    """

    table: DiscrepancyTable
    population: str
    anchors: Mapping[str, float]
    today_d: float
    count: int
    seed: int

    def path(self, given: Sequence[Dose], planned: Sequence[Dose], days: np.ndarray) -> ErrorPath:
        """The error over these days under doses given and planned; the past does not depend on what is planned."""
        today = self.today_d
        past = (replace(s, end_d=min(s.end_d, today)) for s in segments(given, today) if s.start_d < today)
        ahead = segments((*given, *planned), float(days[-1]))
        future = (replace(s, start_d=max(s.start_d, today)) for s in ahead if s.end_d > today)
        return ErrorPath(self, (*past, *future), days)

    def holds(self, endpoint: str) -> bool:
        """Is there an estimate for this endpoint? There is none for PTH and the level of denosumab."""
        return any(row.endpoint == endpoint for row in self.table.rows)

    def z(self, endpoint: str, drug: str, phase: str) -> np.ndarray:
        """The standard normal [person] of one class."""
        common = discrepancy_rule("fracture_level") if endpoint.endswith("_fracture") else 0.0
        shared = (1 - common) * discrepancy_rule("same_drug")
        own = 1 - common - shared
        return (
            np.sqrt(shared) * self._part(endpoint, drug)
            + np.sqrt(own) * self._part(endpoint, f"{drug} {phase}")
            + (np.sqrt(common) * self._part(endpoint, "all") if common else 0.0)
        )

    def _part(self, endpoint: str, of: str) -> np.ndarray:
        own = normals(self.seed, f"discrepancy {endpoint} {of}", 0, self.count)
        if not endpoint.endswith("_BMD"):
            return own
        bone = discrepancy_rule("same_bone")
        every_site = normals(self.seed, f"discrepancy BMD {of}", 0, self.count)
        return np.sqrt(bone) * every_site + np.sqrt(1 - bone) * own


@dataclass(frozen=True)
class ErrorPath:
    """The error of a model under one strategy.

    Parameters
    ----------
    error : ModelError
        Of the people.
    segments : tuple of Segment
        Phases of treatment.
    days : ndarray
        Past and future.
    """

    error: ModelError
    segments: tuple[Segment, ...]
    days: np.ndarray

    def of(self, endpoint: str) -> np.ndarray | None:
        """D[person, day], for bone density in points; None for an endpoint without an estimate."""
        if not self.error.holds(endpoint):
            return None
        weights = self._cumulative(endpoint) if endpoint.endswith("_BMD") else self._level(endpoint)
        return sum(
            (self.error.z(endpoint, *key)[:, None] * of[None, :] for key, of in weights.items()),
            np.zeros((self.error.count, len(self.days))),
        )

    def classes(self, endpoint: str, until_d: float) -> tuple[Discrepancy, ...]:
        """The classes between today and a day, each once, in order of time."""
        within = (s for s in self.segments if s.end_d > self.error.today_d and s.start_d < until_d)
        return tuple(dict.fromkeys(self._class(endpoint, s) for s in within))

    def _class(self, endpoint: str, of: Segment) -> Discrepancy:
        return self.error.table.find(endpoint, of.drug, self.error.population, of.phase)

    def _anchor(self, endpoint: str) -> float:
        if endpoint.endswith("_fracture"):
            return self.error.today_d
        return min(self.error.anchors.get(endpoint, float(self.days[0])), self.error.today_d)

    def _cumulative(self, endpoint: str) -> dict[tuple[str, str], np.ndarray]:
        """Weight [day] of each class for what adds up; the clock begins at the anchor, and again today."""
        today = self.error.today_d
        weights: dict[tuple[str, str], np.ndarray] = {}
        for begins, ends in ((self._anchor(endpoint), today), (today, np.inf)):
            months: dict[tuple[str, str], np.ndarray] = {}
            of: dict[tuple[str, str], Discrepancy] = {}
            for s in self.segments:
                start, end = max(s.start_d, begins), min(s.end_d, ends)
                if end <= start:
                    continue
                found = self._class(endpoint, s)
                key = _key(found, s)
                of[key] = found
                months[key] = (
                    months.get(key, 0.0) + np.clip(self.days - start, 0.0, end - start) / DAYS_IN["months"]
                )
            for key, m in months.items():
                weights[key] = weights.get(key, 0.0) + of[key].sd_at(m) * np.clip(m / RISES_MONTHS, 0.0, 1.0)
        return weights

    def _level(self, endpoint: str) -> dict[tuple[str, str], np.ndarray]:
        """Weight [day] of each class for a level, which moves to that of a new phase."""
        days, anchor = self.days, self._anchor(endpoint)
        aims: dict[tuple[str, str], np.ndarray] = {}
        for s in self.segments:
            found = self._class(endpoint, s)
            at = (days >= max(s.start_d, anchor)) & (days < s.end_d)
            aim = aims.setdefault(_key(found, s), np.zeros(len(days)))
            aim[at] = found.sd_at((days[at] - max(s.start_d, anchor)) / DAYS_IN["months"])
        settles = _settles_d(endpoint)
        if not settles:
            return aims
        kept = np.exp(-np.diff(np.maximum(days, anchor)) / settles)
        for aim in aims.values():
            aim[0] = 0.0
            for i, k in enumerate(kept, start=1):
                aim[i] = k * aim[i - 1] + (1 - k) * aim[i]
        return aims


def model_error(
    model: Model, patient: Patient, anchors: Mapping[str, float], today_d: float, count: int, seed: int
) -> ModelError:
    """The error of a model for one person; a model without a table takes the rule."""
    table = model.discrepancy or without_table()
    return ModelError(table, population_of(patient), anchors, today_d, count, seed)


def population_of(patient: Patient) -> str:
    """The population of a person, as the table of discrepancies names it."""
    if patient.fact("indication") in ("AI", "ADT"):
        return str(patient.fact("indication"))
    if patient.fact("glucocorticoid") is True:
        return "GIOP"
    return "MALE_OP" if patient.sex == "male" else "PMO"


def segments(doses: Iterable[Dose], last_d: float) -> tuple[Segment, ...]:
    """Cut the days up to the last one into phases of treatment.

    A dose that comes within a month of the end of the cover goes on with the treatment.

    >>> from bonecast.regimens import parse_regimen
    >>> doses = parse_regimen("denosumab 60 mg every 6 months x 2, then nothing for 1 year").doses
    >>> [(round(s.start_d), s.drug, s.phase) for s in segments(doses, 730.0)]
    [(0, 'denosumab', 'on_treatment'), (365, 'denosumab', 'after_stopping')]
    """
    courses = list(_courses(doses))
    edges = {day for course in courses for day in (course.start_d, course.end_d)}
    cuts = [0.0, *sorted(day for day in edges if 0 < day <= last_d), last_d + 1.0]
    found: list[Segment] = []
    for start, end in pairwise(cuts):
        middle = (start + end) / 2
        at = treatment_phase([dose for course in courses for dose in course.until(middle)], middle)
        if found and (found[-1].drug, found[-1].phase) == (at.drug, at.phase):
            found[-1] = replace(found[-1], end_d=end)
        elif end > start:
            found.append(Segment(start, end, at.drug, at.phase))
    return tuple(found)


@dataclass(frozen=True)
class _PhaseCourse:
    """Doses of one class that follow one another without a gap."""

    first: Dose
    end_d: float

    @property
    def start_d(self) -> float:
        return self.first.time_d

    def until(self, day: float) -> Iterable[Dose]:
        """What the phase of that day needs: the first dose, and one whose cover ends as that of the course does."""
        if self.start_d < day:
            yield self.first
            latest = min(day - SHORT_D, self.end_d - self.first.cover_d)
            yield replace(self.first, time_d=max(self.start_d, latest))


def _courses(doses: Iterable[Dose]) -> Iterable[_PhaseCourse]:
    open_: dict[str, _PhaseCourse] = {}
    for given in sorted(doses, key=lambda d: d.time_d):
        name = drug_class(given)
        if not name:
            continue
        dose = replace(given, cover_d=given.cover_d or cover_d(given) or _WITHOUT_COVER.get(name, SHORT_D))
        end = dose.time_d + dose.cover_d
        course = open_.get(name)
        if course is not None and dose.time_d <= course.end_d + GAP_D:
            open_[name] = replace(course, end_d=max(course.end_d, end))
            continue
        if course is not None:
            yield course
        open_[name] = _PhaseCourse(dose, end)
    yield from open_.values()


def _key(found: Discrepancy, at: Segment) -> tuple[str, str]:
    """The class whose error two segments share; a row for any drug or phase stands for each of them apart."""
    return (at.drug if found.drug == "any" else found.drug, at.phase if found.phase == "any" else found.phase)


def _settles_d(endpoint: str) -> float:
    if endpoint.endswith("_fracture"):
        return 0.0
    return discrepancy_rule("calcium_settles_d" if endpoint == "calcium" else "marker_settles_d")
