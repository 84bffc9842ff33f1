"""A database that is locked or full: who looks and who signs in goes on, who saves gets a sentence, no line is lost."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import time
from collections import Counter
from contextlib import closing, contextmanager

import clinic
import pytest
from sqlalchemy import event

from bonecast.web.store import audit, jobs, later
from bonecast.web.store import open as opening
from bonecast.web.store.later import Later

PAGES = ("/people", "/people/1/record", "/people/1/check", "/people/1/history", "/api/v1/people/1")


WOMAN = {f"person-{key}": value for key, value in clinic.record(id="B-2")["person"].items()}


@contextmanager
def locked(opened):
    """Another program holds the write lock of the database."""
    with closing(sqlite3.connect(opened.store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """One person, three accounts; those who save wait a short time for the lock."""
    monkeypatch.setattr(later, "SHORT_S", 0.01)
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        opened.add(clinic.record())
        monkeypatch.setattr(opening, "WAIT_MS", 50)
        yield opened


def lines(opened):
    with opened.store.reading() as s:
        return [(one.by, one.action, one.person_id, one.detail) for one in audit.latest(s, limit=1000)]


def settled(opened, wanted):
    """The audit log once it has these lines, or at the end of patience."""
    end = time.monotonic() + 30
    while Counter(wanted) - Counter(lines(opened)) and time.monotonic() < end:
        time.sleep(0.05)
    return lines(opened)


def test_pages_are_read_while_the_database_is_locked_and_every_look_is_in_the_log_once(shared):
    before = Counter(lines(shared))
    with locked(shared):
        assert [shared.get(path).status_code for path in PAGES] == [200] * len(PAGES)
        assert Counter(lines(shared)) == before
    looks = [
        ("clinician", "listed", None, "/people"),
        ("clinician", "looked", 1, "/people/{id:int}/record"),
        ("clinician", "looked", 1, "/people/{id:int}/check"),
        ("clinician", "looked", 1, "/people/{id:int}/history"),
        ("clinician", "looked", 1, "/api/v1/people/{id}"),
    ]
    assert Counter(settled(shared, looks)) - before == Counter(looks)


def test_people_sign_in_while_the_database_is_locked_and_stay_signed_in(shared):
    with locked(shared):
        assert shared.sign_in("reader").status_code == 303
        assert shared.get("/people/1/record").status_code == 200
    wanted = [("reader", "signed in", None, "from testclient")]
    assert wanted[0] in settled(shared, wanted)
    end = time.monotonic() + 30
    while shared.app.state.later._sessions and time.monotonic() < end:
        time.sleep(0.05)
    assert not shared.app.state.later._sessions  # it is in the database now
    assert shared.get("/people/1/record").status_code == 200


def test_a_session_that_waits_ends_with_the_password_it_was_opened_with(shared, tmp_path):
    with locked(shared):
        shared.sign_in("reader")
        assert shared.get("/people").status_code == 200
        (waiting,) = shared.app.state.later._sessions.values()
    with shared.store.session() as s:
        from bonecast.web.store import accounts

        reader = accounts.named(s, "reader")
        assert accounts.holder(s, waiting) == reader
        accounts.change(s, reader.id, password="another horse battery staple")
        assert accounts.holder(s, waiting) is None
        accounts.keep_session(s, waiting)
    assert shared.get("/people", follow_redirects=False).status_code == 303


def test_who_signs_out_is_out_also_before_the_session_was_kept(shared):
    with locked(shared):
        shared.sign_in("reader")
        assert (
            shared.post("/sign-out").status_code == 503
        )  # it cannot be noted; the session has ended all the same
        assert shared.get("/people", follow_redirects=False).status_code == 303


QUEUEING = (
    "/people/1/forecast",
    "/people/1/compare",
    "/people/1/stop",
    "/people/1/late",
    "/people/1/report",
)


@pytest.mark.parametrize("path", QUEUEING)
def test_a_page_that_asks_for_a_computation_while_the_database_is_locked_waits_for_nobody(shared, path):
    with locked(shared):
        answer = shared.get(path)
        assert (answer.status_code, answer.headers["refresh"]) == (503, "2")
        assert "The computation begins after them, and this page opens again by itself." in answer.text
        assert shared.get(path).status_code == 503
        with shared.store.reading() as s:
            assert jobs.of(s, 1) == []
    end = time.monotonic() + 30
    while not shared.app.state.later._drained() and time.monotonic() < end:
        time.sleep(0.05)
    assert shared.get(path).status_code == 200
    with shared.store.reading() as s:
        assert len(jobs.of(s, 1)) == 1  # asked three times, once in the queue


@pytest.mark.parametrize("path", ["/api/v1/people", "/people/new"])
def test_a_change_while_the_database_is_locked_is_answered_503_in_a_sentence(shared, path):
    with locked(shared):
        if path.startswith("/api"):
            answer = shared.client.post(path, json={"record": clinic.record(id="B-2")})
            assert answer.json()["cause"].startswith("The database is busy or away. Nothing was saved")
        else:
            answer = shared.post(path, WOMAN)
            assert "The database is busy or away. Nothing was saved" in answer.text
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert not re.search(r"(?i)sqlite|begin immediate|operationalerror|traceback", answer.text)
    end = time.monotonic() + 30
    while (kept := shared.post("/people/new", WOMAN).status_code) == 503 and time.monotonic() < end:
        time.sleep(0.05)  # what waited for the lock is written first
    assert kept == 303


def test_a_full_database_is_answered_507_in_a_sentence_and_reads_go_on(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        opened.add()

        @event.listens_for(opened.store.engine, "begin")
        def no_more_pages(connection):
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        answers = [
            opened.client.post("/api/v1/people", json={"record": clinic.record(id=f"F-{n}")})
            for n in range(300)
        ]
        last = answers[-1]
        assert {answer.status_code for answer in answers} <= {201, 507}
        assert last.status_code == 507
        assert last.json()["cause"].startswith("The disk of the database is full. Nothing was saved")
        assert not re.search(r"(?i)sqlite|insert into|operationalerror|traceback", last.text)
        assert opened.get("/people").status_code == 200
        kept = opened.get("/api/v1/people?limit=200").json()["total"]
        assert kept == 1 + sum(answer.status_code == 201 for answer in answers)


def test_what_a_quota_or_a_limit_on_files_refuses_counts_as_full():
    from sqlalchemy.exc import OperationalError

    refused = sqlite3.OperationalError("disk I/O error")
    refused.sqlite_errorname = "SQLITE_IOERR_WRITE"
    assert opening.is_full(OperationalError(None, None, refused))
    refused.sqlite_errorname = "SQLITE_IOERR_READ"
    assert not opening.is_full(OperationalError(None, None, refused))


def test_lines_that_a_killed_server_left_waiting_are_in_the_log_after_the_next_start_once(shared):
    before = Counter(lines(shared))
    killed = Later(shared.store)  # it never gets to writing what waits
    with locked(shared):
        for person in (1, 2):
            killed.note("reader", "looked", person, "/people/{id:int}/record")
    kept = killed._lines()
    with shared.store.session() as s:
        audit.add_missing(
            s, [kept[0][1]]
        )  # killed again: after the first was written, before it left the file
    again = Later(shared.store)
    again.open()
    wanted = [("reader", "looked", person, "/people/{id:int}/record") for person in (1, 2)]
    found = settled(shared, wanted)
    again.close()
    assert Counter(found) - before == Counter(wanted)
    assert again._lines() == []
    with shared.store.reading() as s:
        assert {one.at for one in audit.latest(s, limit=2)} == {line.at for _, line in kept}


def test_the_file_of_waiting_lines_is_its_owners_only(shared):
    with locked(shared):
        shared.get("/people/1/record")
        assert shared.app.state.later.file.stat().st_mode & 0o077 == 0


def test_a_line_that_finds_no_room_anywhere_refuses_the_look(shared, monkeypatch):
    def no_room(path):
        raise sqlite3.OperationalError("database or disk is full")

    with locked(shared):
        monkeypatch.setattr(later, "_opened", no_room)
        assert shared.get("/people/1/record").status_code == 507
        monkeypatch.undo()


def test_of_two_servers_the_second_writes_no_line_twice(shared):
    at = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    line = (at, "reader", "looked", 1, "/x")
    with shared.store.session() as s:
        audit.add_missing(s, [line, line])
        audit.add_missing(s, [line, (at, "reader", "looked", 2, "/x")])
    assert sum(one[3] == "/x" for one in lines(shared)) == 2
