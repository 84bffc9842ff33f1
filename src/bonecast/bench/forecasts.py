"""Whole forecasts: one measured person, the same from the population alone, and a cohort; elapsed times.

Each in a process of its own, in which a small forecast has loaded the kernel: what is measured is the work, not the
start. The cohort's workers are processes too, and their start is in it. Processor time, of all threads and workers
together, stands in the note: on a machine that others use it says more than the elapsed time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from bonecast.bench.timing import BenchTiming, peak_memory_mb
from bonecast.forecasts import RTOL, CohortSettings, forecast, people_of, run_cohort
from bonecast.interop import read_patient_bytes
from bonecast.records import Patient

HORIZON = "5 years"
STRATEGIES = {
    "on time": "denosumab 60 mg every 6 months x 10",
    "alendronate": "alendronate 70 mg weekly for 5 years",
    "risedronate": "risedronate 35 mg weekly for 5 years",
    "zoledronate": "zoledronate 5 mg every 12 months x 5",
    "zoledronate twice": "zoledronate 5 mg every 6 months x 2, then nothing for 4 years",
    "2 years longer": "denosumab 60 mg every 6 months x 4, then zoledronate 5 mg once, then nothing for 3 years",
    "4 years longer": "denosumab 60 mg every 6 months x 8, then alendronate 70 mg weekly for 1 year",
}
COHORT = 20


def forecasts(quick: bool = False) -> list[BenchTiming]:
    """One person measured eight times, the population's forecast, and, but for `quick`, a cohort."""
    draws = 100 if quick else 1000
    rows = [
        _row(f"forecast, 8 measurements, 7 strategies, 5 years, {draws:,} draws", "person", draws),
        _row("forecast, no measurement, 1 strategy, 5 years, 200 draws", "population", 200),
    ]
    if not quick:
        rows.append(
            _row(
                f"cohort of {COHORT}, 8 measurements, usual strategies, 5 years, 100 draws",
                "cohort",
                100,
                COHORT,
            )
        )
    return rows


def _row(title: str, what: str, draws: int, people: int = 1) -> BenchTiming:
    code = f"from bonecast.bench.forecasts import measure; measure({what!r}, {draws}, {people})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, busy, peak = (float(word) for word in done.stdout.split())
    note = f"processor time {1e3 * busy / people:.0f} ms; "
    note += "elapsed ms a person, warm" + (
        ", workers' start included; memory of the largest" if people > 1 else ""
    )
    return BenchTiming(
        "bonecast", title, people, os.cpu_count() or 1, RTOL, 1e3 * seconds / people, None, peak, note
    )


def measure(what: str, draws: int, people: int) -> None:
    """Print the seconds that it took, those of all processors, and the greatest memory of a process in MB."""
    her = _person()
    forecast(her, {"on time": STRATEGIES["on time"]}, horizon="1 year", draws=20)
    work: Callable[[], object] = {
        "person": lambda: forecast(her, STRATEGIES, HORIZON, draws),
        "population": lambda: forecast(
            replace(her, measurements=()), {"on time": STRATEGIES["on time"]}, HORIZON, draws
        ),
        "cohort": lambda: _cohort(people, draws),
    }[what]
    whose = resource.RUSAGE_CHILDREN if what == "cohort" else resource.RUSAGE_SELF
    began, before = time.perf_counter(), resource.getrusage(whose)
    work()
    seconds, after = time.perf_counter() - began, resource.getrusage(whose)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss / 1024 if what == "cohort" else peak_memory_mb()
    sys.stdout.write(f"{seconds} {busy} {peak}\n")


def _cohort(people: int, draws: int) -> None:
    text = _record()
    with tempfile.TemporaryDirectory(prefix="bonecast-bench-") as folder:
        paths = [Path(folder) / f"{i}.toml" for i in range(people)]
        for i, path in enumerate(paths):
            path.write_text(text.replace("1955-03-09", f"{1945 + i % 20}-03-09"), encoding="utf-8")
        settings = CohortSettings((), HORIZON, draws)
        done = run_cohort(people_of([str(path) for path in paths]), settings, Path(folder))
    if done.failed:
        raise RuntimeError(done.failed[0][1])


def _person() -> Patient:
    return read_patient_bytes(_record().encode(), "bench.toml")


def _record() -> str:
    return (files("bonecast.bench") / "person.toml").read_text("utf-8")
