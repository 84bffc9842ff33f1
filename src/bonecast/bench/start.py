"""How long a user waits for the first answer: whole processes, with an empty and with a warm kernel cache."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from bonecast.bench.timing import BenchTiming

PLAN = "denosumab 60 mg every 6 months x 4"
_SIMULATE = f'import sys; sys.argv = ["bonecast", "simulate", "peterson-riggs-2010", "{PLAN}"]; '
_SIMULATE += "from bonecast.cli import main; main()"


def starts(repeats: int) -> list[BenchTiming]:
    """Elapsed time of `bonecast simulate` as a process: the first with an empty cache, then warm (the median)."""
    with tempfile.TemporaryDirectory(prefix="bonecast-bench-") as folder:
        environment = {**os.environ, "BONECAST_CACHE": folder}
        cold = _elapsed(environment)
        warm = sorted(_elapsed(environment) for _ in range(repeats))[repeats // 2]
    return [
        BenchTiming(
            "bonecast", "`bonecast simulate`, empty cache", 1, 1, 1e-5, cold, note="whole process, elapsed ms"
        ),
        BenchTiming(
            "bonecast", "`bonecast simulate`, warm", 1, 1, 1e-5, warm, note="whole process, elapsed ms"
        ),
    ]


def _elapsed(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", _SIMULATE], env=environment, capture_output=True, check=True)
    return 1e3 * (time.perf_counter() - began)
