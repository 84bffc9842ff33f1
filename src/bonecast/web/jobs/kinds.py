"""The kinds of work that a process does: a name, what was asked and a folder, to a result in JSON's terms."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bonecast.core import Progress

Work = Callable[[dict[str, Any], Path | None, Progress], Any]
# Module and function: the rooms that compute are imported by the process that computes, when it first does.
KINDS: Mapping[str, tuple[str, str]] = {
    "warm": ("bonecast.web.jobs.forecasts", "warm"),
    "forecast": ("bonecast.web.jobs.forecasts", "whole"),
    "report": ("bonecast.web.jobs.forecasts", "report"),
    "together": ("bonecast.web.jobs.forecasts", "together"),
    "compare": ("bonecast.web.jobs.forecasts", "compare"),
    "stop": ("bonecast.web.jobs.forecasts", "exits"),
    "late": ("bonecast.web.jobs.forecasts", "late"),
    "population": ("bonecast.web.jobs.forecasts", "people_alike"),
    "redraw": ("bonecast.web.jobs.forecasts", "redraw"),
    "curves": ("bonecast.web.jobs.curves", "curves"),
    "rows": ("bonecast.web.jobs.curves", "rows"),
    "evidence": ("bonecast.web.jobs.scoreboard", "scoreboard"),
    "delays": ("bonecast.web.jobs.delays", "delays"),
    "trial": ("bonecast.web.jobs.trials", "trial"),
    "wait": ("bonecast.web.jobs.kinds", "wait"),
}
# A modeller's work, and what is worked out of a whole list, has processes of its own: no forecast waits for it.
MODELLING = frozenset({"curves", "rows", "evidence", "trial", "delays"})


def find_kind(name: str) -> Work:
    """The work of this name; KeyError where there is none."""
    module, function = KINDS[name]
    return getattr(import_module(module), function)


def wait(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Do nothing for so many seconds: to try the queue."""
    steps = max(1, round(10 * float(asked["seconds"])))
    for step in range(steps):
        progress(step / steps, f"waiting, step {step + 1}")
        time.sleep(0.1)
    return {"waited": asked["seconds"]}
