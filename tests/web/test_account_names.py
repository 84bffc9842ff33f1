"""One name is one account, however it is typed; and no message holds a statement or a hash."""

from __future__ import annotations

import subprocess
import sys

import clinic
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bonecast.errors import InputError
from bonecast.web.security.login_throttle import MOST_NAME, LoginThrottle
from bonecast.web.store import accounts, open_store
from bonecast.web.store.migrations.versions import account_names
from bonecast.web.store.tables import AccountTable

SAME = ["ann", "ANN", " Ann ", "\uff21\uff4e\uff4e", "a\uff2en"]


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    yield opened
    opened.close()


@pytest.mark.parametrize("first", SAME)
def test_a_name_is_one_account_however_it_is_typed(store, first):
    with store.session() as s:
        assert accounts.add(s, first, "reader", clinic.PASSWORD).name == "ann"
    for other in SAME:
        with store.session() as s:
            assert accounts.admitted(s, other, clinic.PASSWORD) is not None
        with pytest.raises(InputError, match="already an account"), store.session() as s:
            accounts.add(s, other, "reader", clinic.PASSWORD)


@pytest.mark.parametrize("other", ["anne", "an n", "\u00e4nn"])
def test_another_name_is_another_account(store, other):
    with store.session() as s:
        accounts.add(s, "ann", "reader", clinic.PASSWORD)
        accounts.add(s, other, "reader", clinic.PASSWORD)
        assert accounts.count(s) == 2


@pytest.mark.parametrize("name", ["", "  ", "a\u200bnn", "a\nb", "a\x00", "x" * 101, "\ufb03" * 50])
def test_a_name_that_cannot_be_seen_or_kept_is_refused(store, name):
    with pytest.raises(InputError, match="is not a name"), store.session() as s:
        accounts.add(s, name, "reader", clinic.PASSWORD)


def test_tries_of_one_name_count_together_however_it_is_typed():
    tries = LoginThrottle(lambda: 0.0)
    for n in range(MOST_NAME):
        assert tries.begin(SAME[n % len(SAME)], "10.0.0.1") == 0
    assert all(tries.begin(name, "10.0.0.1") > 0 for name in SAME)
    assert tries.begin("anne", "10.0.0.1") == 0


def test_two_administrators_who_add_one_name_at_once_get_a_sentence(store, monkeypatch):
    with store.session() as s:
        accounts.add(s, "ann", "reader", clinic.PASSWORD)
    monkeypatch.setattr(accounts, "named", lambda *_: None)  # the other one had not saved yet
    with pytest.raises(InputError, match="already an account") as refused, store.session() as s:
        accounts.add(s, "ann", "reader", clinic.PASSWORD)
    assert "INSERT" not in str(refused.value)
    assert "argon2" not in str(refused.value)


def test_names_of_before_are_brought_into_the_form_and_nobody_is_lost(store):
    before = ["Ann", "ann", "\uff21NN", "Ben", "ann 2"]
    with store.session() as s:
        now = sa.func.current_timestamp()
        for name in before:
            values = {"name": name, "role": "reader", "password": name, "disabled": False, "created": now}
            s.execute(sa.insert(AccountTable).values(**values))
    with (
        store.engine.execution_options(writes=True).begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        account_names.upgrade()
    with store.reading() as s:
        found = {row.password: row.name for row in s.scalars(sa.select(AccountTable))}
    assert found == {"Ann": "ann", "ann": "ann 2", "\uff21NN": "ann 3", "Ben": "ben", "ann 2": "ann 2 2"}


def test_a_message_of_the_database_holds_no_statement_and_no_hash(store):
    with store.session() as s:
        accounts.add(s, "ann", "reader", clinic.PASSWORD)
    code = (
        "import sys; from bonecast.cli import run; from bonecast.web.store import accounts\n"
        "accounts.named = lambda *_: None; accounts.IntegrityError = KeyError; sys.exit(run(sys.argv[1:]))"
    )
    words = ["database", "accounts", "add", "ann", "--database", str(store.path)]
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        input=clinic.PASSWORD + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "it cannot be used now (UNIQUE constraint failed: accounts.name)" in done.stderr
    assert "INSERT" not in done.stderr
    assert "argon2" not in done.stderr
