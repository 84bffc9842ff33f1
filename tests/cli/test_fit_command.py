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


DECAY = """<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>
<listOfParameters><parameter id="k" value="0.5" constant="true"/>
<parameter id="A" value="8" constant="false"/></listOfParameters>
<listOfRules><rateRule variable="A"><math xmlns="http://www.w3.org/1998/Math/MathML">
<apply><minus/><apply><times/><ci>k</ci><ci>A</ci></apply></apply></math></rateRule></listOfRules></model></sbml>"""
PROBLEM = {
    "model.xml": DECAY,
    "problem.yaml": "format_version: 2.0.0\nmodel_files: {m: {location: model.xml, language: sbml}}\n"
    "parameter_files: [p.tsv]\nobservable_files: [o.tsv]\nmeasurement_files: [m.tsv]\n",
    "p.tsv": "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\nk\t0.01\t10\t0.25\ttrue\n",
    "o.tsv": "observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\no\tA\t0.5\tnormal\n",
    "m.tsv": "observableId\ttime\tmeasurement\no\t1\t4.85\no\t3\t1.79\n",
}


def test_a_petab_problem_is_fitted_without_a_model_or_parameters_beside_it(call, tmp_path):
    pytest.importorskip("libsbml", reason="python-libsbml is not installed: the extra petab")
    for name, text in PROBLEM.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    problem = str(tmp_path / "problem.yaml")
    done = call("fit", problem, "--json", "--starts", "2", "--out", str(tmp_path / "out"))
    assert done.code == 0, done.err
    assert done.json["parameters"][0]["estimate"] == pytest.approx(0.5, abs=0.002)
    assert len(done.json["ends"]) == 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"estimates.csv", "fit.json"}
    assert "0.4997" in call("fit", problem).out
    for extra in (["choi-2025", "fit.toml"], ["--profiles"], ["--blq", "m1"]):
        done = call("fit", problem, *extra)
        assert (done.code, "states its model" in done.err) == (2, True)


def test_a_table_without_a_model_is_refused_with_what_to_write(call, files):
    done = call("fit", str(files / "data.csv"))
    assert done.code == 2
    assert "DATA.csv MODEL FILE.toml" in done.err
