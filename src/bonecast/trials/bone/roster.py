"""Who is enrolled in a trial and which arm each gets: the first eligible candidates, in order, and the lot."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from bonecast.cohorts import (
    Covariates,
    Eligibility,
    Population,
    Tilting,
    own_population,
    population,
    tilting,
)
from bonecast.engine import normals, normals_at
from bonecast.errors import InputError
from bonecast.trials.allocation import allocate
from bonecast.trials.bone.design import CENTRE, BoneDesign, Group
from bonecast.trials.bone.noise import centre_of

APART = 2**32  # candidate numbers of one trial lie so far from those of the next
BLOCK = 8192  # candidates drawn at a time
MOST_SCREENED = 400  # candidates for each person enrolled, after which the search is given up
# Where people are chosen a larger weight counts as this one: one in a thousand has such, and screening would take two
# to three times as long; means of the freedom preset stay within 0.01 SD of its table.
MOST_WEIGHT = 8.0
KEPT = 4  # rosters in memory
_rosters: OrderedDict[tuple[str, int], Roster] = OrderedDict()
_guard = threading.Lock()
_busy: dict[tuple[str, int], threading.Lock] = {}


@dataclass(frozen=True)
class Roster:
    """candidates[person], arms[person] (positions in the design) of one trial, and how many were screened for it."""

    candidates: np.ndarray
    arms: np.ndarray
    screened: int


@dataclass(frozen=True)
class RosterPart:
    """The people of one trial from `first` on: candidates[person] and arms[person]."""

    trial: int
    first: int
    candidates: np.ndarray
    arms: np.ndarray


_given: ContextVar[tuple[str, RosterPart] | None] = ContextVar("given_people", default=None)


def roster(design: BoneDesign, trial: int) -> Roster:
    """The roster of one trial, made once and kept while it is in use.

    >>> from bonecast.trials import preset
    >>> from dataclasses import replace
    >>> few = roster(replace(preset("freedom"), people=8), 0)
    >>> np.bincount(few.arms).tolist()
    [4, 4]
    """
    key = design.hash, trial
    with _guard:
        if key in _rosters:
            _rosters.move_to_end(key)
            return _rosters[key]
        lock = _busy.setdefault(key, threading.Lock())
    with lock:
        with _guard:
            if key in _rosters:
                return _rosters[key]
        made = _enrol(design, trial)
        with _guard:
            _rosters[key] = made
            _busy.pop(key, None)
            while len(_rosters) > KEPT:
                _rosters.popitem(last=False)
    return made


@contextmanager
def given_people(design: BoneDesign, part: RosterPart | None) -> Iterator[None]:
    """While it lasts, these people are taken from a part of a roster that was made elsewhere; None for no such part."""
    token = _given.set(None if part is None else (design.hash, part))
    try:
        yield
    finally:
        _given.reset(token)


def roster_part(design: BoneDesign, first: int, last: int) -> RosterPart | None:
    """The roster of people `first` to `last`, numbered through all trials; None where they are of several trials.

    >>> from bonecast.trials import preset
    >>> from dataclasses import replace
    >>> few = replace(preset("freedom"), people=8)
    >>> part = roster_part(few, 2, 5)
    >>> part.first, len(part.candidates)
    (2, 4)
    """
    trial, person = divmod(first, design.people)
    if last // design.people != trial:
        return None
    whole = roster(design, trial)
    here = slice(person, person + last - first + 1)
    return RosterPart(trial, person, whole.candidates[here], whole.arms[here])


def _enrol(design: BoneDesign, trial: int) -> Roster:
    people, asked = people_of(design.group), eligibility(design.group.eligible)
    law = tilt(design)
    needed, first = design.people, trial * APART
    found: list[np.ndarray] = []
    strata: list[list[np.ndarray]] = [[] for _ in design.strata]
    enrolled, seen = 0, 0
    while enrolled < needed:
        drawn = people.draw(design.seed, first + seen, BLOCK)
        held = asked.holds(drawn)
        if law is not None and design.group.by == "choice":
            lot = ndtr(normals(design.seed, "chosen for the table", first + seen, BLOCK))
            held &= lot * min(law.most, MOST_WEIGHT) < law.weights(drawn)
        places = np.flatnonzero(held)[: needed - enrolled]
        found.append((seen + places).astype(np.uint32))  # below APART
        chosen = drawn.select(places)
        for said, name in zip(strata, design.strata, strict=True):
            said.append(_stratum(design, chosen, name))
        enrolled += len(places)
        seen = seen + BLOCK if enrolled < needed else int(found[-1][-1]) + 1
        if seen > MOST_SCREENED * (needed + BLOCK):
            raise few_eligible("design", enrolled, seen)
    candidates = np.concatenate(found).astype(np.int64) + first
    if design.unit == CENTRE:
        arms = arms_of_centres(design, trial)[_centres(design, design.seed, candidates)]
    else:
        arms = allocate(design, [np.concatenate(said) for said in strata], trial)
    return Roster(candidates, arms, seen)


def _stratum(design: BoneDesign, chosen: Covariates, name: str) -> np.ndarray:
    """Which part of a stratum each of these people belongs to: yes or no, or the centre."""
    if name != CENTRE:
        return eligibility((name,)).holds(chosen)

    return _centres(design, chosen.seed, chosen.number)


def _centres(design: BoneDesign, seed: int, number: np.ndarray) -> np.ndarray:
    """The centre of each of these candidates."""
    return centre_of(design.centres, lambda decision: normals_at(seed, decision, number), len(number))


def arms_of_centres(design: BoneDesign, trial: int) -> np.ndarray:
    """The arm of each centre: as many centres of each as the shares say, at random which.

    >>> from dataclasses import replace
    >>> from bonecast.trials import preset
    >>> np.bincount(arms_of_centres(replace(preset("freedom"), centres=8), 0)).tolist()
    [4, 4]
    """
    labels = np.repeat(np.arange(len(design.arms), dtype=np.int8), [arm.share for arm in design.arms])
    order = np.argsort(normals(design.seed, f"lots of centres, trial {trial}", 0, design.centres))
    arms = np.empty(design.centres, np.int8)
    arms[order] = np.resize(labels, design.centres)
    return arms


def few_eligible(place: str, enrolled: int, seen: int) -> InputError:
    """That hardly anybody, or nobody, is eligible."""
    cause = f"of {seen:,} candidates {enrolled:,} are eligible"
    return InputError(f"{place}, population, eligible", cause, "ask for less, or of another population")


@dataclass(frozen=True)
class Enrolled:
    """Some people of one trial. trial, person[i], arm[i], their covariates."""

    trial: int
    person: np.ndarray
    arm: np.ndarray
    covariates: Covariates

    @property
    def count(self) -> int:
        """How many people?"""
        return len(self.person)

    def normal(self, name: str) -> np.ndarray:
        """The stream of a decision: one normal number for each person, no matter who else is drawn."""
        return normals_at(self.covariates.seed, name, self.covariates.number)


def enrolled(design: BoneDesign, trial: int, first: int, count: int) -> Enrolled:
    """The people `first` to `first + count - 1` of a trial, in order of enrolment."""
    candidates, arms = _listed(design, trial, first, count)
    start = int(candidates[0])
    drawn = people_of(design.group).draw(design.seed, start, int(candidates[-1]) - start + 1)
    return Enrolled(
        trial,
        np.arange(first, first + count),
        arms.astype(np.int64),
        drawn.select(candidates - start),
    )


def _listed(design: BoneDesign, trial: int, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Candidates and arms of these people: of the part that was given, or of the roster made here."""
    given = _given.get()
    if given is not None and given[0] == design.hash:
        part = given[1]
        if part.trial == trial and part.first <= first and first + count <= part.first + len(part.arms):
            here = slice(first - part.first, first - part.first + count)
            return part.candidates[here], part.arms[here]
    whole = roster(design, trial)
    return whole.candidates[first : first + count], whole.arms[first : first + count]


def weights(design: BoneDesign, people: Covariates) -> np.ndarray:
    """The weight of each person: 1, unless people are weighted to a target table."""
    law = tilt(design)
    return np.ones(people.count) if law is None or design.group.by == "choice" else law.weights(people)


def tilt(design: BoneDesign) -> Tilting | None:
    """What brings the eligible people to the target table; None for a design without one."""
    return _tilt(design.group) if design.group.target else None


@cache
def eligibility(texts: tuple[str, ...]) -> Eligibility:
    """The conditions, read once."""
    return Eligibility.of(texts)


@cache
def people_of(group: Group) -> Population:
    """The population that candidates come from: of the library, or the table of one's own."""
    like = population(group.preset)
    return own_population(like, dict(group.rows)) if group.rows else like


@cache
def _tilt(group: Group) -> Tilting:
    return tilting(people_of(group), group.target, eligibility(group.eligible))
