"""What must hold in bonecast-1 whatever the numbers: rest, balances of calcium, phosphate and cells, signs, order."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest

from bonecast.cohorts import draw_cohort
from bonecast.engine import Status, dose, simulate
from bonecast.engine.system import Values
from bonecast.models.bonecast_1 import (
    MODEL,
    ageing,
    body,
    calcitriol,
    kidney,
    osteoclasts,
    parathyroid,
    rankl,
    serum,
    sites,
    skeleton,
)
from bonecast.models.bonecast_1.action import Action, together
from bonecast.models.bonecast_1.plugins import PLUGINS
from bonecast.regimens import dose_events, parse_regimen

SYSTEM = MODEL.system
COUNT = 1000
YEAR_D = 365.25


def everybody() -> dict[str, np.ndarray]:
    """A thousand people of any age, sex, size, kidney, vitamin D and calcium intake."""
    rng = np.random.default_rng(11)
    return draw_cohort(
        MODEL,
        COUNT,
        seed=4,
        typical={
            "age": rng.uniform(40, 95, COUNT),
            "sex": (rng.uniform(size=COUNT) < 0.2).astype(float),
            "weight": rng.uniform(40, 110, COUNT),
            "GFR": np.exp(rng.uniform(np.log(6), np.log(120), COUNT)),
            "D25": rng.uniform(15, 120, COUNT),
            "T_LS": rng.uniform(-4.5, 1, COUNT),
            "T_TH": rng.uniform(-4, 1, COUNT),
            "T_FN": rng.uniform(-4, 1, COUNT),
            "intake": rng.uniform(200, 3000, COUNT),
        },
    ).parameters


@pytest.fixture(scope="module")
def people() -> dict[str, np.ndarray]:
    return everybody()


def person(people: dict[str, np.ndarray], i: int) -> Values:
    return SYSTEM.named_parameters({name: float(values[i]) for name, values in people.items()})


def run(people, plan: str, days) -> dict[str, np.ndarray]:
    runs = simulate(SYSTEM, dose_events(MODEL, parse_regimen(plan).doses), days, people, rtol=1e-5)
    assert np.all(runs.status == Status.FINE), runs.failed()
    return {name: runs.output(name) for name in runs.outputs}


def test_nothing_but_age_and_ageing_moves_in_anybody_without_a_drug(people):
    still = set(SYSTEM.states) - {"age", "Qy", "Qz"} - {f"{m}_{s}" for m in "YZ" for s in sites.SITES}
    for i in range(COUNT):
        p = person(people, i)
        y = SimpleNamespace(**SYSTEM.initial(p))
        rates = SYSTEM.rates(y, p)
        assert max(abs(rates[state]) for state in still) < 1e-9
        for site in sites.SITES:
            g = ageing.loss(y, p, site)
            assert rates[f"Y_{site}"] + rates[f"Z_{site}"] == pytest.approx(-g, abs=1e-15)
            assert rates[f"Y_{site}"] == pytest.approx(-g * getattr(y, f"Y_{site}"), abs=1e-15)
        assert rates["Qy"] + rates["Qz"] == pytest.approx(-skeleton.at_rest(p), rel=1e-9)


def test_no_drug_no_drift_other_than_ageing(people):
    days = np.array([0.0, YEAR_D, 5 * YEAR_D, 10 * YEAR_D])
    # sex steroids fade over a few years around menopause; ten years after it there is nothing left to lose
    old = {name: values[people["age"] > 60] for name, values in people.items()}
    found = run(old, "nothing for 10 years", days)
    for site in ("LS", "TH"):
        np.testing.assert_allclose(
            found[f"{site}_BMD_pct_change"], found[f"{site}_BMD_untreated_pct_change"], atol=2e-3
        )
    for marker in ("CTX", "P1NP", "BSAP", "TRACP5b", "uNTX"):
        np.testing.assert_allclose(found[f"{marker}_pct_of_baseline"], 100.0, atol=1e-2)
    calcium = found["calcium_mmol_L"]
    np.testing.assert_allclose(calcium, calcium[:, :1].repeat(4, axis=1), rtol=4e-3)


def disturbed(people, i: int, rng: np.random.Generator) -> tuple[Values, Values]:
    """A person whose every state is off its rest, with drugs on board."""
    p = person(people, i)
    start = SYSTEM.initial(p)
    moved = {
        state: (value * rng.uniform(0.7, 1.3) if value else SYSTEM.scales[state] * rng.uniform(0, 2))
        for state, value in start.items()
    }
    return p, SimpleNamespace(**{**moved, "age": start["age"] + rng.uniform(0, 20)})


def test_calcium_and_phosphate_are_conserved_in_everybody(people):
    rng = np.random.default_rng(2)
    for i in range(COUNT):
        p, y = disturbed(people, i, rng)
        b, act = kidney.baseline(p), body.action(y, p, PLUGINS)
        activity = parathyroid.pth(y, p) + act.pth_activity
        rates = SYSTEM.rates(y, p)
        taken = sum(plugin.adds(y, p).get("ca", 0.0) for plugin in PLUGINS) * serum.VOLUME
        gut = calcitriol.absorbed(y, p, b, skeleton.at_rest(p)) + taken
        urine = kidney.urinary_calcium(p, b, y.ca, activity)
        kept = serum.VOLUME * rates["ca"] + rates["X"] + rates["Qy"] + rates["Qz"]
        assert kept == pytest.approx(gut - urine, rel=1e-9, abs=1e-9)
        absorbed = (p.P_in - serum.P_PER_CA * skeleton.at_rest(p)) * (0.7 + 0.3 * y.Gu)
        lost = kidney.urinary_phosphate(p, b, y.ph, activity)
        kept = serum.VOLUME * rates["ph"] + serum.P_PER_CA * (rates["Qy"] + rates["Qz"])
        assert kept == pytest.approx(absorbed - lost, rel=1e-9, abs=1e-9)


def test_cells_that_split_are_found_among_those_that_wait():
    p = SYSTEM.named_parameters()
    y = SimpleNamespace(**SYSTEM.initial(p))
    held = osteoclasts.rates(y, p, Action(), 0.2, 1.0)
    G = rankl.fission(p, 0.2, y.C)
    assert pytest.approx(p.kG * 0.8**2) == G
    assert held["C"] == pytest.approx(-G)  # recruitment and death are still in balance
    without = p.kWd * p.rW * (1 - 0.2)  # cells that were not recruited wait too
    assert held["W"] == pytest.approx(without + p.rW * p.kWd * G / p.kD)


def test_both_pools_are_bounded_under_a_blockade_without_end(people):
    found = run(people, "denosumab 120 mg every 4 weeks for 20 years", np.array([0.0, 7300.0]))
    W, U = (
        found["waiting_cells_pct_of_baseline"][:, -1] / 100,
        found["activation_sites_pct_of_baseline"][:, -1] / 100,
    )
    p = SYSTEM.parameters
    highest = 1 + p["sO"]  # the set point of turnover after the loss of all sex steroids
    assert np.all(U > 1)
    assert np.all(1 + p["rU"] * highest > U)
    assert np.all(W > 1)
    assert np.all((1 + p["rW"]) * highest * 1.1 > W)


ONE = "for 1 year"
COURSES = (
    "denosumab 60 mg every 6 months x 4, then nothing for 3 years",
    f"denosumab 120 mg every 4 weeks {ONE}, then zoledronate 4 mg every 4 weeks x 6, then nothing {ONE}",
    f"teriparatide 20 ug daily {ONE} with alendronate 70 mg weekly {ONE}, then romosozumab 210 mg monthly x 12",
    f"abaloparatide 80 ug daily {ONE}, then raloxifene 60 mg daily {ONE} with risedronate 35 mg weekly {ONE}",
    f"ibandronate 3 mg every 3 months x 4, then calcium 1000 mg daily {ONE} with calcitriol 0.5 ug daily {ONE}",
)


@pytest.mark.parametrize("plan", COURSES)
def test_everything_stays_positive_and_finite_in_everybody(people, plan):
    days = np.arange(0.0, 5 * YEAR_D, 30.0)
    runs = simulate(SYSTEM, dose_events(MODEL, parse_regimen(plan).doses), days, people, rtol=1e-4)
    assert np.all(runs.status == Status.FINE), runs.failed()
    for name in runs.outputs:
        values = runs.output(name)
        assert np.isfinite(values).all(), name
        if "change" not in name:
            assert values.min() > -1e-3, name
        else:
            assert values.min() > -60, name
    start = SYSTEM.initial(SYSTEM.named_parameters())
    sizes = np.array([SYSTEM.scales.get(state, abs(start[state])) for state in SYSTEM.states])
    assert (runs.end.states / sizes).min() > -1e-4


@pytest.mark.parametrize(
    ("plan", "doses", "output", "day", "sign"),
    [
        ("denosumab {} mg once", (1, 6, 14, 30, 60, 120, 210), "CTX_pct_of_baseline", 14, -1),
        # a small dose has gone by now, and the larger of two small ones rebounds more
        ("denosumab {} mg once", (60, 120, 210), "CTX_pct_of_baseline", 180, -1),
        ("denosumab {} mg every 6 months x 2", (1, 6, 14, 30, 60, 120, 210), "LS_BMD_pct_change", 360, 1),
        ("denosumab {} mg once", (1, 14, 60, 120), "calcium_mmol_L", 30, -1),
        ("zoledronate {} mg once", (0.5, 1, 2.5, 5, 10), "CTX_pct_of_baseline", 365, -1),
        ("zoledronate {} mg once", (0.5, 1, 2.5, 5, 10), "TH_BMD_pct_change", 730, 1),
        ("alendronate {} mg daily for 2 years", (1, 5, 10, 20), "LS_BMD_pct_change", 730, 1),
        ("risedronate {} mg daily for 2 years", (1, 5, 10), "CTX_pct_of_baseline", 730, -1),
        ("teriparatide {} ug daily for 1 years", (5, 10, 20, 40), "P1NP_pct_of_baseline", 180, 1),
        ("romosozumab {} mg monthly x 12", (35, 70, 140, 210, 420), "LS_BMD_pct_change", 360, 1),
        ("raloxifene {} mg daily for 1 years", (30, 60, 120), "CTX_pct_of_baseline", 180, -1),
        ("abaloparatide {} ug daily for 1 years", (20, 40, 80), "P1NP_pct_of_baseline", 180, 1),
    ],
)
def test_more_drug_does_more_in_everybody(people, plan, doses, output, day, sign):
    some = {name: values[:200] for name, values in people.items()}
    steps = [run(some, plan.format(amount), np.array([0.0, day]))[output][:, -1] for amount in doses]
    grows = sign * np.diff(steps, axis=0)
    assert grows.min() > -0.02  # tolerance of the integrator, where the effect is full
    assert np.median(grows[0]) > 0.002


def test_weight_thins_exposure_and_lets_the_effect_end_sooner():
    days = np.arange(0.0, 183.0)
    heavy = {"weight": np.array([45.0, 64.0, 90.0, 120.0])}
    found = run(heavy, "denosumab 60 mg once", days)
    auc = np.trapezoid(found["denosumab_ng_mL"], days, axis=1)
    assert np.all(np.diff(auc) < 0)
    assert np.all(np.diff(found["CTX_pct_of_baseline"][:, -1]) > 0)


def test_an_injection_is_found_again_in_the_body(people):
    p = SYSTEM.named_parameters()
    y = SimpleNamespace(**{**SYSTEM.initial(p), "Dd": 100.0, "Dc": 50.0, "Dp": 80.0})
    rates = SYSTEM.rates(y, p)
    from bonecast.models.bonecast_1.plugins import denosumab

    free = denosumab.free(y, p)
    bound = y.Rt * free / (p.Kss + free)
    lost = p.CL * free + p.kint * bound * p.Vc
    assert rates["Dd"] + rates["Dc"] + rates["Dp"] == pytest.approx(-lost, rel=1e-9)


def test_bone_under_denosumab_takes_up_less_zoledronate_and_bone_in_rebound_loses_it_faster():
    p = SYSTEM.named_parameters()
    rest = SYSTEM.initial(p)

    def surface_rate(resorption: float, on_surface: float, in_plasma: float) -> float:
        y = SimpleNamespace(**{**rest, "C": resorption, "O2": resorption, "Sz": on_surface, "Pz": in_plasma})
        return SYSTEM.rates(y, p)["Sz"]

    assert 0 < surface_rate(0.1, 0.0, 1.0) < surface_rate(1.0, 0.0, 1.0) < surface_rate(1.6, 0.0, 1.0)
    assert surface_rate(1.6, 1.0, 0.0) < surface_rate(1.0, 1.0, 0.0) < surface_rate(0.1, 1.0, 0.0) < 0


def test_no_plugin_names_another_and_each_does_nothing_at_rest():
    p = SYSTEM.named_parameters()
    y = SimpleNamespace(**SYSTEM.initial(p))
    idle = together([])
    for plugin in PLUGINS:
        act = plugin.action(y, p)
        for field in fields(Action):
            assert getattr(act, field.name) == pytest.approx(getattr(idle, field.name), abs=1e-12), (
                plugin.name
            )
    names = {plugin.name for plugin in PLUGINS}
    own = [path for path in MODEL.system.sources if path.parent.name == "plugins"]
    assert names & {path.stem for path in own} >= {"denosumab", "zoledronate", "teriparatide", "romosozumab"}
    for path in own:
        if path.stem in names:
            text = path.read_text(encoding="utf-8").casefold()
            assert {n for n in names - {path.stem} if n in text} <= {"calcium", "calcitriol"}, path.name


@pytest.mark.parametrize("gfr", [9.0, 22.0, 50.0, 85.0])
def test_a_chronic_kidney_disease_starts_from_normal_calcium_at_rest(gfr):
    days = np.array([0.0, 100.0, 1000.0])
    found = run({"GFR": np.full(4, gfr)}, "nothing for 3 years", days)
    np.testing.assert_allclose(found["calcium_mmol_L"], 2.35, rtol=1e-3)
    assert found["PTH_pg_mL"][0, 0] == pytest.approx(45 * max(1, 60 / gfr) ** 0.9, rel=1e-6)


@pytest.mark.parametrize("gfr", [9.0, 85.0])
def test_people_who_eat_little_or_much_calcium_start_from_normal_calcium_at_rest(gfr):
    eaten = np.array([200.0, 600.0, 1500.0, 3000.0])
    found = run(
        {"GFR": np.full(4, gfr), "intake": eaten}, "nothing for 3 years", np.array([0.0, 100.0, 1000.0])
    )
    np.testing.assert_allclose(found["calcium_mmol_L"], 2.35, rtol=1e-3)
    assert np.all(np.diff(found["PTH_pg_mL"][:, 0]) < 0)


def test_an_intake_that_nobody_asked_for_moves_nothing():
    days = np.arange(0.0, 400.0, 10.0)
    plan = "denosumab 60 mg every 6 months x 2"
    usual = run({"intake": np.array([SYSTEM.parameters["intake_ref"]])}, plan, days)
    unsaid = run({"weight": np.array([SYSTEM.parameters["weight"]])}, plan, days)
    assert all(np.array_equal(usual[name], unsaid[name]) for name in usual)


@pytest.mark.parametrize("gfr", [9.0, 22.0, 50.0, 85.0])
def test_the_less_calcium_is_eaten_the_deeper_calcium_falls_and_tablets_lift_it_in_all(gfr):
    eaten = np.array([200.0, 500.0, 800.0, 1000.0, 1500.0, 3000.0])
    days = np.arange(0.0, 90.0)
    lowest = [
        run({"GFR": np.full(6, gfr), "intake": eaten}, plan, days)["calcium_mmol_L"].min(axis=1)
        for plan in ("denosumab 60 mg once", "denosumab 60 mg once with calcium 500 mg daily for 3 months")
    ]
    assert np.all(np.diff(lowest[0]) > 1e-3)
    assert np.all(lowest[1] > lowest[0] + 0.02)


def test_doses_given_through_the_dose_function_and_a_plan_are_the_same():
    days = np.array([0.0, 100.0, 300.0])
    a = simulate(SYSTEM, [dose(SYSTEM, 0.0, "denosumab", 60.0)], days)
    b = simulate(SYSTEM, dose_events(MODEL, parse_regimen("denosumab 60 mg once").doses), days)
    assert np.array_equal(a.values, b.values)


def test_ibandronate_by_vein_and_by_mouth_take_their_own_routes():
    by_vein = dose_events(MODEL, parse_regimen("ibandronate 3 mg every 3 months x 1").doses)[0]
    by_mouth = dose_events(MODEL, parse_regimen("ibandronate 150 mg monthly x 1").doses)[0]
    assert (by_vein.route, by_mouth.route) == ("ibandronate intravenous", "ibandronate")
    assert "ibandronate" in MODEL.drugs
    assert "ibandronate intravenous" not in MODEL.drugs
