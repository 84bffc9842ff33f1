"""The rule of a hit, at its edges, and what is counted."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bonecast.evidence import Prediction, Row, is_hit, rows_in, score


def ci(kind: str, low: float, high: float) -> dict[str, object]:
    """An interval of one kind."""
    return {"ci_type": kind, "ci_low": low, "ci_high": high}


@pytest.mark.parametrize(
    ("row", "hit", "miss"),
    [
        # the floor, where nothing or nothing wider was printed
        (Row("a", "LS_BMD_pct", value=5.0), 6.0, 6.01),
        (Row("a", "TH_BMD_pct", value=3.2, **ci("95CI", 3.1, 3.3)), 2.2, 2.19),
        (Row("a", "CTX_pct", value=-70.0, statistic="median"), -80.0, -80.1),
        # half the interval, where it is wider
        (Row("a", "LS_BMD_pct", value=2.0, statistic="mean_diff", **ci("95CI", -1.0, 5.0)), 5.0, 5.01),
        (Row("a", "LS_BMD_pct", value=2.0, **ci("90CI", 0.355, 3.645)), 3.96, 3.97),
        # neither SD nor range nor quartiles are confidence intervals
        (Row("a", "LS_BMD_pct", value=6.2, **ci("SD", 1.6, 10.8)), 7.2, 7.21),
        (Row("a", "LS_BMD_pct", value=6.2, **ci("IQR", 1.6, 10.8)), 7.2, 7.21),
        (Row("a", "PK_Tmax_d", value=10.0, statistic="median", **ci("range", 3, 21)), 15.0, 15.01),
        # factors, both ways
        (Row("a", "hip_fx_cum_pct", value=1.2, statistic="rate"), 1.8, 1.81),
        (Row("a", "hip_fx_cum_pct", value=1.2, statistic="rate"), 0.8, 0.79),
        (Row("a", "PK_Cmax_ug_mL", value=6.0), 4.0, 3.99),
        (Row("a", "multiple_vfx_rate_per100py", value=3.0, statistic="rate", **ci("95CI", 1, 7)), 5.9, 6.01),
        # a ratio: the factor, or half the interval on the log scale
        (Row("a", "hip_fx_cum_pct", value=0.6, statistic="RR"), 0.9, 0.91),
        (Row("a", "hip_fx_cum_pct", value=1.0, statistic="HR", **ci("95CI", 0.25, 4.0)), 3.99, 4.01),
        (Row("a", "hip_fx_cum_pct", value=1.0, statistic="HR", **ci("95CI", 0.25, 4.0)), 0.251, 0.249),
        # T-scores by their points
        (Row("a", "LS_Tscore_change", value=0.88), 0.95, 0.96),
        (Row("a", "TH_Tscore_change", value=0.32), 0.37, 0.38),
        # sentences
        (Row("a", "CTX_pct", value=0.0, statistic="lower_bound"), 0.0, -0.1),
        (Row("a", "CTX_pct", value=-45.0, statistic="approx", **ci("range", -80, -45)), -79.0, -81.0),
        (Row("a", "CTX_pct", value=-45.0, statistic="approx", **ci("range", -80, -45)), -35.0, -34.0),
        # a class without a floor
        (Row("a", "TH_vBMD_QCT_pct", value=6.4, **ci("95CI", 5.4, 7.4)), 7.4, 7.5),
    ],
)  # fmt: skip
def test_a_hit_ends_where_the_rule_says(row: Row, hit: float, miss: float):
    assert is_hit(row, hit)
    assert not is_hit(row, miss)


@given(st.floats(-50, 50), st.floats(0, 20), st.floats(0, 20))
def test_a_prediction_nearer_to_the_figure_is_never_worse(value: float, near: float, more: float):
    row = Row("a", "LS_BMD_pct", value=value, **ci("95CI", value - 2, value + 2))
    assert is_hit(row, value + near) or not is_hit(row, value + near + more)


@given(st.floats(0.01, 100), st.floats(1.0, 5.0))
def test_too_high_and_too_low_by_one_factor_are_alike(value: float, factor: float):
    row = Row("a", "hip_fx_cum_pct", value=value, statistic="RR")
    assume(abs(factor - 1.5) > 1e-6)
    assert is_hit(row, value * factor) == is_hit(row, value / factor) == (factor < 1.5)


def test_a_figure_of_nothing_meets_no_other():
    row = Row("a", "hip_fx_cum_pct", value=1.0, statistic="rate")
    assert not is_hit(row, 0.0)
    assert is_hit(Row("a", "hip_fx_cum_pct", value=0.0, statistic="rate"), 0.0)


def test_the_classes_count_rows_plans_predictions_and_hits():
    rows = rows_in(
        "id,endpoint,plan,value,statistic\n"
        "a,LS_BMD_pct,nothing for 1 year,5,mean\n"
        "b,LS_BMD_pct,nothing for 1 year,5,mean\n"
        "c,LS_BMD_pct,,5,mean\n"
        "d,LS_BMD_pct,nothing for 1 year,5,mean\n"
        "e,hip_fx_cum_pct,nothing for 1 year,2,rate\n"
        "f,hip_fx_cum_pct,nothing for 1 year,,rate\n",
        "t.csv",
    )
    made = [
        Prediction("a", 5.5, 4.0, 7.0, 5.2, 5.8),
        Prediction("b", 7.0, 6.0, 8.0, 6.8, 7.2),
        Prediction("c", None, note="the row has no plan"),
        Prediction("d", None, note="no such output"),
        Prediction("e", 2.5, 1.0, 4.0),
        Prediction("f", 2.5, 1.0, 4.0),
    ]
    bmd, fracture, every = score(rows, made).classes
    assert (bmd.rows, bmd.with_plan, bmd.predicted, bmd.hits) == (4, 3, 2, 1)
    assert bmd.share == pytest.approx(1 / 3)
    assert (bmd.share_of_predicted, bmd.mean_abs_error, bmd.in_interval) == (0.5, 1.25, 0.5)
    assert (bmd.in_half, bmd.half_width) == (0.0, 1.25)
    assert (fracture.rows, fracture.hits, fracture.median_factor) == (1, 1, 1.25)
    assert (every.rows, every.hits) == (5, 2)


def test_a_row_that_nobody_predicted_is_a_miss_with_a_reason():
    card = score(rows_in("id,endpoint,plan,value\na,LS_BMD_pct,nothing for 1 year,5\n", "t.csv"), [])
    assert card.rows[0].note == "nothing was predicted for this row"
    assert card.classes[0].share == 0


def test_the_score_is_a_frame_and_plain_data():
    card = score([Row("a", "LS_BMD_pct", value=5.0)], [Prediction("a", 5.5)])
    assert card.table()["hit"].to_list() == [True]
    assert card.plain()["rows"][0]["error"] == 0.5


def test_a_prediction_is_finite_or_gives_its_reason():
    with pytest.raises(ValueError, match="finite"):
        Prediction("a", math.nan)
    with pytest.raises(ValueError, match="reason"):
        Prediction("a", None)
