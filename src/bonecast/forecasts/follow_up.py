"""Over which time exits are compared: from today, equally long after the last denosumab, or to one age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.forecasts.published import cover_end_d
from bonecast.forecasts.track import Track
from bonecast.outcomes import at_day, change_since
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, History, PlannedStrategy

TODAY, LAST_DOSE, AGE = "today", "last dose", "age"
AFTER_MONTHS = 24  # after the effect of the last denosumab: what the latest exit of the search has
LONGEST_YEARS = 10


@dataclass(frozen=True)
class FollowUp:
    """The time over which plans are compared.

    Parameters
    ----------
    since : str
        "today", "last dose" (24 months from the day on which the effect of the last denosumab ends, the same for every
        plan) or "age" (from today to one age).
    until_d : float
        Days from today to that age.
    """

    since: str = TODAY
    until_d: float = 0.0

    @property
    def months(self) -> int:
        """How long it is, in months."""
        return AFTER_MONTHS if self.since == LAST_DOSE else round(self.until_d / DAYS_IN["months"])

    def window(self, way: PlannedStrategy, history: History) -> tuple[float, float]:
        """First and last day, on the axis of the history."""
        if self.since != LAST_DOSE:
            return float(history.today_d), history.today_d + self.until_d
        end = cover_end_d(way, history)
        begin = max(float(history.today_d), end) if end is not None else float(history.today_d)
        return begin, begin + AFTER_MONTHS * DAYS_IN["months"]


def read_follow_up(text: str, patient: Patient) -> FollowUp:
    """Read over which time exits are compared.

    Parameters
    ----------
    text : str
        "today", "last dose" or "age 80".
    patient : Patient
        Whose age it is.

    Returns
    -------
    FollowUp

    Raises
    ------
    InputError
        Any other text, or an age that is not 1 to 10 years ahead.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> read_follow_up("age 80", read_patient("examples/late-dose.toml")).months
    102
    """
    said = " ".join(text.split()).casefold()
    if said in (TODAY, LAST_DOSE):
        return FollowUp(said)
    word, _, age = said.partition(" ")
    if word != AGE or not age.isdecimal():
        raise InputError(
            "follow-up",
            gettext("{given} is none", given=repr(text[:40])),
            gettext('say "today", "last dose" or "age 80"'),
        )
    until = int(age) * DAYS_IN["years"] - (patient.record_date - patient.birth_date).days
    if not DAYS_IN["years"] <= until <= LONGEST_YEARS * DAYS_IN["years"]:
        hint = gettext("choose an age that is 1 to {longest_years} years ahead", longest_years=LONGEST_YEARS)
        raise InputError("follow-up", gettext("age {age} is not in reach of the forecast", age=age), hint)
    return FollowUp(AGE, until)


def outcome_within(
    kind: str, site: str, track: Track, window: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray] | None:
    """The value[person] of one strategy in this time, with the error of the model and without; None where it is short.

    kind, site : of fracture or of density; the one that the aim does not name is empty.
    """
    first, last = window
    if last > track.days[-1] + 1:
        return None
    last = min(last, float(track.days[-1]))
    if kind:
        if track.risk is None:
            return None
        shown, exact = (1000 * risk.cumulative(kind, first, last) for risk in track.risk)
        return shown, exact
    columns = track.columns.get(site, {}).get(f"{site}_pct_change")
    if columns is None:
        return None
    curves = columns[1]
    changed = at_day(change_since(curves, at_day(curves, track.days, first)), track.days, last)
    return changed, changed
