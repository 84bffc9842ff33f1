"""Until when may the next injection wait? The days on which a forecast without it passes a limit.

Density is lowest on the day of the next dose: from then on bone is filled in faster than it is taken away. So what a
delay costs is what the forecast without a further dose has lost on that day, and one run answers for every delay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np

from bonecast.decisions import first_loss
from bonecast.forecasts.choice import LatestDate
from bonecast.forecasts.levels import Columns
from bonecast.forecasts.turnover import TURNOVER, passing_of, passing_turnover
from bonecast.records import least_significant_change
from bonecast.regimens import History

LOSS_PCT = 3.0  # assumption: more than half of what a clinic's scanner can tell, and easily had back


def latest_dates(
    history: History,
    days: np.ndarray,
    untreated: Mapping[str, Columns],
    whole: np.ndarray,
    loss_pct: float = LOSS_PCT,
) -> tuple[LatestDate, ...]:
    """By when is the next injection needed, before spine density or turnover passes its limit?

    untreated : columns over `days`, past and future, without a further dose. Loss is counted from the day on which
    the next dose is or was due. whole : people who count. Empty where denosumab was not given last.
    """
    if not history.doses or history.doses[-1].drug != "denosumab":
        return ()
    return tuple(_dates(history, days, untreated, whole, loss_pct))


def _dates(
    history: History, days: np.ndarray, untreated: Mapping[str, Columns], whole: np.ndarray, loss_pct: float
) -> Iterator[LatestDate]:
    due = float(history.cover_end_d)
    if "LS_BMD" in untreated and days[0] <= due <= days[-1]:
        curves = untreated["LS_BMD"]["LS_BMD_pct_change"][1][whole]
        least = least_significant_change("BMD", "lumbar spine")
        for most in sorted({loss_pct, *((least.value,) if least else ())}):
            passed = first_loss(curves, days, most, due)
            what = f"more than {most:g} % of lumbar spine BMD is lost"
            yield LatestDate(what, "LS_BMD", passing_of(passed, most, history))
    for key in TURNOVER:
        found = passing_turnover(key, untreated, days, float(min(due, history.today_d)), whole, history)
        if found is not None:
            what = f"{key} lies above the range before the menopause"
            yield LatestDate(what, key, found)


def latest_sentence(found: LatestDate, now: dt.date) -> str:
    """One criterion as a sentence.

    >>> from bonecast.forecasts.choice import Passing
    >>> early, middle = dt.date(2026, 12, 1), dt.date(2027, 1, 10)
    >>> found = LatestDate("CTX is high", "CTX", Passing(0.67, 0.8, early, middle, None))
    >>> latest_sentence(found, dt.date(2026, 9, 15)).partition("; ")[2]
    '1 in 20 by 2026-12-01, and some not within the forecast.'
    """
    p, what = found.passing, f"the point at which {found.what}"
    if p.early is None:
        return f"Without a further dose, hardly anyone like this one passes {what} within the forecast."
    if p.median is None:
        share = f"{100 * p.share:.0f} of 100"
        return (
            f"Without a further dose, {share} people like this one pass {what} within the forecast; 1 in 20 by"
            f" {p.early}."
        )
    rest = f"19 in 20 by {p.late}" if p.late else "some not within the forecast"
    half = "half of people like this one"
    passing = f"{half} have passed {what} since" if p.median <= now else f"{half} pass {what} by"
    return f"Without a further dose, {passing} {p.median}; 1 in 20 by {p.early}, and {rest}."
