"""`bonecast trial run --scheduler`: the same chunks on a real cluster of two processes, one of which is killed."""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from bonecast.errors import InputError
from bonecast.trials import design_of, design_text, preset, run_trials
from bonecast.trials.bone import roster_part
from bonecast.trials.chunks import chunks
from bonecast.trials.cluster import chunk_file

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
TRIALS = 120
SMALL = design_text("freedom").replace("people = 7800", "people = 600")


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


def kill_one(cluster) -> None:
    """End one of the workers without a word; its nanny starts another."""
    os.kill(next(worker.pid for worker in cluster.workers.values() if worker.pid), signal.SIGKILL)


def test_a_worker_killed_in_the_middle_changes_no_byte_of_the_run(
    cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bonecast.trials.chunks.MOST_ROWS", 2_000)  # twelve chunks
    alone = tmp_path / "alone"
    run_trials("window", alone, trials=TRIALS)
    killed = []

    def kill_once(share: float | None, what: str) -> None:
        if share and share > 0.2 and not killed:
            kill_one(cluster)
            killed.append(share)

    run = run_trials(
        "window", tmp_path / "many", trials=TRIALS, progress=kill_once, scheduler=cluster.scheduler_address
    )
    assert killed
    assert killed[0] < 1
    assert run.people == TRIALS * 60 * 3
    assert prints(alone) == prints(tmp_path / "many")


def test_a_bone_trial_loses_a_worker_and_no_byte(cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bonecast.trials.chunks.MOST_PEOPLE", 60)
    mine = tmp_path / "small.toml"
    mine.write_text(SMALL, encoding="utf-8")
    run_trials(mine, tmp_path / "alone")
    killed = []

    def kill_once(share: float | None, what: str) -> None:
        if share and not killed:
            kill_one(cluster)
            killed.append(share)

    run = run_trials(mine, tmp_path / "many", progress=kill_once, scheduler=cluster.scheduler_address)
    assert killed[0] < 1
    assert (run.people, run.chunks) == (600, 10)
    assert prints(tmp_path / "alone") == prints(tmp_path / "many")


def test_chunks_that_lie_there_are_not_made_again(cluster, tmp_path: Path):
    first = run_trials("window", tmp_path, trials=60, scheduler=cluster.scheduler_address)
    again = run_trials("window", tmp_path, trials=60, scheduler=cluster.scheduler_address)
    assert (first.found, again.found, again.people) == (0, again.chunks, 0)


def test_a_scheduler_that_does_not_answer_is_said_before_anything_runs(monkeypatch, tmp_path: Path):
    monkeypatch.setattr("bonecast.trials.cluster.CONNECT_S", 1)
    with pytest.raises(InputError, match=r"--scheduler: no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        run_trials("window", tmp_path, trials=1, scheduler="tcp://127.0.0.1:9")
    assert not list(tmp_path.glob("*.parquet"))


def test_a_worker_with_another_version_refuses_rather_than_mix_numbers():
    from dataclasses import replace

    from bonecast.errors import ComputeError

    chunk = replace(chunks(preset("window"))[0], hash="0" * 12)
    with pytest.raises(ComputeError, match="another version"):
        chunk_file(design_text("window"), 1000, 1, chunk)


def test_a_worker_is_sent_who_is_enrolled_and_makes_no_list(monkeypatch: pytest.MonkeyPatch):
    text = design_text("late-dose").replace("people = 2000", "people = 40")
    design = design_of(text, "few")
    chunk = replace(chunks(design)[0], first=10, last=19)
    part = roster_part(design, 10, 19)
    alone, _ = chunk_file(text, 1, 1, chunk)
    module = import_module("bonecast.trials.bone.roster")
    monkeypatch.setattr(module, "roster", lambda *of: pytest.fail("a list is made"))
    assert chunk_file(text, 1, 1, chunk, part) == (alone, 10)
