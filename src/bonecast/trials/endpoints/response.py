"""The response of an endpoint that is read: change in per cent, or the logarithm of a reading or of an area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bonecast.trials.endpoints.endpoint import TrialEndpoint
from bonecast.trials.endpoints.frame import kept_by, values


@dataclass(frozen=True)
class Response:
    """What a linear model explains. y, baseline : [person], NaN where unknown; baseline None without a reading of it.

    ratio : whether y is a logarithm, so that differences of it are ratios.
    """

    y: np.ndarray
    baseline: np.ndarray | None
    ratio: bool


def response(endpoint: TrialEndpoint, frame: pl.DataFrame, visit: str) -> Response:
    """change: y = 100 (v / v0 - 1) with v0 beside it; else y = ln v with ln v0; NaN where there is no logarithm."""
    seen = values(frame, endpoint.column(visit))
    first = values(frame, f"{endpoint.quantity}_{endpoint.baseline}") if endpoint.baseline else None
    counted = kept_by(endpoint, frame, visit)
    if endpoint.statistic == "change":
        assert first is not None  # checked where the design is read
        return Response(np.where(counted, 100 * (seen / first - 1), np.nan), first, ratio=False)
    y = np.where(counted, logs(seen), np.nan)
    return Response(y, None if first is None else logs(first), ratio=True)


def logs(found: np.ndarray) -> np.ndarray:
    """ln, NaN where there is none."""
    return np.log(np.where(found > 0, found, np.nan))
