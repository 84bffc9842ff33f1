"""A time without denosumab: how far resorption rises, and when how much of the gained bone is lost.

With r(t) resorption (CTX) relative to before treatment and b(t) spine BMD relative to the first injection:

    peak        max of r(t)                      from the end of the cover to the next injection, or two years on
    lost        1 - min of b(t)/b(end of cover)
    given back  (b(end) - min b)/(b(end) - 1)    of what the injections had gained
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from bonecast.decisions import first_above
from bonecast.forecasts.result import LEVELS, Days, Lapse, Range
from bonecast.forecasts.track import Track
from bonecast.outcomes.anchoring import at_day
from bonecast.regimens import DAYS_IN, History

DRUG = "denosumab"
LAPSE_D = 30  # days beyond the cover: up to then it is the play of appointments
WATCHED_D = 2 * DAYS_IN["years"]  # the rebound is over by then
LEAST_PCT = 0.5  # gains and losses below it have no share and no date: a tenth of what a scan can tell


def lapse_of(track: Track, history: History, horizon_d: float) -> Lapse | None:
    """The first time without denosumab from today on, longer than a month, under this strategy.

    None without one, and where the model has no CTX or no spine.
    """
    found = _gap(track, history, horizon_d)
    ctx, spine = (
        track.columns.get(key, {}).get(name)
        for key, name in (("CTX", "CTX_pct_of_baseline"), ("LS_BMD", "LS_BMD_pct_change"))
    )
    if found is None or ctx is None or spine is None or not track.succeeded.any():
        return None
    begins, ends = found
    watched = min(ends, begins + WATCHED_D)
    at = (track.days >= begins) & (track.days <= watched)
    if at.sum() < 3:
        return None
    days = track.days[at]
    resorption = ctx[1][track.succeeded][:, at] / 100
    density = 100 + spine[1][track.succeeded]
    first = min(d.time_d for d in history.doses + track.way.doses if d.drug == DRUG)
    start, end_of_cover = at_day(density, track.days, first), at_day(density, track.days, begins)
    gained = 100 * (end_of_cover / start - 1)
    fallen = 100 * (1 - density[:, at] / end_of_cover[:, None])
    lost = np.maximum(fallen.max(axis=1), 0.0)
    shared, losing = gained > LEAST_PCT, lost > LEAST_PCT
    given_back = lost * end_of_cover / np.where(shared, gained * start, 1.0)
    enough = losing.mean() > 0.5
    return Lapse(
        begins=history.date(begins),
        ends=history.date(ends) if ends < _last(history, horizon_d) else None,
        watched=history.date(watched),
        peak=_range(resorption.max(axis=1)),
        before=_range(at_day(ctx[1][track.succeeded] / 100, track.days, begins)),
        peak_days=_days(history, days[resorption.argmax(axis=1)]),
        gained=_range(gained),
        lost=_range(lost),
        given_back=_range(given_back[shared]) if shared.mean() > 0.5 else None,
        lose_from=_loss_days(history, fallen, lost, days, 0.1, losing) if enough else None,
        lose_to=_loss_days(history, fallen, lost, days, 0.9, losing) if enough else None,
    )


def _gap(track: Track, history: History, horizon_d: float) -> tuple[float, float] | None:
    """From the end of a cover to the next injection, or to the end of the forecast."""
    last = _last(history, horizon_d)
    doses = sorted((d.time_d, d.cover_d) for d in history.doses + track.way.doses if d.drug == DRUG)
    if not doses:
        return None
    for (day, cover), following in zip(doses, [*(d for d, _ in doses[1:]), last], strict=True):
        begins = day + cover
        if following > history.today_d and min(following, last) - begins > LAPSE_D:
            return begins, min(following, last)
    return None


def _last(history: History, horizon_d: float) -> float:
    return history.today_d + horizon_d


def _loss_days(
    history: History, fallen: np.ndarray, lost: np.ndarray, days: np.ndarray, share: float, who: np.ndarray
) -> Days:
    """The days on which this share of each person's loss is lost."""
    so_far = fallen[who] / lost[who, None]
    return _days(history, first_above(so_far, days, share, float(days[0])))


def _days(history: History, days: np.ndarray) -> Days:
    early, middle, late = np.quantile(days, (0.05, 0.5, 0.95), method="inverted_cdf")
    return Days(*(_date(history, day) for day in (early, middle, late)))


def _date(history: History, day: float) -> dt.date:
    return history.date(math.floor(day))


def _range(values: np.ndarray) -> Range:
    low, lower, middle, upper, high = (float(q) for q in np.quantile(values, LEVELS))
    return Range(middle, low, high, (lower, upper))
