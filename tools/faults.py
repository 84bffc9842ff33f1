"""Kills, full disks and two servers at once: what was confirmed is still there, and no file is half-written.

    python tools/faults.py                 a few of each
    python tools/faults.py --times 100     more

Each fault prints a line, and the last one says what was lost. A full disk is a small file system in memory where it can
be mounted, and a limit on the size of files elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "bonecast.cli"]
SMALL_DISK = 3_000_000  # bytes


@contextmanager
def serving(url: str, largest: int | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a database: the process and its address. `largest` : bytes of any file that it may write."""

    def limit() -> None:
        if largest is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--no-cds-hooks", "--database", url],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=limit,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.search(r"http\S+/", process.stdout.readline())
        if found is None:
            raise RuntimeError("the server did not start")
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"{found[0]}health", timeout=5).read()
                break
            time.sleep(0.1)
        yield process, found[0]
    finally:
        process.kill()
        process.wait()


def record(name: str) -> dict[str, Any]:
    """A person of this id."""
    tables = tomllib.loads((ROOT / "examples/late-dose.toml").read_text("utf-8"))
    tables["person"]["id"] = name
    return json.loads(json.dumps(tables, default=str))


def add(address: str, name: str) -> int:
    """Save a person: the status, or 0 where no answer came."""
    body = json.dumps({"record": record(name)}).encode()
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(f"{address}api/v1/people", body, headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def kept(path: Path) -> list[str]:
    """The ids in an SQLite database, whose integrity is checked."""
    with sqlite3.connect(path) as connection:
        (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        if said != "ok":
            raise RuntimeError(f"integrity: {said}")
        return sorted(row[0] for row in connection.execute("SELECT record_id FROM people"))


def kills_while_saving(folder: Path, times: int, rng: random.Random) -> list[str]:
    """A server is killed while people are saved: those that were confirmed are there, once each."""
    path, confirmed, wrong = folder / "kills.db", set(), []
    for number in range(times):
        with serving(f"sqlite:///{path}") as (process, address):
            until = time.monotonic() + rng.uniform(0.05, 1.0)
            count = 0
            while time.monotonic() < until:
                name = f"K-{number}-{count}"
                if add(address, name) == 201:
                    confirmed.add(name)
                count += 1
            process.send_signal(signal.SIGKILL)
        there = kept(path)
        if missing := confirmed - set(there):
            wrong.append(f"kill {number}: {len(missing)} confirmed people are gone")
        if len(set(there)) < len(there):
            wrong.append(f"kill {number}: a person is there twice")
    return wrong


def kills_while_backing_up(folder: Path, times: int, rng: random.Random) -> list[str]:
    """A backup is killed: the earlier one is as it was, and nothing half-written bears its name."""
    path, target, wrong = folder / "kills.db", folder / "backup.db", []
    words = [*COMMAND, "database", "backup", str(target), "--database", f"sqlite:///{path}"]
    subprocess.run(words, check=True, capture_output=True)
    for number in range(times):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.3, 2.0))
        process.send_signal(rng.choice((signal.SIGKILL, signal.SIGTERM)))
        process.wait()
        try:
            if kept(target) != kept(path):
                wrong.append(f"backup {number}: not everyone is in it")
        except (sqlite3.Error, RuntimeError) as error:
            wrong.append(f"backup {number}: {error}")
    return wrong


def full_disks(folder: Path, times: int, rng: random.Random) -> list[str]:
    """The disk is full while people are saved: a sentence, and those that were confirmed are there."""
    wrong = []
    for number in range(times):
        disk = folder / f"disk-{number}"
        disk.mkdir()
        size = SMALL_DISK + rng.randrange(0, 500_000, 4096)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
        mounted = (
            shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        )
        confirmed, seen = set(), set()
        try:
            with serving(f"sqlite:///{disk / 'full.db'}", None if mounted else size) as (_, address):
                for count in range(400):
                    status = add(address, f"D-{count}")
                    seen.add(status)
                    if status == 201:
                        confirmed.add(f"D-{count}")
                    elif len(seen - {201}) and count > len(confirmed) + 3:
                        break
            if mounted:  # the check itself needs room
                shutil.copytree(disk, folder / f"copy-{number}")
            there = kept((folder / f"copy-{number}" if mounted else disk) / "full.db")
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(disk)], check=False)
        if missing := confirmed - set(there):
            wrong.append(f"disk {number}: {len(missing)} confirmed people are gone")
        if odd := seen - {201, 503, 507}:
            wrong.append(f"disk {number}: answered {sorted(odd)} in place of 503 or 507")
        if seen == {201}:
            wrong.append(f"disk {number}: it did not fill")
    return wrong


def two_servers(folder: Path, times: int, rng: random.Random) -> list[str]:
    """Two servers on one database: each person that either confirmed is there."""
    path, confirmed, wrong = folder / "two.db", set(), []
    with serving(f"sqlite:///{path}") as (_, one), serving(f"sqlite:///{path}") as (_, two):
        for number in range(20 * times):
            address, name = rng.choice((one, two)), f"T-{number}"
            status = add(address, name)
            if status == 201:
                confirmed.add(name)
            elif status not in (503, 507):
                wrong.append(f"server: {status}")
    if missing := confirmed - set(kept(path)):
        wrong.append(f"two servers: {len(missing)} confirmed people are gone")
    return wrong


PARTS: tuple[Callable[[Path, int, random.Random], list[str]], ...] = (
    kills_while_saving, kills_while_backing_up, full_disks, two_servers,
)  # fmt: skip


def main() -> int:
    """Make the faults; 1 where something was lost or answered wrongly."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=3, help="of each fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one part")
    asked = parser.parse_args()
    rng, bad = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        for part in PARTS:
            if asked.only not in (None, part.__name__, "kills_while_saving"):
                continue
            wrong = part(Path(folder), asked.times, rng)
            print(
                f"{part.__name__}: {len(wrong)} wrong in {asked.times} times",
                *wrong[:5],
                sep="\n  ",
                flush=True,
            )
            bad += len(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
