"""Looks at an endpoint before its end: which, with how much of the information, and the boundary of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import (
    EVENT_KINDS,
    EffectRow,
    TrialEndpoint,
    analyse,
    arm_names,
    boundaries,
    conditional_power,
    times,
)
from bonecast.trials.endpoints.times import EVENT


@dataclass(frozen=True)
class Look:
    """One look.

    Parameters
    ----------
    at : str
        Visit, or share of people.
    endpoint : TrialEndpoint
        The endpoint as it stands at the look.
    information : float
        Share of the information that is in.
    z : float
        Boundary of |z|; of z itself against a margin.
    share : float
        Share of people who are looked at: the first of each arm.
    futility : float
        Conditional power below which the trial ends without success; 0 without such a rule.
    last : float
        Boundary of the final look.
    """

    at: str
    endpoint: TrialEndpoint
    information: float
    z: float
    share: float = 1.0
    futility: float = 0.0
    last: float = 0.0


@dataclass(frozen=True)
class LookResult:
    """What a look finds: the decisive row, and whether the trial succeeds or is given up there."""

    look: Look
    row: EffectRow
    success: bool
    futile: bool


def looks(design: BoneDesign, endpoint: TrialEndpoint, frame: pl.DataFrame) -> tuple[Look, ...]:
    """The interim looks of the design at this endpoint, and the final one, with the design's spending of alpha.

    A look at a share of people sees everything of the first enrolled. One at a visit sees everybody up to it: for
    events the information is the share of all events of `frame` that have come; for readings it is the share of the
    time, and only visits at which the quantity is read are looks. Without interims the final look keeps all of alpha.
    """
    # A test against a margin asks for one tail: the boundary of twice that alpha, two-sided.
    alpha = endpoint.alpha * (2 if endpoint.margin else 1)
    early = [
        (f"{100 * x.share:g} % of people", endpoint, x.share, x.share) for x in design.interims if x.share < 1
    ]
    early = sorted(early, key=lambda x: x[2]) or _by_visit(design, endpoint, frame)
    shares = [information for _, _, information, _ in early] + [1.0]
    alone = (float(stats.norm.isf(alpha / 2)),)
    edges = boundaries(alpha, shares, design.spending) if early else alone
    whole = [*early, (endpoint.visit, endpoint, 1.0, 1.0)]
    return tuple(
        Look(at, one, information, z, share, design.futility if information < 1 else 0.0, edges[-1])
        for (at, one, information, share), z in zip(whole, edges, strict=True)
    )


def _by_visit(
    design: BoneDesign, endpoint: TrialEndpoint, frame: pl.DataFrame
) -> list[tuple[str, TrialEndpoint, float, float]]:
    days = {visit.name: visit.day for visit in design.visits}
    events = endpoint.kind in EVENT_KINDS
    early = sorted(
        (x.at for x in design.interims if x.at and 0 < days[x.at] < endpoint.day), key=lambda v: days[v]
    )
    cuts = [_cut(endpoint, visit, days[visit], days) for visit in early if events or visit in endpoint.visits]
    if events:
        counts = np.array([(times(one, frame).how == EVENT).sum() for one in (*cuts, endpoint)], float)
        shares = counts[:-1] / max(counts[-1], 1.0)
    else:
        shares = np.array([one.day for one in cuts]) / endpoint.day
    return [
        (one.visit, one, float(share), 1.0)
        for one, share in zip(cuts, shares, strict=True)
        if 0.02 < share < 0.999
    ]


def _cut(endpoint: TrialEndpoint, visit: str, day: int, days: dict[str, int]) -> TrialEndpoint:
    """The endpoint as it stands on the day of an earlier visit."""
    return replace(endpoint, visit=visit, day=day, visits=tuple(v for v in endpoint.visits if days[v] <= day))


def verdicts(design: BoneDesign, plan: tuple[Look, ...], one: pl.DataFrame) -> Iterator[LookResult]:
    """What each look finds in one trial; ends with the first success, or where the trial is given up.

    Giving up is not binding: boundaries are those of a trial that goes on, so that alpha is kept either way.
    """
    for look in plan:
        row = decisive(design, look.endpoint, first_of(one, look.share))
        z = signed(look.endpoint, row)
        success = bool(row.success) if len(plan) == 1 else bool(z >= look.z)  # NaN is no success
        futile = bool(
            not success
            and look.futility
            and np.isfinite(z)
            and conditional_power(z, look.information, look.last) < look.futility
        )
        yield LookResult(look, row, success, futile)
        if success or futile:
            return


def decisive(design: BoneDesign, endpoint: TrialEndpoint, frame: pl.DataFrame) -> EffectRow:
    """The row by which the first arm is judged against the reference."""
    arm = arm_names(design)[0][0]
    return next(r for r in analyse(endpoint, frame, design, True) if r.decisive and r.arm == arm)


def normal_z(endpoint: TrialEndpoint, row: EffectRow) -> float:
    """The normal score of a row's p, with the sign of its z: boundaries are of normal scores, and a t is none."""
    if endpoint.margin:
        return float(stats.norm.isf(row.p))
    return float(np.sign(row.z) * stats.norm.isf(row.p / 2))


def signed(endpoint: TrialEndpoint, row: EffectRow) -> float:
    """That score as boundaries ask for it: against a margin as it is, otherwise on either side."""
    z = normal_z(endpoint, row)
    return z if endpoint.margin else abs(z)


def first_of(frame: pl.DataFrame, share: float) -> pl.DataFrame:
    """The first people of each arm, so many of all, in the order of the table.

    >>> four = pl.DataFrame({"arm": ["a", "b", "a", "b"], "person": [0, 1, 2, 3]})
    >>> first_of(four, 0.5)["person"].to_list()
    [0, 1]
    """
    if share >= 1:
        return frame
    place = pl.int_range(pl.len()).over("arm")
    return frame.filter(place < (share * pl.len().over("arm")).round())
