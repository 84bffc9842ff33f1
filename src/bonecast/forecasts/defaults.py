"""The strategies that are compared when nobody names any."""

from __future__ import annotations

import math

from bonecast.plans.span import DAYS_IN
from bonecast.scenarios import History

_LATE_MONTHS = 3


def default_strategies(history: History, horizon_d: float) -> dict[str, str]:
    """On time, three months late, stop, and a switch to a bisphosphonate; without treatment, start or not.

    >>> from bonecast.patients import read_patient
    >>> from bonecast.scenarios import history_of
    >>> person = read_patient("examples/late-dose.toml")
    >>> list(default_strategies(history_of(person), 365.25))
    ['on time', '3 months late', 'stop', 'switch to alendronate', 'switch to zoledronate']
    """
    months = math.ceil(horizon_d / DAYS_IN["months"])
    doses = months // 6 + 1
    course = f"denosumab 60 mg every 6 months x {doses}"
    nothing = f"nothing for {months} months"
    zoledronate = f"zoledronate 5 mg every 12 months x {months // 12 + 1}"
    alendronate = f"alendronate 70 mg weekly for {months} months"
    if history.doses and history.doses[-1].drug == "denosumab":
        return {
            "on time": course,
            f"{_LATE_MONTHS} months late": f"nothing for {_LATE_MONTHS} months, then {course}",
            "stop": nothing,
            "switch to alendronate": alendronate,
            "switch to zoledronate": zoledronate,
        }
    if history.doses:
        return {"switch to denosumab": course, "stop": nothing}
    return {
        "denosumab": course,
        "no treatment": nothing,
        "alendronate": alendronate,
        "zoledronate": zoledronate,
    }
