"""The course without any further dose: what a delay costs. It is a picture of a risk, never an offer."""

from __future__ import annotations

from collections.abc import Collection

from bonecast.core import gettext
from bonecast.regimens import DAYS_IN, History, PlannedStrategy, parse_regimen, place_strategy

NO_FURTHER_DOSE = "no further dose"


def no_further_dose(history: History, horizon_d: float, taken: Collection[str] = ()) -> PlannedStrategy:
    """The plan of that course, laid behind the history. taken : names that it may not have.

    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> no_further_dose(history_of(read_patient("examples/late-dose.toml")), 365.25).doses
    ()
    """
    months = max(1, round(horizon_d / DAYS_IN["months"]))
    plan = parse_regimen(f"nothing for {months} months")
    name = gettext(NO_FURTHER_DOSE)
    if name in taken:
        name = gettext("{name} (risk)", name=name)
    return place_strategy(name, plan, history, horizon_d)
