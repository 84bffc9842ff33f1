"""How long the worklist takes with 10,000 people: python tests/web/worklist_speed.py [PEOPLE] [FOLDER].

Not a test: it prints the median of nine, first how long judging everybody took. In a FOLDER the database stays.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import clinic
from sqlalchemy import insert

from bonecast.web.pages.judging import refresh
from bonecast.web.store import people, worklist
from bonecast.web.store.folding import folded
from bonecast.web.store.merge import with_keys
from bonecast.web.store.tables import PersonTable, VersionTable

TODAY = dt.date.today()
ADDRESSES = (
    "/worklist",
    *(f"/worklist?tile={tile}" for tile in worklist.TILES),
    "/worklist?search=muller",
    "/worklist?search=1950-02-03",
    "/worklist?owner=ann&status=called",
    "/worklist?sort=name&offset=9000",
    "/service",
    "/service?by=month",
)
NAMES = ("Müller", "Łukasiewicz", "García", "O’Brien", "Nguyễn", "Smith", "Åkesson", "Dubois")


def person(number: int) -> dict[str, Any]:
    """One of many: on time, late, without calcium, stopped with and without another drug."""
    draw = random.Random(number)
    born = dt.date(1935, 1, 1) + dt.timedelta(draw.randrange(9000))
    last = TODAY - dt.timedelta(int(draw.triangular(1, 420, 120)))
    tables = clinic.record(
        id=f"P-{number}", name=f"{draw.choice(NAMES)} {chr(65 + number % 26)}.", birth_date=born.isoformat(),
        record_date=TODAY.isoformat(), menopause_age=50, jurisdiction="UK",
    )  # fmt: skip
    day, doses = last, []
    for _ in range(draw.randint(1, 9)):
        doses.append({"drug": "denosumab", "amount": "60 mg", "date": day.isoformat()})
        day -= dt.timedelta(int(draw.gauss(190, 15)))
    tables["doses"] = doses[::-1]
    if draw.random() < 0.07 and (TODAY - last).days > 200:
        follow = last + dt.timedelta(190)
        tables["doses"].append({"drug": "zoledronic acid", "amount": "5 mg", "date": follow.isoformat()})
    tables["measurements"] = []
    for dose in tables["doses"]:
        if draw.random() < 0.85:
            before = dt.date.fromisoformat(dose["date"]) - dt.timedelta(draw.randint(1, 40))
            value = f"{draw.gauss(2.32, 0.09):.2f} mmol/L"
            tables["measurements"].append(
                {"test": "corrected calcium", "value": value, "date": before.isoformat()}
            )
    egfr = f"{draw.randint(22, 95)} mL/min/1.73m2"
    tables["measurements"].append({"test": "eGFR", "value": egfr, "date": last.isoformat()})
    return tables


def fill(s: Any, count: int) -> None:
    """So many people, put in by rows."""
    rows = []
    for number in range(count):
        kept = with_keys(person(number))
        rows.append({"version": 1, "deleted": False, **people._columns(kept, people.checked(kept, TODAY))})
        assert rows[-1]["sought"] == folded(rows[-1]["sought"])
    ids = s.scalars(insert(PersonTable).returning(PersonTable.id, sort_by_parameter_order=True), rows).all()
    first = {"version": 1, "action": "added", "by": "x", "at": dt.datetime.now(dt.UTC)}
    s.execute(
        insert(VersionTable),
        [{**first, "person_id": id_, "record": row["record"]} for id_, row in zip(ids, rows, strict=True)],
    )


class _Request:
    """What `refresh` asks of a request."""

    def __init__(self, app: Any) -> None:
        self.app = app


def judge_all(opened: clinic.Clinic) -> float:
    """Judge everybody; seconds of processor time."""
    began, request = time.process_time(), _Request(opened.app)
    left = 1
    while left:
        with opened.store.reading() as s:
            left = refresh(request, s, 5, TODAY)  # pyright: ignore[reportArgumentType]
    return time.process_time() - began


def main(count: int, folder: Path) -> None:
    with clinic.open_clinic(folder, jurisdiction="UK") as opened:
        with opened.store.session() as s:
            fill(s, count)
        print(f"{count} people judged in {judge_all(opened):.1f} s of processor time")
        with opened.store.session() as s:
            for number in range(1, count + 1, 3):
                worklist.assign(s, [number], "owner", ("ann", "ben")[number % 2])
                worklist.assign(s, [number], "site", ("North", "South")[number % 2])
                worklist.assign(s, [number], "status", ("called", "booked", "to call")[number % 3])
        for address in ADDRESSES:
            opened.get(address)
            clock, processor = [], []
            for _ in range(9):
                before = time.perf_counter(), time.process_time()
                assert opened.get(address).status_code == 200
                clock.append(1000 * (time.perf_counter() - before[0]))
                processor.append(1000 * (time.process_time() - before[1]))
            took = f"{statistics.median(clock):6.0f} ms, {statistics.median(processor):6.0f} ms of processor time"
            print(f"{took}  {address}")


if __name__ == "__main__":
    chosen = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    if len(sys.argv) > 2:
        main(chosen, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(chosen, Path(made))
