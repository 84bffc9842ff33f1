"""A real PostgreSQL server for tests: made in a folder, reached by its socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_RUN = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=60"]


def binaries() -> Path | None:
    """Where the server's programs lie; None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    alone = shutil.which("initdb")
    return Path(alone).parent if alone else None


@contextmanager
def running(*options: str) -> Iterator[str]:
    """A running server: the address of its database. `options` come after its own."""
    programs = binaries()
    assert programs is not None
    # A socket's path is short: not in pytest's own folder.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = _unprivileged()
    if user:
        shutil.chown(folder, user)
    try:
        _do(
            user,
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "clinic",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
        )
        server = subprocess.Popen(
            [
                *_as(user),
                str(programs / "postgres"),
                "-D",
                str(folder / "data"),
                "-k",
                str(folder),
                *_RUN,
                *options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _do(user, programs / "pg_isready", "-h", folder, "-t", "30", tries=60)
            yield f"postgresql://clinic@/postgres?host={folder}"
        finally:
            subprocess.run(
                [
                    *_as(user),
                    str(programs / "pg_ctl"),
                    "stop",
                    "-D",
                    str(folder / "data"),
                    "-m",
                    "immediate",
                    "-s",
                ],
                check=False,
                cwd="/",
            )
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def crash(address: str) -> None:
    """Kill every process of a running server, and start it again on what it left."""
    programs, folder = binaries(), Path(address.partition("host=")[2])
    assert programs is not None
    head = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(["pgrep", "-P", str(head)], capture_output=True, text=True, check=False)
    for one in (head, *map(int, children.stdout.split())):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    words = [
        "start",
        "-D",
        folder / "data",
        "-s",
        "-l",
        folder / "log",
        "-o",
        " ".join(["-k", str(folder), *_RUN]),
    ]
    _do(_unprivileged(), programs / "pg_ctl", *words, tries=50)


def _unprivileged() -> str:
    """The server refuses to run as root: who runs it then?"""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _as(user: str) -> list[str]:
    return ["runuser", "-u", user, "--"] if user else []


def _do(user: str, program: Path, *words: object, tries: int = 1) -> None:
    import time

    for left in range(tries, 0, -1):
        done = subprocess.run(
            [*_as(user), str(program), *map(str, words)], capture_output=True, cwd="/", check=False
        )
        if done.returncode == 0:
            return
        time.sleep(0.2 if left > 1 else 0)
    raise RuntimeError(done.stderr.decode())
