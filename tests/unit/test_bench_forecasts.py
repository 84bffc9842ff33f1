"""The benchmark of forecasts: its person, its strategies, and what a row of it holds."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from bonecast.bench import forecasts
from bonecast.bench.timing import BenchTiming, peak_memory_mb
from bonecast.regimens import parse_regimen

pytestmark = pytest.mark.slow

FIELDS = (
    "engine",
    "problem",
    "patients",
    "threads",
    "rtol",
    "ms_per_patient_decade",
    "worst_error",
    "peak_mb",
)


def test_its_person_has_eight_measurements_and_its_choice_seven_strategies():
    assert len(forecasts._person().measurements) == 8
    assert len(forecasts.STRATEGIES) == 7
    for text in forecasts.STRATEGIES.values():
        assert parse_regimen(text).end_d > 4.7 * 365


def test_a_row_is_measured_in_a_process_of_its_own_and_has_every_field_of_the_table():
    row = forecasts._row("one strategy", "population", 20)
    assert set(FIELDS) <= set(row.as_dict())
    assert row.ms_per_patient_decade > 1
    assert row.peak_mb is not None
    assert 50 < row.peak_mb < 2000
    assert row.threads == os.cpu_count()
    assert "processor time" in row.note


def test_the_memory_of_a_process_is_not_that_of_the_one_that_started_it():
    held = np.ones(50_000_000)
    code = "from bonecast.bench.timing import peak_memory_mb; print(peak_memory_mb())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert peak_memory_mb() > held.nbytes / 2**20
    assert float(done.stdout) < held.nbytes / 2**20


@pytest.mark.parametrize(("quick", "count"), [(True, 4), (False, 7)])
def test_quick_leaves_the_cohort_out(monkeypatch, quick, count):
    asked = []
    monkeypatch.setattr(
        forecasts,
        "_row",
        lambda title, what, draws, people=1: (
            asked.append((what, draws)) or BenchTiming("", title, 1, 1, 1e-5, 1.0)
        ),
    )
    assert len(forecasts.forecasts(quick)) == count
    assert asked[0] == ("person", 100 if quick else 1000)
    assert ("cohort" in dict(asked)) is not quick
