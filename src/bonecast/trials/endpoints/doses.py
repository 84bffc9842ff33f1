"""Injections as they were taken: how many came late, how many were missed, who stopped."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from bonecast.trials.endpoints.clustered import CLUSTER, of_centres
from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign, arm_names, between, stratum_columns, values, weights
from bonecast.trials.endpoints.linear import ancova
from bonecast.trials.endpoints.measured import row_of

DOSES = ("late_doses", "missed_doses", "stopped")


def compare_doses(
    endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign, brief: bool = False
) -> list[EffectRow]:
    """Injections as they were taken: each arm against the reference, by people or by centres."""
    others, reference = arm_names(design)
    rows = []
    for arm in others:
        part = between(frame, arm, reference)
        treated, y = (part["arm"] == arm).to_numpy(), injections_of(endpoint, part)
        strata = stratum_columns(part, design.strata)
        if endpoint.method == CLUSTER:
            found = of_centres(y, treated, strata, part["centre"].to_numpy())
        else:
            found, _ = ancova(y, treated, strata, weights(part))
        row = row_of(endpoint, endpoint.visit, found, False, arm, reference)
        means = [
            float(np.nanmean(y[who])) if np.isfinite(y[who]).any() else math.nan
            for who in (treated, ~treated)
        ]
        counts = [int(np.isfinite(y[who]).sum()) for who in (treated, ~treated)]
        rows.append(
            EffectRow(**row, n=counts[0], n_reference=counts[1], value=means[0], value_reference=means[1])
        )
    return rows


def injections_of(endpoint: TrialEndpoint, frame: pl.DataFrame) -> np.ndarray:
    """late_doses : % of injections over four weeks late. missed_doses : intervals skipped. stopped : 100 or 0."""
    if endpoint.quantity == "stopped":
        return 100.0 * np.isfinite(values(frame, "stopped_d"))
    found = values(frame, endpoint.quantity)
    if endpoint.quantity == "missed_doses":
        return found
    given = values(frame, "doses")
    return np.divide(100.0 * found, given, out=np.full(len(found), np.nan), where=given > 0)
