"""Backups lose nobody: a log that was not yet written back, a file that was cut off, a target that is the source."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import clinic
import httpx
import pytest
from sqlalchemy import text

from bonecast.errors import InputError
from bonecast.web.store import accounts, open_store, people
from bonecast.web.store.backup import backup, restore


@pytest.fixture
def store(tmp_path):
    """A database with one person."""
    opened = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    with opened.session() as s:
        people.add(s, clinic.record(), "ann")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path):
    """An empty database in a folder of its own."""
    opened = open_store(f"sqlite:///{tmp_path / 'other' / 'other.db'}")
    yield opened
    opened.close()


def listed(store):
    with store.reading() as s:
        return sorted(row.record_id for row in people.find(s).rows)


def test_who_was_saved_before_a_kill_comes_back_from_the_file_of_the_database(tmp_path, other):
    database = tmp_path / "clinic.db"
    with clinic.serving("--database", database) as (process, address):
        for n in range(3):
            sent = {"record": clinic.record(id=f"P-{n}")}
            assert httpx.post(f"{address}api/v1/people", json=sent).status_code == 201
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    log = tmp_path / "clinic.db-wal"
    assert log.stat().st_size > 0
    before = database.read_bytes(), log.read_bytes()
    assert restore(other, database, replace=False) == 3
    assert listed(other) == ["P-0", "P-1", "P-2"]
    assert (database.read_bytes(), log.read_bytes()) == before, "the source was changed"


def test_a_backup_holds_what_stands_in_the_log_only(store, other, tmp_path):
    assert (tmp_path / "clinic.db-wal").stat().st_size > 0
    assert backup(store, tmp_path / "b.db") == 1
    assert restore(other, tmp_path / "b.db", replace=False) == 1
    assert listed(other) == ["A-1"]


def names_of(path, folder):
    """A file, a link to it and another name of it."""
    soft, hard = folder / "soft.db", folder / "hard.db"
    soft.symlink_to(path)
    os.link(path, hard)
    return path, soft, hard


def test_a_database_is_neither_restored_from_itself_nor_backed_up_onto_itself(store, tmp_path):
    for name in names_of(store.path, tmp_path):
        with pytest.raises(InputError, match="is the database itself"):
            restore(store, name, replace=True)
        with pytest.raises(InputError, match="is the database itself"):
            backup(store, name)
    assert listed(store) == ["A-1"]


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.01])
def test_a_backup_that_was_cut_off_is_refused_and_changes_nothing(store, other, tmp_path, kept):
    file = tmp_path / "b.db"
    backup(store, file)
    os.truncate(file, int(file.stat().st_size * kept))
    with other.session() as s:
        people.add(s, clinic.record(id="STAYS"), "ann")
    with pytest.raises(InputError, match=r"damaged|not a backup"):
        restore(other, file, replace=True)
    assert listed(other) == ["STAYS"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("UPDATE people SET name = 'Someone else'", "the checksum differs"),
        ("DELETE FROM accounts", "the checksum differs"),
        ("INSERT INTO keys VALUES ('more', x'00')", "the checksum differs"),
        ("UPDATE backup_seal SET sha256 = 'x'", "the checksum differs"),
        ("DELETE FROM backup_seal", "damaged"),
    ],
)
def test_a_backup_that_was_altered_is_refused_and_changes_nothing(store, other, tmp_path, change, cause):
    with store.session() as s:
        accounts.add(s, "ann", "reader", clinic.PASSWORD)
    file = tmp_path / "b.db"
    backup(store, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(change)
        connection.commit()
    with pytest.raises(InputError, match=cause):
        restore(other, file, replace=True)
    assert listed(other) == []


def test_a_single_changed_byte_of_a_record_is_noticed(store, other, tmp_path):
    file = tmp_path / "b.db"
    backup(store, file)
    held = file.read_bytes()
    assert b"61 kg" in held
    file.write_bytes(held.replace(b"61 kg", b"16 kg"))
    with pytest.raises(InputError, match="the checksum differs"):
        restore(other, file, replace=False)


def test_a_restore_into_a_database_that_a_server_has_open_is_refused(store, other, tmp_path):
    backup(store, tmp_path / "b.db")
    server = open_store(f"sqlite:///{other.path}")
    assert listed(server) == []  # it keeps its connection, as a server does between two requests
    with pytest.raises(InputError, match="in use"):
        restore(other, tmp_path / "b.db", replace=True)
    assert listed(server) == []
    server.close()
    assert restore(other, tmp_path / "b.db", replace=True) == 1
    assert listed(other) == ["A-1"]


def test_a_database_that_was_made_from_a_backup_is_backed_up_again(store, other, tmp_path):
    first, second = tmp_path / "b.db", tmp_path / "c.db"
    backup(store, first)
    copy = open_store(f"sqlite:///{shutil.copy(first, tmp_path / 'used.db')}")
    with copy.session() as s:
        people.add(s, clinic.record(id="A-2"), "ann")
    assert backup(copy, second) == 2
    copy.close()
    assert restore(other, second, replace=False) == 2


def test_a_backup_holds_nobody_who_is_signed_in(store, tmp_path):
    with store.session() as s:
        accounts.sign_in(s, accounts.add(s, "ann", "reader", clinic.PASSWORD))
        kept = s.scalar(text("SELECT token_hash FROM sessions"))
    backup(store, tmp_path / "b.db")
    assert kept.encode() not in (tmp_path / "b.db").read_bytes()


def test_a_backup_that_fails_leaves_no_file_and_the_one_of_before(store, tmp_path, monkeypatch):
    file = tmp_path / "b.db"
    backup(store, file)
    before, names = file.read_bytes(), sorted(tmp_path.iterdir())

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("bonecast.web.store.backup._seal", full)
    with pytest.raises(InputError, match=r"no backup was written \(database or disk is full\)"):
        backup(store, file)
    assert (file.read_bytes(), sorted(tmp_path.iterdir())) == (before, names)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_backup_that_a_signal_ends_leaves_no_file(store, tmp_path, number):
    folder = tmp_path / "backups"
    folder.mkdir()
    code = (
        "import sys, time; from bonecast.cli import run; from bonecast.web.store import backup\n"
        "def wait(*_): print('here', flush=True); time.sleep(60)\n"
        "backup._seal = wait; sys.exit(run(sys.argv[1:]))"
    )
    words = ["database", "backup", str(folder / "b.db"), "--database", str(store.path)]
    process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    assert list(folder.iterdir())
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert list(folder.iterdir()) == []


def test_a_refused_restore_into_a_new_path_leaves_no_database_there(tmp_path):
    from bonecast.cli.entry_point import run

    (tmp_path / "no.db").write_text("no backup")
    address = f"sqlite:///{tmp_path / 'new.db'}"
    assert run(["database", "restore", str(tmp_path / "no.db"), "--database", address]) == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["no.db"]


def test_a_database_that_cannot_be_opened_ends_the_start_with_a_sentence(tmp_path, capsys):
    from bonecast.cli.entry_point import run

    assert run(["serve", "--port", "0", "--database", f"sqlite:///{tmp_path}"]) == 2
    assert "Is a directory" in capsys.readouterr().err
