"""The store, in SQLite and in a real PostgreSQL: nothing is lost, everything is stated."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import threading
from pathlib import Path

import clinic
import postgres
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from bonecast.care import Override
from bonecast.core import RecordError
from bonecast.errors import InputError, UnknownName
from bonecast.web.store import Conflict, audit, history, jobs, migrations, open_store, overrides, people
from bonecast.web.store.backup import backup, restore

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
_counter = itertools.count()


@pytest.fixture(scope="module")
def server():
    """A running PostgreSQL."""
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL server is installed here (Debian's package postgresql)")
    with postgres.running() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    else:
        opened = open_store(_new_database(request.getfixturevalue("server")))
    yield opened
    opened.close()


def _new_database(address: str) -> str:
    """One more empty database of that server."""
    import psycopg

    name = f"clinic{next(_counter)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")


def _added(store, **changes):
    with store.session() as s:
        return people.add(s, clinic.record(**changes), "ann")


def _changed(stored, **changes):
    """The record with these lines of [person] changed."""
    made = copy.deepcopy(stored.record)
    made["person"] |= changes
    return made


def test_a_record_comes_back_as_it_was_kept(store):
    with store.session() as s:
        kept = people.add(s, people.with_keys(clinic.record()), "ann")
    with store.reading() as s:
        found = people.get(s, kept.id)
        patient = people.patient(found, TODAY)
    assert found == kept
    assert patient.weight_kg == 61.0
    assert [dose.date.isoformat() for dose in patient.doses] == ["2025-09-10", "2026-03-16"]


def test_the_next_injection_is_due_half_a_year_after_the_last(store):
    assert _added(store).due == dt.date(2026, 9, 15)


def test_two_edits_of_different_fields_both_stand(store):
    first = _added(store)
    with store.session() as s:
        people.save(s, first.id, _changed(first, weight="62 kg"), 1, "ann")
    theirs = _changed(first, height="160 cm")
    theirs["doses"][0]["lot"] = "L-7"
    with store.session() as s:
        both = people.save(s, first.id, theirs, 1, "ben")
    assert (both.record["person"]["weight"], both.record["person"]["height"]) == ("62 kg", "160 cm")
    assert both.record["doses"][0]["lot"] == "L-7"
    assert both.version == 3


def test_two_edits_of_one_field_are_a_conflict_and_keep_nothing(store):
    first = _added(store)
    with store.session() as s:
        people.save(s, first.id, _changed(first, weight="62 kg"), 1, "ann")
    with pytest.raises(Conflict) as caught, store.session() as s:
        people.save(s, first.id, _changed(first, weight="63 kg", height="160 cm"), 1, "ben")
    (clash,) = caught.value.fields
    assert (clash.base, clash.theirs, clash.mine) == ("61 kg", "62 kg", "63 kg")
    assert caught.value.merged["person"]["height"] == "160 cm"
    with store.reading() as s:
        assert people.get(s, first.id).record["person"].get("height") is None


def test_a_dose_moved_on_one_side_and_removed_on_the_other_is_a_conflict(store):
    first = _added(store)
    moved, removed = copy.deepcopy(first.record), copy.deepcopy(first.record)
    moved["doses"][1]["date"] = "2026-03-20"
    del removed["doses"][1]
    with store.session() as s:
        people.save(s, first.id, moved, 1, "ann")
    with pytest.raises(Conflict) as caught, store.session() as s:
        people.save(s, first.id, removed, 1, "ben")
    (clash,) = caught.value.fields
    assert clash.mine is None
    assert clash.theirs["date"] == "2026-03-20"


def test_edits_at_the_same_time_are_all_kept(store):
    first = _added(store)
    facts = ["diabetes", "latex_allergy", "new_back_pain", "oral_exam_done", "skin_rash", "on_dialysis"]

    def say(fact):
        with store.session() as s:
            people.save(s, first.id, _changed(first, **{fact: True}), 1, fact)

    threads = [threading.Thread(target=say, args=(fact,)) for fact in facts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as s:
        last = people.get(s, first.id)
    assert all(last.record["person"][fact] is True for fact in facts)
    assert last.version == 1 + len(facts)


def test_history_tells_who_changed_what_from_what_to_what(store):
    first = _added(store)
    with store.session() as s:
        changed = _changed(first, weight="62 kg")
        del changed["doses"][0]
        people.save(s, first.id, changed, 1, "ben")
    with store.reading() as s:
        weight, dose, whole = sorted(history.of(s, first.id), key=lambda c: (-c.version, c.what != "weight"))
    assert (weight.who, weight.what, weight.before, weight.after) == ("ben", "weight", "61 kg", "62 kg")
    assert dose.what == "dose, denosumab 2025-09-10"
    assert dose.after is None
    assert (whole.who, whole.action) == ("ann", "added")


def test_a_deletion_can_be_undone(store):
    first = _added(store)
    with store.session() as s:
        people.delete(s, first.id, "ann")
        assert people.find(s).total == 0
        assert people.find(s, deleted=True).total == 1
    with store.session() as s:
        back = people.restore(s, first.id, "ben")
    assert back.record == first.record
    with store.reading() as s:
        assert people.find(s).total == 1
        assert [change.action for change in history.of(s, first.id)] == ["restored", "deleted", "added"]


def test_two_people_on_the_list_never_share_an_id(store):
    first = _added(store)
    with pytest.raises(InputError, match="id of another person"):
        _added(store)
    with store.session() as s:
        people.delete(s, first.id, "ann")
    _added(store)
    with pytest.raises(InputError, match="id of another person"), store.session() as s:
        people.restore(s, first.id, "ann")


def test_a_record_that_cannot_be_used_is_not_kept(store):
    with pytest.raises(RecordError):
        _added(store, weight="61")
    with store.reading() as s:
        assert people.find(s).total == 0


@pytest.mark.parametrize("value", ["a\0b", "a\ud800b", {"a": 1}, [1]])
def test_what_a_database_cannot_keep_is_refused_in_a_sentence(store, value):
    with pytest.raises(InputError):
        _added(store, name=value)


def test_the_list_has_those_longest_overdue_first_and_finds_by_every_word(store):
    def due(id, name, day):
        tables = clinic.record(id=id, name=name)
        tables["doses"] = [{"drug": "denosumab", "amount": "60 mg", "date": day}] if day else []
        with store.session() as s:
            people.add(s, tables, "ann")

    due("A-1", "Zoë Late", "2025-01-02")
    due("A-2", "Ann Later", "2025-06-02")
    due("A-3", "Ben None", "")
    due("A-4", "100% Odd_Name", "2026-09-01")
    with store.reading() as s:
        rows = people.find(s, today=TODAY).rows
        assert [row.record_id for row in rows] == ["A-1", "A-2", "A-4", "A-3"]
        assert [row.days_overdue is not None for row in rows] == [True, True, False, False]
        assert people.overdue(s, TODAY) == 2
        assert [row.name for row in people.find(s, "ZOË late").rows] == ["Zoë Late"]
        assert [row.record_id for row in people.find(s, "%").rows] == ["A-4"]
        assert [row.record_id for row in people.find(s, "odd_").rows] == ["A-4"]
        assert people.find(s, "\0").total == 4
        assert [row.name for row in people.find(s, due_first=False, limit=2).rows] == [
            "100% Odd_Name",
            "Ann Later",
        ]


@pytest.mark.parametrize("table", ["audit", "versions", "overrides", "withdrawals"])
@pytest.mark.parametrize("change", ["UPDATE {} SET by = 'nobody'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_is_only_added_to(store, table, change):
    first = _added(store)
    with store.session() as s:
        audit.note(s, "ann", "added", first.id)
        overrides.record(s, first.id, override("loading dose given today"))
        overrides.withdraw(s, first.id, "PD-07", "ann")
    with pytest.raises(DatabaseError, match="only added to"), store.session() as s:
        s.execute(text(change.format(table)))
    with store.reading() as s:
        assert s.scalar(text(f"SELECT count(*) FROM {table} WHERE by = 'ann'")) == 1


def override(reason: str, rule: str = "PD-07", action: str = "continue_60", by: str = "ann") -> Override:
    return Override(rule, reason, by, NOW, action, (("vitd_25oh_nmol_L", 18.0), ("on_dialysis", None)))


def test_an_override_has_a_reason_and_a_rule_and_keeps_its_act_and_values(store):
    first = _added(store)
    with store.session() as s:
        overrides.record(s, first.id, override("loading dose given today"))
    with pytest.raises(InputError), store.session() as s:
        overrides.record(s, first.id, override(" "))
    with pytest.raises(UnknownName), store.session() as s:
        overrides.record(s, first.id, override("because", rule="XX-99"))
    with store.reading() as s:
        assert [one.override for one in overrides.of(s, first.id)] == [override("loading dose given today")]


def test_an_override_that_was_undone_no_longer_stands_and_stays_on_file(store):
    first = _added(store)
    with store.session() as s:
        overrides.record(s, first.id, override("loading dose given today"))
        overrides.record(s, first.id, override("and again"))
        overrides.record(s, first.id, override("a start", action="start_60"))
        assert [one.override.reason for one in overrides.standing(s, first.id)] == ["and again", "a start"]
        overrides.withdraw(s, first.id, "PD-07", "ben", "continue_60")
    with store.reading() as s:
        assert [one.override.reason for one in overrides.standing(s, first.id)] == ["a start"]
        assert [(one.override.reason, one.withdrawn_by) for one in overrides.of(s, first.id)] == [
            ("loading dose given today", "ben"),
            ("and again", "ben"),
            ("a start", None),
        ]
    with pytest.raises(InputError, match="not overridden"), store.session() as s:
        overrides.withdraw(s, first.id, "PD-07", "ben", "continue_60")
    with store.session() as s:
        overrides.record(s, first.id, override("third time"))
        assert [one.override.reason for one in overrides.standing(s, first.id)] == ["a start", "third time"]


def test_what_another_program_reports_stays_on_file_and_never_stands(store):
    first = _added(store)
    with store.session() as s:
        overrides.record_fed_back(s, [override("seen in clinic", by="CDS Hooks client")], "A-1")
    with store.reading() as s:
        assert overrides.standing(s, first.id) == []
        (one,) = overrides.of(s, first.id)
    assert one.fed_back
    assert "never applied" in one.ended


def test_overrides_of_an_earlier_version_name_no_act_and_have_ended(tmp_path):
    """The tables of version 0.1.0 had neither act nor values: such a row stays on file and is never applied."""
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        migrate_to(connection, "0002")
        connection.execute(
            text(
                "INSERT INTO people (id, version, record, record_id, name, sought, sex, birth_date, last_seen, deleted)"
                " VALUES (1, 1, '{}', 'A-1', 'A', 'a', 'female', '1955-03-09', '2026-09-15', 0)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO overrides (person_id, record_id, rule, reason, by, at)"
                " VALUES (1, 'A-1', 'PD-07', 'as before', 'ann', '2026-09-15 10:00:00')"
            )
        )
    engine.dispose()
    store = open_store(str(tmp_path / "old.db"))
    with store.reading() as s:
        (one,) = overrides.standing(s, 1)
    store.close()
    assert (one.override.reason, one.override.action, one.override.values) == ("as before", "", ())
    assert "names no act" in one.ended


def migrate_to(connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def test_a_job_is_taken_once_reported_cancelled_and_put_back_after_a_crash(store):
    first = _added(store)
    with store.session() as s:
        users = enumerate(("ann", "bob", "ann"))  # the jobs of one user wait for each other
        ids = [jobs.submit(s, "forecast", first.id, {"draws": n}, by).id for n, by in users]
    with store.session() as s:
        assert [jobs.take(s).id for _ in range(2)] == ids[:2]
    with store.session() as s:
        assert jobs.tell(s, ids[0], 0.5, "half")
        assert jobs.cancel(s, ids[1])
        assert not jobs.finish(s, ids[1], b"late")
        assert not jobs.cancel(s, ids[1])
    with store.session() as s:
        assert jobs.requeue(s) == 1
        assert jobs.take(s).id == ids[0]
        assert jobs.finish(s, ids[0], b"done")
    with store.reading() as s:
        assert (jobs.get(s, ids[0]).state, jobs.result(s, ids[0])) == ("done", b"done")
        assert [job.state for job in jobs.of(s, first.id)] == ["queued", "cancelled", "done"]


def test_a_backup_brings_everything_back_into_either_kind_of_database(store, tmp_path):
    first = _added(store)
    with store.session() as s:
        people.save(s, first.id, _changed(first, weight="62 kg"), 1, "ben")
        audit.note(s, "ben", "changed", first.id)
    file = tmp_path / "backup.db"
    assert backup(store, file) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("backup.db-*"))
    with store.session() as s:
        people.delete(s, first.id, "ann")
    with pytest.raises(InputError, match="not empty"):
        restore(store, file, replace=False)
    assert restore(store, file, replace=True) == 1
    with store.session() as s:
        back = people.get(s, first.id)
        assert (back.record["person"]["weight"], back.deleted, back.version) == ("62 kg", False, 2)
        assert [change.who for change in history.of(s, first.id)] == ["ben", "ann"]
        assert [entry.by for entry in audit.latest(s)] == ["ben"]
    assert _added(store, id="A-2").id > first.id
    with pytest.raises(DatabaseError, match="only added to"), store.session() as s:
        s.execute(text("DELETE FROM audit"))


def test_a_file_that_is_no_backup_changes_nothing(store, tmp_path):
    _added(store)
    other = tmp_path / "other.db"
    other.write_bytes(b"no database")
    with pytest.raises(InputError, match="not a backup"):
        restore(store, other, replace=True)
    with store.reading() as s:
        assert people.find(s).total == 1


def test_a_database_is_opened_twice_without_harm(store):
    _added(store)
    again = open_store(store.url.render_as_string(hide_password=False))
    with again.reading() as s:
        assert people.find(s).total == 1
    again.close()


def test_the_file_and_its_side_files_can_be_read_by_their_owner_only(tmp_path):
    file = tmp_path / "new" / "clinic.db"
    opened = open_store(f"sqlite:///{file}")
    _added(opened)
    modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    assert modes == dict.fromkeys(("clinic.db", "clinic.db-wal", "clinic.db-shm"), 0o600)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    opened.close()


@pytest.mark.parametrize(
    "address", ["mysql://me@localhost/x", "sqlite://", "postgresql://nobody@127.0.0.1:1/x", "://"]
)
def test_an_address_that_cannot_be_used_is_refused_in_a_sentence(address):
    with pytest.raises(InputError, match=r"^database: "):
        open_store(address)
