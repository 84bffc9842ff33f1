"""The tables of published results: every row says where its figure stands, and why it has no prediction."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from bonecast.evidence import SETS, UNRECORDED, evidence_rows, places, predict_table, rows_in, unpredicted
from bonecast.models import load_model

ROWS = evidence_rows(*SETS)
KNOWN = re.compile(
    rf"{UNRECORDED}|abstract|label|meeting report|(Table|Figure)( \w+)?( of the review)?|text: .+|second-hand: .+"
)


@pytest.mark.parametrize("name", SETS)
def test_each_row_says_where_its_figure_stands_or_that_it_was_not_recorded(name):
    odd = [(row.id, row.where) for row in evidence_rows(name) if not KNOWN.fullmatch(row.where)]
    assert not odd


def test_each_row_was_read_or_recalled():
    assert {row.seen for row in ROWS} == {"verbatim", "memory"}


def test_places_are_counted_once_for_each_row():
    assert sum(places(ROWS).values()) == len(ROWS)
    assert places(ROWS)[UNRECORDED, "verbatim"] < places(ROWS)["abstract", "verbatim"]


def test_no_row_of_calcium_with_a_limit_or_a_change_is_without_a_prediction():
    missing = unpredicted(evidence_rows("calcium"), "bonecast-2")
    assert {endpoint for endpoint, _ in missing} == {"calcium_other"}


def test_no_row_of_exposure_at_120_mg_is_without_a_prediction():
    exposure = [row for row in ROWS if row.endpoint_class == "exposure" and row.plan]
    rows = [row for row in exposure if row.plan and any(dose.amount == 120 for dose in row.plan.doses)]
    assert any("trough" in row.endpoint for row in rows)
    assert any("thalf" in row.endpoint for row in rows)
    assert {endpoint for endpoint, _ in unpredicted(rows, "bonecast-2")} <= {
        "PK_bioavailability_pct"
    }  # goes in


def test_whatever_has_a_plan_and_no_prediction_is_no_quantity_of_the_model():
    """Counts of people, oestrogen, QCT and the like: nothing that could be read from a curve of the model."""
    read = r"(LS|TH|FN|R13)_BMD_pct|(CTX|P1NP|BSAP)_pct|calcium_(below|change|nadir).*|.*_(cum_pct|rate_per100py)"
    rows = [row for row in ROWS if row.plan is not None and re.fullmatch(read, row.endpoint)]
    assert len(rows) > 600
    assert not unpredicted(rows, "bonecast-2")


def test_a_pooled_ratio_without_its_persons_is_as_sure_as_its_printed_interval():
    text = (
        "id,plan,comparator_plan,endpoint,month,value,statistic,ci_low,ci_high,ci_type,population,n\n"
        "pooled,alendronate 10 mg daily for 3 years,nothing for 3 years,hip_fx_cum_pct,36,0.6,RR,0.4,0.9,95CI,PMO,\n"
        "trial,alendronate 10 mg daily for 3 years,nothing for 3 years,hip_fx_cum_pct,36,0.6,RR,0.4,0.9,95CI,PMO,200\n"
    )
    pooled, trial = predict_table(
        rows_in(text, "t.csv"), replace(load_model("bonecast-2"), posterior=None), 20
    )
    assert pooled.spread.sampling == pytest.approx(math.log(0.9 / 0.4) / 2 / 1.96)
    assert trial.spread.sampling > 1
