"""How endpoints are read from curves: changes from a month, T-scores, exposure, and who left a trial."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.cohorts import ArmMeans, Cohort, Covariates, Trajectories, draw_arm, typical_people
from bonecast.evidence import Row, calibration_rows, means_of, study_effect
from bonecast.evidence.changes import MONTH_D, change_probe
from bonecast.evidence.exposure import TERMINAL, area, half_life, metric, time_of_peak
from bonecast.evidence.fractures import left_the_trial
from bonecast.evidence.interval import Z50, Z90, combined, figure_with_spread
from bonecast.evidence.probes import ArmTrajectories, Reading
from bonecast.models import load_model
from bonecast.regimens import parse_regimen

WOMEN = ArmMeans("PMO", 72, 1, -2.8, -1.9, -2.2, 0.23)


def read(row: Row, output: str, levels: dict[float, list[float]]) -> np.ndarray:
    """What the row's probe reads of these people: month to level of each."""
    probe = change_probe(row, row.month or 0.0, output)
    people = Covariates("arm", 1, np.arange(2), {"LS_T_score": np.full(2, -2.7)})
    cohort = Cohort(load_model("choi-2025"), people.number, {})
    values = np.array([levels[round(day / MONTH_D)] for day in probe.days]).T
    curves = Trajectories(cohort, probe.days, {output: values}, np.ones(2, bool))
    return probe.read(ArmTrajectories(people, curves)).samples


def test_a_bmd_change_is_counted_from_its_month():
    row = Row("a", "LS_BMD_pct", month=60, change_from_month=36)
    found = read(row, "x", {0: [0.0, 0.0], 36: [-2.0, 10.0], 60: [5.84, 10.0]})
    assert found == pytest.approx([8.0, 0.0])


def test_a_marker_change_is_the_ratio_to_its_month():
    row = Row("a", "CTX_pct", month=30, change_from_month=24)
    assert read(row, "x", {0: [100, 100], 24: [20, 50], 30: [30, 25]}) == pytest.approx([50.0, -50.0])


def test_a_change_in_t_score_is_the_change_in_bmd_over_the_young_sd():
    row = Row("a", "LS_Tscore_change", month=12)
    found = read(row, "x", {0: [0.0, 0.0], 12: [13.0, 0.0]})
    assert found == pytest.approx([0.13 * (1.047 - 2.7 * 0.110) / 0.110, 0.0])


def test_the_measures_of_exposure_are_those_of_a_known_curve():
    days = np.arange(0.0, 400.0, 0.25)
    ka, ke = 0.25, np.log(2) / 25.0
    curve = (1000 * (np.exp(-ke * days) - np.exp(-ka * days)))[None]
    peak = np.log(ka / ke) / (ka - ke)

    def measured(endpoint: str) -> float:
        found = metric(endpoint, days, curve, 365.0, (0.0, 365.0), 182.5)
        assert found is not None
        return float(found[0])

    whole = 1000 * (1 / ke - 1 / ka)
    assert time_of_peak(days, curve)[0] == pytest.approx(peak, abs=0.13)
    assert measured("PK_Cmax_ug_mL") == pytest.approx(np.exp(-ke * peak) - np.exp(-ka * peak), rel=1e-3)
    assert measured("PK_AUCinf_ng_d_mL") == pytest.approx(whole, rel=1e-3)
    assert measured("PK_AUC0_16wk_ug_d_mL") == pytest.approx(measured("PK_AUC0_112d_ng_h_mL") / 24_000)
    assert measured("PK_thalf_d") == pytest.approx(25.0, rel=0.01)
    assert measured("PK_accumulation_ratio") == pytest.approx(1.0)
    assert measured("PK_Ctrough_ng_mL") == pytest.approx(1000 * np.exp(-ke * 182.5), rel=1e-3)
    assert metric("PK_mood", days, curve, 365.0, (0.0, 365.0), None) is None


