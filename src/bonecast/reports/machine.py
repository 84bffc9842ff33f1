"""The forecast for programs: forecast.csv and forecast.json."""

from __future__ import annotations

import math
from typing import Any

from bonecast.care import Finding, late_content
from bonecast.core import json_text
from bonecast.decisions import Ranking
from bonecast.forecasts import DoseMark, Forecast, NextTest, Search, Width, exit_cell
from bonecast.outcomes import (
    DateRange,
    PublishedRate,
    QuantileRange,
    Summary,
    TimeToThreshold,
    TreatmentGap,
    clinic_baseline,
)
from bonecast.regimens import history_of
from bonecast.reports.accounts import accounts
from bonecast.reports.choice_sentences import latest_sentence, search_sentence
from bonecast.reports.manifest import manifest
from bonecast.reports.not_considered import not_considered
from bonecast.reports.notes import notes
from bonecast.reports.safety import checked_ways, due_date, emergency_sentence, not_possible, would_lift
from bonecast.reports.versions import bonecast_version, model_versions
from bonecast.reports.would_change import would_change


def as_csv(forecast: Forecast) -> str:
    """Write forecast.csv: all bands in long form, six decimals, with the columns of `Forecast.table`.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    """
    return forecast.table().write_csv(float_precision=6)


def as_json(forecast: Forecast) -> str:
    """Write forecast.json: who, when, strategies with plans and doses, summaries, gaps, notes, sources.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    str
    """
    return json_text(content(forecast))


def content(forecast: Forecast) -> dict[str, Any]:
    """Collect what forecast.json holds, as plain data; a number that is not finite (nobody could be followed) is null.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    dict of str to object
    """
    ways = checked_ways(forecast)
    due = due_date(forecast)
    return {
        "bonecast": bonecast_version(),
        "statement": "Research and decision support, not a medical device; the clinician decides.",
        "person": {"id": forecast.patient.id, "sex": forecast.patient.sex, "age": forecast.patient.age},
        "now": forecast.now.isoformat(),
        "zero": forecast.zero.isoformat(),
        "emergency": _emergency(forecast.emergency) if forecast.emergency else None,
        "due": due.isoformat() if due else None,
        "horizon_d": forecast.horizon_d,
        "draws": forecast.draws,
        "seed": forecast.seed,
        "method": forecast.method,
        "history": [_dose(dose) for dose in forecast.history],
        "strategies": [
            {
                "name": s.name,
                "plan": str(s.plan),
                "doses": [_dose(dose) for dose in s.doses],
                "published": [one.id for one in s.published],
                "care": {
                    "outcome": ways[s.name].outcome,
                    "rules": list(ways[s.name].rules),
                    "why": ways[s.name].why,
                },
            }
            for s in forecast.strategies
        ],
        "fracture_baseline": _baseline(forecast),
        "risk_only": forecast.risk_only,
        "blocked": [
            {
                "name": one.name,
                "rules": list(one.rules),
                "why": one.why,
                "would_lift": list(would_lift(one)),
                "said": not_possible(one),
            }
            for one in forecast.blocked
        ],
        "published_rates": [_published(one) for one in forecast.published],
        "summaries": [_summary(summary) for summary in forecast.summaries],
        "widths": [_width(one) for one in forecast.widths],
        "accounts": [
            {"strategy": a.strategy, "outcome": a.outcome, "reason": a.reason, "sources": list(a.sources)}
            for a in accounts(forecast)
        ],
        "would_change": list(would_change(forecast)),
        "not_considered": list(not_considered(forecast)),
        "ranking": _ranking(forecast.ranking) if forecast.ranking else None,
        "latest_dates": [
            {
                "what": one.what,
                "endpoint": one.key,
                **_time(one.time),
                "on_time_until": one.on_time_until.isoformat() if one.on_time_until else None,
                "said": latest_sentence(one, forecast.now),
            }
            for one in forecast.latest
        ],
        "next_tests": [_test(one) for one in forecast.next_tests],
        "search": _search(forecast.search) if forecast.search else None,
        "late": late_content(forecast.late) if forecast.late else None,
        "gaps": [
            {"strategy": g.strategy, "endpoint": g.endpoint.key, "reason": g.reason} for g in forecast.gaps
        ],
        "notes": list(notes(forecast)),
        "models": [{"name": name, "version": version} for name, version in model_versions(forecast.models)],
        "references": list(forecast.references),
        "manifest": manifest(forecast) if forecast.request is not None else None,
    }


def _baseline(forecast: Forecast) -> dict[str, Any] | None:
    """Whose rates the risk of fracture rests on; None where no risk is given."""
    if not any(summary.fractures for summary in forecast.summaries):
        return None
    found = clinic_baseline(forecast.patient, history_of(forecast.patient))
    return {
        "country": found.country,
        "country_stated": found.stated,
        "stated": dict(found.factors),
        "unknown": list(found.unknown),
        "sources": list(found.sources),
    }


def _emergency(found: Finding) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "advice": found.advice,
        "source": found.source.text,
        "said": emergency_sentence(found),
    }


