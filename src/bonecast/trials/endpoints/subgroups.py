"""The effect by group of people, for the forest plot, and whether it differs between groups."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign, arm_names, groups
from bonecast.trials.endpoints.kinds import analyse


@dataclass(frozen=True)
class Effect:
    """The decisive comparison in one group. p : of interaction, the same for all groups of one `by`."""

    by: str
    group: str
    row: EffectRow
    interaction_p: float


def forest(endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign) -> tuple[Effect, ...]:
    """The first arm against the reference in everybody and in each group of the endpoint's `subgroups`.

    Interaction: the estimates of the groups against their common one, weighted by precision, on the scale of the test
    (Cochran's Q, chi-square on groups - 1). A group without an estimate is shown without one.
    """
    arm = arm_names(design)[0][0]

    def judged(part: pl.DataFrame) -> EffectRow:
        rows = analyse(endpoint, part, design, True)
        return next(row for row in rows if row.decisive and row.arm == arm)

    whole = judged(frame)
    found = [Effect("", "everybody", replace(whole, group="everybody"), math.nan)]
    for text in endpoint.subgroups:
        rows = {
            name: judged(frame.filter(pl.Series(who)))
            for name, who in groups(frame, text).items()
            if who.any()
        }
        p = interaction(list(rows.values()))
        found += [Effect(text, name, replace(row, group=name), p) for name, row in rows.items()]
    return tuple(found)


def interaction(rows: list[EffectRow]) -> float:
    """p of no difference between the groups; NaN with fewer than two estimates."""
    ratio = bool(rows) and rows[0].null == 1.0
    usable = [
        row for row in rows if math.isfinite(row.low) and math.isfinite(row.high) and row.high > row.low
    ]
    if ratio:
        usable = [row for row in usable if row.low > 0]
    if len(usable) < 2:
        return math.nan
    scale = np.log if ratio else np.asarray
    values = scale(np.array([row.estimate for row in usable]))
    width = scale(np.array([row.high for row in usable])) - scale(np.array([row.low for row in usable]))
    precision = (2 * stats.norm.ppf(0.5 + usable[0].level / 2) / width) ** 2
    q = float(np.sum(precision * (values - np.average(values, weights=precision)) ** 2))
    return float(stats.chi2.sf(q, len(usable) - 1))
