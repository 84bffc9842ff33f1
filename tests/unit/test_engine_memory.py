"""The kernel keeps its working memory as long as it uses it, whatever else the process does with memory."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from bonecast.engine import Bolus, simulate
from bonecast.models import load_model

choi = load_model("choi-2025").system
people = {"weight": np.linspace(45.0, 95.0, 24)}

def run(k):
    times = [24.0 * (1 + k % 5), 1000.0]
    return simulate(choi, [Bolus(0.0, "denosumab", 60.0)], times, people, rtol=1e-3, threads=1).values

alone = [run(k) for k in range(5)]
with ThreadPoolExecutor(2) as pool:
    together = list(pool.map(run, range(400)))
assert all(np.array_equal(values, alone[k % 5]) for k, values in enumerate(together))
"""


def test_runs_in_threads_survive_an_allocator_that_overwrites_freed_memory():
    # glibc overwrites what is freed and hands it out again at once; elsewhere the variables do nothing
    strict = {"MALLOC_PERTURB_": "165", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **strict},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
