"""Looks at an endpoint before its end: which, with how much of the information, and the boundary of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import EVENT_KINDS, TrialEndpoint, boundaries, times
from bonecast.trials.endpoints.times import EVENT


@dataclass(frozen=True)
class Look:
    """One look. information : the share that is in. z : the boundary of |z|; of z itself in equivalence."""

    at: str
    endpoint: TrialEndpoint
    information: float
    z: float


def looks(design: BoneDesign, endpoint: TrialEndpoint, frame: pl.DataFrame) -> tuple[Look, ...]:
    """The interim looks of the design at this endpoint, and the final one, with O'Brien-Fleming spending.

    For events the information is the share of all events of `frame` that have come by the look; for readings it is the
    share of the time, and only visits at which the quantity is read are looks. Without interims the final look keeps
    the whole alpha.
    """
    days = {visit.name: visit.day for visit in design.visits}
    events = endpoint.kind in EVENT_KINDS
    early = sorted((x.at for x in design.interims if 0 < days[x.at] < endpoint.day), key=lambda v: days[v])
    early = [v for v in early if events or v in endpoint.visits]
    cuts = [_cut(endpoint, visit, days[visit], days) for visit in early] + [endpoint]
    if events:
        counts = np.array([(times(one, frame).how == EVENT).sum() for one in cuts], float)
        shares = counts / max(counts[-1], 1.0)
    else:
        shares = np.array([one.day for one in cuts]) / endpoint.day
    kept = [i for i, share in enumerate(shares) if i == len(cuts) - 1 or 0.02 < share < 0.999]
    # Equivalence asks for one tail of each test: the boundary of twice that alpha, two-sided.
    alpha = endpoint.alpha * (2 if endpoint.margin else 1)
    shares = [float(shares[i]) for i in kept[:-1]] + [1.0]
    edges = boundaries(alpha, shares) if len(kept) > 1 else (float(stats.norm.isf(alpha / 2)),)
    return tuple(Look(cuts[i].visit, cuts[i], s, z) for i, s, z in zip(kept, shares, edges, strict=True))


def _cut(endpoint: TrialEndpoint, visit: str, day: int, days: dict[str, int]) -> TrialEndpoint:
    """The endpoint as it stands on the day of an earlier visit."""
    return replace(endpoint, visit=visit, day=day, visits=tuple(v for v in endpoint.visits if days[v] <= day))
