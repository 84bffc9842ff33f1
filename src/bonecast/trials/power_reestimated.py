"""Sample-size re-estimation: a look at the first people decides how many there will be, and alpha stays what it was."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.bone.design import BoneDesign, Reestimation
from bonecast.trials.endpoints import EffectRow, TrialEndpoint, arm_names, conditional_power, stratum_columns
from bonecast.trials.endpoints.linear import least_squares
from bonecast.trials.endpoints.response import response
from bonecast.trials.power_looks import decisive, first_of, normal_z


@dataclass(frozen=True)
class Reestimated:
    """A trial after its size was looked at again: the final row, whether it succeeds, and how many people it took."""

    row: EffectRow
    success: bool
    people: int


def reestimated(
    design: BoneDesign, rule: Reestimation, endpoint: TrialEndpoint, one: pl.DataFrame, people: int
) -> Reestimated:
    """One trial with re-estimation. `one` holds as many people as the trial may grow to, arm by arm.

    "blinded": from the spread of the first people, arms not distinguished, the size that the planned difference asks
    for. The usual test follows. "promising-zone": where the first people make success likely, but less than asked for,
    more are enrolled; both parts are put together by weights that were fixed before, z = sqrt(t) z1 + sqrt(1 - t) z2
    (Cui, Hung and Wang 1999), which keeps alpha whatever was decided.
    """
    most = one.height
    first = first_of(one, rule.share * people / most)
    if rule.kind == "blinded":
        needed = _needed(design, rule, endpoint, first)
        size = int(np.clip(needed, people, most)) if math.isfinite(needed) else people
        row = decisive(design, endpoint, first_of(one, size / most))
        return Reestimated(row, bool(row.success), size)
    alpha = endpoint.alpha / (1 if endpoint.margin else 2)
    edge = float(stats.norm.isf(alpha))
    z1 = normal_z(endpoint, decisive(design, endpoint, first))
    side = 1.0 if endpoint.margin or z1 >= 0 else -1.0
    size = people
    if math.isfinite(z1):
        chance = conditional_power(side * z1, rule.share, edge)
        if rule.promising <= chance < rule.power:
            size = _grown(side * z1, rule, edge, people, most)
    final = first_of(one, size / most)
    place = pl.int_range(pl.len()).over("arm")
    counts = dict(first.group_by("arm").len().iter_rows())
    rest = final.filter(place >= pl.col("arm").replace_strict(counts, return_dtype=pl.Int64))
    row = decisive(design, endpoint, final)
    z2 = normal_z(endpoint, decisive(design, endpoint, rest))
    z = side * (math.sqrt(rule.share) * z1 + math.sqrt(1 - rule.share) * z2)
    return Reestimated(row, bool(z >= edge), size)


def _grown(z: float, rule: Reestimation, edge: float, people: int, most: int) -> int:
    """The size at which success is as likely as asked for, if the effect is as it looks; at most the largest."""
    t = rule.share
    drift = z / math.sqrt(t * people)  # of z for each root of a person
    asked = (edge - math.sqrt(t) * z) / math.sqrt(1 - t) + float(stats.norm.ppf(rule.power))
    rest = (asked / drift) ** 2 if drift > 0 else math.inf
    return int(min(max(t * people + rest, people), most))


def _needed(design: BoneDesign, rule: Reestimation, endpoint: TrialEndpoint, first: pl.DataFrame) -> float:
    """People that the planned difference asks for, at the spread of these with arms not distinguished."""
    arm, reference = arm_names(design)[0][0], arm_names(design)[1]
    part = first.filter(pl.col("arm").is_in([arm, reference]))
    seen = response(endpoint, part, endpoint.visit)
    beside = stratum_columns(part, design.strata)
    x = np.column_stack([np.ones(len(seen.y)), *([] if seen.baseline is None else [seen.baseline]), beside])
    whole = np.isfinite(seen.y) & np.isfinite(x).all(1)
    fit = least_squares(seen.y[whole], x[whole])
    planned = endpoint.expected if endpoint.expected is not None else (1.0 if seen.ratio else 0.0)
    difference = math.log(planned) if seen.ratio else planned
    variance, alpha = fit.squares / fit.df, endpoint.alpha / (1 if endpoint.margin else 2)
    tail = float(stats.norm.isf(alpha))
    beta = 1 - rule.power
    if endpoint.margin is None:
        distance = abs(difference)
    else:
        low, high = (math.log(m) if seen.ratio and 0 < m < math.inf else m for m in endpoint.margin)
        low = -math.inf if seen.ratio and endpoint.margin[0] == 0 else low
        distance = min(difference - low, high - difference)
        beta = beta / 2 if endpoint.objective == "equivalence" and difference == 0 else beta
    if distance <= 0:
        return math.inf
    reach = tail + float(stats.norm.isf(beta))
    return 4 * variance * (reach / distance) ** 2 / whole.mean()
