"""`bonecast sbml`: a model of the library is written, read and run again; what cannot be used ends with 2."""

from __future__ import annotations

import pytest

import bonecast as bc

pytest.importorskip("libsbml", reason="python-libsbml is not installed: the extra sbml")


def test_a_model_is_exported_imported_and_run(call, tmp_path):
    file, rows = tmp_path / "choi.xml", tmp_path / "course.csv"
    written = call("sbml", "export", "choi-2025", "--plan", "denosumab 60 mg once", "--out", str(file))
    assert written.code == 0, written.err
    found = call("sbml", "import", str(file), "--json").json
    assert (found["events"], found["runs"], found["time unit"]) == (1, "in the kernel", "hour")
    names = "denosumab_ng_mL,LS_BMD_pct_change"
    course = call(
        "sbml", "run", str(file), "--until", "1000", "--steps", "4", "--outputs", names, "--json"
    ).json
    level = bc.simulate("choi-2025", "denosumab 60 mg once", times=[500.0], time_unit="h", rtol=1e-9)
    assert course["rows"][2][1] == pytest.approx(level["denosumab_ng_mL"][0], rel=1e-6)
    said = call("sbml", "run", str(file), "--until", "1000", "--steps", "4", "--out", str(rows))
    assert said.code == 0, said.err
    assert len(rows.read_text().splitlines()) == 6


def test_antimony_text_is_written_by_its_suffix(call, tmp_path):
    file = tmp_path / "choi.ant"
    assert call("sbml", "export", "choi-2025", "--out", str(file)).code == 0
    assert "model choi_2025" in file.read_text()


def test_what_is_no_sbml_ends_with_2(call, tmp_path):
    file = tmp_path / "no.xml"
    file.write_text("<html/>")
    wrong = call("sbml", "import", str(file))
    assert wrong.code == 2
    assert "no.xml" in wrong.err
