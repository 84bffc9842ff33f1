"""What a slip of the pen or a full disk meets at the command line: a sentence and exit code 2, and no file harmed."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bonecast.cli.app import app
from bonecast.cli.forecast import WRITTEN
from bonecast.trials import design_text

EXAMPLE = Path(__file__).parents[2] / "examples" / "late-dose.toml"
PERSON = '[person]\nid = "tp"\nsex = "female"\nbirth_date = 1955-03-09\nrecord_date = 2026-09-15\n'
QUICK = ("--horizon", "1 year", "--draws", "8", "--strategy", "stop: nothing for 1 year")
TOO_MANY = '[[doses]]\ndrug = "alendronate"\namount = "70 mg"\nevery = "0.0000001 days"\nfrom = 2022-02-27\n'
A_THOUSAND_FOLD = '[[doses]]\ndrug = "teriparatide"\namount = "20 mg"\nevery = "1 day"\nfrom = 2025-09-10\n'


def a_file(tmp_path: Path, name: str, text: str) -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


@pytest.mark.parametrize("command", ["forecast", "check"])
@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (TOO_MANY, "shorter than 0.25 days"),
        (TOO_MANY.replace("0.0000001", "0.001"), "shorter than 0.25 days"),
        (TOO_MANY.replace('"alendronate"', '"alen\\u0001dronate"'), r"control character \(U\+0001\)"),
        (".".join(["a"] * 2000) + " = 1\n", "nested|characters"),
        ("x = " + "9" * 5001 + "\n", "over 100 digits"),
    ],
    ids=["ten million a day", "a thousand a day", "control character", "dotted keys", "a long number"],
)
def test_a_record_that_cannot_be_is_refused_in_a_sentence(refused, tmp_path, command, lines, cause):
    words = QUICK if command == "forecast" else ()
    said = refused(command, a_file(tmp_path, "a.toml", PERSON + lines), *words)
    assert re.search(cause, said)


def test_a_dose_a_thousand_times_the_usual_one_is_asked_about(refused, call, tmp_path):
    file = a_file(tmp_path, "a.toml", PERSON + A_THOUSAND_FOLD)
    assert "20 mg of teriparatide is 1,000 times the usual 20 ug" in refused("forecast", file, *QUICK)
    checked = call("check", file)
    assert checked.code == 0
    assert "Was it given exactly as written?" in checked.out


def test_a_control_character_in_a_word_of_the_command_is_refused(refused, tmp_path):
    words = ("--draws", "20", "--strategy", "a\x01b: nothing for 1 year", "--out", str(tmp_path / "x"))
    assert "control character (U+0001)" in refused("forecast", str(EXAMPLE), *words)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('name = "denosumab', 'name = "con\\u001btrol', "arm, name: there is a control character"),
        ("[[endpoint]]", 'endpoint = ["BMD"]\n[[other]]', "is not a table|no key|twice|TOML"),
    ],
)
def test_a_design_that_cannot_be_is_refused_and_makes_no_folder(call, tmp_path, old, new, cause):
    text = design_text("freedom")
    assert old in text
    if "[[endpoint]]" in old:  # a list in the place of a table: before the first table of the file
        text = 'endpoint = [1, "BMD"]\n' + re.sub(r"(?ms)^\[\[endpoint\]\].*?(?=^\[|\Z)", "", text)
    file = a_file(tmp_path, "d.toml", text.replace(old, new, 1))
    called = call("trial", "run", file, "--out", str(tmp_path / "run"))
    assert (called.code, called.out) == (2, "")
    assert re.search(cause, called.err)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ['id,"a\nb', 'id,injury\nC1,"hepato"cellular\n'])
def test_a_table_of_liver_cases_with_quotes_that_do_not_close_is_refused(refused, tmp_path, text):
    file = a_file(tmp_path, "l.csv", text)
    assert "is not CSV" in refused("liver", "--cases", file, "--out", str(tmp_path / "out.csv"))


@pytest.mark.parametrize("name", ["report.html", "calendar.ics"])
def test_a_forecast_into_the_folder_of_its_record_under_a_name_of_its_own_is_refused(refused, tmp_path, name):
    text = EXAMPLE.read_text(encoding="utf-8")
    file = a_file(tmp_path, name, text)
    assert f"{name}' is the file that is read" in refused("forecast", file, *QUICK, "--out", str(tmp_path))
    assert Path(file).read_text(encoding="utf-8") == text


def test_a_forecast_into_the_folder_of_its_record_leaves_the_record(call, tmp_path):
    file = a_file(tmp_path, "a.toml", EXAMPLE.read_text(encoding="utf-8"))
    assert call("forecast", file, *QUICK, "--out", str(tmp_path)).code == 0
    made = {path.name for path in tmp_path.iterdir()}
    assert made <= {"a.toml", *WRITTEN}
    assert len(made) > 3


def test_a_fit_into_the_folder_of_its_table_under_a_name_of_its_own_is_refused(refused, tmp_path):
    table = a_file(tmp_path, "rows.csv", "ID,TIME,DV\n1,0,1\n")
    said = refused("fit", table, "choi-2025", a_file(tmp_path, "p.toml", ""), "--out", str(tmp_path))
    assert "rows.csv' is the file that is read" in said


def test_the_names_of_a_forecast_of_many_are_not_those_of_its_records(refused, tmp_path):
    other = a_file(tmp_path, "b.toml", EXAMPLE.read_text(encoding="utf-8").replace("example-late-dose", "b"))
    for name in ("cohort.jsonl", "cohort.parquet"):
        file = a_file(tmp_path, name, EXAMPLE.read_text(encoding="utf-8"))
        assert f"{name}' is the file that is read" in refused(
            "forecast", file, other, *QUICK, "--out", str(tmp_path)
        )
        assert Path(file).read_text(encoding="utf-8") == EXAMPLE.read_text(encoding="utf-8")


def test_a_trial_into_the_folder_of_its_design_under_a_name_of_its_own_is_refused(refused, tmp_path):
    file = a_file(tmp_path, "run.json", design_text("window"))
    said = refused("trial", "run", file, "--trials", "1", "--out", str(tmp_path))
    assert "run.json' is the file that is read" in said
    assert Path(file).read_text(encoding="utf-8") == design_text("window")


def test_a_liver_case_is_not_written_over(refused, tmp_path):
    file = a_file(tmp_path, "timeline.csv", "date,test,value,unit,uln\n2026-01-01,ALT,400,U/L,40\n")
    assert "is the file that is read" in refused("liver", file, "--out", str(tmp_path))


RECORD = EXAMPLE.read_text(encoding="utf-8")
# Each command that writes a file of a name of its own: its words, the option, and the name of an input it could harm.
WRITERS = {
    "check --cases": (("check", "--cases", "IN"), "--out", "c.csv"),
    "check": (("check", "IN"), "--log", "a.toml"),
    "evidence predict": (("evidence", "predict", "IN"), "--out", "t.csv"),
    "evidence register": (("evidence", "register", "IN"), "--out", "t.json"),
    "fhir export": (("fhir", "export", "IN"), "--out", "a.json"),
    "leaflet": (("leaflet", "IN"), "--out", "a.html"),
    "liver --cases": (("liver", "--cases", "IN"), "--out", "c.csv"),
    "liver --cohort": (("liver", "--cohort", "IN"), "--out", "c.csv"),
    "liver --cohort --picture": (("liver", "--cohort", "IN", "--out", "OTHER.csv"), "--picture", "c.png"),
    "letter": (("letter", "IN"), "--out", "a.pdf"),
    "recall": (("recall", "IN"), "--out", "a.zip"),
    "sbml run": (("sbml", "run", "IN", "--until", "1"), "--out", "a.csv"),
    "schedule": (("schedule", "IN"), "--out", "a.ics"),
    "trial curves": (("trial", "curves", "FOLDER"), "--out", "chunk.parquet"),
    "trial synopsis": (("trial", "synopsis", "IN"), "--out", "a.md"),
}
# These write into a folder under names of their own, which tests above hold apart from what is read; or read no file.
OTHERS = {
    *("forecast", "trial run", "trial data", "liver", "value", "examples", "simulate", "populations", "fit"),
    *("sbml export", "models export", "sensitivity", "sources"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_read_is_not_written_over_under_any_name_of_it(refused, tmp_path, name):
    words, option, called = WRITERS[name]
    file, link = Path(a_file(tmp_path, called, RECORD)), tmp_path / f"link{Path(called).suffix}"
    link.symlink_to(file)
    words = [one.replace("IN", str(file)).replace("FOLDER", str(tmp_path)) for one in words]
    words = [one.replace("OTHER", str(tmp_path / "other")) for one in words]
    for target in (file, link):
        assert f"{target.name}' is the file that is read" in refused(*words, option, str(target))
    assert file.read_text(encoding="utf-8") == RECORD


def test_every_command_that_writes_a_file_is_in_these_tests():
    found = set()

    def walk(command, name):
        for key, one in getattr(command, "commands", {}).items():
            walk(one, f"{name} {key}".strip())
        for option in command.params:
            if {"--out", "--picture", "--log"} & set(option.opts):
                found.add(name)

    walk(typer.main.get_command(app), "")
    assert len(found) > 10
    assert found == {name.partition(" --")[0] for name in WRITERS} | OTHERS


def test_a_scheduler_file_is_no_place_of_a_run(refused, tmp_path):
    file = a_file(tmp_path, "run.json", "{}")
    said = refused("trial", "run", "window", "--out", str(tmp_path), "--scheduler", file)
    assert "run.json' is the file that is read" in said


def test_a_row_whose_quotes_end_in_the_middle_is_refused_with_its_line(refused, tmp_path):
    rows = 'id,provenance,age\nC1,constructed,55\nP5,published,"Royal CoLC,,3\nP6,"Royal College",54\n'
    said = refused("liver", "--cases", a_file(tmp_path, "rows.csv", rows))
    assert re.search(r"rows.csv, line \d: this is not CSV", said)


@pytest.mark.parametrize("command", ["check", "late"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "soon"])
def test_a_day_that_no_life_has_is_refused(refused, command, day):
    assert refused(command, str(EXAMPLE), "--on", day).startswith("bonecast: --on: ")


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from bonecast.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_full_disk_is_a_sentence_and_leaves_no_file(tmp_path, suffix):
    plan = "denosumab 60 mg every 6 months x 4"
    words = ("simulate", "bonecast-1", plan, "--out", str(tmp_path / f"full.{suffix}"))
    done = subprocess.run([sys.executable, "-c", FULL, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert f"cannot be written ({os.strerror(errno.EFBIG)}); make room on the disk" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_in_the_middle_of_a_command_is_no_failure_of_ours(call, monkeypatch):
    def full(*words, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("bonecast.cli.app.app", full)
    called = call("drugs")
    assert called.code == 2
    assert "there is no room (No space left on device); make room, then run it again" in called.err
