"""`bonecast recall`, `bonecast letter`, and the leaflet as PDF."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
LONG, LATE = str(EXAMPLES / "long-denosumab.toml"), str(EXAMPLES / "late-dose.toml")


def test_a_recall_of_several_records_is_one_file_and_says_who_gets_which_letter(call, tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('[person]\nid = "X"\n', "utf-8")
    out = tmp_path / "recall.zip"
    found = call(
        "recall", LONG, LATE, str(bad), "--make", "letters", "--make", "texts", "--out", str(out), "--json"
    )
    assert found.code == 2, "one record cannot be read, and the others are written all the same"
    assert {one["letter"] for one in json.loads(found.out)["people"]} == {"results"}
    assert "bad.toml" in found.err
    names = zipfile.ZipFile(out).namelist()
    assert names == ["people.csv", "letters-en.pdf", "texts.csv", "README.txt"]


def test_a_letter_and_a_leaflet_are_written_as_pdf(call, tmp_path):
    letter, leaflet = tmp_path / "gp.pdf", tmp_path / "leaflet.pdf"
    assert (
        call(
            "letter", LATE, "--jurisdiction", "UK", "--doctor", "Dr Green, Oxford", "--out", str(letter)
        ).code
        == 0
    )
    assert call("leaflet", LONG, "--jurisdiction", "UK", "--out", str(leaflet)).code == 0
    assert letter.read_bytes()[:5] == leaflet.read_bytes()[:5] == b"%PDF-"


def test_an_unknown_file_or_kind_is_refused_with_those_that_there_are(call, tmp_path):
    said = call("recall", LONG, "--make", "faxes", "--out", str(tmp_path / "a.zip"))
    assert (said.code, "letters" in said.err) == (2, True)
    said = call("letter", LONG, "--kind", "insurer", "--out", str(tmp_path / "a.pdf"))
    assert (said.code, "gp" in said.err) == (2, True)
