"""The same people under every arm of a design in turn: how often they fracture, and what they are given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from bonecast.core import Progress
from bonecast.regimens import DAYS_IN, Regimen
from bonecast.trials.bone.adherence import is_injection
from bonecast.trials.bone.design import BoneArm, BoneDesign
from bonecast.trials.bone.following import Following
from bonecast.trials.bone.play import courses, outcomes_of

FRACTURE_DAYS = {
    "hip": "hip_days",
    "vertebral": "clinical_vertebral_days",
    "nonvertebral": "nonvertebral_days",
}
PIECE = 1_500  # people at a time


@dataclass(frozen=True)
class StrategyEvents:
    """What happens to some people under one strategy, by periods of equal length.

    Parameters
    ----------
    strategy : str
        Name of the arm.
    cycle_d : float
        Length of a period in days.
    fractures : dict of str to ndarray, shape (person, period)
        Fractures that are felt, by kind: hip, vertebral, and nonvertebral without the hip.
    doses : dict of str to ndarray, shape (person, period)
        Injections given, by drug.
    course_years : dict of str to ndarray, shape (period,)
        Years of tablets and daily injections, by drug.
    treated : ndarray, shape (person, period)
        Whether the person goes on with the drug.
    age : float
        Mean age on day 0.
    """

    strategy: str
    cycle_d: float
    fractures: dict[str, np.ndarray]
    doses: dict[str, np.ndarray]
    course_years: dict[str, np.ndarray]
    treated: np.ndarray
    age: float


def strategy_events(
    design: BoneDesign, people: int, cycle_d: float, progress: Progress | None = None
) -> tuple[StrategyEvents, ...]:
    """Follow the same people under each arm of a design, with nobody lost and nobody dead.

    Parameters
    ----------
    design : BoneDesign
        The design; its arms are the strategies. Rescue and crossover are left out.
    people : int
        People followed, who are the same under every arm.
    cycle_d : float
        Length of a period in days; the design is cut into as many as fit.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    tuple of StrategyEvents
        In the order of the arms.

    Examples
    --------
    >>> from bonecast.trials import preset
    >>> found = strategy_events(preset("late-dose"), 8, 182.625)
    >>> [(one.strategy, float(one.doses["denosumab"].sum())) for one in found][2:]
    [('6 months late', 8.0), ('on time', 16.0)]
    """
    report, found = progress or (lambda share, what: None), []
    for i, arm in enumerate(design.arms):
        report(i / len(design.arms), arm.name)
        found.append(_under(design, arm, people, cycle_d))
    return tuple(found)


def _under(design: BoneDesign, arm: BoneArm, people: int, cycle_d: float) -> StrategyEvents:
    """One strategy. The random numbers of a person are those that the person has under every other."""
    alone = replace(arm, share=1, rescue=None, crossover=None)
    one = replace(
        design,
        people=people,
        arms=(alone,),
        allocation="simple",
        blocks=(),
        strata=(),
        dropout=(0.0, 0.0),
        death=0.0,
        events=("fractures",),
    )
    periods = int(design.end_d / cycle_d + 0.02)  # the length is in whole days
    fractures: dict[str, list[np.ndarray]] = {kind: [] for kind in FRACTURE_DAYS}
    doses: dict[str, list[np.ndarray]] = {drug: [] for drug in _drugs(arm.course, injected=True)}
    treated, age = [], 0.0
    for first in range(0, people, PIECE):
        for course in courses(one, first, min(PIECE, people - first)):
            frame = outcomes_of(one, course)
            counts = {kind: _counted(frame[name], cycle_d, periods) for kind, name in FRACTURE_DAYS.items()}
            counts["nonvertebral"] = np.maximum(0, counts["nonvertebral"] - counts["hip"])
            for kind, values in counts.items():
                fractures[kind].append(values)
            given, goes_on = _taken(course.arms[0], arm.course, cycle_d, periods)
            for drug, values in given.items():
                doses[drug].append(values)
            treated.append(goes_on)
            age += float(course.people.covariates["age"].sum()) + frame.height * course.grid.run_in_d / 365.25
    return StrategyEvents(
        arm.name,
        cycle_d,
        {kind: np.concatenate(values) for kind, values in fractures.items()},
        {drug: np.concatenate(values) for drug, values in doses.items()},
        {drug: _on_course(arm.course, drug, cycle_d, periods) for drug in _drugs(arm.course, injected=False)},
        np.concatenate(treated),
        age / people,
    )


def _drugs(plan: Regimen, injected: bool) -> list[str]:
    """Drugs of a plan that are injected at appointments, or taken day by day."""
    found = {d.drug for d in plan.doses if is_injection(d) is injected}
    return sorted(found - {"nothing", "placebo"})


def _counted(days: pl.Series, cycle_d: float, periods: int) -> np.ndarray:
    """How many of these days of each person fall into each period."""
    counts = np.zeros((len(days), periods), np.int16)
    long = pl.DataFrame({"person": np.arange(len(days)), "day": days}).explode("day").drop_nulls()
    at = (long["day"].to_numpy() / cycle_d).astype(np.int64)
    inside = at < periods
    np.add.at(counts, (long["person"].to_numpy()[inside], at[inside]), 1)
    return counts


def _taken(
    made: Following, plan: Regimen, cycle_d: float, periods: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Injections given in each period by drug, and whether the person still goes on with the drug at its middle."""
    kept = made.phases[0].kept
    given = {}
    for drug in _drugs(plan, injected=True):
        own = {round(d.time_d, 6) for d in plan.doses if d.drug == drug and is_injection(d)}
        columns = [k for k, day in enumerate(kept.planned) if round(float(day), 6) in own]
        counts = np.zeros((len(made.places), periods), np.int16)
        for k in columns:
            day = kept.given[:, k]
            # days are whole numbers: one that is due at the begin of a period may lie a day before it
            who = np.flatnonzero(np.isfinite(day) & (day + 1.0 < periods * cycle_d))
            np.add.at(counts, (who, ((np.maximum(day[who], 0.0) + 1.0) / cycle_d).astype(np.int64)), 1)
        given[drug] = counts
    middle = (np.arange(periods) + 0.5) * cycle_d
    covered = np.array(
        [any(d.time_d <= day < d.time_d + max(d.cover_d, DAYS_IN["years"] * (d.cover_d == 0)) for d in plan.doses
             if d.drug not in ("nothing", "placebo")) for day in middle]
    )  # fmt: skip
    stopped = np.where(np.isnan(kept.stopped), np.inf, kept.stopped)
    return given, covered[None] & (middle[None] < stopped[:, None])


def _on_course(plan: Regimen, drug: str, cycle_d: float, periods: int) -> np.ndarray:
    """Years of a course in each period."""
    edges = np.arange(periods + 1) * cycle_d
    years = np.zeros(periods)
    for dose in plan.doses:
        if dose.drug == drug and not is_injection(dose):
            inside = np.clip(edges, dose.time_d, dose.time_d + dose.cover_d)
            years += np.diff(inside) / DAYS_IN["years"]
    return years
