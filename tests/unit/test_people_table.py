"""People in a CSV: what a row says, and how what it cannot say is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bonecast.errors import InputError
from bonecast.records.people_table import patient_in_row, read_people_table

ROW = {
    "id": "A-1",
    "sex": "female",
    "birth_date": "1955-03-09",
    "record_date": "2026-09-15",
    "weight": "61 kg",
    "menopause_age": "50",
    "prior_vertebral_fractures": "1",
    "glucocorticoid": "false",
    "on_dialysis": "true",
    "dialysate_calcium": "1.25 mmol/L",
    "dialysate_calcium_planned": "1.5 mmol/L",
    "active_vitamin_d": "0.25 ug/day",
    "calcimimetic": "true",
    "calcium_intake": "900 mg/day",
    "doses": "denosumab 60 mg @ 2025-09-15; denosumab 60 mg @ 2026-03-16;"
    " alendronate 70 mg every 1 week @ 2019-01-01 to 2021-12-31",
    "measurements": "CTX <0.05 ng/mL @ 2025-12-10 08:30; 25-OH vitamin D 68 nmol/L @ 2026-09-10;"
    " lumbar spine BMD 0.742 g/cm2 @ 2025-05-28 on Hologic",
}


def test_a_row_says_what_a_record_says():
    her = patient_in_row(ROW, "people.csv, line 2")
    assert (her.id, her.age, her.menopause_age) == ("A-1", 71, 50.0)
    assert her.fact("n_vertebral_fractures") == 1
    assert her.fact("glucocorticoid") is False
    assert her.fact("dialysate_calcium_planned_mmol_L") == 1.5
    assert her.fact("active_vitamin_D_ug_day") == 0.25
    assert [d.date for d in her.doses] == [dt.date(2025, 9, 15), dt.date(2026, 3, 16)]
    (course,) = her.courses
    assert (course.drug, course.every_d, course.end) == ("alendronate", 7.0, dt.date(2021, 12, 31))
    ctx, scan = her.latest("CTX"), her.latest("BMD")
    assert ctx.below_limit
    assert ctx.time == dt.time(8, 30)
    assert (scan.site, scan.scanner, scan.value) == ("lumbar spine", "Hologic", 0.742)
    assert her.latest("25-OH vitamin D").value == 68


def test_empty_cells_say_nothing():
    sparse = {**ROW, "doses": "", "measurements": "", "glucocorticoid": "", "menopause_age": ""}
    her = patient_in_row(sparse, "people.csv, line 2")
    assert her.doses == ()
    assert her.measurements == ()
    assert her.fact("glucocorticoid") is None
    assert her.menopause_age is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"doses": "denosumab sixty"}, "is not a dose"),
        ({"doses": "denosumb 60 mg @ 2025-01-01"}, "denosumab"),
        ({"measurements": "CTX high"}, "is not a measurement"),
        ({"measurements": "CTX 0.4 ng/mL @ 2027-01-01"}, "2027"),
        ({"weight": "61"}, "weight"),
        ({"glucocorticoid": "sometimes"}, "neither true nor false"),
        ({"prior_vertebral_fractures": "many"}, "not a count"),
        ({"menopause_age": "fifty"}, "menopause_age"),
    ],
)
def test_what_a_cell_cannot_say_is_refused_with_its_line(changed, said):
    with pytest.raises(InputError, match=said) as caught:
        patient_in_row({**ROW, **changed}, "people.csv, line 2")
    assert "people.csv, line 2" in str(caught.value)


def test_a_table_gives_rows_with_their_lines_and_passes_over_empty_ones(tmp_path: Path):
    path = tmp_path / "people.csv"
    path.write_text("id,sex\nA,female\n,\nB,male\n", "utf-8")
    assert (
        read_people_table(path, "people.csv")
        == [
            ("people.csv, line 2", {"id": "A", "sex": "female"}),
            ("people.csv, line 3", {"id": "", "sex": ""}),
            ("people.csv, line 4", {"id": "B", "sex": "male"}),
        ][::2]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,sexx\nA,female\n", "no column called 'sexx'; did you mean sex"),
        ("id,id\nA,B\n", "same name"),
        ("id,sex\n", "no person"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, said: str):
    path = tmp_path / "people.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        read_people_table(path, "people.csv")
