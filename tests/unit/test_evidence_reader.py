"""Tables of published results: any order of columns and rows, and every fault stated with its place."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.errors import InputError
from bonecast.evidence import Row, TableError, calibration_rows, open_calibration, read_rows, rows_in


def calibration_cells() -> list[list[str]]:
    """The project's own table, cell by cell, header first."""
    with open_calibration() as file:
        return list(csv.reader(file))


CELLS = calibration_cells()


def text_of(cells: list[list[str]]) -> str:
    """CSV again."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(cells)
    return file.getvalue()


def without_line(row: Row) -> dict[str, object]:
    """A row as it is, wherever it stood."""
    return {key: value for key, value in vars(row).items() if key != "line"}


def test_the_projects_own_table_is_read_whole():
    rows = calibration_rows()
    assert len(rows) == 186
    assert sum(row.plan is not None for row in rows) == 175
    first = rows[0]
    assert (first.study, first.n, first.value, first.ci_type) == ("FREEDOM", 3906, 0.0, "95CI")
    assert str(first.plan) == "nothing for 36 months"
    assert all(row.note.startswith("not expressible") for row in rows if row.plan is None)


def test_each_class_of_endpoints_is_distinguished():
    classes = {row.endpoint: row.endpoint_class for row in calibration_rows()}
    assert {e for e, kind in classes.items() if kind == "other"} == {
        "TH_vBMD_QCT_pct",
        "LS_BMD_gain_ge3pct_share",
        "TH_BMD_gain_ge3pct_share",
    }
    assert classes["R13_BMD_pct"] == classes["LS_Tscore_change"] == "BMD"
    assert classes["multiple_vfx_share_pct"] == classes["wrist_fx_rate_per100py"] == "fracture"
    assert classes["P1NP_pct"] == "marker"
    assert classes["PK_Tmax_d"] == "exposure"


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(CELLS[0]))), st.permutations(range(1, 31)))
def test_the_order_of_columns_and_of_rows_is_free(columns: list[int], lines: list[int]):
    shuffled = [[CELLS[i][c] for c in columns] for i in (0, *lines)]
    found = {row.id: without_line(row) for row in rows_in(text_of(shuffled), "shuffled.csv")}
    assert found == {row.id: {**without_line(row), "set": ""} for row in calibration_rows()[:30]}


def test_columns_that_are_missing_are_blank_and_others_are_passed_over():
    (row,) = rows_in("\ufeffshoe size,endpoint,id\n43,CTX_pct,a\n", "t.csv")
    assert (row.id, row.plan, row.month, row.value, row.statistic, row.age_years) == (
        "a", None, None, None, "mean", None,
    )  # fmt: skip


def test_empty_lines_and_blanks_around_cells_count_for_nothing():
    rows = rows_in("id,endpoint,month\n a ,CTX_pct, 6 \n\n,,\nb,CTX_pct,\n", "t.csv")
    assert [(row.id, row.month) for row in rows] == [("a", 6.0), ("b", None)]


def test_all_faults_are_stated_together_with_line_id_and_column():
    text = (
        "id,endpoint,plan,age_years,statistic\n"
        "a,CTX_pct,denosumb 60 mg once,old,mean\n"
        "a,,,200,medan\n"
        "b,CTX_pct\n"
    )
    with pytest.raises(TableError) as caught:
        rows_in(text, "t.csv")
    answer = [str(fault) for fault in caught.value.faults]
    assert len(answer) == 6
    assert answer[0].startswith("t.csv, line 2, id a, column age_years: 'old' cannot stand here; write years")
    assert "column endpoint: it is blank" in answer[1]
    assert "'medan' cannot stand here; write median" in answer[3]
    assert "the id stands on line 2 too" in answer[4]
    assert answer[5].startswith("t.csv, line 4: it has 2 cells under 5 columns")


def test_a_plan_that_cannot_be_read_leaves_the_row_and_says_why():
    (row,) = rows_in("id,endpoint,plan,month\na,CTX_pct,denosumb 60 mg once,6\n", "t.csv")
    assert row.plan is None
    assert row.unread.startswith("plan, character 1: there is no drug called 'denosumb'")


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("month", "-1"),
        ("female_fraction", "1.2"),
        ("n", "0"),
        ("value", "nan"),
        ("ci_low", "inf"),
        ("baseline_ls_t", "-28"),
    ],
)
def test_a_number_that_cannot_be_is_refused(column: str, cell: str):
    with pytest.raises(TableError, match=f"column {column}"):
        rows_in(f"id,endpoint,{column}\na,CTX_pct,{cell}\n", "t.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column called id"),
        ("id,what\na,b\n", "no column called endpoint"),
        ("id,id,endpoint\na,b,c\n", "two columns called id"),
        ('id,endpoint\n"a,CTX_pct\n', "not CSV"),
    ],
)
def test_a_table_without_its_form_is_refused(text: str, said: str):
    with pytest.raises(InputError, match=said):
        rows_in(text, "t.csv")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.csv: there is no such file"):
        read_rows(tmp_path / "none.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("id,endpoint\nJörg,CTX_pct\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_rows(latin)
