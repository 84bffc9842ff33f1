"""The eDISH plot, the timeline, and the section of a report."""

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from bonecast.charts import png, specification, table
from bonecast.liver import assess, assess_patient, edish_of_case, edish_of_cohort, timeline
from bonecast.records import GivenDose, Measurement, Patient

EXAMPLE = Path(__file__).parents[2] / "examples" / "liver-case.toml"


def crowd(n: int) -> pl.DataFrame:
    """People on a grid over both lines, with and on them."""
    alt, bili = [0.5, 1.0, 2.99, 3.0, 6.0, 30.0], [0.2, 1.0, 2.0, 2.01, 8.0]
    rows = [(x, y) for _ in range(n) for x in alt for y in bili]
    names = {
        (False, False): "normal",
        (True, False): "temple",
        (False, True): "cholestasis",
        (True, True): "hy",
    }
    return pl.DataFrame(
        [(x, y, names[x >= 3, y > 2]) for x, y in rows],
        schema=["alt_peak_x", "bili_edish_x", "edish"],
        orient="row",
    )


def test_cells_of_a_crowd_hold_everyone_and_lie_across_no_line():
    drawn = edish_of_cohort(crowd(400))
    many = crowd(400).height
    assert sum(cell.count for cell in drawn.cells) + sum(len(kind.dots) for kind in drawn.kinds) == many
    for cell in drawn.cells:
        assert not cell.x[0] < drawn.x_line < cell.x[1]
        assert not cell.y[0] < drawn.y_line < cell.y[1]
    upper = [cell for cell in drawn.cells if cell.y[0] >= 2 and cell.x[0] >= 3]
    assert sum(cell.count for cell in upper) in (0, 400 * 6)


def test_a_small_cohort_is_drawn_point_by_point():
    drawn = edish_of_cohort(crowd(1))
    assert drawn.cells == ()
    assert sum(len(kind.dots) for kind in drawn.kinds) == 30
    assert len(table(drawn).rows) == 30


def test_nobody_with_a_place_still_makes_a_picture():
    drawn = edish_of_cohort(crowd(1).with_columns(edish=pl.lit(None, pl.String)))
    assert "0 people" in drawn.description
    assert png(drawn, 0.5).startswith(b"\x89PNG")


def test_one_person_is_drawn_where_they_were_assessed_and_a_raised_baseline_beside_it():
    made = assess(EXAMPLE)
    drawn = edish_of_case(made)
    assert [dot.x for kind in drawn.kinds for dot in kind.dots] == [made.measured["alt_peak_x"]]
    raised = dataclasses.replace(made, measured={**made.measured, "alt_edish_base": 7.0})
    assert [kind.dots[0].x for kind in edish_of_case(raised).kinds] == [made.measured["alt_peak_x"], 7.0]
    assert edish_of_case(dataclasses.replace(made, measured={**made.measured, "bili_edish_x": None})) is None


def test_the_timeline_marks_every_drug_and_joins_no_values_over_a_long_gap():
    drawn = timeline(assess(EXAMPLE))
    assert [lane.name for lane in drawn.strip.lanes] == ["denosumab", "atorvastatin"]
    assert "Before" in drawn.note
    spec = specification(drawn)
    lines = [layer for layer in spec["vconcat"][0]["layer"] if layer["mark"]["type"] == "line"]
    runs = {row["run"] for row in lines[0]["data"]["values"]}
    assert len(runs) == 2
    assert "2026-04-20" in [row[0] for row in table(drawn).rows]
    assert png(drawn, 0.5).startswith(b"\x89PNG")


def patient(*measurements: Measurement) -> Patient:
    return Patient(
        "P", "female", dt.date(1955, 1, 1), dt.date(2026, 6, 1), 60.0,
        doses=(GivenDose("denosumab", 60.0, "mg", dt.date(2026, 1, 1)),), measurements=measurements,
    )  # fmt: skip


def lab(
    test: str, value: float, unit: str, high: float | None, day: dt.date = dt.date(2026, 2, 1)
) -> Measurement:
    return Measurement(test, None, value, unit, False, day, f"{value} {unit}", reference_high=high)


def test_a_record_without_liver_values_has_no_section():
    assert assess_patient(patient(lab("CTX", 0.3, "ng/mL", None), lab("albumin", 40.0, "g/L", None))) is None


def test_the_section_of_a_record_reads_its_values_and_names_those_without_a_limit():
    early = lab("ALT", 30.0, "U/L", 40.0, dt.date(2025, 12, 1))
    found = assess_patient(
        patient(
            early,
            lab("ALT", 400.0, "U/L", 40.0),
            lab("ALP", 100.0, "U/L", 120.0),
            lab("GGT", 50.0, "U/L", None),
        )
    )
    assert found.measured["R"] == pytest.approx(12.0)
    assert found.measured["values_before"] == 1
    assert any("GGT of 2026-02-01 has no upper limit" in note for note in found.notes)
    assert dict(found.summary())["case of liver injury"] == "yes"
