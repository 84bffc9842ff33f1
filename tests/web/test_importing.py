"""Files brought in: how far it is, unusual doses asked about, and nothing lost or doubled by a kill."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import clinic
import pytest

from bonecast.web import importing
from bonecast.web.importing import ImportBoard, ImportShare, bring

HEAD = "id,sex,birth_date,record_date,doses\n"
A_THOUSAND_FOLD = """
[person]
id = "tp"
sex = "female"
birth_date = 1955-03-09
record_date = 2026-09-15
weight = "61 kg"
[[doses]]
drug = "denosumab"
amount = "6000 mg"
date = 2026-03-12
[[doses]]
drug = "teriparatide"
amount = "20 mg"
every = "1 day"
from = 2025-09-10
"""
BINARY = {"content-type": "application/octet-stream"}


def people(count):
    return HEAD + "".join(f"P-{n},female,1955-03-09,2026-09-15,\n" for n in range(count))


@pytest.fixture
def opened(tmp_path):
    with clinic.open_clinic(tmp_path) as found:
        yield found


def test_an_import_says_which_doses_are_unusual_on_the_page_and_by_the_api(opened):
    answer = opened.client.post("/api/v1/import?name=a.toml", content=A_THOUSAND_FOLD, headers=BINARY)
    (line,) = answer.json()
    assert line["fate"] == "added"
    assert line["unusual"] == [
        "2025-09-10: 20 mg of teriparatide is 1,000 times the usual 20 ug",
        "2026-03-12: 6000 mg of denosumab is 50 times the usual 120 mg",
    ]
    page = opened.post("/people/import", {"pasted": A_THOUSAND_FOLD.replace('"tp"', '"tq"')}).text
    assert "Is this right? 2026-03-12: 6000 mg of denosumab is 50 times the usual 120 mg" in page


def test_usual_doses_are_not_asked_about(opened):
    answer = opened.client.post("/api/v1/import?name=late.toml", content=clinic.example(), headers=BINARY)
    assert [line["unusual"] for line in answer.json()] == [[]]


def test_an_import_says_how_far_it_is_after_each_batch_and_nothing_once_it_has_ended(opened, monkeypatch):
    seen = []

    class Watched(ImportBoard):
        def write(self, by, share):
            super().write(by, share)
            seen.append(share)

    monkeypatch.setattr(importing, "BATCH", 2)
    bring(opened.store, people(5).encode(), "p.csv", "ann", False, Watched())
    assert seen == [*(ImportShare("p.csv", done, 5) for done in (0, 2, 4)), None]


def test_the_share_of_ones_own_import_is_on_the_page_and_in_the_api(opened):
    by = opened.get("/api/v1/import").json()
    assert by is None
    assert opened.get("/people/import/progress").text.strip() == ""
    from bonecast.web.settings import local_user

    opened.app.state.imports.write(local_user(), ImportShare("p.csv", 1250, 20_000))
    opened.app.state.imports.write("somebody else", ImportShare("q.csv", 1, 2))
    assert opened.get("/api/v1/import").json() == {"name": "p.csv", "done": 1250, "records": 20_000}
    assert "p.csv: 1,250 of 20,000 records" in opened.get("/people/import/progress").text


def test_an_import_that_fails_leaves_no_share(opened, monkeypatch):
    def fails(*words):
        raise ZeroDivisionError

    board = ImportBoard()
    monkeypatch.setattr(importing, "_keep", fails)
    with pytest.raises(ZeroDivisionError):
        bring(opened.store, people(1).encode(), "p.csv", "ann", False, board)
    assert board.read("ann") is None


def test_others_read_and_save_while_a_table_is_brought_in(opened):
    saved, read = [], []
    with ThreadPoolExecutor(1) as apart:
        table = people(300).encode()
        importing = apart.submit(bring, opened.store, table, "p.csv", "ann", False)
        while not importing.done():
            record = {"record": clinic.record(id=f"W-{len(saved)}")}
            saved.append(opened.client.post("/api/v1/people", json=record).status_code)
            read.append(opened.get("/people").status_code)
    assert len(saved) > 1
    assert set(saved) == {201}
    assert set(read) == {200}
    assert [one.fate for one in importing.result()] == ["added"] * 300
    assert opened.get("/api/v1/people?limit=1").json()["total"] >= 300 + len(saved)


def test_a_kill_in_the_middle_of_an_import_leaves_whole_people_and_the_same_file_brings_the_rest(tmp_path):
    path, count = tmp_path / "clinic.db", 400
    url, body = f"sqlite:///{path}", people(count).encode()

    def send(address):
        asked = urllib.request.Request(f"{address}api/v1/import?name=p.csv", body, BINARY)
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return json.loads(answer.read())

    def kept():
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return sorted(connection.execute("SELECT record_id, version FROM people"))

    with clinic.serving("--no-cds-hooks", "--database", url) as (process, address):
        ended = []

        def sending():
            try:
                ended.append(send(address))
            except (OSError, ValueError):
                ended.append(None)

        thread = threading.Thread(target=sending)
        thread.start()
        end = time.monotonic() + 60
        while not kept() and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        thread.join(60)
    before = kept()
    assert 0 < len(before) <= count
    assert len(before) % importing.BATCH == 0 or len(before) == count  # batches are kept whole
    with closing(sqlite3.connect(path)) as connection:
        (versions,) = connection.execute("SELECT count(*) FROM versions").fetchone()
        (noted,) = connection.execute("SELECT count(*) FROM audit WHERE action = 'imported'").fetchone()
    assert versions == noted == len(before)
    with clinic.serving("--no-cds-hooks", "--database", url) as (_, address):
        fates = [line["fate"] for line in send(address)]
    assert fates == ["known"] * len(before) + ["added"] * (count - len(before))
    assert kept() == sorted((f"P-{n}", 1) for n in range(count))
