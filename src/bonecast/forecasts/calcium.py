"""Calcium after the next injection: on which days it is tested, by the care rules and by the forecast itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bonecast.care import InjectionTests
from bonecast.outcomes import CalciumTest

_NEAR_D = 3  # a test this near the lowest day serves for it


def calcium_tests(
    plan: InjectionTests, dose: dt.date, nadir_day: int | None, today: dt.date
) -> tuple[CalciumTest, ...]:
    """When is calcium tested around a dose on this day? The dates of the care rules, and the lowest day forecast.

    plan : the tests around the next injection of the person; their dates move with the dose.
    """
    moved = dose - plan.injection
    tests = [
        CalciumTest(
            max(entry.date + moved, today),
            "before the injection" if entry.part == "before" else entry.text or "after the injection",
            entry.rules,
        )
        for entry in plan.entries
        if entry.part in ("before", "after") and entry.what.startswith("Calcium")
    ]
    if nadir_day is not None:
        lowest = dose + dt.timedelta(days=nadir_day)
        why = f"the lowest calcium is forecast for day {nadir_day}"
        near = [i for i, t in enumerate(tests) if abs((t.date - lowest).days) <= _NEAR_D and t.date > dose]
        if near:
            tests[near[0]] = replace(tests[near[0]], why=f"{tests[near[0]].why.rstrip('.')}; {why}")
        else:
            tests.append(CalciumTest(lowest, why))
    return tuple(sorted(tests, key=lambda t: (t.date, t.why)))
