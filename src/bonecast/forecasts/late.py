"""Until when may the next injection wait? The days on which a forecast without it passes a limit.

Density is lowest on the day of the next dose: from then on bone is filled in faster than it is taken away. So what a
delay costs is what the forecast without a further dose has lost on that day, and one run answers for every delay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from bonecast.care import LATEST_D
from bonecast.core import gettext
from bonecast.forecasts.choice import LatestDate
from bonecast.outcomes import TURNOVER, Columns, first_loss, time_above_reference, time_to_threshold
from bonecast.records import least_significant_change
from bonecast.regimens import History

LOSS_PCT = 3.0  # assumption: more than half of what a clinic's scanner can tell, and easily had back


def latest_dates(
    history: History,
    days: np.ndarray,
    untreated: Mapping[str, Columns],
    people: np.ndarray,
    loss_pct: float = LOSS_PCT,
    scanner: str | None = None,
) -> tuple[LatestDate, ...]:
    """By when is the next injection needed, before spine density or turnover passes its limit?

    untreated : columns over `days`, past and future, without a further dose. Loss is counted from the day on which
    the next dose is or was due. people : who counts. scanner : of the spine, for the least significant change. Empty
    where denosumab was not given last.
    """
    if not history.doses or history.doses[-1].drug != "denosumab":
        return ()
    return tuple(_dates(history, days, untreated, people, loss_pct, scanner))


def _dates(
    history: History,
    days: np.ndarray,
    untreated: Mapping[str, Columns],
    people: np.ndarray,
    loss_pct: float,
    scanner: str | None,
) -> Iterator[LatestDate]:
    due = float(history.cover_end_d)
    last = history.date(history.last_d + LATEST_D) if history.last_d is not None else None
    if "LS_BMD" in untreated and days[0] <= due <= days[-1]:
        curves = untreated["LS_BMD"]["LS_BMD_pct_change"][1][people]
        least = least_significant_change("BMD", "lumbar spine", scanner=scanner)
        for most in sorted({loss_pct, *((least.value,) if least else ())}):
            lost_on = first_loss(curves, days, most, due)
            what = gettext("more than {most:g} % of lumbar spine BMD is lost", most=most)
            yield LatestDate(what, "LS_BMD", time_to_threshold(lost_on, most, history), last)
    for key in TURNOVER:
        time = time_above_reference(key, untreated, days, float(min(due, history.today_d)), people, history)
        if time is not None:
            what = gettext("{key} lies above the range before the menopause", key=key)
            yield LatestDate(what, key, time, last)
