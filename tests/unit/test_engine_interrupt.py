"""Ctrl-C: an ensemble ends soon, whatever the number of threads, and leaves the chunks that were finished."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from engine_systems import GROWTH

from bonecast.engine import simulate, stop_all

GENEROUS_S = 30  # a machine at work on other things; docs/performance.md has the time that it takes
SCRIPT = """
import json, sys
import numpy as np
from bonecast.engine import Bolus, simulate, stream
from bonecast.models import load_model
threads, chunk = int(sys.argv[1]), int(sys.argv[2])
system = load_model("choi-2025").system
doses = [Bolus(4383.0 * k, "denosumab", 60.0) for k in range(100)]
simulate(system, doses, [1.0], {"weight": np.linspace(50.0, 90.0, 64)})  # the kernel is there
times, everybody, finished = np.arange(0.0, 438300.0, 720.0), {"weight": np.linspace(40.0, 140.0, 4000)}, []
chunks = stream(system, doses, times, everybody, rtol=1e-10, threads=threads, chunk=chunk)
try:
    print("begun", flush=True)
    for chunk in chunks:
        finished.append((chunk.first, bool(np.all(chunk.status == 0))))
        print("chunk", flush=True)
except KeyboardInterrupt:
    print(json.dumps({"finished": finished}), flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("threads", "chunk"), [(1, 16), (2, 16), (1, 4000), (2, 4000)])
def test_ctrl_c_ends_an_ensemble_and_leaves_the_finished_chunks(threads, chunk):
    running = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(threads), str(chunk)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        if chunk == 16:
            assert running.stdout.readline() == "chunk\n"
        else:
            time.sleep(1)  # in the middle of the only chunk
        sent = time.monotonic()
        running.send_signal(signal.SIGINT)
        out = running.communicate(timeout=GENEROUS_S)[0].splitlines()
        took = time.monotonic() - sent
    finally:
        running.kill()
    finished = json.loads(out[-1])["finished"]
    assert finished == [[i * chunk, True] for i in range(len(finished))]
    assert (len(finished) > 0) == (chunk == 16)
    print(f"{threads} threads, chunks of {chunk}: ended {took:.2f} s after Ctrl-C")


def test_runs_in_other_threads_end_when_all_are_asked_to():
    ended: list[str] = []
    started = threading.Event()

    def long() -> None:
        started.set()
        try:
            while True:
                simulate(GROWTH, [], np.arange(0.0, 1e6), {"decay": np.full(64, 0.5)}, outputs="size")
        except KeyboardInterrupt:
            ended.append("stopped")

    thread = threading.Thread(target=long, daemon=True)
    thread.start()
    assert started.wait(60)
    until = time.monotonic() + GENEROUS_S
    while thread.is_alive() and time.monotonic() < until:
        stop_all()
        time.sleep(0.02)
    assert ended == ["stopped"]
