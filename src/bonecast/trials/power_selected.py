"""Adaptive selection of a dose: a look at the first people keeps the arm that does best, and the level is shared."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import polars as pl

from bonecast.trials.bone.design import BoneDesign, DoseSelection
from bonecast.trials.endpoints import EffectRow, TrialEndpoint, analyse, arm_names
from bonecast.trials.power_looks import decisive, first_of


@dataclass(frozen=True)
class SelectedArm:
    """A trial after selection: the final row, whether it succeeds, the people it took, and the arm that was kept."""

    row: EffectRow
    success: bool
    people: int
    arm: str


def selected(
    design: BoneDesign, rule: DoseSelection, endpoint: TrialEndpoint, one: pl.DataFrame
) -> SelectedArm:
    """One trial with selection: at the look the treated arm with the best estimate goes on, the others end.

    At the end all people of that arm and of the reference are compared, at alpha over the number of treated arms, which
    keeps alpha whatever was selected (Bonferroni). A difference in the wrong direction is no success.
    """
    arms, reference = arm_names(design)
    first, side = first_of(one, rule.share), 1.0 if rule.better == "higher" else -1.0
    seen = {row.arm: side * row.estimate for row in analyse(endpoint, first, design, True) if row.decisive}
    best = max(arms, key=lambda arm: seen[arm] if math.isfinite(seen[arm]) else -math.inf)
    pair = tuple(arm for arm in design.arms if arm.name in (best, reference))
    final = one.filter(pl.col("arm").is_in([best, reference]))
    strict = replace(endpoint, alpha=endpoint.alpha / len(arms))
    row = decisive(replace(design, arms=pair, treated=best, control=reference), strict, final)
    ended = first.filter(~pl.col("arm").is_in([best, reference])).height
    right = bool(endpoint.margin) or side * (row.estimate - row.null) > 0
    return SelectedArm(row, bool(row.success) and right, final.height + ended, best)
