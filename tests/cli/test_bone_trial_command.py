"""`bonecast trial` with a trial on bone: run, report, power, size, and what it refuses."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from bonecast.trials import design_text

PEOPLE, CHUNK = 200, 40
TEXT = design_text("freedom").replace("people = 7800", f"people = {PEOPLE}")
SMALL_CHUNKS = f"import bonecast.trials.chunks as chunks; chunks.MOST_PEOPLE = {CHUNK}; "


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with a small `freedom`."""
    path = tmp_path_factory.mktemp("design") / "small.toml"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


@pytest.fixture
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few people, so that a small run has several."""
    monkeypatch.setattr("bonecast.trials.chunks.MOST_PEOPLE", CHUNK)


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_a_run_is_reported_without_running_it_again(call: Callable, design: str, tmp_path: Path):
    folder = tmp_path / "run"
    made = call("trial", "run", design, "--out", str(folder), "--json").json
    assert (made["people_followed"], made["chunks"]) == (PEOPLE, 1)
    before = prints(folder)
    answer = call("trial", "report", str(folder), "--json").json
    after = prints(folder)
    assert {name: after[name] for name in before} == before
    assert {Path(path).name for path in answer["files"]} == set(after) - set(before)
    rows = {row["endpoint"]: row for row in answer["endpoints"]}
    assert next(iter(rows)) == "new vertebral fracture"
    spine = rows["spine BMD"]
    assert spine["low"] < spine["estimate"] < spine["high"]
    assert (spine["arm"], spine["reference"], spine["success"]) == ("denosumab", "placebo", True)
    kept = pl.read_csv(folder / "endpoints.csv").filter(pl.col("endpoint") == "spine BMD")
    assert kept["estimate"][0] == pytest.approx(spine["estimate"], rel=1e-5)
    printed = call("trial", "report", str(folder)).out
    assert "not a medical device" in printed
    assert re.search(r"spine BMD +denosumab +placebo +difference, points +[\d.]+", printed)
    assert prints(folder) == after


def test_what_has_no_number_is_null_in_the_json(call: Callable, tmp_path: Path):
    few = tmp_path / "few.toml"
    few.write_text(design_text("freedom").replace("people = 7800", "people = 8"), encoding="utf-8")
    call("trial", "run", str(few), "--out", str(tmp_path / "run"))
    answer = call("trial", "report", str(tmp_path / "run"), "--json").json
    hips = next(row for row in answer["endpoints"] if row["endpoint"] == "hip fracture")
    assert hips["estimate"] is None
    assert hips["success"] is False
    assert call("trial", "report", str(tmp_path / "run")).code == 0


def test_endpoints_are_changed_without_running_again(call: Callable, design: str, tmp_path: Path):
    folder = tmp_path / "run"
    call("trial", "run", design, "--out", str(folder))
    file = folder / "design.toml"
    text = file.read_text("utf-8")
    more = '\n[[endpoint]]\nname = "neck BMD"\nkind = "bmd-change"\nquantity = "FN_BMD"\nvisit = "m24"\n'
    file.write_text(text + more, encoding="utf-8")
    answer = call("trial", "report", str(folder), "--json").json
    assert "neck BMD" in {row["endpoint"] for row in answer["endpoints"]}


def test_curves_of_some_people_are_made_again_as_they_were(
    call: Callable, refused: Callable, design: str, tmp_path: Path
):
    folder, file = tmp_path / "run", tmp_path / "curves.parquet"
    call("trial", "run", design, "--out", str(folder))
    words = ("trial", "curves", str(folder))
    assert call(*words, "--first", "3", "--people", "2", "--out", str(file)).code == 0
    curves, kept = pl.read_parquet(file), pl.read_parquet(next(folder.glob("*.parquet")))
    assert curves["person"].unique().sort().to_list() == [3, 4]
    for row in kept.filter(pl.col("person").is_in([3, 4])).to_dicts():
        mine = curves.filter(pl.col("id") == row["id"])
        assert mine["arm"].unique().to_list() == [row["arm"]]
        assert row["followed_d"] - 7 < mine["day"].max() <= row["followed_d"]
        # weekly days miss the fall of calcium between them by little; every second day of it is looked at
        assert mine["calcium_mmol_L"].min() == pytest.approx(row["calcium_min"], abs=0.02)
        gain = 100 * (row["LS_BMD_m36"] / row["LS_BMD_m0"] - 1) if row["LS_BMD_m36"] else None
        assert gain is None or abs(mine["LS_BMD_pct_change"][-1] - gain) < 8  # four errors of two scans
    whole = tmp_path / "both.csv"
    call(*words, "--people", "5", "--out", str(whole))
    again = pl.read_csv(whole).filter(pl.col("person") >= 3)
    assert again["LS_BMD_pct_change"].to_numpy() == pytest.approx(
        curves["LS_BMD_pct_change"].to_numpy(), abs=2e-6
    )
    said = refused(*words, "--first", "190", "--people", "20", "--out", str(file))
    assert "people 190 to 209 are not all of the run; it has 200" in said
    assert "unknown suffix" in refused(*words, "--out", str(tmp_path / "curves.txt"))


def test_power_and_its_error_of_the_first_kind(call: Callable, design: str):
    words = ("trial", "power", design, "--endpoint", "CTX", "--pool-people", "200", "--trials", "50")
    found = call(*words, "--people", "40", "--json").json
    assert (found["endpoint"], found["people"], found["trials"], found["pool"]) == ("CTX", 40, 50, 200)
    assert found["share"] > 0.9
    assert 0 < found["simulation_error"] <= found["error"]
    null = call(*words, "--people", "100", "--null", "--json").json
    assert null["share"] < 0.2
    printed = call(*words, "--people", "40").out
    assert re.search(r"CTX, 40 people, power: [\d.]+ ± [\d.]+ %", printed)
    assert "50 trials from a pool of 200" in printed


def test_a_pool_is_taken_from_a_run_of_the_same_design(
    call: Callable, refused: Callable, design: str, tmp_path: Path
):
    folder = str(tmp_path / "run")
    call("trial", "run", design, "--out", folder)
    words = ("--endpoint", "CTX", "--trials", "50", "--people", "40", "--pool", folder)
    found = call("trial", "power", design, *words, "--json").json
    assert found["pool"] == PEOPLE
    assert "holds the run of another design" in refused("trial", "power", "biosimilar", "--pool", folder)


def test_the_size_that_has_the_power(call: Callable, design: str):
    words = ("trial", "size", design, "--endpoint", "hip BMD", "--pool-people", "200", "--precision", "0.2")
    found = call(*words, "--json").json
    assert 4 < found["low"] <= found["people"] <= found["high"] < 60
    assert found["pool_low"] <= found["low"]
    assert re.search(r"hip BMD, power 90 %: \d+ people \(\d+ to \d+\)", call(*words).out)


WRONG_FILES = [
    ("blocks = [4]", "blocks = [3]", "a block of 3 does not hold 1:1"),
    ('kind = "marker-gmr"', 'kind = "marker-gm"', "no kind of endpoint called 'marker-gm'; did you mean marker-gmr"),
    ("month = 36\n", "month = 37\n", "lies after the end of the trial"),
    ("denosumab 60 mg every 6 months x 6", "denosumab 60 mg evry 6 months", "evry"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG_FILES, ids=[row[1][:30] for row in WRONG_FILES])
def test_a_wrong_design_is_one_sentence_before_anything_runs(
    refused: Callable, tmp_path: Path, old: str, new: str, said: str
):
    mine = tmp_path / "mine.toml"
    assert old in TEXT
    mine.write_text(TEXT.replace(old, new), encoding="utf-8")
    for words in (("run", str(mine), "--out", str(tmp_path / "run")), ("power", str(mine))):
        assert said in refused("trial", *words)
    assert list(tmp_path.iterdir()) == [mine]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("power", "freedom", "--endpoint", "spine BM"), "did you mean spine BMD"),
        (("power", "freedom", "--pool-people", "10"), "pool-people: 10 is outside 200 to 10,000,000"),
        (("power", "window"), "'window' is no bone trial"),
        (("size", "window"), "'window' is no bone trial"),
        (("power", "freedom", "--pool", "nowhere"), "this is not the folder of a run"),
        (("size", "nowhere.toml"), "there is no such file"),
    ],
)
def test_wrong_use_is_one_sentence_and_leaves_nothing(
    refused: Callable, words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert said in refused("trial", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_is_said_before_anything_runs(
    refused: Callable, design: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*args: object, **kept: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("bonecast.core.files.tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("bonecast.trials.run.write_chunk", lambda *args: pytest.fail("it ran"))
    said = refused("trial", "run", design, "--out", str(tmp_path / "run"))
    assert "cannot be written (Read-only file system)" in said
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence_and_finished_chunks_are_kept(
    call: Callable, refused: Callable, in_chunks: None, design: str, tmp_path: Path
):
    whole, full = tmp_path / "whole", tmp_path / "full"
    assert call("trial", "run", design, "--out", str(whole)).code == 0
    write = Path.write_bytes
    with pytest.MonkeyPatch.context() as patch:

        def two_fit(path: Path, content: bytes) -> int:
            if len(list(full.glob("[!.]*.parquet"))) >= 2:
                write(path, content[:100])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(path, content)

        patch.setattr(Path, "write_bytes", two_fit)
        said = refused("trial", "run", design, "--out", str(full))
    assert "No space left on device" in said
    assert "finished chunks are kept" in said
    kept = {name: digest for name, digest in prints(full).items() if name.endswith(".parquet")}
    assert len(kept) == 2
    assert not list(full.glob(".*"))
    again = call("trial", "run", design, "--out", str(full), "--json").json
    assert (again["chunks_found"], again["chunks"]) == (2, 5)
    assert prints(full) == prints(whole)


def test_a_killed_run_goes_on_and_ends_byte_for_byte_as_if_nothing_had_been(
    call: Callable, in_chunks: None, design: str, tmp_path: Path
):
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    assert call("trial", "run", design, "--out", str(calm), "--workers", "2").code == 0
    code = SMALL_CHUNKS + "from bonecast.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", code, "trial", "run", design, "--out", str(killed)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not list(killed.glob("[!.]*.parquet")) and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    found = len(list(killed.glob("[!.]*.parquet")))
    assert 0 < found < 5
    again = call("trial", "run", design, "--out", str(killed), "--json").json
    assert again["chunks_found"] == found
    assert prints(killed) == prints(calm)
