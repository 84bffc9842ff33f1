"""The curves of a bone trial: what was read at each visit, by arm, with the range of people."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from bonecast.charts import (
    STYLES,
    Panel,
    Series,
    format_number,
    format_unit,
    linear_domain,
    log_domain,
    style_of,
    y_span,
)
from bonecast.regimens import DAYS_IN
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints.response import logs
from bonecast.trials.report_flow import compared
from bonecast.trials.report_source import RunOutcomes

MONTH_D = DAYS_IN["months"]
LEVELS = (5, 25, 50, 75, 95)
UNITS = {"CTX": "ng/mL", "P1NP": "ug/L", "BSAP": "ug/L", "uNTX": "nmol/mmol", "calcium": "mmol/L", "PTH": "pg/mL",
         "denosumab": "ng/mL"}  # fmt: skip
TITLES = {"LS_BMD": "Lumbar spine BMD", "TH_BMD": "Total hip BMD", "FN_BMD": "Femoral neck BMD"}


def curves(design: BoneDesign, source: RunOutcomes) -> tuple[tuple[Panel, pl.DataFrame], ...]:
    """A panel for each quantity that is read more than once, and its data: counts, means with intervals, quantiles.

    BMD as change in % of the first reading, a marker as it is, on a log axis. One quantity is in memory at a time.
    """
    made = []
    for name in dict.fromkeys(one.quantity for one in design.readings):
        visits = [
            v for v in sorted(design.visits, key=lambda v: v.day) if f"{name}_{v.name}" in source.columns
        ]
        if len(visits) > 1:
            made.append(_panel(design, source, name, visits))
    return tuple(made)


def _panel(
    design: BoneDesign, source: RunOutcomes, name: str, visits: list[Any]
) -> tuple[Panel, pl.DataFrame]:
    frame = source.take(["arm", "weight", *(f"{name}_{v.name}" for v in visits)])
    bmd = name.endswith("_BMD")
    arms, months = compared(design), [round(v.day / MONTH_D, 1) for v in visits]
    rows, series = [], []
    for i, arm in enumerate(arms):
        part = frame.filter(pl.col("arm") == arm)
        table = [_at(part, name, visits, k, bmd) for k in range(len(visits))]
        rows += [(arm, v.name, m, *row) for v, m, row in zip(visits, months, table, strict=True)]
        shown = [k for k, row in enumerate(table) if row[0] > 0]
        quantiles = tuple(tuple(float(f"{table[k][4 + q]:.6g}") for k in shown) for q in range(len(LEVELS)))
        n = f", n {format_number(part.height, ',')}"
        series.append(Series(arm + n, _look(i), tuple(months[k] for k in shown), quantiles))
    data = pl.DataFrame(
        rows,
        schema=["arm", "visit", "month", "n", "mean", "low95", "high95", *(f"p{q:02d}" for q in LEVELS)],
        orient="row",
    )
    return _drawn(name, bmd, tuple(series), tuple(months)), data


def _look(i: int):
    return STYLES[i] if i < len(STYLES) else style_of(i)


def _at(part: pl.DataFrame, name: str, visits: list[Any], k: int, bmd: bool) -> tuple[float, ...]:
    """n, mean with its 95 % interval (geometric mean for a marker), and quantiles, by weight."""
    seen = part[f"{name}_{visits[k].name}"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if bmd:
        first = part[f"{name}_{visits[0].name}"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        seen = 100 * (seen / first - 1)
    here = np.isfinite(seen)
    if not here.any():
        return (0, *[np.nan] * (3 + len(LEVELS)))
    w = part["weight"].to_numpy()[here] if "weight" in part.columns else np.ones(int(here.sum()))
    seen = seen[here]
    level = name in ("calcium", "denosumab")  # no logarithm: not skewed, or with zeros
    y = seen if bmd or level else logs(seen)
    w = w[np.isfinite(y)]
    y = y[np.isfinite(y)]
    mean = float(np.average(y, weights=w))
    n = w.sum() ** 2 / np.sum(w**2)
    error = float(np.sqrt(np.average((y - mean) ** 2, weights=w) / n))
    ends = (mean, mean - 1.96 * error, mean + 1.96 * error)
    back = ends if bmd or level else tuple(float(np.exp(e)) for e in ends)
    return (int(here.sum()), *back, *_quantiles(seen, w if len(w) == len(seen) else None))


def _quantiles(values: np.ndarray, w: np.ndarray | None) -> tuple[float, ...]:
    if w is None or np.ptp(w) == 0:
        return tuple(float(v) for v in np.percentile(values, LEVELS))
    return tuple(
        float(v) for v in np.quantile(values, np.array(LEVELS) / 100, weights=w, method="inverted_cdf")
    )


def _drawn(name: str, bmd: bool, series: tuple[Series, ...], months: tuple[float, ...]) -> Panel:
    low, high = y_span(series, ())
    log = not bmd and name not in ("calcium", "denosumab") and low > 0
    form = "+.1f" if bmd else (".2f" if high < 10 else ".0f")
    title = TITLES.get(name, name)
    y_title = "% of the first scan" if bmd else f"{name}, {format_unit(UNITS.get(name, ''))}"
    answer = "; ".join(f"{s.name.split(',')[0]} {format_number(s.median[-1], form)}" for s in series if s.x)
    return Panel(
        key=name,
        title=f"{title}, change in %" if bmd else title,
        description=f"Medians at the last visit, month {months[-1]:g}: {answer}.",
        y_title=y_title,
        x_title="months",
        x_domain=(months[0], months[-1]),
        y_domain=log_domain(low, high) if log else linear_domain(low, high),
        form=form,
        series=series,
        rows_at=months,
        log=log,
        x_word="month ",
        x_at=month_ticks(months[-1]),
        note="Median, 50 and 90 % range of people as read, with the error of a reading; the CSV has means too.",
        height=150,
    )


def month_ticks(last: float, most: int = 5) -> tuple[float, ...]:
    """Months that a reader expects: 0, 6, 12 ... at most five steps.

    >>> month_ticks(36.01), month_ticks(12)
    ((0.0, 12.0, 24.0, 36.0), (0.0, 3.0, 6.0, 9.0, 12.0))
    """
    step = next(s for s in (1, 3, 6, 12, 24, 60, 120, 240) if last / s <= most)
    return tuple(float(m) for m in range(0, int(last + 0.5) + 1, step))
