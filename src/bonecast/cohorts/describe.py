"""People in a table: mean, SD and quantiles of each covariate, shares of the yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bonecast.cohorts.column import columns

QUANTILES = (5, 50, 95)


def summary(people: Mapping[str, np.ndarray], weights: np.ndarray | None = None) -> list[dict[str, Any]]:
    """People in a table, one row for each covariate.

    Parameters
    ----------
    people : mapping of str to ndarray, shape (person,)
        Covariates.
    weights : ndarray, shape (person,), optional
        Of weighted people no quantiles are given.

    Returns
    -------
    list of dict
        covariate, label, unit, mean (of a yes or no, its share), sd, p05, p50, p95.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> rows = {row["covariate"]: row for row in summary(population("men").draw(1, 0, 2000))}
    >>> rows["female"]["mean"], rows["female"]["sd"], round(rows["age"]["p50"])
    (0.0, None, 65)
    """
    known, rows = columns(), []
    for name, values in people.items():
        column, numbers = known[name], np.asarray(values, np.float64)
        # from the first value on, so that what is the same in all has no rounding for an SD
        mean = float(numbers[0] + np.average(numbers - numbers[0], weights=weights))
        row: dict[str, Any] = {"covariate": name, "label": column.label, "unit": column.unit, "mean": mean}
        row["sd"] = (
            float(np.sqrt(np.average((numbers - mean) ** 2, weights=weights))) if column.unit else None
        )
        quantiles = [None] * len(QUANTILES)
        if column.unit and weights is None:
            quantiles = np.percentile(numbers, QUANTILES).tolist()
        rows.append(row | {f"p{q:02d}": value for q, value in zip(QUANTILES, quantiles, strict=True)})
    return rows
