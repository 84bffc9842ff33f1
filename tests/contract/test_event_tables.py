"""Event tables as NONMEM and mrgsolve read them: 48 cases with values from two methods that agree to 5e-12."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from compartment_systems import compartments

import bonecast as bc
from bonecast.errors import InputError
from bonecast.interop import read_event_table

CASES = json.loads((Path(__file__).parents[1] / "data" / "event_tables" / "cases.json").read_text("utf-8"))
RUN = [case for case in CASES if case["status"] != "refuse"]
REFUSED = [case for case in CASES if case["status"] == "refuse"]
# Where the convention leaves a choice: a sample at the time of a further dose is a trough, and both ways of covariates.
VARIANTS = {
    "addl-meets-observation": {"locf": "tie-after"},
    "weight-locf-nocb": {"locf": "locf", "nocb": "nocb"},
    "weight-evid2-infusion": {"locf": "locf", "nocb": "nocb"},
}
WRONG = {
    "refuse-time-goes-back": ("row 3", "TIME"),
    "refuse-cmt-out-of-range": ("row 1", "CMT"),
    "refuse-ss-without-ii": ("row 1", "II"),
    "refuse-addl-without-ii": ("row 1", "II"),
    "refuse-bad-number": ("row 1", "AMT"),
    "refuse-evid-7": ("row 1", "EVID"),
    "refuse-ss4": ("row 1", "SS"),
    "refuse-negative-amount": ("row 1", "AMT"),
}


def simulated(case, tmp_path, **options):
    path = tmp_path / "events.csv"
    path.write_text("\n".join(case["table"]) + "\n", encoding="utf-8")
    return bc.simulate(compartments(case["model"]), path, set=case["parameters"], **options)


def agrees(run, expected):
    for name, values in expected.items():
        want = np.array(values)
        near = 1e-6 * np.abs(want) + 1e-9 * np.abs(want).max() + 1e-15
        if not np.all(np.abs(run[name] - want) <= near):
            return False
    return True


@pytest.mark.filterwarnings("ignore:ID 7 stands")
@pytest.mark.parametrize("case", RUN, ids=[case["name"] for case in RUN])
def test_a_table_gives_the_known_amounts_at_every_row(case, tmp_path):
    variants = VARIANTS.get(case["name"], {"locf": "only"})
    assert variants
    for carried, variant in variants.items():
        run = simulated(case, tmp_path, covariates=carried)
        assert len(run.times_d) == len(case["table"]) - 1
        assert agrees(run, case["expected"][variant]), variant
        others = [values for name, values in case["expected"].items() if name != variant]
        assert not any(agrees(run, values) for values in others)


@pytest.mark.parametrize("case", REFUSED, ids=[case["name"] for case in REFUSED])
def test_a_table_that_cannot_be_used_is_refused_with_row_and_column(case, tmp_path):
    row, column = WRONG[case["name"]]
    with pytest.raises(InputError) as raised:
        simulated(case, tmp_path)
    assert f"events.csv, {row} (line {int(row[4:]) + 1}), column {column}" in str(raised.value)
    assert raised.value.hint


def test_the_likelihood_of_values_below_the_limit_counts_their_probability_or_leaves_them_out(tmp_path):
    case = next(case for case in CASES if case["name"] == "blq")
    run = simulated(case, tmp_path)
    for method in ("m1", "m3"):
        found = run.log_likelihood("CONC", additive=0.1, proportional=0.15, blq=method)
        assert found == pytest.approx(case[f"log_likelihood_{method.upper()}"], abs=1e-6)


@pytest.mark.parametrize("frame", ["polars", "pandas", "columns", "records"])
def test_a_frame_gives_what_its_file_gives(frame, tmp_path):
    case = next(case for case in CASES if case["name"] == "oral-addl-lag-f")
    usual = simulated(case, tmp_path)
    header, *rows = [line.split(",") for line in case["table"]]
    cells = {n: [None if row[k] == "." else float(row[k]) for row in rows] for k, n in enumerate(header)}
    if frame == "polars":
        table = pytest.importorskip("polars").DataFrame(cells)
    elif frame == "pandas":
        table = pytest.importorskip("pandas").DataFrame(cells)
    else:
        table = read_event_table(cells) if frame == "records" else cells
    same = bc.simulate(compartments(case["model"]), table, set=case["parameters"])
    assert np.array_equal(same.values, usual.values)
    assert same.ids.tolist() == usual.ids.tolist()


def test_doses_enter_states_that_no_route_leads_into(tmp_path):
    case = next(case for case in CASES if case["name"] == "mixed-routes-2cmt")
    path = tmp_path / "events.csv"
    path.write_text("\n".join(case["table"]), encoding="utf-8")
    run = bc.simulate(compartments("oral2", routes=False), path, set=case["parameters"])
    assert agrees(run, case["expected"]["only"])


def test_a_rate_that_is_a_parameter_is_refused_without_it(tmp_path):
    for name, lacking in (("rate-minus-1", "R1"), ("rate-minus-2", "D1")):
        case = next(case for case in CASES if case["name"] == name)
        without = {k: v for k, v in case["parameters"].items() if k != lacking}
        with pytest.raises(
            InputError, match=rf"row 1 \(line 2\), column RATE: .* parameter {lacking}, which is not"
        ):
            simulated({**case, "parameters": without}, tmp_path)
