"""Calcium after the next injection: on which days it is tested, by the care rules and by the forecast itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from bonecast.care.schedule import Schedule
from bonecast.forecasts.choice import CalciumTest
from bonecast.patients import Patient

_NEAR_D = 3  # a test this near the lowest day serves for it


def calcium_tests(
    plan: Schedule, dose: dt.date, nadir_day: int | None, today: dt.date
) -> tuple[CalciumTest, ...]:
    """When is calcium tested around a dose on this day? The dates of the care rules, and the lowest day forecast.

    plan : the schedule of the person; its dates move with the dose.
    """
    moved = dt.timedelta(days=(dose - plan.injection).days if plan.injection else 0)
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


def calcium_sentence(patient: Patient, facts: Mapping[str, float]) -> str:
    """What the fall of calcium is forecast from, and what it leaves out.

    >>> from bonecast.patients import read_patient
    >>> calcium_sentence(read_patient("examples/late-dose.toml"), {"eGFR": 77.4, "vitamin D": 68.0})[-62:]
    'vitamin D 68; calcium intake (900 mg/day) is not in the model.'
    """
    used = {"eGFR": "eGFR", "vitamin D": "25-OH vitamin D"}
    known = [f"{name} {facts[fact]:.0f}" for fact, name in used.items() if fact in facts]
    typical = [name for fact, name in used.items() if fact not in facts]
    told = ", the dose, and " + " and ".join(known) if known else " and the dose"
    intake = patient.fact("calcium_intake_mg_day")
    given = f" ({intake:g} mg/day)" if isinstance(intake, int | float) else ""
    left = (
        f"; {' and '.join(typical)} {'is' if len(typical) == 1 else 'are'} taken as typical, and"
        if typical
        else ";"
    )
    return (
        f"The fall of calcium after an injection is forecast from turnover and PTH as learned{told}{left} calcium"
        f" intake{given} is not in the model."
    )
