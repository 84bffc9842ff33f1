"""`bonecast fit`: estimates of a library model from an event table, as a table, JSON and files."""

from __future__ import annotations

import pytest

import bonecast as bc

TOML = """
[parameters.CL]
start = 0.0028
[residual.denosumab_ng_mL]
additive = 20.0
fixed = true
"""


@pytest.fixture
def files(tmp_path):
    times = [0.0, 48.0, 336.0, 1000.0, 2000.0]
    rows = {"TIME": times, "AMT": [60, *[None] * 4], "CMT": ["denosumab"] * 5}
    level = bc.simulate("choi-2025", rows, set={"CL": 0.004}, outputs="denosumab_ng_mL")["denosumab_ng_mL"]
    lines = [
        "TIME,AMT,CMT,DV",
        "0,60,denosumab,.",
        *(f"{t},.,denosumab,{v:.6g}" for t, v in zip(times[1:], level[1:], strict=True)),
    ]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "fit.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def test_the_command_finds_the_truth_and_writes_all_files(call, files):
    out = files / "out"
    done = call(
        "fit",
        str(files / "data.csv"),
        "choi-2025",
        str(files / "fit.toml"),
        "--json",
        "--profiles",
        "--out",
        str(out),
    )
    assert done.code == 0
    row = done.json["parameters"][0]
    assert row["parameter"] == "CL"
    assert row["estimate"] == pytest.approx(0.004, rel=1e-3)
    assert row["profile90"][0] < 0.004 < row["profile90"][1]
    names = {path.name for path in out.iterdir()}
    assert names == {
        "estimates.csv", "people.csv", "rows.csv", "fit.json", "observed-predicted.svg", "visual-check.svg",
    }  # fmt: skip


def test_a_wrong_entry_is_refused_with_place_and_hint(call, files):
    (files / "fit.toml").write_text(TOML.replace("CL]", "CLX]"), encoding="utf-8")
    done = call("fit", str(files / "data.csv"), "choi-2025", str(files / "fit.toml"))
    assert done.code == 2
    assert "CLX" in done.err
    assert "CL" in done.err.split("CLX", 1)[1]
