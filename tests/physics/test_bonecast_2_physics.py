"""What must hold in bonecast-2 whatever the numbers: rest, bounds, small doses, positive states."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bonecast.engine import Status, simulate
from bonecast.models.bonecast_1 import MODEL as FIRST
from bonecast.models.bonecast_1 import calcitriol, kidney, serum, skeleton
from bonecast.models.bonecast_1 import osteoclasts as first
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_2 import MODEL, joint, mineral, osteoclasts
from bonecast.regimens import dose_events, parse_regimen

SYSTEM = MODEL.system
P = MODEL.parameter_set.namespace()


def run(plan: str, days: list[float], **facts: float):
    people = {name: np.array([value]) for name, value in facts.items()}
    runs = simulate(SYSTEM, dose_events(MODEL, parse_regimen(plan).doses), np.array(days), people, rtol=1e-7)
    assert np.all(runs.status == Status.FINE), runs.failed()
    return runs


def test_untreated_person_is_at_rest_but_for_ageing():
    runs = run("nothing for 10 years", [0.0, 3652.5])
    assert runs.output("CTX_pct_of_baseline")[0] == pytest.approx([100, 100], abs=0.01)
    for name in ("LS", "TH"):
        treated, untreated = (
            runs.output(f"{name}_BMD_{kind}")[0][-1] for kind in ("pct_change", "untreated_pct_change")
        )
        assert treated == pytest.approx(untreated, abs=0.01)


def test_no_load_of_bisphosphonate_stops_more_than_its_reach():
    stopped = [float(osteoclasts.covered(P, load)) for load in (0.0, 1e-3, 1.0, 1e3, 1e9)]
    assert stopped[0] == 0.0
    assert all(np.diff(stopped) > 0)
    assert stopped[-1] < 1 - P.out


def test_with_reach_for_all_osteoclasts_the_death_rate_is_that_of_bonecast_1():
    everywhere = SimpleNamespace(**{**vars(P), "out": 0.0})
    assert osteoclasts.killing(everywhere, 2.5) == pytest.approx(first.killing(everywhere, 2.5))


def test_actions_that_do_nothing_do_nothing_together():
    assert joint.action(P, Action()) == Action()


def test_pth_analogue_gives_back_formation_under_a_glucocorticoid_but_not_more_than_was_taken():
    alone = Action(refill=0.88)
    restored = joint.action(P, Action(refill=0.88, overfill=0.7)).refill
    assert joint.action(P, alone).refill == pytest.approx(0.88)
    assert 0.88 < restored < 1.0


def test_glucocorticoid_lowers_the_set_point_of_turnover_by_its_card():
    taking = SimpleNamespace(**{**vars(P), "glucocorticoid": 1.0})
    assert joint.action(taking, Action(turnover=0.1)).turnover == pytest.approx(0.1 - P.tGC)


@pytest.mark.parametrize("dose_ug", [10.0, 20.0, 40.0])
def test_dose_response_of_teriparatide_is_one_at_the_labelled_dose_and_bends_less_than_in_bonecast_1(dose_ug):
    """The stimulus in units of that of 20 ug, for the running mean of a daily dose."""
    y = SimpleNamespace(**{**FIRST.system.initial(P), "amount_t": dose_ug})
    ours, theirs = (
        next(plugin for plugin in model.plugins if plugin.name == "teriparatide").action(y, P).stimulus
        / P.eAt
        for model in (MODEL, FIRST)
    )
    ratio = dose_ug / 20
    assert ours == pytest.approx((1 + P.kT) * ratio / (ratio + P.kT))
    assert theirs == pytest.approx(2 * ratio / (ratio + 1))
    assert abs(ours - ratio) <= abs(theirs - ratio)


@pytest.mark.parametrize("drug", ["denosumab {} mg once", "zoledronate {} mg once"])
def test_effect_of_a_vanishing_dose_vanishes(drug):
    days = [0.0, 30.0]
    tiny, none = run(drug.format("0.000001"), days), run("nothing for 1 month", days)
    for output in ("LS_BMD_pct_change", "TH_BMD_pct_change"):
        assert tiny.output(output)[0][-1] == pytest.approx(none.output(output)[0][-1], abs=0.01)


@pytest.mark.parametrize(
    "plan",
    [
        "alendronate 70 mg weekly for 24 months, then denosumab 60 mg every 6 months x 9, then nothing for 3 years",
        "denosumab 60 mg every 6 months x 10, then zoledronate 5 mg once",
        "teriparatide 20 ug daily for 24 months, then denosumab 60 mg every 6 months x 4, then nothing for 2 years",
        "zoledronate 5 mg every 12 months x 3, then romosozumab 210 mg monthly x 12",
    ],
)
def test_curves_stay_positive_in_sequences(plan):
    runs = run(plan, list(np.arange(0.0, 3000.0, 30.0)), glucocorticoid=1.0)
    for output in ("CTX_pct_of_baseline", "P1NP_pct_of_baseline", "calcium_mmol_L", "PTH_pg_mL"):
        assert np.all(runs.output(output) > 0), output


AS_A_RULE = {
    "dialysate": 1.5,
    "vitamin_D_active": 0.5,
    "calcimimetic": 1.0,
    "pth_reserve": 0.4,
    "dialysate_rise": 0.25,
}


@pytest.mark.parametrize(
    "facts", [{}, {"dialysis": 1.0}, {"dialysis": 1.0, **AS_A_RULE}, {"GFR": 20.0, **AS_A_RULE}]
)
def test_calcium_is_conserved_with_and_without_dialysis(facts):
    """What gut and dialysate bring less what urine takes is the change of serum, surfaces and skeleton."""
    p = SimpleNamespace(**{**vars(P), **facts})
    y = SimpleNamespace(**{**SYSTEM.initial(p), "C": 0.5, "ca": 2.1, "Gu": 1.3, "Dc": 20.0})
    rates, here, b = SYSTEM.rates(y, p), mineral.own(p), mineral.baseline(p)
    gut = calcitriol.absorbed(y, here, b, skeleton.at_rest(here))
    urine = kidney.urinary_calcium(here, b, y.ca, mineral.pth(y, p))
    kept = serum.VOLUME * rates["ca"] + rates["X"] + rates["Qy"] + rates["Qz"]
    assert kept == pytest.approx(gut - urine + mineral.dialysed(y, p), rel=1e-9)


@pytest.mark.parametrize(
    "facts", [{"dialysis": 1.0}, {"dialysis": 1.0, **AS_A_RULE, "dialysate_rise": 0.0}, AS_A_RULE]
)
def test_calcium_is_at_rest_in_people_with_dialysis_or_with_drugs_as_a_rule(facts):
    calcium = run("nothing for 1 year", [0.0, 30.0, 365.0], **facts).output("calcium_mmol_L")[0]
    assert calcium == pytest.approx(calcium[:1].repeat(3), rel=2e-3)


def fall(**facts: float) -> float:
    calcium = run("denosumab 60 mg once", list(np.arange(0.0, 120.0)), **facts).output("calcium_mmol_L")[0]
    return calcium[0] - calcium.min()


def test_calcium_falls_less_with_more_calcium_in_the_dialysate_and_with_active_vitamin_d():
    usual = fall(dialysis=1.0)
    assert fall(dialysis=1.0, dialysate_rise=0.25) < usual < fall(dialysis=1.0, dialysate_rise=-0.25)
    assert fall(dialysis=1.0, dialysate=1.5) < usual
    assert fall(dialysis=1.0, vitamin_D_active=0.5) < usual


@pytest.mark.parametrize("facts", [{}, {"GFR": 25.0}])
def test_the_less_the_parathyroid_glands_can_do_the_deeper_calcium_falls(facts):
    falls = [fall(pth_reserve=reserve, **facts) for reserve in (1.0, 0.5, 0.2, 0.05)]
    assert np.all(np.diff(falls) > 0), falls


def test_a_calcimimetic_starts_from_a_lower_calcium_and_pth():
    without, on = (run("nothing for 1 day", [0.0, 1.0], calcimimetic=x) for x in (0.0, 1.0))
    for output in ("calcium_mmol_L", "PTH_pg_mL"):
        assert on.output(output)[0, 0] < without.output(output)[0, 0]


def test_extensive_metastases_deepen_the_fall():
    falls = [fall(metastases=extent) for extent in (0.0, 1.0, 2.0)]
    assert np.all(np.diff(falls) > 0), falls
