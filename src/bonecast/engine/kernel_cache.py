"""Folders of machine code on disk: whole and as they were written, or not used.

Each folder holds a list of the hashes of its files, which is written last. What does not agree with it is made again. A
folder is filled beside its place and moved there in one step: nobody sees half of one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from os import environ
from pathlib import Path
from typing import Any

CONTENTS = "contents.json"


def cache_folder() -> Path:
    """Return the folder in which compiled kernels are kept.

    Returns
    -------
    Path
        $BONECAST_CACHE, else the user's cache folder, else a private temporary one.
    """
    chosen = environ.get("BONECAST_CACHE")
    if not chosen:
        from platformdirs import user_cache_dir

        chosen = user_cache_dir("bonecast", appauthor=False)
    folder = Path(chosen) / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return _temporary_folder()


@cache
def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="bonecast-kernels-"))


def contents_of(home: Path) -> dict[str, Any] | None:
    """What was noted of a folder, if every file of it is there and as it was written."""
    try:
        contents = json.loads((home / CONTENTS).read_text("utf-8"))
        return contents if contents["files"] == _hashes(home) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _hashes(home: Path) -> dict[str, str]:
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path.name != CONTENTS]
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


@contextmanager
def filling(home: Path, **notes: Any) -> Iterator[Path]:
    """A folder beside the place, to be filled; afterwards it takes the place, with the notes and the list of hashes."""
    beside = Path(tempfile.mkdtemp(prefix=f"{home.name}.", suffix=".part", dir=home.parent))
    try:
        yield beside
        contents = {**notes, "files": _hashes(beside)}
        (beside / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
        _put(beside, home)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _put(beside: Path, home: Path) -> None:
    """Move a finished folder to its place; one that is whole already stays, one that is not gives way."""
    with suppress(OSError):  # the code is in memory: a cache that cannot be written costs time only
        if home.exists() and contents_of(home) is None:
            old = tempfile.mkdtemp(prefix=f"{home.name}.", suffix=".part", dir=home.parent)
            home.rename(Path(old) / home.name)
            shutil.rmtree(old, ignore_errors=True)
        if not home.exists():
            beside.rename(home)
