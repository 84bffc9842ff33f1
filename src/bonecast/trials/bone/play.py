"""A bone trial played: people enrolled, treated, followed week by week by the model, seen at visits, and counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import polars as pl
from scipy.special import ndtr

from bonecast.cohorts import Cohort, Events, Trajectories, on_secondary_drug
from bonecast.engine import Event, normals
from bonecast.outcomes import Profile
from bonecast.regimens import dose_events, parse_regimen
from bonecast.trials.bone.adherence import Stream, by_clinic
from bonecast.trials.bone.columns import is_list, is_whole, outcome_columns
from bonecast.trials.bone.courses import all_alike, person_events
from bonecast.trials.bone.curves import DayGrid, follow, grid_of, outputs_of, replace_people
from bonecast.trials.bone.design import BoneArm, BoneDesign
from bonecast.trials.bone.following import Following, counted, follow_arm, rescue_arm, some
from bonecast.trials.bone.fractures import draw_fractures
from bonecast.trials.bone.leaving import death_day, dropout_day
from bonecast.trials.bone.measured import found_on_films, lowest_calcium, readings
from bonecast.trials.bone.noise import centre_of
from bonecast.trials.bone.rescue import CHANGE, condition, meets
from bonecast.trials.bone.roster import Enrolled, enrolled, weights
from bonecast.trials.bone.skeletal import skeletal_events

SLICE = 750  # people at most whose curves are in memory at a time
MOST_NUMBERS = 3_000_000  # of these curves: 24 MB, and about four times that while a slice is worked on


def play_bone(design: BoneDesign, first: int, count: int) -> pl.DataFrame:
    """Outcomes of everybody in trials `first` to `first + count - 1`, one row for each person."""
    return play_people(design, first * design.people, count * design.people)


def play_people(design: BoneDesign, first: int, count: int) -> pl.DataFrame:
    """Outcomes of people `first` to `first + count - 1`, numbered through all trials (trial * people + person).

    The columns are those of `outcome_columns`. A person's row is the same, no matter who else is played.

    >>> from dataclasses import replace
    >>> from bonecast.trials import preset
    >>> few = replace(preset("freedom"), people=8)
    >>> play_people(few, 0, 8)["arm"].value_counts()["count"].to_list()
    [4, 4]
    """
    return pl.concat([outcomes_of(design, course) for course in courses(design, first, count)])


@dataclass(frozen=True)
class PeopleCourse:
    """Some people of one trial as they went through it: when each left and why, their arms, curves and readings.

    lost, died : days, infinite for never. followed : the last day in the trial. seen : {quantity_visit: readings}.
    """

    people: Enrolled
    lost: np.ndarray
    died: np.ndarray
    followed: np.ndarray
    arms: Sequence[Following]
    grid: DayGrid
    curves: Trajectories
    seen: Mapping[str, np.ndarray]
    stream: Stream


def courses(design: BoneDesign, first: int, count: int) -> Iterator[PeopleCourse]:
    """These people, so many at a time that their curves fit into memory."""
    last = first + count
    run_in = parse_regimen(design.run_in) if design.run_in else None
    grid = grid_of(design, round(run_in.end_d) if run_in else 0.0)
    before = dose_events(design.model, run_in.doses) if run_in else []
    most = max(1, min(SLICE, MOST_NUMBERS // (len(grid.days) * len(outputs_of(design)))))
    while first < last:
        trial, person = divmod(first, design.people)
        size = min(most, last - first, design.people - person)
        yield _followed(design, grid, before, enrolled(design, trial, person, size))
        first += size


def _followed(design: BoneDesign, grid: DayGrid, before: Sequence[Event], people: Enrolled) -> PeopleCourse:
    """One slice of one trial."""
    stream = cache(people.normal)
    centre = centre_of(design.centres, stream, people.count)
    covariates = people.covariates
    lost = dropout_day(design.dropout, stream)
    died = death_day(design.death, covariates["age"] + grid.run_in_d / 365.25, covariates["female"], stream)
    followed = np.floor(np.minimum(np.minimum(lost, died), design.end_d))
    arms = []
    for i, arm in enumerate(design.arms):
        places = np.flatnonzero(people.arm == i)
        if places.size:
            own = _of(_with_clinics(design, arm, people, centre, stream), places)
            arms.append(follow_arm(design, arm, places, followed[places], own))
    cohort = _cohort(design, people)
    curves = follow(design, grid, cohort, _groups(design, grid, before, arms))
    seen = _readings(design, curves, people, arms, stream)
    for k, made in enumerate(arms):
        if made.arm.rescue is not None:
            arms[k] = _rescued(design, grid, before, curves, made, seen, stream)
    if any(np.isfinite(made.rescued).any() for made in arms):
        seen = _readings(design, curves, people, arms, stream)
    return PeopleCourse(people, lost, died, followed, arms, grid, curves, seen, stream)


def _cohort(design: BoneDesign, people: Enrolled) -> Cohort:
    """These people, with the factors of the design and of each arm on their parameters."""
    cohort = Cohort.of(design.model, people.covariates)
    factors: dict[str, np.ndarray] = {}
    for who, pairs in [
        (slice(None), design.factors),
        *((people.arm == i, arm.factors) for i, arm in enumerate(design.arms)),
        *(
            (
                (people.arm == i) & (ndtr(people.normal("antibodies")) < arm.antibodies.share),
                arm.antibodies.factors,
            )
            for i, arm in enumerate(design.arms)
            if arm.antibodies is not None
        ),
    ]:
        for name, value in pairs:
            factors.setdefault(name, np.ones(people.count))[who] *= value
    return (
        cohort.with_parameters({n: cohort.parameter(n) * f for n, f in factors.items()})
        if factors
        else cohort
    )


def outcomes_of(design: BoneDesign, course: PeopleCourse) -> pl.DataFrame:
    """What is kept of these people."""
    people, curves, followed, stream = course.people, course.curves, course.followed, course.stream
    covariates = people.covariates
    days, present = _visits(design, people.count, course.arms)
    found: dict[str, np.ndarray] = {
        "trial": np.full(people.count, people.trial, np.int32),
        "person": people.person.astype(np.int32),
        "centre": 1 + centre_of(design.centres, stream, people.count),
        "weight": weights(design, covariates),
        **covariates,
        "followed_d": followed.astype(np.int32),
        "failed": ~curves.succeeded,
        **_course(people.count, course.arms),
        **{f"day_{v.name}": np.where(present[:, i], days[:, i], np.nan) for i, v in enumerate(design.visits)},
        **course.seen,
        **_events(design, course.grid, curves, people, followed, days, present, stream),
        "calcium_min": lowest_calcium(curves, followed),
    }
    dies_first = (course.died <= course.lost) & (course.died < design.end_d)
    words = {
        "id": covariates.ids,
        "arm": [design.arms[i].name for i in people.arm],
        "left": np.select([dies_first, course.lost < design.end_d], ["death", "dropout"], "").tolist(),
    }
    return _frame(design, found, words)


def _with_clinics(
    design: BoneDesign, arm: BoneArm, people: Enrolled, centre: np.ndarray, stream: Stream
) -> Stream:
    """The stream with what people of one clinic share in how injections are taken."""
    shared = (arm.adherence or design.taking).clinic_icc
    if not shared:
        return stream

    def clinic() -> np.ndarray:
        return normals(design.seed, "clinic", people.trial * design.centres, design.centres)[centre]

    return by_clinic(stream, shared, clinic)


def _of(stream: Stream, places: np.ndarray) -> Stream:
    """The same decisions, of some of the people."""
    return lambda name: stream(name)[places]


def _groups(
    design: BoneDesign, grid: DayGrid, before: Sequence[Event], arms: Sequence[Following]
) -> list[tuple[np.ndarray, Events]]:
    """Who is followed together: an arm with one list of events where all get the same, else one list for each."""
    groups: list[tuple[np.ndarray, Events]] = []
    for made in arms:
        if all_alike(made.phases):
            groups.append((made.places, person_events(design.model, before, made.phases, 0, grid.run_in_d)))
            continue
        lists = [
            person_events(design.model, before, made.phases, i, grid.run_in_d)
            for i in range(len(made.places))
        ]
        groups.append((made.places, lists))
    return groups


def _rescued(
    design: BoneDesign,
    grid: DayGrid,
    before: Sequence[Event],
    curves: Trajectories,
    made: Following,
    seen: Mapping[str, np.ndarray],
    stream: Stream,
) -> Following:
    """The arm after rescue; who goes onto the rescue plan is followed again, and the curves are put in place."""
    rescue = made.arm.rescue
    assert rescue is not None
    day = np.full(len(made.places), np.nan)
    asked = condition(rescue.when, tuple(r.quantity for r in design.readings), "rescue")
    for visit in rescue.visits:
        i = design.place(visit)
        values = _at_visit(design, visit, {name: column[made.places] for name, column in seen.items()})
        met = meets(asked, values) & made.present[:, i] & np.isnan(day)
        day = np.where(met, made.days[:, i], day)
    after = rescue_arm(design, made, day, _of(stream, made.places))
    who = np.flatnonzero(np.isfinite(day))
    if who.size:
        these = some(after, who)
        numbered = [(np.arange(len(who)), _groups(design, grid, before, [these])[0][1])]
        again = follow(design, grid, curves.cohort.select(these.places), numbered)
        replace_people(curves, these.places, again)
    return after


def _at_visit(design: BoneDesign, visit: str, seen: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The readings of a visit by quantity, with their change in % since the first visit at which it was read."""
    values: dict[str, np.ndarray] = {}
    none = np.full(len(next(iter(seen.values()))), np.nan)
    for reading in design.readings:
        now = seen.get(f"{reading.quantity}_{visit}", none)
        first = seen.get(f"{reading.quantity}_{reading.visits[0]}", none)
        values[reading.quantity] = now
        values[reading.quantity + CHANGE] = 100.0 * (now / first - 1.0)
    return values


