"""The manifest of a forecast: record, request, versions and a digest of the answer, so that it can be made again."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from dataclasses import asdict, replace
from functools import cache
from importlib.metadata import version
from typing import Any

from bonecast.care import rules
from bonecast.core import Practice, current_practice
from bonecast.engine import simd_lanes
from bonecast.forecasts import Forecast, code_version
from bonecast.reports.versions import bonecast_version, model_versions

FORMAT = 1
PACKAGES = ("numpy", "scipy", "numba", "llvmlite")  # those beneath the numbers
LEVELS_KEPT = ("p05", "p50", "p95")


def manifest(forecast: Forecast) -> dict[str, Any]:
    """Collect what the numbers of a forecast rest on, as plain data.

    Parameters
    ----------
    forecast : Forecast
        Made by `bonecast.forecast`.

    Returns
    -------
    dict of str to object
        `record` (hash), `request`, `versions` (each a word that changes with what it names), and `answer`: the hash of
        forecast.csv, what each range ends with, the care outcome and the rank of each strategy. No name, id or measured
        value is in it.

    Examples
    --------
    >>> import bonecast as bc
    >>> made = bc.forecast(bc.read_patient("examples/late-dose.toml"), horizon="1 year", draws=20)
    >>> sorted(manifest(made))
    ['answer', 'format', 'request', 'versions']
    """
    request = forecast.request
    return {
        "format": FORMAT,
        "request": None if request is None else asdict(request),
        "versions": versions(forecast.models),
        "answer": answer(forecast),
    }


def versions(models: tuple[str, ...]) -> dict[str, str]:
    """Say which code, parameters, rules, packages and processor width stand behind a forecast by these models.

    Parameters
    ----------
    models : tuple of str
        Library names.

    Returns
    -------
    dict of str to str
        What, and a word that changes with it.
    """
    return {
        "bonecast": bonecast_version(),
        "code": code_version()[:16],
        **{f"model {name}": words for name, words in model_versions(models)},
        "rules": _rules_version(),
        "settings of the clinic": _settings_version(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "people in one vector": str(simd_lanes()),
    }


def answer(forecast: Forecast) -> dict[str, Any]:
    """Give the answer in short: hash of all ranges, their ends, and what was ranked or blocked.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    dict of str to object
        `forecast.csv` (hash), `last` (by strategy and output), `care` (outcome by strategy), `ranks`.
    """
    table = forecast.table()
    last = table.group_by("strategy", "output", "unit", maintain_order=True).last()
    csv = table.write_csv(float_precision=6)
    ranks = [] if forecast.ranking is None else [one.option for one in forecast.ranking.ranks]
    return {
        "forecast.csv": hashlib.sha256(csv.encode()).hexdigest(),
        "last": [
            {
                "strategy": row["strategy"],
                "output": row["output"],
                "date": row["date"].isoformat(),
                **{level: _short(row[level]) for level in LEVELS_KEPT},
            }
            for row in last.iter_rows(named=True)
        ],
        "care": {one.name: one.outcome for one in (*forecast.checks, *forecast.blocked)},
        "ranks": ranks,
    }


def _settings_version() -> str:
    """Sixteen characters that change with a setting of the clinic that moves numbers; "none" where nothing is set."""
    practice = replace(current_practice(), date_format="", decimal="")
    return "none" if practice == Practice() else hashlib.sha256(repr(practice).encode()).hexdigest()[:16]


def _short(value: float) -> float | None:
    """Six digits; None where nobody could be followed."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


@cache
def _rules_version() -> str:
    """Sixteen characters that change when a rule does."""
    rows = [[r.id, r.severity, r.text, r.advice, r.mark, r.source.key] for r in rules().values()]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]
