"""The main loop of a computing process: a line of JSON in, lines of JSON out.

Run as `python -m bonecast.web.jobs.serve_process`. A line asks {"do", "asked", "folder"}; answered are {"share",
"what"} as often as there is something to tell, and {"done"} or {"refused"} or {"failed"} at the end. It ends when its
input does, so that it never outlives the server.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, TextIO

from bonecast.core import ENGLISH, practising, read_practice, speaking
from bonecast.errors import BonecastError

IDLE_S = 2.0  # so long nothing was asked


def main() -> None:
    """Answer one line after another until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed by mistake is no answer
    lines, tidy = _lines(), True
    while True:
        try:
            line = lines.get(timeout=None if tidy else IDLE_S)
        except queue.Empty:
            gc.collect()  # takes tenths of a second: never between two redraws
            tidy = True
            continue
        _answer(json.loads(line), answers)
        tidy = False


def _lines() -> queue.SimpleQueue[str]:
    """The lines of the input. The process ends with its input, also in the middle of some work."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return waiting


def _answer(request: dict[str, Any], answers: TextIO) -> None:
    def say(**words: Any) -> None:
        answers.write(json.dumps(words, allow_nan=False) + "\n")
        answers.flush()

    try:
        from bonecast.web.jobs.kinds import find_kind

        folder = Path(request["folder"]) if request["folder"] else None
        asked = request["asked"]
        practice = read_practice(asked.get("practice", {}))
        with speaking(asked.get("language", ENGLISH), on_pages=True), practising(practice):
            done = find_kind(request["do"])(
                request["asked"], folder, lambda share, what: say(share=round(share, 4), what=what)
            )
        say(done=done)
    except BonecastError as error:
        say(refused=str(error))
    except Exception as error:
        # the text of an error may hold what a record says: only where it happened is reported
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
        say(failed=f"{type(error).__name__} at {where}")


if __name__ == "__main__":
    main()
