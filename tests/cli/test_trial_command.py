"""`bonecast trial`: designs, runs that go on where they were stopped, and the report."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from bonecast.trials import design_text


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_designs_are_listed_and_printed_as_toml_to_start_from(call, tmp_path: Path):
    assert {"freedom", "window"} <= {row["name"] for row in call("trial", "designs", "--json").json}
    printed = call("trial", "designs", "window").out
    assert printed.strip() == design_text("window").strip()
    mine = tmp_path / "mine.toml"
    mine.write_text(printed.replace("people = 60", "people = 30"), encoding="utf-8")
    made = call("trial", "run", str(mine), "--out", str(tmp_path / "run"), "--trials", "3", "--json").json
    assert (made["trials"], made["people_followed"]) == (3, 270)


def test_workers_do_not_change_a_byte_and_a_missing_chunk_is_made_again(call, tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, workers in ((one, "1"), (two, "2")):
        assert (
            call("trial", "run", "window", "--out", str(folder), "--trials", "120", "--workers", workers).code
            == 0
        )
    whole = prints(one)
    assert whole == prints(two)
    assert sum(name.endswith(".parquet") for name in whole) == 3
    sorted(two.glob("*.parquet"))[1].unlink()
    assert "1 of 3 chunks are missing" in call("trial", "report", str(two)).err
    again = call("trial", "run", "window", "--out", str(two), "--trials", "120", "--json").json
    assert (again["chunks_found"], again["chunks"]) == (2, 3)
    assert whole == prints(two)


def test_a_killed_run_goes_on_and_ends_byte_for_byte_as_if_nothing_had_been(call, tmp_path: Path):
    words = ("trial", "run", "window", "--trials", "600", "--out")
    killed, calm = tmp_path / "killed", tmp_path / "calm"
    assert call(*words, str(calm)).code == 0
    running = subprocess.Popen(
        [sys.executable, "-c", "from bonecast.cli import main; main()", *words, str(killed)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not list(killed.glob("[!.]*.parquet")) and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    (killed / ".abcd1234.parquet").write_bytes(b"half")  # as a kill in the middle of a write leaves it
    found = len(list(killed.glob("[!.]*.parquet")))
    again = call(*words, str(killed), "--json").json
    assert again["chunks_found"] == found
    assert prints(killed) == prints(calm)


def test_the_report_gives_every_table_and_curve_as_csv_and_runs_nothing_again(call, tmp_path: Path):
    folder = tmp_path / "run"
    call("trial", "run", "window", "--out", str(folder), "--trials", "20")
    before = prints(folder)
    answer = call("trial", "report", str(folder), "--json").json
    after = prints(folder)
    assert {name: after[name] for name in before} == before
    assert {Path(path).name for path in answer["files"]} == set(after) - set(before)
    assert {"report.html", "trials.csv", "characteristics.csv", "flow.csv", "figure-TIL.csv"} <= set(after)
    page = (folder / "report.html").read_text("utf-8")
    assert "How often chance gives the published pattern" in page
    assert "not a medical device" in page
    assert page.count("<svg") == 3
    assert "<script" not in page
    named = set(re.findall(r"In ([\w-]+\.csv)\.", page))
    assert named == {name for name in after if name.endswith(".csv")} - {"trials.csv"}
    with (folder / "characteristics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["truth"] for row in rows} == {"drug and biopsy", "biopsy only", "nothing"}
    assert all(float(row["error"]) > 0 for row in rows)
    assert pl.read_csv(folder / "trials.csv").height == 60
    first = prints(folder)
    assert call("trial", "report", str(folder)).code == 0
    assert prints(folder) == first


def test_no_output_speaks_of_a_benefit_in_response_or_survival(call, tmp_path: Path):
    folder = tmp_path / "run"
    call("trial", "run", "window", "--out", str(folder), "--trials", "2")
    answer = call("trial", "report", str(folder))
    columns = " ".join(pl.read_parquet(next(folder.glob("*.parquet"))).columns)
    data = " ".join(path.read_text("utf-8") for path in folder.glob("*.csv"))
    for text in (answer.out, columns, data):
        assert not re.search(r"surviv|relapse|pCR|hazard", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "nowhere.toml", "--out", "run"), "there is no such file"),
        (("run", "window", "--out", "run", "--workers", "0"), "workers: 0 is outside 1 to 64"),
        (("run", "window", "--out", "run", "--trials", "0"), "trials: 0 is outside"),
        (("run", "window", "--out", "run", "--seed", "-1"), "seed: -1 is negative"),
        (("report", "nowhere"), "this is not the folder of a run"),
        (("designs", "windo"), "did you mean window"),
    ],
)
def test_wrong_use_is_one_sentence_and_leaves_nothing(refused, words, said, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused("trial", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_design_is_one_sentence_before_anything_runs(refused, tmp_path: Path):
    mine = tmp_path / "mine.toml"
    mine.write_text(design_text("window").replace("blocks = [3, 6]", "blocks = [4]"), encoding="utf-8")
    assert "a block of 4 does not hold 2:1" in refused(
        "trial", "run", str(mine), "--out", str(tmp_path / "run")
    )
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_design_or_a_spoilt_chunk_is_refused(call, refused, tmp_path: Path):
    folder = str(tmp_path / "run")
    call("trial", "run", "window", "--out", folder, "--trials", "2")
    assert "holds the run of another design" in refused(
        "trial", "run", "window", "--out", folder, "--seed", "9"
    )
    next((tmp_path / "run").glob("*.parquet")).write_bytes(b"spoilt")
    assert "cannot be read; delete it" in refused("trial", "report", folder)
