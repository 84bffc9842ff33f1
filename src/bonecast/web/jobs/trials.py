"""A virtual trial as work: run chunk by chunk into its folder, where a stopped run goes on, then reported."""

from __future__ import annotations

import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bonecast.core import Progress, atomic_write
from bonecast.trials import DESIGN, report_trials, run_trials

FOLDER = "trials"  # inside the folder of results
RUNNING = 0.95  # of the bar; the rest is the report


def trial(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Run the design and write its report.

    asked : "run", the name of the folder; "toml", the design.
    """
    assert folder is not None  # the workshop has one
    home = folder / FOLDER / asked["run"]
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic_write(home / DESIGN) as beside:
        beside.write_text(asked["toml"], encoding="utf-8", newline="\n")
    run = run_trials(
        home / DESIGN,
        home,
        max(1, (os.cpu_count() or 2) // 2),  # half of the cores: forecasts keep theirs
        progress=lambda share, what: progress(RUNNING * (share or 0.0), what),
    )
    progress(RUNNING, "the report")
    found, paths = report_trials(
        home, lambda share, what: progress(RUNNING + (1 - RUNNING) * (share or 0.0), f"report, {what}")
    )
    return {
        "hash": run.design.hash,
        "chunks": run.chunks,
        "found": run.found,
        "people": run.people,
        "seconds": round(run.seconds, 1),
        "files": sorted(paths),
        "rows": [_plain(row) for row in found],
    }


def _plain(row: Any) -> dict[str, Any]:
    """One row of the result in JSON's terms: a number that there is not, or has no end, is null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(row).items()
    }
