"""What reaches stderr while somebody waits: notices of compiled kernels, and how far the work has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bonecast.records import Patient

PATIENCE_S = 1.0  # shorter work shows no bar
Step = Callable[[float | None, str], None]


def hear_notices() -> None:
    """From now on notices of slow work are lines on stderr, in a pipe too: a long silence looks like a fault."""
    from bonecast.engine import listen

    listen(warn)


def warn(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"bonecast: {text}\n")
    sys.stderr.flush()


def warn_skipped(person: Patient) -> None:
    """A line on stderr for each part of a record that was not read."""
    for passed_over in person.skipped:
        warn(f"not read: {passed_over.place}: {passed_over.reason}")


@contextmanager
def progress(title: str) -> Iterator[Step]:
    """A function that takes the share done (0 to 1, None where unknown) and what is being done.

    It shows a bar on a terminal, and nothing in a pipe.
    """
    if not sys.stderr.isatty():
        yield lambda share, what: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(title, total=None)
    began = time.perf_counter()

    def step(share: float | None, what: str) -> None:
        if time.perf_counter() - began > PATIENCE_S:
            bar.start()
        total = None if share is None else 1.0
        bar.update(task, total=total, completed=share or 0.0, description=f"{title}: {what}")

    try:
        yield step
    finally:
        bar.stop()