def _published(rate: PublishedRate) -> dict[str, Any]:
    return {
        "id": rate.id,
        "topic": rate.topic,
        "said": rate.sentence,
        "value": rate.value,
        "comparator": rate.comparator,
        "unit": rate.unit,
        "n": rate.n,
        "mark": rate.mark,
        "source": rate.source,
    }


def _width(found: Width) -> dict[str, Any]:
    """Half widths of 90 % ranges, six decimals; `classes` are those behind the error of the model."""
    parts = ("total", "person", "parameters", "model", "measurement")
    return {
        "strategy": found.strategy,
        "endpoint": found.key,
        "months": found.months,
        "unit": found.unit,
        **{part: _finite(getattr(found, part)) for part in parts},
        "classes": [
            {"class": c.name, "rows": c.rows, "studies": c.studies, "basis": c.basis, "note": c.note}
            for c in found.classes
        ],
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 6)


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
        "chance_of_calcium_below": [
            {"mmol_L": limit, "chance": round(chance, 6)} for limit, chance in summary.calcium_below.items()
        ],
        "calcium_tests": [
            {"date": t.date.isoformat(), "why": t.why, "rules": list(t.rules)} for t in summary.calcium_tests
        ],
        "t_score": [
            {"endpoint": key, "months": months, **_range(found)}
            for (key, months), found in summary.t_score.items()
        ],
        "fractures_of_1000": [
            {"kind": kind, "months": months, **_range(found)}
            for (kind, months), found in summary.fractures.items()
        ],
        "turnover_passes_premenopausal_range": [
            {"endpoint": key, **_time(found)} for key, found in summary.turnover_threshold.items()
        ],
        "beside_published": [{"id": id, **_range(found)} for id, found in summary.beside.items()],
        "lapse": _treatment_gap(summary.treatment_gap) if summary.treatment_gap else None,
    }


def _treatment_gap(gap: TreatmentGap) -> dict[str, Any]:
    return {
        "begins": gap.begins.isoformat(),
        "ends": gap.ends.isoformat() if gap.ends else None,
        "watched_until": gap.observed_until.isoformat(),
        "CTX_times_before_treatment_when_it_begins": _range(gap.before),
        "CTX_times_before_treatment_at_peak": _range(gap.peak),
        "peak_days": _days(gap.peak_days),
        "spine_gained_pct": _range(gap.gained),
        "spine_lost_pct": _range(gap.lost),
        "share_of_gain_lost": _range(gap.share_of_gain_lost) if gap.share_of_gain_lost else None,
        "a_tenth_lost": _days(gap.loss_begins) if gap.loss_begins else None,
        "nine_tenths_lost": _days(gap.loss_ends) if gap.loss_ends else None,
    }


def _days(found: DateRange) -> dict[str, str]:
    ends = {"p05": found.early, "p50": found.median, "p95": found.late}
    return {name: date.isoformat() for name, date in ends.items()}


def _time(found: TimeToThreshold) -> dict[str, Any]:
    dates = {"p05": found.early, "p50": found.median, "p95": found.late}
    return {
        "limit": found.limit,
        "share": round(found.share, 6),
        **{name: date.isoformat() if date else None for name, date in dates.items()},
    }


def _ranking(found: Ranking) -> dict[str, Any]:
    return {
        "best_by": found.aim.name,
        "what": f"{found.aim.title}, {found.aim.unit}",
        "months": found.months,
        "margin": found.aim.margin,
        "ranks": [
            {
                "strategy": r.option,
                "mean": round(r.mean, 6),
                "chance_of_being_best": round(r.best, 6),
                "best_of_100": r.best_of_100,
                "within_model_error": r.within_model_error,
                "behind_first": dict(
                    zip(("p05", "p50", "p95"), (round(x, 6) for x in r.behind), strict=True)
                ),
                "bracket": r.bracket,
            }
            for r in found.ranks
        ],
    }


def _test(found: NextTest) -> dict[str, Any]:
    return {
        "endpoint": found.key,
        "date": found.date.isoformat(),
        "chance_of_wrong_choice": round(found.worth.wrong_before, 6),
        "chance_after_test": round(found.worth.wrong_after, 6),
        "standard_error": round(found.worth.error, 6),
        "saved": round(found.worth.saved, 6),
        "tells": found.worth.tells,
    }


def _search(found: Search) -> dict[str, Any]:
    return {
        **_ranking(found.ranking),
        "plans": found.plans,
        "warned": found.warned,
        "forbidden": found.forbidden,
        "since": found.since,
        "cells": {name: list(cell) for name in (*found.plans, *found.forbidden) if (cell := exit_cell(name))},
        "said": search_sentence(found),
    }


def _range(found: QuantileRange) -> dict[str, float | None]:
    """Six decimals, as in the table."""
    numbers = {"p05": found.low, "p50": found.median, "p95": found.high}
    if found.inner is not None:
        numbers |= {"p25": found.inner[0], "p75": found.inner[1]}
    return {name: _finite(value) for name, value in numbers.items()}
