"""From the shell's words to a command, and from whatever happens to an exit code."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from bonecast.errors import InputError

FINE, FAILURE, WRONG_USE, STOPPED = 0, 1, 2, 130


def main() -> NoReturn:
    """The `bonecast` command."""
    # Matrices here are small: with two threads each waits for the other, and a second of work takes fifteen.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imports make many objects and hardly any rubbish: collecting while they run costs 0.1 s of every start.
    gc.set_threshold(100_000)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # the reader has seen enough (bonecast models | head)
    except OSError as error:
        os.write(
            2, f"bonecast: stdout: it cannot be written ({error.strerror}); send it elsewhere.\n".encode()
        )
        code = code or WRONG_USE
    # Taking LLVM and its machine code apart takes 0.2 s, and ending the process frees them all the same.
    os._exit(code)


def run(words: list[str]) -> int:
    """Run one command.

    Errors are one sentence on stderr; with BONECAST_DEBUG=1 a traceback stands above it.

    Parameters
    ----------
    words : list of str
        Command and options.

    Returns
    -------
    int
        Exit code: 0 success, 2 wrong use or input, 1 our failure.
    """
    from bonecast.cli.app import app
    from bonecast.core import NO_ROOM, check_text

    try:
        for place, word in enumerate(words, start=1):
            check_text(word, f"word {place} of the command")
        app(args=words, prog_name="bonecast")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FINE
    except InputError as error:
        _tell(error, _sentences(error))
        return WRONG_USE
    except OSError as error:
        if error.errno not in NO_ROOM:
            return _failed(error)
        said = InputError("disk", f"there is no room ({error.strerror})", "make room, then run it again")
        _tell(error, [str(said)])
        return WRONG_USE
    except KeyboardInterrupt:
        sys.stderr.write("bonecast: stopped.\n")
        return STOPPED
    except Exception as error:  # a ComputeError, or a bug: ours, never a traceback unless asked for
        return _failed(error)
    return FINE


def _failed(error: Exception) -> int:
    text = str(error).strip() or type(error).__name__
    hint = "set BONECAST_DEBUG=1 to see where" if not _debugging() else "the traceback is above"
    _tell(error, [f"{text.rstrip('.')} (our failure, {type(error).__name__}; {hint})."])
    return FAILURE


def _sentences(error: InputError) -> list[str]:
    """One sentence for each fault; a plan that stopped the reading is shown with a caret to a reader at a terminal."""
    faults = getattr(error, "faults", None) or [error]
    pointer = getattr(error, "pointer", "")
    return [*map(str, faults), *(pointer.splitlines() if pointer and sys.stderr.isatty() else [])]


def _tell(error: Exception, lines: list[str]) -> None:
    if _debugging():
        import traceback

        traceback.print_exception(error)
    first, *others = lines
    sys.stderr.write(f"bonecast: {first}\n" + "".join(f"  {line}\n" for line in others))


def _debugging() -> bool:
    return os.environ.get("BONECAST_DEBUG", "") not in ("", "0")
