"""How often would trials of this design succeed? By simulation, with the error of the simulation beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import islice

import numpy as np
import polars as pl
from scipy import stats

from bonecast.core import Progress, TableResult
from bonecast.errors import InputError, UnknownName
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import TrialEndpoint, arm_names, columns_of, with_figure
from bonecast.trials.power_looks import Look, looks, verdicts
from bonecast.trials.power_pool import Pool, at_margin, displaced, draw, pool_error
from bonecast.trials.power_reestimated import reestimated
from bonecast.trials.power_selected import selected


@dataclass(frozen=True)
class Stopped:
    """Of a look: its boundary, and the shares of trials that first succeed there, and that are given up there."""

    at: str
    information: float
    z: float
    share: float
    given_up: float = 0.0


@dataclass(frozen=True)
class Power(TableResult):
    """The power of a design: the share of simulated trials that succeed.

    Parameters
    ----------
    endpoint : str
        Name of the endpoint.
    share : float
        Share of trials that succeed; with `null` the type I error.
    error : float
        Standard error of the share, of the simulation and of the pool together.
    simulation_error : float
        Standard error of the simulation alone.
    trials : int
        Trials that were drawn.
    people : int
        People of one trial.
    null : bool
        Whether arms were alike, in equivalence at the margin.
    pool : int
        People of the pool; 0 without one.
    without : int
        Trials in which no estimate could be had; they count as failures.
    estimate : float
        Mean of the estimates over trials; for ratios the geometric mean.
    spread : float
        SD of the estimates over trials; for ratios the geometric SD.
    looks : tuple of Stopped
        For each analysis its boundary and the shares of trials that first succeed or are given up there; with
        selection of a dose for each arm, the shares in which it is kept and succeeds, and is kept and fails.
    mean_people : float
        People of a trial on average, where looks, re-estimation or selection change them.
    """

    endpoint: str
    share: float
    error: float
    simulation_error: float
    trials: int
    people: int
    null: bool
    pool: int
    without: int
    estimate: float
    spread: float
    looks: tuple[Stopped, ...]
    mean_people: float = math.nan

    def __repr__(self) -> str:
        what = "type I error" if self.null else "power"
        return (
            f"<Power of {self.endpoint}: {what} {self.share:.3f} ± {self.error:.3f}, {self.people:,} people>"
        )

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import power_html

        return power_html(self)

    def table(self) -> pl.DataFrame:
        """Return the result in one row.

        Returns
        -------
        polars.DataFrame
            The fields but `looks`, and the 95 % interval as `low95` and `high95`.
        """
        low, high = self.interval
        fields = {key: value for key, value in asdict(self).items() if key != "looks"}
        return pl.DataFrame({**fields, "low95": low, "high95": high})

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, kept inside 0 to 1."""
        return max(0.0, self.share - 1.96 * self.error), min(1.0, self.share + 1.96 * self.error)


def named(design: BoneDesign, name: str | None) -> TrialEndpoint:
    """Find an endpoint of a design.

    Parameters
    ----------
    design : object
        The design.
    name : str or None
        Name; the first primary endpoint by default.

    Returns
    -------
    TrialEndpoint
        The endpoint.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.
    InputError
        If the design has no endpoint.
    """
    found = sorted(design.endpoints, key=lambda one: not one.primary)
    if not found:
        raise InputError("design", "it has no endpoint", "add [[endpoint]] with kind, quantity and visit")
    if name is None:
        return found[0]
    for one in found:
        if one.name == name:
            return one
    raise UnknownName("endpoint", "endpoint", name, [one.name for one in found])


