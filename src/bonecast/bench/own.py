"""Our engine on the problem: one person, a thousand, two threads, a hundred thousand in a stream."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from bonecast.bench import problem
from bonecast.bench.timing import BenchTiming, peak_memory_mb
from bonecast.engine import QuantileSketch, simulate, stream

ENGINE = "bonecast"


def one(rtol: float, reference: np.ndarray, repeats: int = 9) -> BenchTiming:
    """One typical person."""
    runs, ms = _timed(
        lambda: simulate(problem.system(), problem.EVENTS, problem.TIMES, outputs=problem.OUTPUTS, rtol=rtol),
        repeats,
        time.process_time,
    )
    return BenchTiming(ENGINE, problem.TITLE, 1, 1, rtol, ms, problem.worst_error(runs.values[0], reference))


def many(
    count: int, rtol: float, threads: int, reference: np.ndarray | None, repeats: int = 3
) -> BenchTiming:
    """Varied people, their worst error over all of them."""
    varied = problem.people(count)
    runs, ms = _timed(
        lambda: simulate(
            problem.system(),
            problem.EVENTS,
            problem.TIMES,
            varied,
            outputs=problem.OUTPUTS,
            rtol=rtol,
            threads=threads,
        ),
        repeats,
        time.process_time if threads == 1 else time.perf_counter,
    )
    error = problem.worst_error(runs.values, reference) if reference is not None else None
    return BenchTiming(ENGINE, problem.TITLE, count, threads, rtol, ms / count, error)


def own_reference(count: int, rtol: float = 1e-10) -> np.ndarray:
    """values[person, time, output] of our engine at a very small tolerance."""
    varied = problem.people(count)
    return simulate(
        problem.system(), problem.EVENTS, problem.TIMES, varied, outputs=problem.OUTPUTS, rtol=rtol
    ).values


def quantiles(count: int, rtol: float) -> BenchTiming:
    """A stream of people reduced to quantiles, in a process of its own whose peak memory is measured."""
    code = f"from bonecast.bench.own import _quantiles; _quantiles({count}, {rtol!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, peak = (float(word) for word in done.stdout.split())
    threads = os.cpu_count() or 1
    return BenchTiming(
        ENGINE, f"{problem.TITLE}, quantiles", count, threads, rtol, 1e3 * seconds / count, peak_mb=peak,
        note="elapsed time, process and sketch included",
    )  # fmt: skip


def _quantiles(count: int, rtol: float) -> None:
    began = time.perf_counter()
    sketch = QuantileSketch()
    varied = problem.people(count)
    for runs in stream(
        problem.system(), problem.EVENTS, problem.TIMES, varied, outputs=problem.OUTPUTS, rtol=rtol
    ):
        sketch.add(runs.values)
    sketch.quantiles([0.05, 0.25, 0.5, 0.75, 0.95])
    sys.stdout.write(f"{time.perf_counter() - began} {peak_memory_mb()}\n")


def _timed(run: Callable, repeats: int, clock: Callable[[], float]) -> tuple:
    result, times = run(), []
    for _ in range(repeats):
        began = clock()
        result = run()
        times.append(clock() - began)
    return result, 1e3 * float(np.median(times))
