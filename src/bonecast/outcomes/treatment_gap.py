"""A treatment gap, a time without denosumab: how far resorption rises, and when how much of the gained bone is lost.

With r(t) resorption (CTX) relative to before treatment and b(t) spine BMD relative to the first injection:

    peak                 max of r(t)                   from the end of the cover to the next injection, or two years on
    lost                 1 - min of b(t)/b(end of cover)
    share of gain lost   (b(end) - min b)/(b(end) - 1) of what the injections had gained
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bonecast.outcomes.anchoring import at_day
from bonecast.outcomes.levels import Columns
from bonecast.outcomes.ranges import DateRange, QuantileRange, date_range_of, range_of
from bonecast.outcomes.threshold import first_above
from bonecast.regimens import DAYS_IN, Dose, History

DRUG = "denosumab"
GAP_D = 30  # days beyond the cover: up to then it is the play of appointments
OBSERVED_D = 2 * DAYS_IN["years"]  # the rebound is over by then
LEAST_PCT = 0.5  # gains and losses below it have no share and no date: a tenth of what a scan can tell


@dataclass(frozen=True)
class TreatmentGap:
    """A time without denosumab under a strategy: what it does to resorption and to the spine.

    Parameters
    ----------
    begins : date
        The cover of the last injection ends.
    ends : date or None
        The next injection; None where none follows.
    observed_until : date
        The last day looked at, two years after it begins at the most.
    peak : QuantileRange
        Highest CTX until then, times before treatment.
    before : QuantileRange
        CTX on the day it begins, times before treatment.
    peak_days : DateRange
        When CTX is highest.
    gained : QuantileRange
        Spine BMD on the day it begins, % of its level at the first injection.
    lost : QuantileRange
        The most that is lost until `observed_until`, % of the level on the day it begins.
    share_of_gain_lost : QuantileRange, optional
        Share (0 to 1) of the gain that this is, over people who gained enough to be shared.
    loss_begins, loss_ends : DateRange, optional
        The days on which a tenth and nine tenths of it are lost, over people who lose something.
    """

    begins: dt.date
    ends: dt.date | None
    observed_until: dt.date
    peak: QuantileRange
    before: QuantileRange
    peak_days: DateRange
    gained: QuantileRange
    lost: QuantileRange
    share_of_gain_lost: QuantileRange | None = None
    loss_begins: DateRange | None = None
    loss_ends: DateRange | None = None


def find_treatment_gap(
    doses: Sequence[Dose],
    days: np.ndarray,
    columns: Mapping[str, Columns],
    people: np.ndarray,
    history: History,
    horizon_d: float,
) -> TreatmentGap | None:
    """Find the first time without denosumab from today on, longer than a month, under this strategy.

    Parameters
    ----------
    doses : sequence of Dose
        Planned by the strategy, on the axis of the history.
    days : ndarray
        Past and future, on the axis of the history.
    columns : mapping of str to Columns
        Endpoint key to its columns over `days`.
    people : ndarray of bool
        Who counts.
    history : History
        Doses given.
    horizon_d : float
        Days from today to the end of the forecast.

    Returns
    -------
    TreatmentGap or None
        None without such a time, and where the model has no CTX or no spine.
    """
    doses = history.doses + tuple(doses)
    ends_d = history.today_d + horizon_d
    span = _first_gap(doses, history.today_d, ends_d)
    ctx, spine = (
        columns.get(key, {}).get(name)
        for key, name in (("CTX", "CTX_pct_of_baseline"), ("LS_BMD", "LS_BMD_pct_change"))
    )
    if span is None or ctx is None or spine is None or not people.any():
        return None
    begins, ends = span
    until = min(ends, begins + OBSERVED_D)
    at = (days >= begins) & (days <= until)
    if at.sum() < 3:
        return None
    observed = days[at]
    resorption = ctx[1][people][:, at] / 100
    density = 100 + spine[1][people]
    first = min(d.time_d for d in doses if d.drug == DRUG)
    start, end_of_cover = at_day(density, days, first), at_day(density, days, begins)
    gained = 100 * (end_of_cover / start - 1)
    fallen = 100 * (1 - density[:, at] / end_of_cover[:, None])
    lost = np.maximum(fallen.max(axis=1), 0.0)
    shared, losing = gained > LEAST_PCT, lost > LEAST_PCT
    share_lost = lost * end_of_cover / np.where(shared, gained * start, 1.0)

    def loss_days(share: float) -> DateRange | None:
        """The days on which this share of each person's loss is lost; None where too few people lose something."""
        if losing.mean() <= 0.5:
            return None
        so_far = fallen[losing] / lost[losing, None]
        return date_range_of(history, first_above(so_far, observed, share, float(observed[0])))

    return TreatmentGap(
        begins=history.date(begins),
        ends=history.date(ends) if ends < ends_d else None,
        observed_until=history.date(until),
        peak=range_of(resorption.max(axis=1)),
        before=range_of(at_day(ctx[1][people] / 100, days, begins)),
        peak_days=date_range_of(history, observed[resorption.argmax(axis=1)]),
        gained=range_of(gained),
        lost=range_of(lost),
        share_of_gain_lost=range_of(share_lost[shared]) if shared.mean() > 0.5 else None,
        loss_begins=loss_days(0.1),
        loss_ends=loss_days(0.9),
    )


def _first_gap(doses: Sequence[Dose], today_d: float, ends_d: float) -> tuple[float, float] | None:
    """From the end of a cover to the next injection, or to the end of the forecast."""
    covers = sorted((d.time_d, d.cover_d) for d in doses if d.drug == DRUG)
    if not covers:
        return None
    for (day, cover), following in zip(covers, [*(d for d, _ in covers[1:]), ends_d], strict=True):
        begins = day + cover
        if following > today_d and min(following, ends_d) - begins > GAP_D:
            return begins, min(following, ends_d)
    return None