def test_the_half_life_leaves_out_the_fast_last_fall_unless_the_terminal_phase_is_meant():
    days = np.arange(0.0, 250.0)
    log = np.where(days < 100, -days * np.log(2) / 25, -4 * np.log(2) - (days - 100) * np.log(2) / 5)
    curve = np.exp(log)[None]
    assert half_life(days, curve)[0] == pytest.approx(25.0, rel=0.02)
    assert half_life(days, curve, TERMINAL)[0] < 18
    assert np.isnan(half_life(days, np.zeros((1, 250)))[0])


def test_an_area_may_end_between_two_days():
    assert area(np.array([0.0, 2.0, 4.0]), np.array([[0.0, 2.0, 2.0]]), 1.0, 3.0) == pytest.approx([3.5])


@pytest.mark.parametrize(
    ("plan", "window", "arm", "left"),
    [
        ("denosumab 60 mg every 6 months x 6, then nothing for 10 months", (37, 46), "", True),
        ("denosumab 60 mg every 6 months x 10", (36, 48), "", False),
        ("denosumab 60 mg every 6 months x 6", (0, 36), "", False),
        ("nothing for 46 months", (37, 46), "placebo off", True),
        ("nothing for 36 months", (12, 24), "placebo", False),
        ("alendronate 70 mg weekly for 5 years, then nothing for 5 years", (60, 120), "", False),
    ],
)
def test_leavers_are_those_whose_denosumab_ended_or_who_are_said_to_have_stopped(plan, window, arm, left):
    row = Row("a", "vertebral_fx_cum_pct", arm=arm, month=window[1], change_from_month=window[0])
    assert left_the_trial(row, parse_regimen(plan)) is left


def test_blank_t_scores_are_filled_from_those_given_and_else_from_the_population():
    spine = means_of(Row("a", "LS_BMD_pct", population="PMO", baseline_ls_t=-1.6))
    assert spine.t_scores == pytest.approx({"LS": -1.6, "TH": -0.8, "FN": -1.0})
    hip = means_of(Row("a", "LS_BMD_pct", baseline_th_t=-1.0))
    assert hip.t_scores == pytest.approx({"LS": -1.8, "TH": -1.0, "FN": -1.2})
    men = means_of(Row("a", "LS_BMD_pct", population="MALE_OP"))
    assert men.t_scores == typical_people()["MALE_OP"].t_scores
    assert men.female == 0


def test_the_offsets_between_sites_are_those_of_the_trials_that_print_both_but_frame():
    both = {
        row.study: (row.baseline_th_t - row.baseline_ls_t, row.baseline_fn_t)
        for row in calibration_rows()
        if row.baseline_ls_t is not None and row.baseline_th_t is not None and row.study != "FRAME"
    }
    assert set(both) >= {"FREEDOM", "PHASE2", "DATA"}
    trials = [both[study][0] for study in ("FREEDOM", "PHASE2", "DATA")]
    assert np.median(trials) == pytest.approx(0.8)


def test_people_have_the_means_of_their_arm_and_stay_within_its_bounds():
    people = draw_arm(WOMEN, 2000, seed=3)
    age = people["age"]
    assert age.mean() == pytest.approx(72, abs=0.4)
    assert age.std() == pytest.approx(5.2, rel=0.05)
    assert age.min() >= 40
    assert age.max() <= 95
    assert people["TH_T_score"].mean() == pytest.approx(-1.9, abs=0.05)
    assert np.corrcoef(people["TH_T_score"], people["FN_T_score"])[0, 1] == pytest.approx(0.6, abs=0.05)
    assert np.median(people["weight_kg"]) == pytest.approx(63, rel=0.02)
    assert people["female"].all()


def test_a_subgroup_chosen_by_a_t_score_lies_below_it():
    row = Row("a", "hip_fx_cum_pct", population="PMO", note="subgroup with FN T-score -2.5 or lower")
    people = draw_arm(means_of(row), 500, seed=1)
    assert people["FN_T_score"].max() <= -2.5
    assert people["LS_T_score"].max() > -2.5


