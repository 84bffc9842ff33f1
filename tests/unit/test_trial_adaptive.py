"""Designs that a sponsor would plan: margins, looks, a second look at the size, shared levels, assurance."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from bone_trials import small
from scipy import stats
from statsmodels.stats.multitest import multipletests
from trial_outcomes import Design, Interim, endpoint, outcomes

from bonecast.errors import InputError
from bonecast.trials import preset
from bonecast.trials.allocation import allocate
from bonecast.trials.assurance import discrepancy_sd, moved
from bonecast.trials.bone import play_people
from bonecast.trials.bone.design import Reestimation
from bonecast.trials.endpoints import Multiplicity, adjusted, analyse, boundaries, tipping_point
from bonecast.trials.power import power
from bonecast.trials.power_joint import joint_power
from bonecast.trials.power_looks import first_of, looks, normal_z, verdicts
from bonecast.trials.power_pool import Pool
from bonecast.trials.power_reestimated import reestimated

DESIGN = Design()
FRAME = outcomes(DESIGN)
SPINE = endpoint(kind="bmd-change", quantity="LS_BMD", visit="m36")


def pool(people: int = 600, gain: float = 1.0, design: Design = DESIGN, null: bool = False) -> Pool:
    return Pool(design, outcomes(replace(design, people=people), seed=5, gain=gain), null)  # type: ignore[arg-type]


# Margins


def test_non_inferiority_is_the_one_sided_test_against_its_margin():
    one = endpoint(kind="bmd-change", quantity="LS_BMD", visit="m36", objective="non-inferiority", margin=1.5)
    assert one.margin == (-1.5, math.inf)
    assert one.alpha == 0.025
    same = outcomes(DESIGN, gain=0.0)
    (row,) = analyse(one, same, DESIGN, True)
    (plain,) = analyse(SPINE, same, DESIGN, True)
    error = (plain.high - plain.low) / (2 * stats.t.ppf(0.975, 300))
    assert row.z == pytest.approx((plain.estimate + 1.5) / error, rel=0.01)
    assert row.p == pytest.approx(stats.t.sf(row.z, row.n + row.n_reference - 4))
    assert row.success == (row.low > -1.5)
    assert row.level == pytest.approx(0.95)


def test_fewer_events_are_better_and_a_marker_must_say_which_way():
    one = endpoint(
        kind="fracture", quantity="vertebral", visit="m36", objective="non-inferiority", margin=1.3
    )
    assert one.margin == (0.0, 1.3)
    row = next(r for r in analyse(one, FRAME, DESIGN, True) if r.decisive)
    assert row.success == (row.high < 1.3)
    with pytest.raises(InputError, match="which values of CTX are better is not said"):
        endpoint(kind="marker-gmr", quantity="CTX", visit="m12", objective="non-inferiority", margin=1.3)


def test_shares_are_non_inferior_where_their_interval_says_so():
    lines = {"kind": "responders", "quantity": "LS_BMD", "visit": "m36", "threshold": 3}
    for margin in (5.0, 30.0):
        one = endpoint(**lines, objective="non-inferiority", margin=margin)
        row = next(r for r in analyse(one, outcomes(DESIGN, gain=0.0), DESIGN, True) if r.decisive)
        assert row.success == (row.low > -margin)
    ratio = endpoint(**lines, method="ratio", objective="equivalence", margin=[0.1, 10.0])
    row = next(r for r in analyse(ratio, outcomes(DESIGN, gain=0.0), DESIGN, True) if r.decisive)
    assert row.success == (row.low > 0.1 and row.high < 10)


# Estimands and missing readings


def test_a_principal_stratum_is_refused_by_name():
    with pytest.raises(InputError, match="a principal stratum is not estimated"):
        endpoint(kind="bmd-change", quantity="LS_BMD", visit="m36", estimand="principal-stratum")


def test_in_a_composite_who_stopped_has_failed():
    lines = {"kind": "responders", "quantity": "LS_BMD", "visit": "m36", "threshold": 3}
    row = analyse(endpoint(**lines, estimand="composite", missing="failure"), FRAME, DESIGN, True)[0]
    treated = FRAME.filter(pl.col("arm") == "denosumab")
    change = 100 * (pl.col("LS_BMD_m36") / pl.col("LS_BMD_m0") - 1)
    kept = treated.filter((change >= 3).fill_null(False) & pl.col("stopped_d").is_null())
    assert row.value == pytest.approx(100 * kept.height / treated.height)
    events = endpoint(kind="fracture", quantity="vertebral", visit="m36", estimand="composite")
    plain = replace(events, estimand="treatment-policy")
    assert analyse(events, FRAME, DESIGN, True)[0].value > analyse(plain, FRAME, DESIGN, True)[0].value


def test_imputation_at_random_agrees_with_repeated_measures_and_the_reference_takes_effect_away():
    gone = outcomes(replace(DESIGN, people=1200), gain=6.0, missed=0.25)
    imputed = replace(SPINE, missing="multiple-imputation", imputations=30)
    (mi,) = (r for r in analyse(imputed, gone, DESIGN, True) if r.decisive)
    (mixed,) = (r for r in analyse(replace(SPINE, method="mmrm"), gone, DESIGN, True) if r.decisive)
    error = (mixed.high - mixed.low) / 3.92
    assert mi.estimate == pytest.approx(mixed.estimate, abs=0.35 * error)
    assert (mi.high - mi.low) / 3.92 == pytest.approx(error, rel=0.12)
    (jump,) = (
        r for r in analyse(replace(imputed, imputation="jump-to-reference"), gone, DESIGN, True) if r.decisive
    )
    assert 0.3 * mi.estimate < jump.estimate < mi.estimate - error


def test_the_tipping_point_is_where_success_is_lost():
    one = replace(SPINE, missing="multiple-imputation", imputations=5)
    frame = outcomes(DESIGN, gain=1.6, seed=2, missed=0.35)
    delta = tipping_point(one, frame, DESIGN)
    assert -20 < delta < 0
    for nearer, success in ((0.95, True), (1.05, False)):
        (row,) = (r for r in analyse(replace(one, delta=nearer * delta), frame, DESIGN, True) if r.decisive)
        assert row.success is success
    assert tipping_point(one, outcomes(DESIGN, gain=0.0), DESIGN) == 0.0


# Looks


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock"])
def test_boundaries_spend_alpha_and_no_more(spending: str):
    fractions = np.array([0.4, 0.7, 1.0])
    edges = boundaries(0.05, fractions.tolist(), spending)
    steps = np.random.default_rng(1).standard_normal((400_000, 3)) * np.sqrt(np.diff(fractions, prepend=0))
    z = np.abs(steps.cumsum(1)) / np.sqrt(fractions)
    assert (z >= edges).any(1).mean() == pytest.approx(0.05, abs=0.0012)


def test_a_look_at_half_of_the_people_sees_the_first_half_of_each_arm():
    half = first_of(FRAME, 0.5)
    for arm in ("denosumab", "placebo"):
        mine = FRAME.filter(pl.col("arm") == arm)
        assert half.filter(pl.col("arm") == arm).equals(mine.head(round(mine.height / 2)))
    design = replace(DESIGN, interims=(Interim("", 0.5),), spending="pocock")
    assert [round(look.z, 3) for look in looks(design, SPINE, FRAME)] == [2.157, 2.201]  # type: ignore[arg-type]


def test_a_look_at_few_people_asks_more_of_a_t_than_of_a_normal_score():
    few = outcomes(replace(DESIGN, people=24), gain=3.0, missed=0.0)
    (row,) = analyse(SPINE, few, DESIGN, True)
    assert 1.5 < normal_z(SPINE, row) < row.z
    assert 2 * stats.norm.sf(normal_z(SPINE, row)) == pytest.approx(row.p)


def test_a_hopeless_trial_is_given_up_and_a_clear_one_is_not():
    design = replace(DESIGN, interims=(Interim("", 0.5),), futility=0.2)
    plan = looks(design, SPINE, FRAME)  # type: ignore[arg-type]
    nothing, much = (list(verdicts(design, plan, outcomes(DESIGN, gain=g, seed=4))) for g in (0.0, 6.0))  # type: ignore[arg-type]
    assert [v.futile for v in nothing] == [True]
    assert [v.success for v in much] == [True]


def test_looks_keep_alpha_and_take_fewer_people():
    design = replace(DESIGN, people=120, interims=(Interim("", 0.5),), spending="pocock", futility=0.1)
    null = power(design, SPINE, pool(null=True, design=design), 400)  # type: ignore[arg-type]
    assert null.share == pytest.approx(0.05, abs=0.033)  # three standard errors
    assert null.mean_people < 100


# A second look at the size


@pytest.mark.parametrize("kind", ["blinded", "promising-zone"])
def test_a_second_look_at_the_size_keeps_alpha(kind: str):
    rule = Reestimation(kind, 0.5, 2.0, 0.9, 0.3)
    design = replace(DESIGN, people=60, reestimation=rule)
    spine = replace(SPINE, expected=3.0)
    null = power(design, spine, pool(null=True, design=design), 250)  # type: ignore[arg-type]
    assert null.share == pytest.approx(0.05, abs=0.041)
    assert 60 < null.mean_people <= 120


def test_a_wider_spread_asks_for_more_people_and_power_comes_back():
    rule = Reestimation("blinded", 0.5, 3.0, 0.9, 0.3)
    design = replace(DESIGN, people=40, reestimation=rule)
    spine = replace(SPINE, expected=2.5)
    one = outcomes(replace(DESIGN, people=120), gain=0.0)
    took = [
        reestimated(design, rule, replace(spine, expected=by), one, 40).people  # type: ignore[arg-type]
        for by in (2.5, 6.0)
    ]
    assert took[0] > took[1] == 40


# Levels that are shared


def test_holm_is_that_of_statsmodels():
    p = dict(zip("abcd", (0.011, 0.04, 0.0003, 0.02), strict=True))
    found = adjusted(Multiplicity("holm", 0.05, (tuple(p),)), p)
    assert [found[name] for name in p] == pytest.approx(multipletests(list(p.values()), method="holm")[1])


def test_a_sequence_stops_at_its_first_failure_and_a_gate_at_its_family():
    p = {"a": 0.01, "b": 0.2, "c": 0.001}
    assert adjusted(Multiplicity("fixed-sequence", 0.05, (("a", "b", "c"),)), p) == {
        "a": 0.01,
        "b": 0.2,
        "c": 0.2,
    }
    gate = adjusted(Multiplicity("gatekeeping", 0.05, (("a",), ("b", "c"))), p)
    assert gate == pytest.approx({"a": 0.01, "c": 0.01, "b": 0.2})


def test_a_graph_passes_on_what_is_won():
    graph = Multiplicity(
        "graph", 0.05, (("a", "b"),), (("a", 0.5), ("b", 0.5)), (("a", "b", 1.0), ("b", "a", 1.0))
    )
    assert adjusted(graph, {"a": 0.02, "b": 0.045}) == pytest.approx({"a": 0.04, "b": 0.045})
    kept = replace(graph, transitions=())
    assert adjusted(kept, {"a": 0.02, "b": 0.045})["b"] == pytest.approx(0.09)


def test_under_no_difference_a_shared_level_is_kept():
    two = (SPINE, endpoint(kind="bmd-change", quantity="TH_BMD", visit="m24"))
    plan = Multiplicity("holm", 0.05, (tuple(one.name for one in two),))
    design = replace(DESIGN, people=100, endpoints=two, multiplicity=plan)
    found = joint_power(design, pool(null=True, design=design), 200)  # type: ignore[arg-type]
    assert found.any_of_them <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)
    assert all(a <= b for a, b in zip(found.adjusted, found.alone, strict=True))


# Allocation, factors, assurance


def test_minimisation_balances_every_stratum_and_keeps_the_shares():
    text = ("blocks = [4]", 'method = "minimisation"')
    design = replace(
        small(text, ('share = 1\nplan = "denosumab', 'share = 2\nplan = "denosumab')), people=600
    )
    rng = np.random.default_rng(1)
    strata = [rng.random(600) < 0.3, rng.integers(0, 10, 600).astype(str)]
    arms = allocate(design, strata, 0)
    assert abs((arms == 0).sum() - 400) <= 4
    for words in strata:
        for one in np.unique(words):
            mine = arms[words == one]
            assert abs((mine == 0).sum() - 2 * (mine == 1).sum()) <= 10
    alone = allocate(replace(design, allocation="simple"), [], 0)
    assert (alone == 0).mean() == pytest.approx(2 / 3, abs=0.06)


def test_factors_of_an_arm_change_its_people_alone():
    line = 'plan = "denosumab 60 mg every 6 months x 3"'
    plain, faster = (
        play_people(small((line, line + more)), 0, 24) for more in ("", "\nfactors = { CL = 3.0 }")
    )
    same = plain["arm"] == "placebo"
    assert plain.filter(same).equals(faster.filter(same))
    assert faster.filter(~same)["CTX_m6"].sum() > plain.filter(~same)["CTX_m6"].sum()


def test_the_discrepancy_is_that_of_the_difference_and_none_where_arms_get_one_drug():
    freedom, biosimilar = preset("freedom"), preset("biosimilar")
    assert discrepancy_sd(biosimilar, biosimilar.endpoints[0]) == 0.0  # type: ignore[arg-type]
    assert discrepancy_sd(freedom, freedom.endpoints[3]) > 0.5  # type: ignore[arg-type]


def test_an_estimate_that_is_moved_succeeds_or_fails_by_the_same_test():
    (row,) = analyse(SPINE, outcomes(DESIGN, gain=2.0), DESIGN, True)
    assert moved(SPINE, row, 0.0) == row.success
    error = (row.high - row.low) / (2 * stats.norm.ppf(0.975))
    assert moved(SPINE, row, float(1.97 * error - row.estimate))
    assert not moved(SPINE, row, float(1.95 * error - row.estimate))


# Combinations that are refused

REFUSED = [
    ('[[interim]]\nshare = 0.5\nat = "m9"', "it is at no one place"),
    ('[[interim]]\nshare = 0.5\n[reestimation]\nkind = "promising-zone"', "are not combined"),
    ("[sequential]\nfutility = 0.1", "a trial without looks is not given up"),
    ('[reestimation]\nkind = "blinded"', "'spine' is planned for no difference"),
    ('[multiplicity]\nmethod = "holm"\norder = ["spin"]', "no endpoint called 'spin'"),
    ('[multiplicity]\nmethod = "graph"\norder = ["spine"]', "a graph needs its weights"),
    ('[[interim]]\nshare = 0.5\n[multiplicity]\nmethod = "holm"', "are not combined"),
]


@pytest.mark.parametrize(("more", "cause"), REFUSED)
def test_what_does_not_go_together_is_named(more: str, cause: str):
    with pytest.raises(InputError, match=cause):
        small(("[[endpoint]]", f"{more}\n\n[[endpoint]]"))


def test_minimisation_refuses_blocks_and_needs_strata():
    with pytest.raises(InputError, match="minimisation has none"):
        small(("blocks = [4]", 'blocks = [4]\nmethod = "minimisation"'))
    with pytest.raises(InputError, match="nothing is balanced"):
        small(('blocks = [4]\nstrata = ["age >= 70"]', 'method = "minimisation"'))
