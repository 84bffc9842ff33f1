"""Calcium after the next injection: on which days it is tested, by the care rules and by the forecast itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from bonecast.care.schedule import Schedule
from bonecast.forecasts.choice import CalciumTest
from bonecast.models import Model

_SAID = {  # fact to its name and unit in a sentence
    "eGFR": ("eGFR", ""),
    "vitamin D": ("25-OH vitamin D", ""),
    "calcium intake": ("calcium intake", " mg/day"),
}
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


def calcium_sentence(model: Model, facts: Mapping[str, float]) -> str:
    """What the fall of calcium is forecast from, what is taken as typical, and what the model leaves out.

    >>> from bonecast.models import load_model
    >>> calcium_sentence(load_model("bonecast-1"), {"eGFR": 77.4, "calcium intake": 900.0})[-85:]
    'the dose, eGFR 77 and calcium intake 900 mg/day; 25-OH vitamin D is taken as typical.'
    """
    able = {fact: said for fact, said in _SAID.items() if _takes(model, fact)}
    told = ["the dose"]
    told += [f"{name} {facts[fact]:.0f}{unit}" for fact, (name, unit) in able.items() if fact in facts]
    sentence = (
        f"The fall of calcium after an injection is forecast from turnover and PTH as learned, {_and(told)}"
    )
    typical = [name for fact, (name, _) in able.items() if fact not in facts]
    if typical:
        sentence += f"; {_and(typical)} {_is(typical)} taken as typical"
    left = [name for fact, (name, _) in _SAID.items() if fact not in able]
    if left:
        sentence += f"; {_and(left)} {_is(left)} not in the model"
    return sentence + "."


def _takes(model: Model, fact: str) -> bool:
    return fact in model.covariates and not model.covariates[fact].unfit


def _and(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _is(parts: list[str]) -> str:
    return "is" if len(parts) == 1 else "are"
