"""A computing process, as the server sees it: started when it is needed, asked one thing at a time, ended at once."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bonecast.core import Progress

PROGRAM = (sys.executable, "-m", "bonecast.web.jobs.serve_process")
_GLANCE_S = 0.2  # how long an order to stop may wait


class Ended(Exception):
    """The process ended, or was ended, before it answered; the reason in a sentence."""


class Refused(Exception):
    """The work cannot be done as asked; the reason in a sentence."""


class Process:
    """One process that answers one question at a time."""

    def __init__(self, nice: int = 0) -> None:
        self._nice = nice
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Start it if it does not run."""
        if self._process is not None and self._process.poll() is None:
            return
        answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        started = subprocess.Popen(
            PROGRAM,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # a Ctrl-C at the terminal is for the server
        )
        if self._nice:
            with contextlib.suppress(OSError):  # not everywhere may a process be made more patient
                os.setpriority(os.PRIO_PROCESS, started.pid, self._nice)

        def read() -> None:
            assert started.stdout is not None
            for line in started.stdout:
                answers.put(line)
            answers.put(None)

        threading.Thread(target=read, daemon=True).start()
        self._process, self._answers = started, answers

    def ask(
        self,
        do: str,
        asked: dict[str, Any],
        folder: Path | None = None,
        progress: Progress | None = None,
        stopped: Callable[[], bool] = lambda: False,
        timeout_s: float | None = None,
    ) -> Any:
        """Do this work and give its result.

        progress : called with the share done and what is being done. stopped : asked again and again; True ends the
        process. Raises Refused where the work cannot be done, Ended where the process ended before.
        """
        self.start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        until = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            process.stdin.write(json.dumps({"do": do, "asked": asked, "folder": str(folder or "")}) + "\n")
            process.stdin.flush()
        except OSError:
            self.end()
            raise Ended("The process that computes had ended; ask again.") from None
        while True:
            late = (
                until is not None and time.monotonic() > until
            )  # asked of one that answers all the time, too
            if late or stopped():
                self.end()
                raise Ended("It took too long." if late else "It was stopped.")
            try:
                line = self._answers.get(timeout=_GLANCE_S)
            except queue.Empty:
                continue
            if line is None:
                code = process.wait()
                self._process = None
                raise Ended(
                    f"The process that computed this ended ({_how(code)}); nothing is lost, start it again."
                )
            answer = json.loads(line)
            if "share" in answer and progress is not None:
                progress(answer["share"], answer["what"])
            if "done" in answer:
                return answer["done"]
            if "refused" in answer:
                raise Refused(answer["refused"])
            if "failed" in answer:
                raise Ended(f"The computation failed ({answer['failed']}): this is our failure, not yours.")

    @property
    def id(self) -> int | None:
        """The number of the process; None where it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def end(self) -> None:
        """End it at once; it holds nothing that could be lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError, ValueError):
                        stream.close()
            self._process = None


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
