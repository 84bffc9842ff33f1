"""The forecast for programs: forecast.csv and forecast.json."""

from __future__ import annotations

import json
import math
from typing import Any

from bonecast.forecasts import DoseMark, Forecast, Range, Summary
from bonecast.reports.versions import bonecast_version, model_versions


def as_csv(forecast: Forecast) -> str:
    """All bands in long form, six decimals; the columns are those of `Forecast.table`."""
    return forecast.table().write_csv(float_precision=6)


def as_json(forecast: Forecast) -> str:
    """Everything but the bands: who, when, strategies with plans and doses, summaries, gaps, notes, sources."""
    return json.dumps(content(forecast), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def content(forecast: Forecast) -> dict[str, Any]:
    """What forecast.json holds, as plain data; a number that is not finite (nobody could be followed) is null."""
    return {
        "bonecast": bonecast_version(),
        "statement": "Research and decision support, not a medical device; the clinician decides.",
        "person": {"id": forecast.patient.id, "sex": forecast.patient.sex, "age": forecast.patient.age},
        "now": forecast.now.isoformat(),
        "zero": forecast.zero.isoformat(),
        "due": forecast.due.isoformat() if forecast.due else None,
        "horizon_d": forecast.horizon_d,
        "draws": forecast.draws,
        "seed": forecast.seed,
        "history": [_dose(dose) for dose in forecast.history],
        "strategies": [
            {"name": s.name, "plan": str(s.plan), "doses": [_dose(dose) for dose in s.doses]}
            for s in forecast.strategies
        ],
        "summaries": [_summary(summary) for summary in forecast.summaries],
        "gaps": [
            {"strategy": g.strategy, "endpoint": g.endpoint.key, "reason": g.reason} for g in forecast.gaps
        ],
        "notes": list(forecast.notes),
        "models": [{"name": name, "version": version} for name, version in model_versions(forecast.models)],
        "references": list(forecast.references),
    }


def _dose(dose: DoseMark) -> dict[str, Any]:
    return {
        "date": dose.date.isoformat(),
        "drug": dose.drug,
        "amount": dose.amount,
        "unit": dose.unit,
        "planned": dose.planned,
        "late_d": dose.late_d,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    nadir = summary.calcium_nadir
    return {
        "strategy": summary.strategy,
        "change_pct_from_now": [
            {"endpoint": key, "months": months, **_range(found)}
            for (key, months), found in summary.change.items()
        ],
        "chance_of_loss_in_24_months": dict(summary.loss_chance),
        "marker_mean_of_6_months": [
            {"endpoint": key, "until_months": months, **_range(found)}
            for (key, months), found in summary.marker.items()
        ],
        "calcium_nadir_mmol_L": _range(nadir) if nadir else None,
        "calcium_nadir_day": summary.calcium_nadir_day,
    }


def _range(found: Range) -> dict[str, float | None]:
    """Six decimals, as in the table."""
    numbers = {"p05": found.low, "p50": found.median, "p95": found.high}
    return {name: round(value, 6) if math.isfinite(value) else None for name, value in numbers.items()}
