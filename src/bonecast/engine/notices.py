"""One-line notices about slow work (a kernel being compiled), so that nobody waits without knowing why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Listener = Callable[[str], None]

_cell: tuple[int, Any] | None = None  # the cell of a notebook that shows a notice, and the handle of its line


def to_person(text: str) -> None:
    """Show the line if a person is there to read it: under the cell of a notebook, or on a terminal."""
    shell = _notebook()
    if shell is not None:
        _to_cell(shell, text)
    elif sys.stderr.isatty():
        sys.stderr.write(f"bonecast: {text}\n")


def _notebook() -> Any:
    """The shell of the notebook that runs this; None elsewhere. IPython is asked only where it is at work already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


def _to_cell(shell: Any, text: str) -> None:
    """One line for each cell, which the next notice replaces: how it ended is what stays in the notebook."""
    from IPython.display import display  # type: ignore[import-not-found]  # the caller runs in it

    global _cell
    # A notebook is passed on: the name of the home folder is nobody else's business.
    content = {"text/plain": f"bonecast: {text}".replace(str(Path.home()), "~")}
    if _cell is not None and _cell[0] == shell.execution_count:
        _cell[1].update(content, raw=True)
    else:
        _cell = shell.execution_count, display(content, raw=True, display_id=True)


_listener: Listener = to_person


def listen(listener: Listener) -> None:
    """Send notices of the engine to a function from now on.

    Parameters
    ----------
    listener : callable
        Takes one sentence, such as that a kernel is compiled.
    """
    global _listener
    _listener = listener


def notify(text: str) -> None:
    """Send one notice."""
    _listener(text)
