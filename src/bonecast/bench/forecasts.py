"""Whole forecasts: one measured person, the same from the population alone, and a cohort; elapsed times.

Each in a process of its own, in which a small forecast has loaded the kernel: what is measured is the work, not the
start, but for the forecast in a new process. The cohort's workers are processes too, and their start is in it.
Processor time, of all threads and workers together, stands in the note, also as a multiple of the kernel's time for
1,000 patient-decades of `peterson-riggs-2010` in the same process: on a machine that others use it says more than the
elapsed time.
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

from bonecast.bench.own import many
from bonecast.bench.timing import BenchTiming, peak_memory_mb
from bonecast.forecasts import RTOL, CohortSettings, forecast, people_of, prepare, run_cohort
from bonecast.inference import condition
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
KERNEL_PEOPLE = 200


def forecasts(quick: bool = False) -> list[BenchTiming]:
    """One person measured eight times and its parts, the population's forecast, and, but for `quick`, a cohort."""
    draws = 100 if quick else 1000
    whole = f"8 measurements, 7 strategies, 5 years, {draws:,} draws"
    rows = [
        _row(f"forecast, {whole}", "person", draws),
        _row("forecast, no measurement, 1 strategy, 5 years, 200 draws", "population", 200),
        _row(f"learning from 8 measurements, {draws:,} draws, fast", "fast", draws),
        _row("redraw of 3 curves after a drag, 5 years, 500 draws", "redraw", 500),
    ]
    if not quick:
        rows += [
            _row(f"learning from 8 measurements, {draws:,} draws, exact", "exact", draws),
            _row(f"forecast in a new process, {whole}", "cold", draws),
            _row(
                f"cohort of {COHORT}, 8 measurements, usual strategies, 5 years, 100 draws",
                "cohort",
                100,
                COHORT,
            ),
        ]
    return rows


def _row(title: str, what: str, draws: int, people: int = 1) -> BenchTiming:
    code = f"from bonecast.bench.forecasts import measure; measure({what!r}, {draws}, {people})"
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    whole = time.perf_counter() - began
    seconds, busy, peak, kernel = (float(word) for word in done.stdout.split())
    if what == "cold":
        seconds = whole - kernel * KERNEL_PEOPLE / 1000
    note = f"processor time {1e3 * busy / people:.0f} ms, {busy / people / kernel:.1f} kernels; elapsed ms a person, "
    note += "start included" if what == "cold" else "warm"
    note += ", workers' start included; memory of the largest" if people > 1 else ""
    return BenchTiming(
        "bonecast", title, people, os.cpu_count() or 1, RTOL, 1e3 * seconds / people, None, peak, note
    )


def measure(what: str, draws: int, people: int) -> None:
    """Print what it took: elapsed seconds, those of all processors, the greatest memory of a process in MB, and the
    seconds of a kernel of 1,000 patient-decades in the same process.
    """
    work = _work(what, draws, people)
    whose = resource.RUSAGE_CHILDREN if what == "cohort" else resource.RUSAGE_SELF
    began, before = time.perf_counter(), resource.getrusage(whose)
    work()
    seconds, after = time.perf_counter() - began, resource.getrusage(whose)
    busy = after.ru_utime + after.ru_stime
    if what != "cold":
        busy -= before.ru_utime + before.ru_stime
    peak = after.ru_maxrss / 1024 if what == "cohort" else peak_memory_mb()
    kernel = many(KERNEL_PEOPLE, RTOL, 1, None, repeats=1).ms_per_patient_decade  # ms a person, s for 1,000
    sys.stdout.write(f"{seconds} {busy} {peak} {kernel}\n")


def _work(what: str, draws: int, people: int) -> Callable[[], object]:
    """What is timed, with all behind it that is not."""
    her = _person()
    whole: dict[str, Callable[[], object]] = {
        "person": lambda: forecast(her, STRATEGIES, HORIZON, draws),
        "cold": lambda: forecast(her, STRATEGIES, HORIZON, draws),
        "population": lambda: forecast(
            replace(her, measurements=()), {"on time": STRATEGIES["on time"]}, HORIZON, draws
        ),
        "fast": lambda: condition(her, draws=draws, method="fast"),
        "exact": lambda: condition(her, draws=draws, method="exact"),
        "cohort": lambda: _cohort(people, draws),
    }
    if what == "cold":
        return whole[what]
    forecast(her, {"on time": STRATEGIES["on time"]}, horizon="1 year", draws=20)
    if what != "redraw":
        return whole[what]
    ready = prepare(her, HORIZON, draws)
    ready.at_a_glance(_dragged(28))
    return lambda: ready.at_a_glance(_dragged(31))


def _dragged(weeks: int) -> dict[str, str]:
    """The plan on time, and the same begun so many weeks after the last dose."""
    return {
        "on time": STRATEGIES["on time"],
        "dragged": f"{weeks} weeks after the last dose {STRATEGIES['on time']}",
    }


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
