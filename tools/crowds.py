"""Crowds: clients that hold connections and say nothing while others ask, and a large import while others save.

    python tools/crowds.py idle --clients 500
    python tools/crowds.py import --people 20000 --users 20

Each starts a server of its own on a new database, and prints what it measured as JSON.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "web"))

import clinic
import httpx
import load

PARTS = (b"", b"G", b"GET /people HTTP/1.1\r\nhost: localhost\r\nx: ")


class Idle(threading.Thread):
    """Clients of one address that connect, send less than a request, and come again when they are cut off."""

    def __init__(self, address: str, clients: int) -> None:
        super().__init__(daemon=True)
        host, _, port = address.removeprefix("http://").strip("/").partition(":")
        self._to, self._clients, self.ending, self.connected = (host, int(port)), clients, False, 0

    def run(self) -> None:
        open_: list[socket.socket] = []
        while not self.ending:
            with suppress(OSError):
                while len(open_) < self._clients:
                    one = socket.create_connection(self._to, timeout=5)
                    one.sendall(PARTS[len(open_) % len(PARTS)])
                    one.setblocking(False)
                    open_.append(one)
                    self.connected += 1
            open_ = [one for one in open_ if _stands(one)]
            time.sleep(0.2)
        for one in open_:
            one.close()


def _stands(one: socket.socket) -> bool:
    try:
        if one.recv(100):
            return True
    except BlockingIOError:
        return True
    except OSError:
        pass
    one.close()
    return False


def idle(clients: int, seconds: float) -> dict[str, Any]:
    """Pages asked for, each by a connection of its own, while so many clients are idle or slow."""
    with (
        tempfile.TemporaryDirectory() as folder,
        clinic.serving("--database", Path(folder) / "clinic.db") as (_, address),
    ):
        assert httpx.get(f"{address}people", timeout=30).status_code == 200
        crowd = Idle(address, clients)
        crowd.start()
        time.sleep(2)
        took, failed, end = [], 0, time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                failed += httpx.get(f"{address}people", timeout=30).status_code != 200
            except httpx.HTTPError:
                failed += 1
            took.append(time.perf_counter() - began)
        crowd.ending = True
        crowd.join(10)
    return {"clients": clients, "connections": crowd.connected, **_times(took), "failed": failed}


def importing(people: int, users: int) -> dict[str, Any]:
    """A table of so many people brought in while users look and save (tests/web/load.py)."""
    rows = [f"I-{n},female,1955-03-09,2026-09-15" for n in range(people)]
    table = "\n".join(["id,sex,birth_date,record_date", *rows, ""]).encode()
    found: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        clinic.serving("--database", Path(folder) / "clinic.db") as (_, address),
    ):

        def bring() -> None:
            began = time.perf_counter()
            answer = httpx.post(
                f"{address}api/v1/import?name=p.csv",
                content=table,
                headers={"content-type": "application/octet-stream"},
                timeout=3600,
            )
            found["status"], found["seconds"] = answer.status_code, round(time.perf_counter() - began, 1)
            found["added"] = sum(line["fate"] == "added" for line in answer.json())

        importer = threading.Thread(target=bring)
        seen = load.Seen()
        with httpx.Client(base_url=address, timeout=60) as client:
            for number in range(load.SHARED):
                client.post("/api/v1/people", json={"record": clinic.record(id=f"shared-{number}")})
        importer.start()
        shift = 0  # each shift of users has numbers of its own, so that nobody is added twice
        while importer.is_alive():
            until = time.monotonic() + 10
            working = [load.User(shift + number, address, until, seen) for number in range(users)]
            shift += users
            for user in working:
                user.start()
            for user in working:
                user.join(120)
        with httpx.Client(base_url=address, timeout=60) as client:
            lost = load.lost(client, seen)
    pages = [one for name, took in seen.took.items() if name in load.PAGES for one in took]
    saves = [one for name, took in seen.took.items() if name not in load.PAGES for one in took]
    found |= {"users": users, "pages": _times(pages), "saves": _times(saves)}
    return {"people": people, **found, "errors": dict(seen.errors), "lost": lost}


def _times(took: list[float]) -> dict[str, Any]:
    ordered = sorted(took)
    return {
        "requests": len(ordered),
        "median_s": round(statistics.median(ordered), 3),
        "p95_s": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "worst_s": round(ordered[-1], 3),
        "below_1_s_pct": round(100 * sum(one < 1 for one in ordered) / len(ordered), 1),
    }


def main() -> int:
    """Measure one of the two; 1 where a request failed or something was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("idle", "import"))
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60.0, help="of idle")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=20)
    asked = parser.parse_args()
    idling = asked.what == "idle"
    found = idle(asked.clients, asked.seconds) if idling else importing(asked.people, asked.users)
    print(json.dumps(found, indent=1))
    return 1 if found.get("failed") or found.get("errors") or found.get("lost") else 0


if __name__ == "__main__":
    sys.exit(main())
