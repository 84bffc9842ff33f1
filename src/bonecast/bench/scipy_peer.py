"""SciPy on the problem: LSODA on the generated Python right-hand side, and the independent reference."""

from __future__ import annotations

import time

import numpy as np

from bonecast.bench import problem
from bonecast.bench.timing import BenchTiming
from bonecast.engine import simulate_reference


def reference(index: int) -> np.ndarray:
    """values[time, output] of one person by LSODA at rtol 1e-10: independent of our integrator."""
    return _run(index, 1e-10)


def lsoda(rtol: float, exact: np.ndarray) -> BenchTiming:
    """The typical person by LSODA at `rtol`."""
    began = time.process_time()
    values = _run(0, rtol)
    ms = 1e3 * (time.process_time() - began)
    return BenchTiming(
        "SciPy LSODA, generated Python", problem.TITLE, 1, 1, rtol, ms, problem.worst_error(values, exact)
    )


def _run(index: int, rtol: float) -> np.ndarray:
    found = simulate_reference(
        problem.system(), problem.EVENTS, problem.TIMES, problem.person(index), rtol=rtol
    )
    return np.stack([found[name] for name in problem.OUTPUTS], axis=-1)
