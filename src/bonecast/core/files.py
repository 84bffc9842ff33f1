"""Where results go: files, checked before anything long runs, written beside and then renamed.

A reader of the final name therefore never sees half a file, and nobody waits for a run whose result has no place.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from bonecast.errors import InputError, printable

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # a full disk, a used-up quota, a limit on files


def check_file(
    path: str | os.PathLike[str],
    suffixes: Sequence[str],
    place: str = "out",
    inputs: Sequence[str | os.PathLike[str]] = (),
) -> Path:
    """Check that a file of this name can be written; leaves no trace.

    Parameters
    ----------
    path : str or path
        The file.
    suffixes : sequence of str
        Suffixes that are allowed.
    place : str
        What named the file, for the error.
    inputs : sequence of str or path
        Files that are read, which must not be written over.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If it cannot, with the folder or the suffixes, or if it is one of the inputs.

    Examples
    --------
    >>> check_file("run.txt", (".csv", ".parquet"))
    Traceback (most recent call last):
    bonecast.errors.InputError: out: 'run.txt' has an unknown suffix; end the name with .csv or .parquet.
    """
    target = Path(path)
    name = printable(path, 120)
    if target.suffix.casefold() not in suffixes:
        raise InputError(
            place, f"'{name}' has an unknown suffix", f"end the name with {' or '.join(suffixes)}"
        )
    with _refusing(place, name):
        _look(target)
        if target.is_dir():
            raise InputError(place, f"'{name}' is a folder", "name a file in it")
        if not target.parent.is_dir():
            folder = printable(target.parent, 120)
            raise InputError(place, f"'{folder}' is not a folder", "make the folder first, or name another")
        if target.exists() and any(Path(one).exists() and target.samefile(one) for one in inputs):
            raise InputError(place, f"'{name}' is the file that is read", "name another file")
        with tempfile.TemporaryFile(dir=target.parent):
            return target


def check_folder(
    path: str | os.PathLike[str],
    place: str = "out",
    inputs: Sequence[str | os.PathLike[str]] = (),
    writes: Sequence[str] = (),
) -> Path:
    """Check that files can be written into a folder, which need not exist; leaves no trace.

    Parameters
    ----------
    path : str or path
        The folder.
    place : str
        What named the folder, for the error.
    inputs : sequence of str or path
        Files that are read, which must not be written over.
    writes : sequence of str
        Names that files written there will have.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If they cannot, or if one of them is an input.
    """
    target = Path(path)
    name = printable(path, 120)
    with _refusing(place, name):
        _look(target)
        for made in (target / one for one in writes):
            if made.exists() and any(Path(one).exists() and made.samefile(one) for one in inputs):
                raise InputError(
                    place, f"'{printable(made, 120)}' is the file that is read", "name another folder"
                )
        above = target
        while not (above.exists() or above.is_symlink()) and above != above.parent:
            above = above.parent
        if not above.is_dir():
            raise InputError(
                place, f"'{printable(above, 120)}' is a file, not a folder", "name another folder"
            )
        with tempfile.TemporaryFile(dir=above):
            return target


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Write a file under another name in its folder, which takes the final name once the block has ended well.

    Parameters
    ----------
    target : Path
        The file.

    Yields
    ------
    Path
        Path to write to.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    with _refusing("out", printable(target, 120)):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.suffix)
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            os.chmod(beside, 0o666 & ~_umask())
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)


def _look(target: Path) -> None:
    """Raise what the system says of a name that no file can have; `Path.exists` keeps it to itself."""
    with suppress(FileNotFoundError, NotADirectoryError):
        os.stat(target)


@contextmanager
def _refusing(place: str, name: str) -> Iterator[None]:
    """What the system refuses (no space, no permission, a name too long) becomes one sentence."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or "the path is not one"
        full = getattr(error, "errno", None) in NO_ROOM
        hint = "make room on the disk, or name another file or folder"
        raise InputError(
            place, f"'{name}' cannot be written ({reason})", hint if full else hint.partition("or ")[2]
        ) from None


def _umask() -> int:
    """The permissions that new files do not get; the system only tells by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def json_text(value: Any) -> str:
    """Write data as the text of a JSON file; a number that is not finite is refused.

    Parameters
    ----------
    value : object
        Plain data.

    Returns
    -------
    str

    Examples
    --------
    >>> json_text({"a": 1})
    '{\\n  "a": 1\\n}\\n'
    """
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_texts(
    folder: str | os.PathLike[str], texts: Mapping[str, str], place: str = "out"
) -> dict[str, Path]:
    """Write texts into a folder, which is made if it is missing; they take their names when all are complete.

    Parameters
    ----------
    folder : str or path
        The folder.
    texts : mapping of str to str
        File name to text.
    place : str
        What named the folder, for the error.

    Returns
    -------
    dict of str to Path
        File name to path.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    home = check_folder(folder, place)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = f"'{printable(folder, 120)}' cannot be made ({error.strerror})"
        raise InputError(place, cause, "name another folder") from None
    paths = {name: home / name for name in texts}
    with ExitStack() as waiting:
        for name, text in texts.items():
            beside = waiting.enter_context(atomic_write(paths[name]))
            beside.write_text(text, encoding="utf-8", newline="\n")
    return paths
