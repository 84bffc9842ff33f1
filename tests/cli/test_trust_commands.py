"""`bonecast trust` and `bonecast reproduce`: the pack, and the same answer again."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bonecast.cli.app import app
from bonecast.core import Practice, practising, speaking
from bonecast.errors import InputError
from bonecast.forecasts import forecast
from bonecast.interop import read_patient
from bonecast.reports import versions, write_all
from bonecast.trust import read_manifest

RECORD = "examples/late-dose.toml"


def run(*words: str):
    return CliRunner().invoke(app, list(words))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("manifest")
    with speaking("es"):  # the names of the usual strategies are Spanish, and are so again
        write_all(forecast(read_patient(RECORD), horizon="1 year", draws=20), place)
    return place


def test_a_manifest_makes_the_same_numbers_again(folder):
    done = run("reproduce", str(folder / "manifest.json"), RECORD)
    assert done.exit_code == 0
    assert done.stdout == "The same numbers.\n"
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["request"]["language"] == "es"


def test_the_manifest_within_forecast_json_is_the_same(folder):
    assert read_manifest(folder / "forecast.json") == read_manifest(folder / "manifest.json")


def test_the_settings_of_the_clinic_are_in_the_versions_and_a_format_of_dates_is_not():
    def seen(**settings):
        with practising(Practice(**settings)):
            return versions(("bonecast-1",))["settings of the clinic"]

    assert seen() == seen(date_format="iso") == "none"
    assert (
        len({seen(), seen(country="SE"), seen(country="GB"), seen(rules_off=(("FG-03", "own limit"),))}) == 4
    )


def test_a_manifest_holds_no_name_id_or_measured_value(folder):
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    assert sorted(json.loads(text)) == ["answer", "format", "request", "versions"]
    assert "A-17" not in text
    assert "measurement" not in text


def test_numbers_and_versions_that_differ_are_named_and_end_with_code_1(folder, tmp_path):
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found["versions"]["numpy"] = "1.0"
    found["answer"]["last"][0]["p50"] += 1
    found["answer"]["forecast.csv"] = "0" * 64
    (tmp_path / "m.json").write_text(json.dumps(found), encoding="utf-8")
    done = run("reproduce", str(tmp_path / "m.json"), RECORD, "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert said["sentence"] == "Other numbers. Changed since: numpy."
    assert [one["what"] for one in said["versions"]] == ["numpy"]
    first = found["answer"]["last"][0]
    assert [one["what"] for one in said["answers"]] == [f"{first['strategy']}: {first['output']}"]


def test_the_record_of_somebody_else_is_refused_before_anything_is_computed(folder):
    done = run("reproduce", str(folder / "manifest.json"), "examples/long-denosumab.toml")
    assert isinstance(done.exception, InputError)
    assert "give the record that the forecast was made from" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "it is no manifest of a forecast"),
        ('{"request": {}, "format": 9}', "its format is 9"),
        ('{"request": {}, "format": 1, "versions": {}, "answer": {}}', "request.record"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused_with_the_place(tmp_path, text, said):
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    done = run("reproduce", str(tmp_path / "m.json"), RECORD)
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)


def test_the_pack_is_written_and_its_summary_printed(tmp_path):
    place = tmp_path / "pack"
    done = run("trust", str(place))
    assert done.exit_code == 0
    assert sorted(path.name for path in place.iterdir()) == ["trust.html", "trust.json"]
    kept = json.loads((place / "trust.json").read_text(encoding="utf-8"))
    assert done.stdout.splitlines()[: len(kept["summary"])] == kept["summary"]
    assert Path(done.stdout.splitlines()[-1]).name == "trust.json"


def test_sources_are_counted_listed_and_written_as_a_table(tmp_path):
    done = run("sources", "--grade", "recalled", "--next", "3", "--out", str(tmp_path / "s.csv"))
    assert done.exit_code == 0
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["grade"] for row in rows} == {"recalled"}
    assert done.stdout.splitlines()[-1].startswith(f"{len(rows)} entries: ")
    assert len(re.findall(r"^.*  block  .*$", done.stdout, re.MULTILINE)) == 3
    found = json.loads(run("sources", "--grade", "recalled", "--json").stdout)
    assert len(found["entries"]) == found["missing"]["source not read"] == len(rows)


def test_a_grade_that_there_is_not_is_refused_with_the_nearest():
    done = run("sources", "--grade", "recal")
    assert isinstance(done.exception, InputError)
    assert "recalled" in str(done.exception)
