"""Power, type I error and sample size by simulation, against what formulas say where they hold."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats
from trial_outcomes import Design, Interim, endpoint, outcomes

from bonecast.errors import InputError
from bonecast.trials.power import equal_arms, named, power, power_of_trials
from bonecast.trials.power_looks import looks
from bonecast.trials.power_pool import Pool, draw, pool_error, sizes
from bonecast.trials.power_size import sample_size

pytestmark = pytest.mark.slow

SPINE = {"kind": "bmd-change", "quantity": "LS_BMD", "visit": "m36", "name": "spine", "primary": True}
BROKEN = {"kind": "fracture", "quantity": "vertebral", "visit": "m36", "name": "fractures"}
DESIGN = Design(strata=(), endpoints=(endpoint(**BROKEN), endpoint(**SPINE)), people=120)
WHOLE = replace(DESIGN, people=8000)
GAIN = 2.0
POOL = Pool(DESIGN, outcomes(WHOLE, gain=GAIN, missed=0.0))
CHANGE = named(DESIGN, "spine")


def formula(people: int, alpha: float = 0.05) -> float:
    """Power of the comparison of means with the SD and the dropout that the pool has."""
    change = 100 * (POOL.frame["LS_BMD_m36"] / POOL.frame["LS_BMD_m0"] - 1)
    arms = POOL.frame["arm"] == "denosumab"
    difference = change.filter(arms).mean() - change.filter(~arms).mean()
    sd = math.sqrt((change.filter(arms).var() + change.filter(~arms).var()) / 2)
    seen = people * (1 - change.null_count() / len(change))
    return float(stats.norm.cdf(difference / (sd * 2 / math.sqrt(seen)) - stats.norm.isf(alpha / 2)))


def test_the_power_is_that_of_the_formula_within_its_error():
    found = power(DESIGN, CHANGE, POOL, trials=400)
    assert abs(found.share - formula(120)) < 3.5 * found.simulation_error + 0.01
    assert found.estimate == pytest.approx(GAIN, abs=0.2)
    assert found.error > found.simulation_error
    assert found.looks[-1].share == found.share


def test_the_type_one_error_is_alpha():
    found = power(DESIGN, CHANGE, replace(POOL, null=True), trials=800)
    assert abs(found.share - 0.05) < 3.5 * found.simulation_error
    assert found.error == found.simulation_error
    assert abs(found.estimate) < 0.1


def test_at_the_margin_equivalence_is_found_in_alpha_of_trials():
    lines = {"kind": "equivalence", "quantity": "LS_BMD", "visit": "m36", "margin": 1.45, "name": "same"}
    one = endpoint(**lines)
    found = power(DESIGN, one, replace(POOL, null=True), trials=800, people=400)
    assert found.estimate == pytest.approx(-1.45, abs=0.1)
    assert abs(found.share - 0.05) < 3.5 * found.simulation_error
    ratio = endpoint(kind="equivalence", quantity="CTX", visit="m12", margin=1.25)
    moved = power(DESIGN, ratio, replace(POOL, null=True), trials=300, people=300)
    assert moved.estimate == pytest.approx(0.8, rel=0.03)
    assert moved.share < 0.11


def test_the_same_seed_gives_the_same_power_and_more_trials_begin_with_the_same():
    a, b = (draw(POOL, POOL.rows, 50, 1, i) for i in (3, 3))
    assert a.equals(b)
    assert not a.equals(draw(POOL, POOL.rows, 50, 1, 4))


def test_looks_spend_alpha_and_no_more():
    design = replace(DESIGN, interims=(Interim("m12"), Interim("m24")))
    one = named(design, "fractures")
    null = Pool(design, outcomes(WHOLE, hazard=0.3), null=True)
    found = power(design, one, null, trials=200, people=600)
    assert [look.at for look in found.looks] == ["m12", "m24", "m36"]
    assert found.looks[0].z > found.looks[1].z > found.looks[2].z > 1.96
    assert 0.25 < found.looks[0].information < 0.45
    assert found.share < 0.05 + 4 * found.simulation_error
    truth = power(design, one, Pool(design, null.frame), trials=100, people=600)
    assert truth.share > 0.95
    assert sum(look.share for look in truth.looks) == pytest.approx(truth.share)
    assert truth.looks[1].share > 0


def test_looks_are_at_visits_that_read_the_quantity():
    design = replace(DESIGN, interims=(Interim("m12"),))
    assert [look.at for look in looks(design, CHANGE, POOL.frame)] == ["m12", "m36"]
    early = replace(CHANGE, visits=("m36",))
    assert [look.at for look in looks(design, early, POOL.frame)] == ["m36"]
    (only,) = looks(DESIGN, CHANGE, POOL.frame)
    assert only.z == pytest.approx(1.96, abs=1e-3)


def test_the_sample_size_has_the_power_asked_for():
    found = sample_size(DESIGN, CHANGE, POOL, power=0.9, precision=0.08)
    assert found.precise
    assert found.low <= found.people <= found.high
    assert (found.high - found.low) / 2 / found.people <= 0.081
    assert found.pool_low < found.low
    assert formula(found.low) - 0.02 < 0.9 < formula(found.high) + 0.02


def test_a_search_that_may_not_go_on_says_that_it_is_not_precise():
    found = sample_size(DESIGN, CHANGE, POOL, precision=0.005, most_trials=300)
    assert not found.precise
    assert found.trials <= 400


def test_trials_that_were_played_are_counted_alike():
    frames = [outcomes(replace(DESIGN, people=120), gain=GAIN, trial=i) for i in range(60)]
    found = power_of_trials(DESIGN, CHANGE, frames)
    assert found.pool == 0
    assert found.error == found.simulation_error
    assert abs(found.share - formula(120)) < 4 * found.simulation_error


def test_a_finite_pool_is_an_error_of_its_own():
    rng = np.random.default_rng(1)
    n, pool, trials = 100, 1000, 400
    effect = 3.24 / math.sqrt(n)  # power 0.9
    powers = [
        stats.norm.cdf((effect + rng.normal() / math.sqrt(pool)) * math.sqrt(n) - 1.96) for _ in range(trials)
    ]
    assert np.std(powers) == pytest.approx(pool_error(0.9, n, pool, False), rel=0.15)


def test_arms_made_equal_keep_their_names():
    plans = {arm.name: arm.plan for arm in equal_arms(DESIGN).arms}
    assert plans == {"denosumab": "placebo", "placebo": "placebo"}


def test_sizes_add_up():
    assert sum(sizes(DESIGN, 121).values()) == 121


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: named(DESIGN, "spin"),
        lambda: named(replace(DESIGN, endpoints=()), None),
        lambda: power(DESIGN, CHANGE, POOL, trials=2),
        lambda: power(DESIGN, CHANGE, POOL, people=1),
        lambda: Pool(DESIGN, POOL.frame.filter(pl.col("arm") == "placebo")),
        lambda: sample_size(DESIGN, CHANGE, POOL, power=1.5),
        lambda: sample_size(DESIGN, CHANGE, POOL, precision=0),
    ],
)
def test_what_cannot_be_used_is_refused(wrong):
    with pytest.raises(InputError):
        wrong()
