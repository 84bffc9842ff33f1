"""What must hold in bonecast-2 whatever the numbers: rest, bounds, small doses, positive states."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bonecast.engine import Status, simulate
from bonecast.models.bonecast_1 import MODEL as FIRST
from bonecast.models.bonecast_1 import body as first_body
from bonecast.models.bonecast_1 import osteoclasts as first
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugins import PLUGINS
from bonecast.models.bonecast_2 import MODEL, body, joint, osteoclasts
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


def test_calcium_is_conserved_as_in_bonecast_1():
    """Serum, surfaces and skeletal mineral have the rates of bonecast-1 where no interaction is at work."""
    p = SimpleNamespace(**vars(P))
    y = SimpleNamespace(**{**FIRST.system.initial(p), "C": 0.5, "ca": 2.2, "Dc": 20.0})
    theirs, ours = first_body.rates(y, p, PLUGINS), body.rates(y, p, PLUGINS)
    for state in ("ca", "ph", "X", "Qy", "Qz", "D", "Gu", "Gp"):
        assert ours[state] == pytest.approx(theirs[state]), state
