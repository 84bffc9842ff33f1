"""From release 0.1.0 to this one: a database that 0.1.0 itself wrote is opened, and everything in it is still there."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bonecast.web.store import accounts, audit, history, jobs, migrations, open_store, overrides, people
from bonecast.web.store.backup import restore
from bonecast.web.store.tables import Base

ROOT = Path(__file__).parents[2]
# Written by the store of the last commit of 0.1.0 and dumped by `sqlite3`: two accounts, a session, two invented people
# (one changed, one deleted), an override, a line of the audit log and a queued job.
DUMP = ROOT / "tests" / "data" / "database-0.1.0.sql"
PATH = "/usr/bin:/bin"


def done(words, **options):
    return subprocess.run(words, check=False, capture_output=True, **options)


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


def _holds_what_0_1_0_kept(store):
    with store.reading() as s:
        first, second = people.with_record_id(s, "A-1"), people.get(s, 2)
        assert first is not None
        assert second is not None
        assert first.record["person"]["weight"] == "60 kg"
        assert people.patient(first).doses[-1].drug == "denosumab"
        assert [row.name for row in people.find(s).rows] == ["Ann Example"]
        assert second.record["person"]["name"] == "Björn Beispiel"
        weights = [(one.before, one.after) for one in history.of(s, 1) if "61 kg" in (one.before, one.after)]
        assert ("61 kg", "60 kg") in weights
        (kept,) = overrides.of(s, 1)
        assert (kept.override.rule, kept.override.reason) == ("PD-07", "loading dose given")
        assert "names no act" in kept.ended
        account = accounts.admitted(s, "Ann Clinician", "a long password of 0.1.0")
        assert account is not None
        assert account.role == "clinician"
        assert {one.role for one in accounts.every(s)} == {"clinician", "administrator"}
        assert [one.action for one in audit.latest(s)].count("people found") == 1
        (job,) = jobs.of(s, 1)
        assert (job.kind, job.payload) == ("forecast", {"horizon": "2 years"})


def test_a_database_of_0_1_0_is_brought_up_to_date_and_loses_nothing(old):
    store = open_store(f"sqlite:///{old}")
    try:
        _holds_what_0_1_0_kept(store)
        with store.session() as s:
            people.restore(s, 2, "root")
        with store.reading() as s:
            assert len(people.find(s).rows) == 2
        scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
        with store.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert context.get_current_revision() == scripts.get_current_head()
        found = {
            name: {c["name"] for c in inspect(store.engine).get_columns(name)}
            for name in Base.metadata.tables
        }
        assert found == {name: set(table.columns.keys()) for name, table in Base.metadata.tables.items()}
    finally:
        store.close()


def test_a_backup_of_0_1_0_is_restored_and_the_backup_itself_stays_as_it_was(old, tmp_path):
    store, before = open_store(f"sqlite:///{tmp_path / 'new.db'}"), old.read_bytes()
    try:
        assert restore(store, old, replace=False) == 2
        with store.reading() as s:
            assert [row.name for row in people.find(s).rows] == ["Ann Example"]
            assert len(overrides.of(s, 1)) == len(jobs.of(s, 1)) == 1
    finally:
        store.close()
    assert old.read_bytes() == before


def test_checksums_of_a_wheel_are_signed_and_a_changed_wheel_or_list_is_found(tmp_path):
    if shutil.which("ssh-keygen") is None:
        pytest.skip("OpenSSH is not installed here (Debian's package openssh-client)")
    dist, key = tmp_path / "dist", tmp_path / "key"
    dist.mkdir()
    (dist / "bonecast-0.2.0-py3-none-any.whl").write_bytes(b"a wheel")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    run = [ROOT / ".ci/checksums", dist]
    subprocess.run(
        run, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "SIGNING_KEY": str(key)}
    )
    trusted = tmp_path / "allowed_signers"
    trusted.write_text(f"release {key.with_suffix('.pub').read_text()}")

    def verified() -> bool:
        words = ["ssh-keygen", "-Y", "verify", "-f", trusted, "-I", "release", "-n", "bonecast"]
        signed = (dist / "SHA256SUMS").read_bytes()
        return done([*words, "-s", dist / "SHA256SUMS.sig"], input=signed).returncode == 0

    def intact() -> bool:
        return done(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=dist).returncode == 0

    assert verified()
    assert intact()
    (dist / "bonecast-0.2.0-py3-none-any.whl").write_bytes(b"another wheel")
    assert not intact()
    (dist / "SHA256SUMS").write_text("0" * 64 + "  bonecast-0.2.0-py3-none-any.whl\n")
    assert not verified()


def test_a_key_inside_the_repository_signs_nothing(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"a wheel")
    found = done([ROOT / ".ci/checksums", tmp_path], env={"PATH": PATH, "SIGNING_KEY": str(ROOT / "LICENSE")})
    assert found.returncode == 2
    assert b"lies inside the repository" in found.stderr
    assert not (tmp_path / "SHA256SUMS.sig").exists()
