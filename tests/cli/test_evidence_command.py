"""`bonecast evidence`: what it writes, what it prints, and what it refuses before it starts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

MODEL = "choi-2025"
FEW = ("--model", MODEL, "--people", "24")
TABLE = """\
study,id,plan,endpoint,month,value,statistic,note
T,"a, b",denosumab 60 mg every 6 months x 2,LS_BMD_pct,12,5.3,mean,
T,b,denosumab 60 mg every 6 months x 2,CTX_pct,6,-80,median,
T,c,,LS_BMD_pct,12,5.3,mean,not expressible: a share
T,d,denosumab 60 mg every 6 months x 2,PK_Cmax_ug_mL,,70,mean,
"""


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A table of four rows: one that the model meets, one that it lacks, one without a plan, one that it misses."""
    path = tmp_path / "rows.csv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


def test_predictions_are_written_in_five_columns_in_the_order_of_the_table(call, table: str, tmp_path: Path):
    target = tmp_path / "made.csv"
    called = call("evidence", "predict", table, "--out", str(target), *FEW)
    assert called.code == 0, called.err
    assert "2 of 4 rows predicted by choi-2025" in called.out
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["id", "prediction", "lo90", "hi90", "lo50", "hi50", "note"]
    assert [row[0] for row in rows[1:]] == ["a, b", "b", "c", "d"]
    low, middle, high = float(rows[1][2]), float(rows[1][1]), float(rows[1][3])
    assert low < middle < high
    assert rows[2][1:] == [
        "",
        "",
        "",
        "",
        "",
        "model choi-2025: CTX_pct_of_baseline is not one of its outputs",
    ]
    assert rows[3][1:4] == ["", "", ""]


def test_the_same_predictions_as_json_and_as_a_table(call, table: str):
    made = call("evidence", "predict", table, "--json", *FEW).json
    assert [set(one) for one in made] == [{"id", "prediction", "lo90", "hi90", "lo50", "hi50", "note"}] * 4
    assert made[2] == {
        "id": "c",
        "prediction": None,
        "lo90": None,
        "hi90": None,
        "lo50": None,
        "hi50": None,
        "note": "the row has no plan (not expressible: a share)",
    }
    assert "not expressible: a share" in call("evidence", "predict", table, *FEW).out


def test_the_same_seed_gives_the_same_predictions_and_another_gives_others(call, table: str):
    first, again, other = (
        call("evidence", "predict", table, "--json", "--seed", seed, *FEW).json for seed in ("1", "1", "2")
    )
    assert first == again
    assert first[0]["prediction"] != other[0]["prediction"]


def test_the_score_tells_hits_by_row_endpoint_and_class(call, table: str):
    made = call("evidence", "score", table, "--json", *FEW).json
    card = made["models"][MODEL]
    assert [row["hit"] for row in card["rows"]] == [True, None, None, False]
    classes = {one["name"]: one for one in card["classes"]}
    assert (classes["BMD"]["rows"], classes["BMD"]["with_plan"], classes["BMD"]["share"]) == (2, 1, 1.0)
    assert (classes["exposure"]["hits"], classes["marker"]["share"]) == (0, 0.0)
    assert [one["name"] for one in card["endpoints"]] == ["LS_BMD_pct", "CTX_pct", "PK_Cmax_ug_mL"]


def test_two_models_stand_side_by_side(call, table: str):
    called = call("evidence", "score", table, *FEW, "--model", "joerg-2022")
    assert called.code == 0, called.err
    head = next(line for line in called.out.splitlines() if line.startswith("endpoint"))
    assert head.split()[-2:] == ["choi-2025", "joerg-2022"]
    spine = next(line for line in called.out.splitlines() if line.startswith("LS_BMD_pct"))
    assert "1 of 1" in spine


def test_without_a_table_the_projects_own_is_read(call):
    assert len(call("evidence", "predict", "--json", *FEW).json) == 186


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("predict", "none.csv"), "none.csv: there is no such file"),
        (("predict", "--model", "choi"), "there is no model called 'choi'; did you mean choi-2025"),
        (("predict", "--people", "3", "--model", MODEL), "people: 3 is outside 20 to 10000"),
        (("predict", "--seed", "-1", "--model", MODEL), "seed: it is negative"),
        (("predict", "--out", "made.xlsx"), "--out: 'made.xlsx' has an unknown suffix"),
        (("score", "--model", "choi"), "there is no model called 'choi'"),
    ],
)
def test_a_wrong_use_is_one_sentence_that_says_what_to_do(refused, words, said):
    assert said in refused("evidence", *words)


def test_rows_that_cannot_be_read_are_listed_with_their_reason(call, tmp_path: Path):
    odd = tmp_path / "odd.csv"
    odd.write_text(
        "id,endpoint,plan,month\na,,denosumab 60 mg once,6\nb,CTX_pct,,soon\nc,LS_BMD_pct,nothing for 1 year,12\n"
    )
    made = call("evidence", "predict", str(odd), "--json", *FEW).json
    assert [one["prediction"] is None for one in made] == [True, True, False]
    assert "line 2, id a, column endpoint: it is blank" in made[0]["note"]
    assert "line 3, id b, column month: 'soon' cannot stand here" in made[1]["note"]


def test_a_row_whose_plan_cannot_be_read_gets_its_reason_and_the_others_their_number(call, tmp_path: Path):
    table = tmp_path / "rows.csv"
    table.write_text(
        "id,endpoint,plan,month\na,LS_BMD_pct,denosumab 60 mg once,6\nb,LS_BMD_pct,moonlight 1 mg once,6\n"
    )
    a, b = call("evidence", "predict", str(table), "--json", *FEW).json
    assert a["prediction"] is not None
    assert b["prediction"] is None
    assert "no drug called 'moonlight'" in b["note"]


def test_a_registered_prediction_is_written_with_its_day_and_hash(call, tmp_path: Path):
    target = tmp_path / "registered.json"
    called = call("evidence", "register", "second-year-after-denosumab", "--out", str(target), *FEW)
    found = json.loads(target.read_text(encoding="utf-8"))
    assert (found["design"], found["model"], len(found["rows"])) == (
        "second-year-after-denosumab",
        MODEL,
        18,
    )
    assert found["registered"] in called.out
    assert found["sha256"] in called.out


def test_a_design_that_does_not_exist_is_refused_with_those_that_do(refused):
    assert "second-year-after-denosumab" in refused("evidence", "register", "third-year", *FEW)
