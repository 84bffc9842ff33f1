"""The response of an endpoint that is read: change in per cent, or the logarithm of a reading or of an area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bonecast.trials.endpoints.endpoint import TrialEndpoint
from bonecast.trials.endpoints.figures import figure
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
    if endpoint.of_course:
        first = values(frame, f"{endpoint.quantity}_{endpoint.baseline}") if endpoint.baseline else None
        return Response(logs(figure(endpoint, frame)), None if first is None else logs(first), ratio=True)
    seen = reading(endpoint, frame, visit)
    first = values(frame, f"{endpoint.quantity}_{endpoint.baseline}") if endpoint.baseline else None
    if endpoint.statistic == "change":
        assert first is not None  # checked where the design is read
        return Response(100 * (seen / first - 1), first, ratio=False)
    return Response(logs(seen), None if first is None else logs(first), ratio=True)


def reading(endpoint: TrialEndpoint, frame: pl.DataFrame, visit: str) -> np.ndarray:
    """The reading of a visit that counts by the endpoint's estimand, NaN where there is none.

    While on treatment it is the last one up to the stop; otherwise, unless treatment policy counts them all, what was
    read after the stop is unknown.
    """
    seen = values(frame, endpoint.column(visit))
    if endpoint.estimand != "while-on-treatment":
        return np.where(kept_by(endpoint, frame, visit), seen, np.nan)
    found = np.full(frame.height, np.nan)
    for one in endpoint.visits[: endpoint.visits.index(visit) + 1]:
        here = values(frame, endpoint.column(one))
        counts = kept_by(endpoint, frame, one) & np.isfinite(here)
        found = np.where(counts, here, found)
    on_treatment = kept_by(endpoint, frame, visit)
    return np.where(on_treatment, seen, found)


def logs(found: np.ndarray) -> np.ndarray:
    """ln, NaN where there is none."""
    return np.log(np.where(found > 0, found, np.nan))
