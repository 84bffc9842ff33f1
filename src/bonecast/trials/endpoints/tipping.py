"""The tipping point: how much worse the missing treated would have to be for a finding to be lost."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign, arm_names
from bonecast.trials.endpoints.imputation import shifted
from bonecast.trials.endpoints.measured import compare
from bonecast.trials.endpoints.response import response

FARTHEST, STEPS = 5.0, 12  # SDs of the response; halvings


def tipping_point(endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign) -> float:
    """The delta, added to imputed values of the treated, at which the endpoint no longer succeeds.

    In points of a change, of a ratio in the logarithm. 0 where it does not succeed to begin with; infinite where it
    holds even 5 SDs away. The imputations are the same at every delta, so that success is lost once.
    """

    def judged(delta: float) -> EffectRow:
        rows = compare(shifted(endpoint, delta), frame, design, True)
        return next(row for row in rows if row.decisive and row.arm == arm_names(design)[0][0])

    def holds(delta: float) -> bool:
        """Whether it still succeeds, and on the same side: enough delta makes an effect of the other sign."""
        row = judged(delta)
        return bool(row.success) and (endpoint.margin is not None or (row.estimate > row.null) == above)

    first = judged(endpoint.delta)
    above = first.estimate > first.null
    if not first.success:
        return 0.0
    sign = -1.0 if first.estimate >= first.null else 1.0
    if endpoint.margin is not None:
        low, high = endpoint.margin
        nearer_low = first.estimate - low < high - first.estimate
        sign = -1.0 if math.isinf(high) or (nearer_low and math.isfinite(low)) else 1.0
    near, far = 0.0, FARTHEST * float(np.nanstd(response(endpoint, frame, endpoint.visit).y))
    if holds(sign * far):
        return sign * math.inf
    for _ in range(STEPS):
        middle = (near + far) / 2
        near, far = (middle, far) if holds(sign * middle) else (near, middle)
    return sign * far
