"""Virtual people: the same seed gives the same people, spread and correlations are as the cards say."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.cohorts import BASELINES, draw_baselines, draw_cohort
from bonecast.models import load_model


def test_people_do_not_depend_on_how_many_are_drawn_or_in_which_chunks():
    model = load_model("joerg-2022")
    whole = draw_cohort(model, 3000, seed=5).parameters
    part = draw_cohort(model, np.arange(1500, 2200), seed=5).parameters
    assert len(whole) > 3
    assert all(np.array_equal(whole[name][1500:2200], part[name]) for name in whole)


def test_another_seed_gives_other_people():
    model = load_model("choi-2025")
    assert not np.array_equal(
        draw_cohort(model, 10, 1).parameters["CL"], draw_cohort(model, 10, 2).parameters["CL"]
    )


def test_a_factor_has_the_spread_of_its_card_and_the_published_correlation():
    model = load_model("choi-2025")
    people = draw_cohort(model, 20000, seed=1).parameters
    sd = {f.name: f.sd for f in model.variability.factors}
    clearance = np.log(people["CL"] / model.system.parameters["CL"])
    volume = np.log(people["Vp"] / model.system.parameters["Vp"])
    assert clearance.std() == pytest.approx(sd["CL"], rel=0.03)
    assert np.corrcoef(clearance, volume)[0, 1] == pytest.approx(0.43, abs=0.03)


def test_a_truncated_factor_stays_inside_its_bounds():
    model = load_model("choi-2025")
    q = next(f for f in model.variability.factors if f.name == "Q")
    factor = draw_cohort(model, 5000, seed=1).parameters["Q"] / model.system.parameters["Q"]
    assert np.abs(np.log(factor)).max() == pytest.approx(q.truncate * q.sd)


def test_two_models_share_the_traits_that_they_call_alike():
    peterson, choi = load_model("peterson-riggs-2010"), load_model("choi-2025")
    shared = {f.name for f in peterson.variability.factors} & {f.name for f in choi.variability.factors}
    assert "CL" in shared
    a = draw_cohort(peterson, 500, seed=1).parameters["CL"]
    b = draw_cohort(choi, 500, seed=1).parameters["CL"]
    assert np.corrcoef(np.log(a), np.log(b))[0, 1] > 0.85  # choi's is mixed with its volume


def test_facts_of_the_person_are_kept_and_multiplied_by_the_factors():
    people = draw_cohort(load_model("joerg-2022"), 5, seed=1, typical={"age": 71.5}).parameters
    assert np.array_equal(people["age"], np.full(5, 71.5))


def test_baselines_have_their_median_spread_and_correlation():
    drawn = draw_baselines(20000, seed=2)
    for key, baseline in BASELINES.items():
        assert np.median(drawn[key]) == pytest.approx(baseline.median, rel=0.03)
        assert np.log(drawn[key]).std() == pytest.approx(baseline.log_sd, rel=0.03)
    assert np.corrcoef(np.log(drawn["CTX"]), np.log(drawn["P1NP"]))[0, 1] == pytest.approx(0.7, abs=0.02)


def test_baseline_ctx_goes_with_the_turnover_of_the_person():
    turnover = draw_cohort(load_model("bonecast-1"), 20000, seed=2).parameters["turnover"]
    ctx = draw_baselines(20000, seed=2)["CTX"]
    assert np.corrcoef(np.log(turnover), np.log(ctx))[0, 1] == pytest.approx(0.5, abs=0.02)


def test_a_trait_that_is_added_keeps_its_mean_and_its_sd():
    model = load_model("bonecast-1")
    factor = next(f for f in model.variability.factors if f.kind == "added")
    drawn = draw_cohort(model, 20000, seed=1, typical={factor.parameters[0]: 0.01}).parameters[
        factor.parameters[0]
    ]
    assert drawn.mean() == pytest.approx(0.01, abs=0.0002)
    assert drawn.std() == pytest.approx(factor.sd, rel=0.03)


def test_facts_that_differ_between_people_are_kept_person_by_person():
    ages = np.array([60.0, 70.0, 80.0])
    people = draw_cohort(load_model("bonecast-1"), 3, seed=1, typical={"age": ages}).parameters
    assert np.array_equal(people["age"], ages)
