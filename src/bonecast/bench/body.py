"""Our own model on the same course, doses and outputs as the problem, in people drawn from its spread."""

from __future__ import annotations

import time

import numpy as np

from bonecast.bench.problem import OUTPUTS, TITLE, worst_error
from bonecast.bench.timing import BenchTiming
from bonecast.cohorts import draw_cohort
from bonecast.engine import Bolus, simulate
from bonecast.models import DEFAULT_MODEL, load_model

BODY = f"{DEFAULT_MODEL}, {TITLE}"
TIMES = np.arange(1, 521) * 7.0
EVENTS = [Bolus(182.0 * k, "denosumab", 60.0) for k in range(20)]


def body(count: int, rtols: tuple[float, ...], repeats: int = 3) -> list[BenchTiming]:
    """Processor time for one person and decade, and the worst error against a very small tolerance."""
    model = load_model(DEFAULT_MODEL)
    people = draw_cohort(model, count, seed=1).parameters

    def run(rtol: float) -> np.ndarray:
        return simulate(model.system, EVENTS, TIMES, people, outputs=OUTPUTS, rtol=rtol, threads=1).values

    exact, rows = run(1e-9), []
    for rtol in rtols:
        found, times = run(rtol), []
        for _ in range(repeats):
            began = time.process_time()
            run(rtol)
            times.append(time.process_time() - began)
        ms = 1e3 * float(np.median(times)) / count
        rows.append(BenchTiming("bonecast", BODY, count, 1, rtol, ms, worst_error(found, exact)))
    return rows
