"""`bonecast sensitivity`: derivatives and shares of the spread, as a table, JSON and files."""

from __future__ import annotations

import polars as pl
import pytest

PLAN, OUTPUT = "denosumab 60 mg once", "denosumab_ng_mL"


def test_derivatives_are_shown_largest_first_and_written(call, tmp_path):
    file = tmp_path / "s.csv"
    done = call(
        "sensitivity", "choi-2025", PLAN, "--output", OUTPUT, "--at", "1 month, 4 months", "--out", str(file)
    )
    assert done.code == 0
    sizes = [
        abs(float(line.split()[-1])) for line in done.out.splitlines()[2:-2] if line.split()[-1] != "NaN"
    ]
    assert sizes[:10] == sorted(sizes[:10], reverse=True)
    assert pl.read_csv(file)["time_d"].unique().len() == 2


def test_morris_and_its_bounds_are_taken_from_the_command(call):
    done = call(
        "sensitivity", "choi-2025", PLAN, "--output", OUTPUT, "--at", "4 months",
        "--method", "morris", "--samples", "8", "--parameter", "CL=0.004:0.008", "--parameter", "ka", "--json",
    )  # fmt: skip
    assert done.code == 0
    assert [row["parameter"] for row in done.json] == ["CL", "ka"]
    assert done.json[0]["mu"] < 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--parameter", "CL=1:2"], "derivatives have no bounds"),
        (["--method", "sobol", "--parameter", "CL=1-2"], "'1-2' is no range"),
        (["--method", "fast"], "there is no 'fast'"),
        (["--parameter", "CLL"], "CLL"),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence(call, options, says):
    done = call("sensitivity", "choi-2025", PLAN, "--output", OUTPUT, *options)
    assert done.code == 2
    assert says in done.err