def test_half_of_a_mixed_arm_are_women_and_the_same_person_lives_in_every_arm():
    mixed = draw_arm(ArmMeans("OTHER", 60, 0.5, -1.5, -1.0, -1.2, 0.1), 240, seed=1)
    assert mixed["female"].sum() == 120
    older = draw_arm(ArmMeans("PMO", 80, 1, -2.8, -1.9, -2.2, 0.23), 240, seed=1)
    assert np.corrcoef(mixed["age"], older["age"])[0, 1] > 0.98


def test_a_model_takes_the_facts_that_it_knows():
    people = draw_arm(WOMEN, 50, seed=1)
    weights = Cohort.of(load_model("choi-2025"), people).parameters["weight"]
    assert np.array_equal(weights, people["weight_kg"])
    assert np.array_equal(Cohort.of(load_model("joerg-2022"), people).parameters["age"], people["age"])
    assert "GFR" not in Cohort.of(load_model("peterson-riggs-2010"), people).parameters


def test_contrasts_are_differences_ratios_hazards_and_odds():
    arms = [
        Reading(np.array([20.0, 20.0]), chance=True, events=0.2),
        Reading(np.array([50.0]), chance=True, events=0.5),
    ]
    found = {
        s: combined(Row("a", "hip_fx_cum_pct", statistic=s), arms) for s in ("mean_diff", "RR", "HR", "OR")
    }
    expected = {"mean_diff": -30.0, "RR": 0.4, "HR": np.log(0.8) / np.log(0.5), "OR": 0.25}
    assert found == pytest.approx(expected)


def test_an_interval_narrows_with_the_number_of_persons_down_to_the_study_effect():
    reading = Reading(np.random.default_rng(1).normal(5, 3, 500))
    widths = []
    for n in (20, 200, 10**9):
        value, spread = figure_with_spread(Row("a", "LS_BMD_pct", n=n), [reading], "points", np.empty(0))
        low, high = spread.interval(value)
        assert low < value < high
        widths.append(high - low)
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] == pytest.approx(2 * 1.645 * study_effect("LS_BMD_pct").points, rel=1e-3)


def test_the_interval_of_a_chance_stays_above_0():
    reading = Reading(np.array([90.0]), chance=True, events=0.9)
    row = Row("a", "hip_fx_cum_pct", n=5, statistic="rate")
    value, spread = figure_with_spread(row, [reading], "factor", np.empty(0))
    low, high = spread.interval(value)
    assert 0 < low < value < high


def test_a_marker_that_falls_by_nine_tenths_has_an_interval_above_minus_100_percent():
    reading = Reading(np.array([-91.0, -90.0, -89.0]), "median")
    value, spread = figure_with_spread(Row("a", "CTX_pct", n=20), [reading], "points", np.empty(0))
    low, high = spread.interval(value)
    assert -100 < low < value < high
    assert spread.scale == "level"


def test_the_50_percent_interval_is_that_of_a_t_with_5_degrees_of_freedom():
    from scipy.stats import t

    assert pytest.approx(t.ppf(0.75, 5) / t.ppf(0.95, 5), rel=1e-3) == Z50 / Z90


def test_the_structural_error_of_the_class_widens_the_interval():
    plan = parse_regimen("denosumab 60 mg every 6 months x 4")
    row = Row("a", "LS_BMD_pct", n=1e9, population="PMO", month=24.0, plan=plan)
    reading = Reading(np.full(50, 4.0))
    _, without = figure_with_spread(row, [reading], "points", np.empty(0))
    _, wider = figure_with_spread(row, [reading], "points", np.empty(0), load_model("bonecast-1"))
    assert without.model == 0
    assert wider.model > 0.3
    assert wider.sd**2 - without.sd**2 == pytest.approx(wider.model**2)


def test_sets_of_parameters_that_lie_apart_widen_the_interval_by_their_variance():
    row, reading = Row("a", "LS_BMD_pct", n=1e9), Reading(np.full(50, 4.0))
    value, sure = figure_with_spread(row, [reading], "points", np.empty(0))
    _, unsure = figure_with_spread(row, [reading], "points", np.array([3.0, 5.0, np.nan]))
    assert unsure.sd**2 - sure.sd**2 == pytest.approx(2.0)
    assert value == 4.0
