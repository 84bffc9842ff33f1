"""A forecast as the rows of a cohort's table: one for each strategy, the same columns for everyone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bonecast.forecasts.result import Forecast
from bonecast.outcomes import (
    BMD_MONTHS,
    KINDS,
    LOSS_MONTHS,
    LOW_CALCIUM,
    MARKER_MONTHS,
    MONTHS,
    TURNOVER,
    QuantileRange,
    Summary,
)

SITES = ("LS", "TH", "FN", "R13")
_MARKER_UNITS = {"CTX": "ng_mL", "P1NP": "ug_L"}


def _numbers(one: Summary) -> dict[str, QuantileRange | None]:
    """{stem of the column: number with its range}, whether it is there or not."""
    found: dict[str, QuantileRange | None] = {}
    for site in SITES:
        for months in BMD_MONTHS:
            found[f"{site}_BMD_pct_change_{months}m"] = one.change.get((f"{site}_BMD", months))
    for site in SITES[:3]:
        for months in BMD_MONTHS:
            found[f"{site}_T_score_{months}m"] = one.t_score.get((f"{site}_BMD", months))
    for key, unit in _MARKER_UNITS.items():
        for months in MARKER_MONTHS:
            found[f"{key}_{unit}_{months}m"] = one.marker.get((key, months))
    for kind in KINDS:
        for months in MONTHS:
            found[f"{kind.replace(' ', '_')}_fractures_of_1000_{months}m"] = one.fractures.get((kind, months))
    found["calcium_nadir_mmol_L"] = one.calcium_nadir
    return found


def _single(one: Summary) -> dict[str, Any]:
    """{column: one value}."""
    found: dict[str, Any] = {
        f"{site}_loss_chance_{LOSS_MONTHS}m": one.loss_chance.get(f"{site}_BMD") for site in SITES[:3]
    }
    found["calcium_nadir_day"] = one.calcium_nadir_day
    for limit in LOW_CALCIUM:
        found[f"calcium_below_{limit:g}"] = one.calcium_below.get(limit)
    for key in TURNOVER:
        time = one.turnover_threshold.get(key)
        for name in ("early", "median", "late"):
            date = getattr(time, name) if time else None
            found[f"{key}_passes_{name}"] = date.isoformat() if date else None
    return found


def rows_of(made: Forecast, place: str) -> Iterator[dict[str, Any]]:
    """One row for each strategy; what the forecast does not hold is empty, and so is all of a blocked one."""
    ranks = {r.option: r for r in made.ranking.ranks} if made.ranking else {}
    aim = made.ranking.aim.name if made.ranking else None
    for one in made.summaries:
        rank = ranks.get(one.strategy)
        row: dict[str, Any] = {
            "source": place,
            "id": made.patient.id,
            "now": made.now.isoformat(),
            "strategy": one.strategy,
            "best_by": aim,
            "best_chance": _rounded(rank.best) if rank else None,
            "bracket": rank.bracket if rank else None,
            "blocked_by": None,
        }
        yield row | _cells(one)
    for blocked in made.blocked:
        named = {
            "source": place,
            "id": made.patient.id,
            "now": made.now.isoformat(),
            "strategy": blocked.name,
        }
        yield dict.fromkeys(COLUMNS) | named | {"blocked_by": " ".join(blocked.rules)}


def _cells(one: Summary) -> dict[str, Any]:
    """Every number of a summary by column; empty where there is none."""
    cells: dict[str, Any] = {}
    for stem, number in _numbers(one).items():
        for suffix in ("p05", "p50", "p95"):
            cells[f"{stem}_{suffix}"] = _rounded(_of(number, suffix)) if number else None
    return cells | {name: _rounded(value) for name, value in _single(one).items()}


def _of(number: QuantileRange, suffix: str) -> float:
    return {"p05": number.low, "p50": number.median, "p95": number.high}[suffix]


def _rounded(value: Any) -> Any:
    """Six decimals, as in the other tables; a number that is not finite (nobody could be followed) is empty."""
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _columns() -> tuple[str, ...]:
    empty = Summary("", {}, {}, {}, None, None)
    stems = [f"{stem}_{suffix}" for stem in _numbers(empty) for suffix in ("p05", "p50", "p95")]
    first = ("source", "id", "now", "strategy", "best_by", "best_chance", "bracket", "blocked_by")
    return (*first, *stems, *_single(empty))


COLUMNS = _columns()
