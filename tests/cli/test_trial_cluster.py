"""`bonecast trial run --scheduler`: the same chunks on a real cluster of two processes, one of which is killed."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import pytest

from bonecast.errors import InputError
from bonecast.trials import preset, run_trials
from bonecast.trials.chunks import chunks
from bonecast.trials.cluster import chunk_file

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
TRIALS = 500


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


def test_a_worker_killed_in_the_middle_changes_no_byte_of_the_run(cluster, tmp_path: Path):
    alone = tmp_path / "alone"
    run_trials("window", alone, trials=TRIALS)
    pids = [worker.pid for worker in cluster.workers.values()]
    killed = []

    def kill_once(share: float | None, what: str) -> None:
        if share and share > 0.2 and not killed:
            os.kill(pids[0], signal.SIGKILL)
            killed.append(share)

    run = run_trials(
        "window", tmp_path / "many", trials=TRIALS, progress=kill_once, scheduler=cluster.scheduler_address
    )
    assert killed
    assert killed[0] < 1
    assert run.people == TRIALS * 60 * 3
    assert prints(alone) == prints(tmp_path / "many")


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
    from bonecast.trials import design_text

    chunk = replace(chunks(preset("window"))[0], hash="0" * 12)
    with pytest.raises(ComputeError, match="another version"):
        chunk_file(design_text("window"), 1000, 1, chunk)
