"""Twenty people at once: pages looked at, records added, one record saved by many. No error, and no write is lost.

    python tests/web/load.py [SECONDS] [USERS]

starts a server of its own on a new database, stops by itself, and prints what it measured as JSON.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clinic
import httpx

SHARED = 5  # people whose records everybody changes
THINKS_S = (0.5, 1.5)  # between two requests of one user
PAGES = (
    "/people",
    "/people?search=shared",
    "/people?by=name",
    "/people/{id}/record",
    "/people/{id}/check",
    "/people/{id}/history",
    "/people/{id}/print",
    "/people/{id}/schedule",
    "/plans?plan=denosumab+60+mg+every+6+months+x+4",
)


@dataclass
class Seen:
    """What happened. `added`: ids of confirmed people; `saved`: (person, version, weight) of confirmed changes."""

    added: list[str] = field(default_factory=list)
    saved: list[tuple[int, int, str]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=dict)
    conflicts: int = 0
    lost: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Counts, and times in milliseconds."""
        times = {
            name: {
                "requests": len(took),
                "median_ms": round(1000 * statistics.median(took), 1),
                "worst_ms": round(1000 * max(took), 1),
                "p95_ms": round(1000 * sorted(took)[int(0.95 * (len(took) - 1))], 1),
            }
            for name, took in sorted(self.took.items())
        }
        counts = {"added": len(self.added), "saved": len(self.saved), "conflicts": self.conflicts}
        return {**counts, "errors": dict(self.errors), "lost": self.lost, "times": times}


class User(threading.Thread):
    """One person at work until `until`; nothing of it waits for another but the server."""

    def __init__(self, number: int, address: str, until: float, seen: Seen) -> None:
        super().__init__(daemon=True)
        self._number, self._until, self._seen = number, until, seen
        self._chance = random.Random(number)
        self._client = httpx.Client(base_url=address, timeout=60, follow_redirects=True)

    def run(self) -> None:
        with self._client:
            count = 0
            while time.monotonic() < self._until:
                count += 1
                try:
                    self._chance.choices((self._look, self._save, self._add), (8, 2, 1))[0](count)
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    self._seen.errors[type(error).__name__] += 1
                time.sleep(self._chance.uniform(*THINKS_S))

    def _ask(self, name: str, method: str, path: str, *also: int, **how: Any) -> httpx.Response:
        began = time.perf_counter()
        answer = self._client.request(method, path, **how)
        self._seen.took.setdefault(name, []).append(time.perf_counter() - began)
        if answer.status_code not in (200, 201, *also):
            self._seen.errors[f"{name} {answer.status_code}"] += 1
            raise ValueError(answer.status_code)
        return answer

    def _look(self, count: int) -> None:
        pattern = self._chance.choice(PAGES)
        self._ask(pattern, "GET", pattern.replace("{id}", str(self._chance.randint(1, SHARED))))

    def _add(self, count: int) -> None:
        id = f"U{self._number}-{count}"
        self._ask("add a person", "POST", "/api/v1/people", json={"record": clinic.record(id=id)})
        self._seen.added.append(id)

    def _save(self, count: int) -> None:
        """Change the weight; where somebody else did so since it was read, read it again and write over theirs."""
        id, weight = self._chance.randint(1, SHARED), f"{40 + self._number}.{count:04d} kg"
        while True:
            read = self._ask("read a record", "GET", f"/api/v1/people/{id}").json()
            record = {**read["record"], "person": {**read["record"]["person"], "weight": weight}}
            body = {"record": record, "version": read["version"]}
            answer = self._ask("save a record", "PUT", f"/api/v1/people/{id}", 409, json=body)
            if answer.status_code == 200:
                self._seen.saved.append((id, answer.json()["version"], weight))
                return
            self._seen.conflicts += 1


def load(address: str, seconds: float, users: int) -> Seen:
    """Let so many users work for so long, then look for everything that was confirmed."""
    seen = Seen()
    with httpx.Client(base_url=address, timeout=60) as client:
        for number in range(SHARED):
            sent = {"record": clinic.record(id=f"shared-{number}")}
            assert client.post("/api/v1/people", json=sent).status_code == 201
        until = time.monotonic() + seconds
        working = [User(number, address, until, seen) for number in range(users)]
        for user in working:
            user.start()
        for user in working:
            user.join(seconds + 120)
        seen.errors["did not end"] += sum(user.is_alive() for user in working)
        seen.errors += Counter()  # only what happened stays
        seen.lost = lost(client, seen)
    return seen


def lost(client: httpx.Client, seen: Seen) -> list[str]:
    """What was confirmed and is not there, or is there otherwise."""
    return [*_lost_people(client, seen), *_lost_changes(client, seen)]


def _lost_people(client: httpx.Client, seen: Seen) -> list[str]:
    kept, offset = set(), 0
    while rows := client.get(f"/api/v1/people?limit=200&offset={offset}").json()["rows"]:
        kept |= {row["record_id"] for row in rows}
        offset += len(rows)
    return sorted(set(seen.added) - kept)


def _lost_changes(client: httpx.Client, seen: Seen) -> list[str]:
    """Confirmed changes that the history does not tell, or tells otherwise; and versions that nobody confirmed."""
    found = {
        (id, change["version"], change["after"])
        for id in range(1, SHARED + 1)
        for change in client.get(f"/api/v1/people/{id}/history").json()
        if change["version"] > 1
    }
    return [f"person {id}, version {version}: {weight}" for id, version, weight in found ^ set(seen.saved)]


def main(seconds: float = 300.0, users: int = 20) -> int:
    """Run it on a server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        clinic.serving("--database", Path(folder) / "clinic.db") as (_, address),
    ):
        seen = load(address, seconds, users)
    print(json.dumps({"seconds": seconds, "users": users, **seen.plain()}, indent=1))
    return 1 if seen.errors or seen.lost else 0


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
