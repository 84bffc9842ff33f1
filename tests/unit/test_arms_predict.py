"""Rows predicted as arms: contrasts, reasons where there is none, and what a prediction may not depend on."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from bonecast.cohorts import draw_arm
from bonecast.errors import InputError
from bonecast.evidence import Prediction, Row, calibration_rows, means_of, predict_table, rows_in
from bonecast.models import load_model
from bonecast.regimens import parse_regimen

pytestmark = pytest.mark.slow

CHOI = "choi-2025"
DENOSUMAB = parse_regimen("denosumab 60 mg every 6 months x 4")
NOTHING = parse_regimen("nothing for 24 months")


def one(row: Row, model: str = CHOI, people: int = 40) -> Prediction:
    """The prediction of one row."""
    return predict_table([row], model, people=people)[0]


def spine(**more: object) -> Row:
    """A row of spine BMD at a year."""
    return replace(Row("a", "LS_BMD_pct", plan=DENOSUMAB, month=12.0), **more)


def test_every_row_of_the_table_gets_a_prediction_or_a_reason_in_its_order():
    rows = calibration_rows()
    made = predict_table(rows, CHOI, people=24)
    assert [p.id for p in made] == [row.id for row in rows]
    for row, p in zip(rows, made, strict=True):
        assert (p.value is None) == (p.lo90 is None) == (p.hi90 is None)
        assert p.note if p.value is None else p.lo90 <= p.value <= p.hi90
        if row.plan is None:
            assert p.note.startswith("the row has no plan")


def test_neither_the_published_value_nor_the_other_rows_move_a_prediction():
    rows = [r for r in calibration_rows() if r.endpoint_class in ("BMD", "exposure")]
    blind = [replace(r, value=None, ci_low=None, ci_high=None) for r in rows]
    random.Random(1).shuffle(blind)
    seen = {p.id: p for p in predict_table(rows, CHOI, people=24)}
    assert {p.id: p for p in predict_table(blind, CHOI, people=24)} == seen
    alone = one(rows[3], people=24)
    assert alone == seen[rows[3].id]


def test_a_difference_is_plan_minus_comparator_and_nothing_against_nothing_is_zero():
    plan, comparator = one(spine()), one(spine(plan=NOTHING))
    contrast = one(spine(statistic="mean_diff", comparator_plan=NOTHING))
    assert contrast.value == pytest.approx(plan.value - comparator.value)
    assert one(spine(statistic="mean_diff", plan=NOTHING, comparator_plan=NOTHING)).value == 0


def test_a_drug_against_itself_has_a_ratio_of_one():
    row = Row("a", "PK_AUC0_16wk_ug_d_mL", plan=DENOSUMAB, comparator_plan=DENOSUMAB, statistic="GMR", n=200)
    made = one(row)
    assert made.value == pytest.approx(1.0)
    assert made.lo90 < 1 < made.hi90


def test_the_level_before_a_dose_is_the_trough():
    trough = one(Row("a", "PK_Ctrough_ug_mL", plan=DENOSUMAB, month=6.0))
    peak = one(Row("a", "PK_Cmax_ug_mL", plan=DENOSUMAB))
    assert trough.value < 0.05 * peak.value


def test_a_change_counted_from_a_later_month_begins_there():
    row = spine(plan=parse_regimen("nothing for 12 months, then denosumab 60 mg every 6 months x 2"))
    late = one(replace(row, month=24.0, change_from_month=12.0))
    assert late.value == pytest.approx(one(spine()).value, abs=0.02)
    assert one(replace(row, month=12.0, change_from_month=12.0)).value == 0


def test_people_who_took_a_drug_poorly_before_have_more_left_for_the_next_one():
    plan = parse_regimen("alendronate 70 mg weekly for 36 months, then denosumab 60 mg every 6 months x 2")
    row = Row("a", "CTX_pct", plan=plan, month=37.0, change_from_month=36.0, population="PMO_prior_BP")
    fully, poorly = (one(replace(row, study=study), "bonecast-2") for study in ("STAND", "ROUX2014"))
    assert poorly.value < fully.value - 1


def test_people_who_have_just_begun_androgen_deprivation_lose_more_in_the_next_year():
    row = Row("a", "TH_BMD_pct", plan=NOTHING, month=12.0, population="ADT", study="BHOOPALAM2009")
    starting, long_on_it = (one(replace(row, arm=arm), "bonecast-2") for arm in ("pbo le1y", "pbo gt1y"))
    assert starting.value < long_on_it.value - 0.3


def test_people_of_a_trial_in_japan_are_lighter():
    here, there = (
        draw_arm(means_of(spine(population="PMO", region=region)), 400, 1) for region in ("", "Japan")
    )
    assert np.median(here["weight_kg"]) == pytest.approx(63, abs=2)
    assert np.median(there["weight_kg"]) == pytest.approx(52.3, abs=2)


def test_placebo_is_nothing():
    placebo = spine(plan=parse_regimen("placebo 60 mg every 6 months x 4"))
    assert one(placebo) == one(spine(plan=NOTHING))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (spine(plan=None, note="not expressible: a share"), "the row has no plan (not expressible: a share)"),
        (spine(endpoint="joy_pct"), "joy_pct is not an endpoint that is computed here"),
        (spine(endpoint="R13_BMD_pct"), "R13_BMD_pct_change is not one of its outputs"),
        (spine(month=None), "the row has no month"),
        (spine(change_from_month=24.0), "counted from a later month"),
        (spine(statistic="mean_diff"), "no comparator plan"),
        (spine(statistic="RR", comparator_plan=NOTHING), "a RR of percent changes is not read here"),
        (spine(endpoint="PK_mood"), "it is not known here how PK_mood is read"),
        (spine(endpoint="knee_fx_cum_pct"), "is not a fracture outcome that is computed here"),
        (spine(endpoint="hip_fx_cum_pct"), "hip fractures need TH_BMD_pct_change, which it lacks"),
        (spine(plan=parse_regimen("romosozumab 210 mg monthly x 12")), "it does not support romosozumab"),
        (spine(plan=parse_regimen("6 months after the last dose denosumab 60 mg once")), "after a last dose"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_predicted_says_why(row: Row, reason: str):
    made = one(row)
    assert made.value is None
    assert reason in made.note


def test_what_had_to_be_left_out_is_said():
    assert "alendronate before time zero is left out" in one(spine(population="PMO_prior_BP")).note
    assert "does not know aromatase inhibitor" in one(spine(population="AI")).note
    assert "population 'MARS' is not known and was read as OTHER" in one(spine(population="MARS")).note


def test_treatment_before_time_zero_is_the_same_as_a_plan_that_is_counted_from_its_end():
    row = Row("a", "TH_BMD_pct", plan=DENOSUMAB, month=12.0, population="PMO_prior_BP", age_years=70)
    before = one(row, "joerg-2022")
    whole = parse_regimen("alendronate 70 mg weekly for 48 months, then denosumab 60 mg every 6 months x 4")
    written = replace(row, plan=whole, month=60.0, change_from_month=48.0, population="PMO", age_years=66)
    assert before.note == ""
    assert before.value == pytest.approx(one(written, "joerg-2022").value, abs=0.01)
    naive = one(replace(row, population="PMO"), "joerg-2022")
    assert abs(before.value - naive.value) > 0.1
    # a plan that holds the bisphosphonate is not given it a second time
    held = one(replace(written, population="PMO_prior_BP"), "joerg-2022")
    assert held.value == pytest.approx(before.value, abs=0.01)


def test_uncertain_parameters_widen_an_interval():
    class Uncertain:
        def draw(self, count: int, seed: int) -> dict[str, np.ndarray]:
            return {"CL": np.exp(np.random.default_rng(seed).normal(0, 0.5, count))}

    sure = load_model(CHOI)
    unsure = replace(sure)
    object.__setattr__(unsure, "posterior", Uncertain())
    row = Row("a", "PK_AUC0_16wk_ug_d_mL", plan=DENOSUMAB)
    narrow, wide = (predict_table([row], m, people=240)[0] for m in (sure, unsure))
    assert wide.hi90 / wide.lo90 > 1.3 * (narrow.hi90 / narrow.lo90)
    assert wide.value == narrow.value


def test_no_drug_against_no_drug_has_the_risk_ratio_one_and_denosumab_has_less():
    row = Row("a", "hip_fx_cum_pct", plan=NOTHING, comparator_plan=NOTHING, month=24.0, population="PMO")
    for statistic in ("RR", "HR", "OR"):
        assert one(replace(row, statistic=statistic), "joerg-2022").value == pytest.approx(1.0)
    treated = one(replace(row, statistic="RR", plan=DENOSUMAB), "joerg-2022")
    assert 0.3 < treated.value < 0.95


def test_the_risk_of_a_longer_window_and_of_older_women_is_higher():
    row = Row("a", "nonvertebral_fx_cum_pct", plan=NOTHING, month=12.0, population="PMO", age_years=70)
    year, two, older = predict_table(
        [row, replace(row, id="b", month=24.0), replace(row, id="c", age_years=80)], "joerg-2022", people=40
    )
    assert year.value < two.value < 100
    assert year.value < older.value


def test_women_who_stopped_denosumab_are_read_as_leavers_and_the_note_says_so():
    off = parse_regimen("denosumab 60 mg every 6 months x 4, then nothing for 12 months")
    row = Row(
        "a", "vertebral_fx_rate_per100py", plan=off, month=36.0, change_from_month=25.0, statistic="rate"
    )
    share = replace(row, id="b", endpoint="multiple_vfx_share_pct")
    on = replace(row, id="c", plan=parse_regimen("denosumab 60 mg every 6 months x 6"))
    stopped, several, stayed = predict_table([row, share, on], "peterson-riggs-2010", people=40)
    assert "people who stopped" in stopped.note
    assert stayed.note == ""
    assert stopped.value > 2 * stayed.value
    assert 0 < several.value <= several.hi90 <= 100


def test_wrong_use_is_refused_before_anything_runs():
    for wrong in ({"people": 5}, {"seed": -1}, {"model": "choi"}):
        with pytest.raises(InputError):
            predict_table([spine()], **wrong)


def test_a_table_never_seen_before_is_predicted():
    text = (
        "note,month,id,endpoint,plan\n"
        ",18,x,LS_BMD_pct,Prolia 60 mg every 6 months x 3\n"
        ",,y,PK_Tmax_d,denosumab 120 mg once\n"
    )
    found = predict_table(rows_in(text, "new.csv"), CHOI, people=24)
    assert [p.value is not None for p in found] == [True, True]
