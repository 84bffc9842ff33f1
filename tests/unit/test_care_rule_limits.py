"""Every limit of every care rule: cases on both sides, and a proof that moving it by one unit is noticed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from bonecast.care.cases import read_cases
from bonecast.care.derived import with_derived
from bonecast.care.rules import rules
from bonecast.core import Condition, Leaf, Not

FOLDER = Path(__file__).parents[1] / "data" / "care"
ROWS = list(csv.DictReader((FOLDER / "limits.csv").open(encoding="utf-8")))
# One unit of a limit, by the unit of the variable: what a slip in the table would be.
STEP = {"mmol/L": 0.01, "": 0.1}
# How many moved limits change no answer, because another part of the rule decides first: on dialysis the eGFR (RN-09),
# where two age bands meet the stricter T-score (IN-14, IN-15), where two baselines meet the smaller rise (FQ-07).
WITHOUT_EFFECT = {"RN-09": 2, "IN-14": 6, "IN-15": 7, "FQ-07": 1}

# NICE TA204 (2010), section 1: T-score at which, or below which, denosumab is an option without a fracture,
# by age and number of independent risk factors.
TA204 = {
    (65, 69): {0: None, 1: -4.5, 2: -4.0},
    (70, 74): {0: -4.5, 1: -4.0, 2: -3.5},
    (75, 120): {0: -4.0, 1: -4.0, 2: -3.0},
}


def option(age: int, factors: int) -> float | None:
    """The T-score of the table; None where denosumab is no option."""
    for (youngest, oldest), limits in TA204.items():
        if youngest <= age <= oldest:
            return limits[min(factors, 2)]
    return None


def nice_case(age: int, factors: int, score: float) -> dict:
    return with_derived(
        {
            "jurisdiction": "UK",
            "indication": "PMO",
            "planned_action": "start_60",
            "bp_unsuitable": True,
            "n_fragility_fractures": 0.0,
            "age_years": float(age),
            "nice_risk_factors": float(factors),
            "t_score_spine": score,
        }
    )


@cache
def nice_cases() -> tuple[tuple[int, int, float, dict], ...]:
    scores = [round(-5.0 + 0.05 * step, 2) for step in range(61)]
    ages = (63, 64, 65, 66, 68, 69, 70, 71, 73, 74, 75, 76, 80)
    return tuple(
        (age, factors, score, nice_case(age, factors, score))
        for age, factors, score in product(ages, (0, 1, 2, 3), scores)
    )


def fires(rule: str, facts: dict) -> bool:
    return rules()[rule].condition.closed(facts)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['rule']}-{place}" for place, row in enumerate(ROWS)])
def test_a_rule_fires_on_one_side_of_its_limit_only(row):
    assert fires(row["rule"], with_derived(json.loads(row["facts"]))) is (row["fires"] == "yes")


def test_the_table_of_nice_is_that_of_its_text():
    assert len(nice_cases()) > 3_000
    for age, factors, score, facts in nice_cases():
        limit = option(age, factors)
        assert fires("IN-14", facts) is (limit is not None and score <= limit), (age, factors, score)
        assert fires("IN-15", facts) is (limit is not None and score > limit), (age, factors, score)


def mutants(condition: Condition) -> Iterator[Condition]:
    """The condition with each of its limits moved by one unit, one at a time."""
    if isinstance(condition, Leaf):
        if isinstance(condition.other, float) and condition.sign in ("<", "<=", ">", ">="):
            unit = condition.variable.unit
            step = 1.0 if condition.variable.kind == "count" else STEP.get(unit, 1.0)
            yield from (replace(condition, other=condition.other + sign * step) for sign in (1, -1))
    elif isinstance(condition, Not):
        yield from (replace(condition, inner=inner) for inner in mutants(condition.inner))
    else:
        yield from (replace(condition, left=left) for left in mutants(condition.left))
        yield from (replace(condition, right=right) for right in mutants(condition.right))


@cache
def cases_of(rule: str) -> tuple[dict, ...]:
    own = [with_derived(json.loads(row["facts"])) for row in ROWS if row["rule"] == rule]
    nice = [facts for *_, facts in nice_cases()] if rule in ("IN-14", "IN-15") else []
    return (*own, *nice, *written())


@cache
def written() -> tuple[dict, ...]:
    files = (FOLDER / "scenarios.csv", FOLDER / "follow_on_cases.csv")
    return tuple(with_derived(row.facts) for file in files for row in read_cases(file)[0])


@pytest.mark.slow
@pytest.mark.parametrize("rule", [one.id for one in rules().values() if any(mutants(one.condition))])
def test_moving_a_limit_by_one_unit_is_noticed(rule):
    condition = rules()[rule].condition
    answers = [condition.closed(facts) for facts in cases_of(rule)]
    unnoticed = [
        str(mutant)
        for mutant in mutants(condition)
        if all(mutant.closed(facts) is said for facts, said in zip(cases_of(rule), answers, strict=True))
    ]
    assert len(unnoticed) == WITHOUT_EFFECT.get(rule, 0), unnoticed