def _visits(design: BoneDesign, count: int, arms: Sequence[Following]) -> tuple[np.ndarray, np.ndarray]:
    """days, present[person, visit] of everybody in the slice."""
    days, present = np.zeros((count, len(design.visits))), np.zeros((count, len(design.visits)), bool)
    for made in arms:
        days[made.places], present[made.places] = made.days, made.present
    return days, present


def _readings(
    design: BoneDesign, curves: Trajectories, people: Enrolled, arms: Sequence[Following], stream: Stream
) -> dict[str, np.ndarray]:
    days, present = _visits(design, people.count, arms)
    return readings(design, curves, people, days, present, stream)


def _course(count: int, arms: Sequence[Following]) -> dict[str, np.ndarray]:
    """How treatment went: doses, stopping, rescue, crossover."""
    found: dict[str, np.ndarray] = {}
    for made in arms:
        answer = {**counted(made), "rescued_d": made.rescued, "crossed_d": made.crossed}
        for name, values in answer.items():
            column = found.setdefault(name, np.zeros(count, values.dtype))
            column[made.places] = values
    return found


def _events(
    design: BoneDesign,
    grid: DayGrid,
    curves: Trajectories,
    people: Enrolled,
    followed: np.ndarray,
    days: np.ndarray,
    present: np.ndarray,
    stream: Stream,
) -> dict[str, np.ndarray]:
    """What happened to people while they were in the trial, by day; infinite for never."""
    found: dict[str, np.ndarray] = {}
    who = people.covariates
    succeeded = curves.succeeded
    # who could not be followed is left out of the hazards, which take no gaps
    if not succeeded.all():
        filled = {name: np.where(succeeded[:, None], values, 1.0) for name, values in curves.values.items()}
        curves = replace(curves, values=filled)
    if "fractures" in design.events:
        profile = Profile(
            age=who["age"],
            female=who["female"].astype(np.float64),
            ls_t=who["LS_T_score"],
            th_t=who["TH_T_score"],
            fn_t=who["FN_T_score"],
            prior_vertebral=who["prior_vertebral"].astype(np.float64),
            prior_other=who["prior_nonvertebral"].astype(np.float64),
            secondary=on_secondary_drug(who),
        )
        drawn = draw_fractures(profile, grid, curves, stream, design.refracture, design.rebound)
        spine = drawn.vertebral
        films, count = found_on_films(design, spine.days, spine.count, days, present)
        lists = {
            "vertebral_days": films,
            "clinical_vertebral_days": np.where(spine.clinical, spine.days, np.inf),
            "hip_days": drawn.hip,
            "nonvertebral_days": drawn.nonvertebral,
        }
        found |= {name.replace("_days", "_d"): values.min(axis=1) for name, values in lists.items()}
        found |= lists
    else:
        count = None
    if "skeletal events" in design.events:
        events = skeletal_events(grid, curves, stream)
        found |= {"skeletal_event_d": events[:, 0], "skeletal_event_days": events}
    for name, day in found.items():
        if is_list(name):
            inside = (np.ceil(day) <= followed[:, None]) & succeeded[:, None]
            found[name] = np.where(inside, np.ceil(day), np.inf)
        else:
            found[name] = np.where((np.ceil(day) <= followed) & succeeded, np.ceil(day), np.nan)
    if count is not None:
        found["vertebral_count"] = np.where(succeeded, count, 0)
    return found


def _frame(
    design: BoneDesign, found: Mapping[str, np.ndarray], words: Mapping[str, list[str]]
) -> pl.DataFrame:
    """The outcomes as a table: days and counts as whole numbers, gaps as nulls, columns in their order."""
    columns = []
    for name in outcome_columns(design):
        if name in words:
            columns.append(pl.Series(name, words[name], pl.String))
        elif is_list(name):
            lists = [np.unique(row[np.isfinite(row)]).astype(np.int64).tolist() for row in found[name]]
            columns.append(pl.Series(name, lists, pl.List(pl.Int32)))
        else:
            series = pl.Series(name, found[name])
            if series.dtype == pl.Float64:
                series = series.fill_nan(None)
            columns.append(series.cast(pl.Int32) if is_whole(name) else series)
    return pl.DataFrame(columns)