def power(
    design: BoneDesign,
    endpoint: TrialEndpoint,
    pool: Pool,
    trials: int = 1000,
    people: int | None = None,
    progress: Progress | None = None,
) -> Power:
    """Estimate the power of a bone design from a pool of outcomes.

    A trial succeeds if the decisive row of the first arm against the reference does; with interim analyses, at the
    first whose boundary is crossed; with re-estimation, at the size that it comes to.

    Parameters
    ----------
    design : object
        The design.
    endpoint : TrialEndpoint
        The endpoint.
    pool : Pool
        Outcomes that trials are drawn from; with `null` the result is the type I error.
    trials : int
        Trials that are drawn.
    people : int, optional
        People of one trial; as in the design by default.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Power
        The share of trials that succeed.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    people = checked(design, trials, people)
    given, rule = needed(pool, design, endpoint), design.reestimation
    rows = given.rows
    plan = (
        looks(design, endpoint, given.frame) if design.selection is None else arms_as_looks(design, endpoint)
    )
    drawn = people if rule is None else math.ceil(people * rule.most)
    frames = (
        as_planned(endpoint, draw(given, rows, drawn, design.seed, i), design, pool.null)
        for i in range(trials)
    )
    found = counted(design, endpoint, plan, frames, trials, people, pool.null, pool.frame.height, progress)
    more = pool_error(found.share, people, pool.frame.height, pool.same)
    return replace(found, error=math.hypot(found.simulation_error, more))


def arms_as_looks(design: BoneDesign, endpoint: TrialEndpoint) -> tuple[Look, ...]:
    """One row for each treated arm that may be selected, with the boundary of the level that they share."""
    arms, _ = arm_names(design)
    assert design.selection is not None
    alpha = endpoint.alpha / len(arms) / (1 if endpoint.margin else 2)
    return tuple(Look(arm, endpoint, design.selection.share, float(stats.norm.isf(alpha))) for arm in arms)


def power_of_trials(
    design: BoneDesign, endpoint: TrialEndpoint, frames: Iterable[pl.DataFrame], null: bool = False
) -> Power:
    """The same of trials that were played one by one, each a table of outcomes: no pool, and no error of one."""
    kept = list(frames)
    if not kept:
        raise InputError("trials", "there are none", "play one at least")
    plan = looks(design, endpoint, kept[0]) if design.selection is None else arms_as_looks(design, endpoint)
    return counted(design, endpoint, plan, kept, len(kept), kept[0].height, null, 0, None)


def equal_arms(design: BoneDesign) -> BoneDesign:
    """The design with the reference arm's plan, rescue and crossover in every arm: what nothing differs in."""
    reference = next(arm for arm in design.arms if arm.name == arm_names(design)[1])
    arms = tuple(replace(reference, name=arm.name, share=arm.share) for arm in design.arms)
    return replace(design, arms=arms)


def counted(
    design: BoneDesign, endpoint: TrialEndpoint, plan: tuple[Look, ...], frames: Iterable[pl.DataFrame], trials: int,
    people: int, null: bool, pool: int, progress: Progress | None,
) -> Power:  # fmt: skip
    """Analyse trial after trial and count successes."""
    report, rule = progress or (lambda share, what: None), design.reestimation
    first, given_up, estimates, without = np.zeros(len(plan), int), np.zeros(len(plan), int), [], 0
    took, names = np.full(trials, float(people)), [look.at for look in plan]
    for i, one in enumerate(islice(frames, trials)):
        if i % 20 == 0:
            report(i / trials, f"trial {i:,} of {trials:,}")
        if design.selection is not None:
            kept = selected(design, design.selection, endpoint, one)
            row, at = kept.row, names.index(kept.arm)
            first[at] += kept.success
            given_up[at] += not kept.success
            took[i] = kept.people
        elif rule is None:
            *_, last = verdicts(design, plan, one)
            row, at = last.row, plan.index(last.look)
            first[at] += last.success
            given_up[at] += last.futile
            took[i] = people * last.look.share
        else:
            done = reestimated(design, rule, endpoint, one, people)
            row = done.row
            first[-1] += done.success
            took[i] = done.people
        estimate = row.estimate
        without += not math.isfinite(estimate)
        estimates.append(math.log(estimate) if row.null == 1.0 and estimate > 0 else estimate)
    share = float(first.sum() / trials)
    near = (share * trials + 1) / (trials + 2)  # so that the error is not zero where all trials agree
    simulation = math.sqrt(near * (1 - near) / trials)
    known = np.array([e for e in estimates if math.isfinite(e)])
    ratio = bool(row.null == 1.0)
    mean, sd = (float(known.mean()), float(known.std())) if len(known) else (math.nan, math.nan)
    return Power(
        endpoint=endpoint.name,
        share=share,
        error=simulation,
        simulation_error=simulation,
        trials=trials,
        people=people,
        null=null,
        pool=pool,
        without=without,
        estimate=math.exp(mean) if ratio else mean,
        spread=math.exp(sd) if ratio else sd,
        looks=tuple(
            Stopped(x.at, x.information, x.z, float(n / trials), float(m / trials))
            for x, n, m in zip(plan, first, given_up, strict=True)
        ),
        mean_people=float(took.mean()),
    )


def needed(pool: Pool, design: BoneDesign, endpoint: TrialEndpoint) -> Pool:
    """The pool with the columns of one endpoint, and its figure made once for all trials."""
    frame = pool.frame.select(columns_of(endpoint, design.strata, pool.frame.columns))
    return Pool(pool.design, with_figure(endpoint, frame), pool.null)


def as_planned(endpoint: TrialEndpoint, one: pl.DataFrame, design: BoneDesign, null: bool) -> pl.DataFrame:
    """A drawn trial with the difference that is planned for; under the null at the margin, where there is one."""
    if null:
        return at_margin(endpoint, one, design) if endpoint.margin else one
    return one if endpoint.expected is None else displaced(endpoint, one, design, endpoint.expected)


def checked(design: BoneDesign, trials: int, people: int | None) -> int:
    if not 10 <= trials <= 1_000_000:
        raise InputError("trials", f"{trials} is outside 10 to 1,000,000", "1000 is usual")
    count: int = design.people if people is None else people
    if not 6 <= count <= 1_000_000:
        raise InputError("people", f"{count} is outside 6 to 1,000,000", "give the size of one trial")
    return count
