"""Kills, full disks and two servers at once: what was confirmed is still there, and no file is half-written.

    python tools/faults.py                 a few of each
    python tools/faults.py --times 100     more
    python tools/faults.py --only full_disks --times 50

Each part prints how often it made its fault, how much was confirmed meanwhile, and what went wrong; the exit code is 1
where anything was lost, doubled, half written or answered without a sentence. A full disk is a small file system in
memory where it can be mounted (Linux, as root), and a limit on the size of files elsewhere. PostgreSQL is killed where
its programs are installed.
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
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "web"))
COMMAND = [sys.executable, "-m", "bonecast.cli"]
SMALL_DISK = 3_000_000  # bytes


class Found(NamedTuple):
    """What one part saw: how much was confirmed, what went wrong, and why it was skipped."""

    confirmed: int
    wrong: list[str]
    skipped: str = ""


def _limit_of(largest: int) -> Callable[[], None]:
    """What a process does before it begins, so that no file of its own grows beyond this."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return limit


@contextmanager
def serving(url: str, largest: int | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a database: the process and its address. `largest` : bytes of any file that it may write."""

    limit = None if largest is None else _limit_of(largest)
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--no-cds-hooks", "--database", url],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=limit,  # noqa: PLW1509
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


def send(address: str, table: bytes) -> list[str]:
    """Bring a table of people in: what became of each, or nothing where no answer came."""
    headers = {"content-type": "application/octet-stream"}
    asked = urllib.request.Request(f"{address}api/v1/import?name=p.csv", table, headers)
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return [line["fate"] for line in json.loads(answer.read())]
    except (OSError, ValueError):
        return []


def kept(path: Path) -> list[str]:
    """The ids in an SQLite database, whose integrity is checked."""
    with sqlite3.connect(path) as connection:
        (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        if said != "ok":
            raise RuntimeError(f"integrity: {said}")
        return sorted(row[0] for row in connection.execute("SELECT record_id FROM people"))


def kills_while_saving(folder: Path, times: int, rng: random.Random) -> Found:
    """A server is killed while people are saved: those that were confirmed are there, once each."""
    path, confirmed, wrong = folder / "kills.db", set(), []
    for number in range(times):
        with serving(f"sqlite:///{path}") as (process, address):
            until = time.monotonic() + rng.uniform(0.05, 1.0)
            killing = threading.Timer(until - time.monotonic(), process.send_signal, (signal.SIGKILL,))
            killing.start()  # in the middle of a request, most often
            count = 0
            while process.poll() is None:
                name = f"K-{number}-{count}"
                if add(address, name) == 201:
                    confirmed.add(name)
                count += 1
        wrong += [f"kill {number}: {fault}" for fault in _lost(confirmed, kept(path))]
    return Found(len(confirmed), wrong)


def kills_while_importing(folder: Path, times: int, rng: random.Random) -> Found:
    """A server is killed while a table is brought in: whole people, and the same file brings the rest, once each."""
    wrong, brought = [], 0
    for number in range(times):
        path, ids = folder / f"import-{number}.db", [f"I-{number}-{n}" for n in range(300)]
        lines = [f"{id},female,1955-03-09,2026-09-15" for id in ids]
        table = "\n".join(["id,sex,birth_date,record_date", *lines, ""]).encode()
        with serving(f"sqlite:///{path}") as (process, address):
            wait = rng.uniform(0.0, 1.0)  # after the first batch

            def kill(path: Path = path, process: subprocess.Popen[str] = process, wait: float = wait) -> None:
                with suppress(sqlite3.Error):  # a busy database counts as begun
                    while not kept(path) and process.poll() is None:
                        time.sleep(0.02)
                time.sleep(wait)
                process.send_signal(signal.SIGKILL)

            killing = threading.Thread(target=kill, daemon=True)
            killing.start()
            confirmed = send(address, table)
            if not confirmed and process.poll() is None and not kept(path):
                wrong.append(f"import {number}: it was refused")
                process.send_signal(signal.SIGKILL)
            process.wait()
            killing.join()
        before = kept(path)
        brought += len(before)
        if confirmed and len(before) < len(ids):
            wrong.append(f"import {number}: {len(ids) - len(before)} confirmed people are gone")
        with sqlite3.connect(path) as connection:
            (versions,) = connection.execute("SELECT count(*) FROM versions").fetchone()
        if versions != len(before):
            wrong.append(f"import {number}: {len(before)} people and {versions} versions")
        with serving(f"sqlite:///{path}") as (_, address):
            again = send(address, table)
        if again.count("known") != len(before) or kept(path) != sorted(ids):
            wrong.append(f"import {number}: the same file did not bring the rest")
    return Found(brought, wrong)


def _lost(confirmed: set[str], there: list[str]) -> Iterator[str]:
    if missing := confirmed - set(there):
        yield f"{len(missing)} confirmed people are gone"
    if len(set(there)) < len(there):
        yield "a person is there twice"


def kills_while_backing_up(folder: Path, times: int, rng: random.Random) -> Found:
    """A backup is killed: the earlier one is as it was, and nothing half-written bears its name."""
    path, home, wrong = folder / "backed-up.db", folder / "backups", []
    home.mkdir()
    target = home / "backup.db"
    _fill(path)
    words = [*COMMAND, "database", "backup", str(target), "--database", f"sqlite:///{path}"]
    began = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    took = time.monotonic() - began
    for number in range(times):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.3, 1.0) * took)
        hard = rng.random() < 0.5
        process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        process.wait()
        try:
            if kept(target) != kept(path):
                wrong.append(f"backup {number}: not everyone is in it")
        except (sqlite3.Error, RuntimeError) as error:
            wrong.append(f"backup {number}: {error}")
        beside = [one for one in home.iterdir() if one != target]
        if beside and not hard:
            wrong.append(f"backup {number}: {beside[0].name} is left after a signal that can be heard")
        for one in beside:  # what SIGKILL leaves bears another name
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    return Found(len(kept(path)), wrong)


def kills_while_restoring(folder: Path, times: int, rng: random.Random) -> Found:
    """A restore is killed: the database is as it was, or wholly the backup."""
    source, path, made, wrong = folder / "source.db", folder / "restored.db", folder / "made.db", []
    _fill(source)
    there = ["--database", f"sqlite:///{source}"]
    subprocess.run([*COMMAND, "database", "backup", str(made), *there], check=True, capture_output=True)
    with serving(f"sqlite:///{path}") as (_, address):
        add(address, "before")
    words = [*COMMAND, "database", "restore", str(made), "--replace", "--database", f"sqlite:///{path}"]
    for number in range(times):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.5, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if kept(path) not in (["before"], kept(source)):
            wrong.append(f"restore {number}: neither what was there nor the backup")
    return Found(len(kept(source)), wrong)


def _fill(path: Path) -> None:
    """A database of two thousand people."""
    lines = [f"F-{n},female,1955-03-09,2026-09-15" for n in range(2_000)]
    with serving(f"sqlite:///{path}") as (_, address):
        send(address, "\n".join(["id,sex,birth_date,record_date", *lines, ""]).encode())


@contextmanager
def small_disk(disk: Path, size: int) -> Iterator[bool]:
    """A folder on a file system of its own of this size; False where none can be mounted."""
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    mounted = (
        bool(shutil.which("mount")) and not subprocess.run(mount, capture_output=True, check=False).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(disk)], check=False)


def full_disks(folder: Path, times: int, rng: random.Random) -> Found:
    """The disk is full while people are saved: a sentence, and those that were confirmed are there."""
    wrong, all_confirmed = [], 0
    for number in range(times):
        disk, size = folder / f"disk-{number}", SMALL_DISK + rng.randrange(0, 500_000, 4096)
        confirmed, seen, copy = set(), set(), folder / f"copy-{number}"
        with small_disk(disk, size) as mounted:
            with serving(f"sqlite:///{disk / 'full.db'}", None if mounted else size) as (_, address):
                for count in range(400):
                    status = add(address, f"D-{count}")
                    seen.add(status)
                    if status == 201:
                        confirmed.add(f"D-{count}")
                    elif count > len(confirmed) + 3:
                        break
            shutil.copytree(disk, copy)  # the check itself needs room
        wrong += [f"disk {number}: {fault}" for fault in _lost(confirmed, kept(copy / "full.db"))]
        all_confirmed += len(confirmed)
        if odd := seen - {201, 507}:
            wrong.append(f"disk {number}: answered {sorted(odd)} in place of 507")
        if seen == {201}:
            wrong.append(f"disk {number}: it did not fill")
    return Found(all_confirmed, wrong)


def full_disks_of_commands(folder: Path, times: int, rng: random.Random) -> Found:
    """The disk is full while a command writes: exit code 2, one sentence, and no file but whole ones."""
    path, wrong = folder / "of-commands.db", []
    _fill(path)
    record = str(ROOT / "examples" / "late-dose.toml")
    quick = ("--draws", "8", "--horizon", "1 year", "--strategy", "stop: nothing for 1 year")
    plan = "denosumab 60 mg every 6 months x 4"
    for number in range(times):
        disk = folder / f"small-{number}"
        with small_disk(disk, 8192 * rng.randint(2, 8)) as mounted:
            for name, words in (
                ("run.csv", ("simulate", "bonecast-1", plan, "--every", "1 day", "--out")),
                ("run.parquet", ("simulate", "bonecast-1", plan, "--every", "1 day", "--out")),
                ("forecast", ("forecast", record, *quick, "--out")),
                ("backup.db", ("database", "backup", "--database", f"sqlite:///{path}")),
            ):
                limit = None if mounted else _limit_of(16_384)
                asked = [*COMMAND, *words, str(disk / name)]
                done = subprocess.run(asked, capture_output=True, text=True, check=False, preexec_fn=limit)
                if (
                    done.returncode != 2
                    or "Traceback" in done.stderr
                    or not done.stderr.strip().endswith(".")
                ):
                    wrong.append(f"{name}: exit code {done.returncode}: {done.stderr.strip()[-200:]}")
                left = [one.name for one in disk.rglob("*") if one.is_file()]
                if left:
                    wrong.append(f"{name}: {left} are left")
    return Found(0, wrong)


def two_servers(folder: Path, times: int, rng: random.Random) -> Found:
    """Two servers on one database: each person that either confirmed is there."""
    path, confirmed, wrong = folder / "two.db", set(), []
    with serving(f"sqlite:///{path}") as (_, one), serving(f"sqlite:///{path}") as (_, two):

        def save(address: str, mark: str) -> None:
            for number in range(20 * times):
                status = add(address, name := f"T-{mark}-{number}")
                if status == 201:
                    confirmed.add(name)
                elif status not in (503, 507):
                    wrong.append(f"a server answered {status}")

        saving = [threading.Thread(target=save, args=pair) for pair in ((one, "1"), (one, "2"), (two, "3"))]
        for thread in saving:
            thread.start()
        for thread in saving:
            thread.join()
    return Found(len(confirmed), wrong + list(_lost(confirmed, kept(path))))


def killed_postgresql(folder: Path, times: int, rng: random.Random) -> Found:
    """PostgreSQL is killed and started again while people are saved: those that were confirmed are there."""
    import postgres

    if postgres.binaries() is None:
        return Found(0, [], "PostgreSQL is not installed here: skipped")
    import psycopg

    confirmed: set[str] = set()
    wrong: list[str] = []
    with postgres.running("-c", "fsync=on") as url, serving(url) as (_, address):
        for number in range(times):
            crash = threading.Timer(rng.uniform(0.1, 1.0), postgres.crash, (url,))
            crash.start()
            count, after = 0, 0
            while after < 5 and count < 2_000:
                status = add(address, name := f"P-{number}-{count}")
                if status == 201:
                    confirmed.add(name)
                    after += not crash.is_alive()
                elif status != 503:
                    wrong.append(f"kill {number}: answered {status} in place of 503")
                count += 1
            crash.join()
        with psycopg.connect(url) as connection:
            there = [row[0] for row in connection.execute("SELECT record_id FROM people")]
    return Found(len(confirmed), wrong + list(_lost(confirmed, there)))


PARTS: tuple[Callable[[Path, int, random.Random], Found], ...] = (
    kills_while_saving, kills_while_importing, kills_while_backing_up, kills_while_restoring, full_disks,
    full_disks_of_commands, two_servers, killed_postgresql,
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
    bad = 0
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        for part in PARTS:
            if asked.only not in (None, part.__name__):
                continue
            home = Path(folder) / part.__name__
            home.mkdir()
            found = part(home, asked.times, random.Random(asked.seed))
            done = (
                found.skipped
                or f"{asked.times} times, {found.confirmed:,} confirmed, {len(found.wrong)} wrong"
            )
            print(f"{part.__name__}: {done}", *found.wrong[:5], sep="\n  ", flush=True)
            bad += len(found.wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
