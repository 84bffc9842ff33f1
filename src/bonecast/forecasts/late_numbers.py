"""What the summaries of a forecast say of the options of a late injection, in the terms of care."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from bonecast.care import ForecastNumbers, Lateness, LatenessBand
from bonecast.outcomes import QuantileRange, Summary

MONTHS = 24  # that the plans of the options last
CTX_MONTHS = 12  # a summary holds the mean of the six months before


def with_numbers(found: Lateness, summary_of: Callable[[str], Summary]) -> Lateness:
    """The same lateness with the numbers of each option that is not blocked, and of the course without a further dose.

    summary_of : a plan's text to the summary of the forecast under it. Two options with one plan are followed once.
    """
    shown = [o for o in found.options if o.outcome != "blocked" or o.comparison]
    numbers = {plan: numbers_of(summary_of(plan)) for plan in dict.fromkeys(o.plan for o in shown)}
    return replace(
        found,
        options=tuple(
            o if o.outcome == "blocked" else replace(o, forecast=numbers[o.plan]) for o in found.options
        ),
        untreated=next((numbers[o.plan] for o in found.options if o.comparison), None),
    )


def numbers_of(summary: Summary) -> ForecastNumbers:
    """A summary in the terms of care; what it lacks is None."""
    above = summary.turnover_threshold.get("CTX")
    return ForecastNumbers(
        MONTHS,
        ctx_ng_mL=_band(summary.marker.get(("CTX", CTX_MONTHS))),
        ctx_above=above.share if above else None,
        spine_bmd_pct=_band(summary.change.get(("LS_BMD", MONTHS))),
        vertebral_per_1000=_band(summary.fractures.get(("vertebral", MONTHS))),
    )


def _band(of: QuantileRange | None) -> LatenessBand | None:
    """Six decimals, as everywhere; None where there is no number or nobody could be followed."""
    if of is None or not math.isfinite(of.median):
        return None
    return LatenessBand(round(of.low, 6), round(of.median, 6), round(of.high, 6))
