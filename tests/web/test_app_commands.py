"""`bonecast serve` and `bonecast database`: what they refuse, and that what they keep is safe."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import clinic
import pytest

from bonecast import cli
from bonecast.web.store import accounts, audit, open_store, people


@dataclass(frozen=True)
class Done:
    """What a command gave."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys, monkeypatch):
    """`run(*words, said="")`: one command in this process, with this on its stdin."""

    def one(*words, said=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        capsys.readouterr()
        code = cli.run(list(map(str, words)))
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return one


@pytest.fixture
def add_account(run):
    """`add_account(database, name="ann", role="administrator")`: by the command."""

    def one(database, name="ann", role="administrator"):
        words = ("database", "accounts", "add", name, "--role", role, "--database", database)
        return run(*words, said=clinic.PASSWORD + "\n")

    return one


def call(address, path, method="GET", body=None):
    request = urllib.request.Request(address + path, method=method)
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, data, timeout=20) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (["--host", "0.0.0.0"], "records travel over HTTPS"),
        (["--host", "0.0.0.0", "--insecure"], "there is no account"),
        (["--behind-proxy"], "there is no account"),
        (["--certificate", "c.pem"], "belong together"),
        (
            ["--host", "0.0.0.0", "--certificate", "/nowhere/c.pem", "--key", "/nowhere/k.pem"],
            "there is no file",
        ),
        (["--host", "999.1.1.1"], "cannot be listened at"),
    ],
)
def test_what_would_be_unsafe_is_refused_in_a_sentence(tmp_path, words, cause, run, add_account):
    if "999.1.1.1" in words:
        words = [*words, "--insecure"]
        add_account(tmp_path / "clinic.db")
    done = run("serve", "--database", tmp_path / "clinic.db", *words)
    assert done.returncode == 2
    assert cause in done.stderr


def test_a_command_of_the_database_loads_no_page_and_no_rule(tmp_path, add_account):
    code = "import sys; from bonecast.cli import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    add_account(tmp_path / "clinic.db")
    words = ["database", "accounts", "list", "--database", str(tmp_path / "clinic.db")]
    listed = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert "ann" in listed.stdout
    loaded = set(listed.stderr.split())
    assert "bonecast.web.store" in loaded
    assert not loaded & {"bonecast.web.app", "fastapi", "jinja2", "bonecast.core.conditions", "scipy.stats"}


def test_a_port_that_is_taken_is_refused_in_a_sentence(tmp_path, run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("serve", "--port", taken.getsockname()[1], "--database", tmp_path / "clinic.db")
    assert done.returncode == 2
    assert "cannot be listened at" in done.stderr


def test_an_account_is_added_listed_and_given_another_password(tmp_path, run, add_account):
    database = tmp_path / "clinic.db"
    assert add_account(database).returncode == 0
    assert add_account(database).returncode == 2
    assert run("database", "accounts", "add", "ben", "--database", database, said="short\n").returncode == 2
    listed = run("database", "accounts", "list", "--json", "--database", database)
    assert json.loads(listed.stdout) == [{"name": "ann", "role": "administrator", "closed": False}]
    new = "four other plain words"
    assert (
        run("database", "accounts", "password", "ann", "--database", database, said=new + "\n").returncode
        == 0
    )
    store = open_store(f"sqlite:///{database}")
    with store.reading() as s:
        assert accounts.admitted(s, "ann", new) is not None
        assert accounts.admitted(s, "ann", clinic.PASSWORD) is None
        assert [entry.action for entry in audit.latest(s)] == ["account changed", "account added"]
    store.close()
    assert clinic.PASSWORD not in listed.stdout


@pytest.mark.parametrize("again", ["\u00c1ngela", "\u00e1ngela", "A\u0301NGELA"])
def test_an_account_that_is_there_is_not_added_again_and_no_hash_is_printed(tmp_path, add_account, again):
    database = tmp_path / "clinic.db"
    assert add_account(database, "\u00c1ngela").returncode == 0
    done = add_account(database, again)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is already an account '\u00e1ngela'; choose another name" in done.stderr
    assert "$argon2" not in done.stderr


def test_a_backup_of_a_running_server_is_restored_into_an_empty_database(tmp_path, run):
    database, file, other = (tmp_path / name for name in ("clinic.db", "backup.db", "other.db"))
    with clinic.serving("--database", database) as (_, address):
        call(address, "api/v1/people", "POST", {"record": clinic.record()})
        done = run("database", "backup", file, "--database", database)
    assert done.returncode == 0, done.stderr
    assert "1 people" in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("database", "restore", file, "--database", other).returncode == 0
    again = run("database", "restore", file, "--database", other)
    assert again.returncode == 2
    assert "not empty" in again.stderr
    store = open_store(f"sqlite:///{other}")
    with store.reading() as s:
        assert [row.record_id for row in people.find(s).rows] == ["A-1"]
    store.close()


def test_a_backup_of_a_database_that_is_not_there_makes_none(tmp_path, run):
    done = run("database", "backup", tmp_path / "b.db", "--database", tmp_path / "missing.db")
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_kill_in_the_middle_of_writes_loses_nothing_that_was_confirmed(tmp_path):
    database, confirmed, sent = tmp_path / "clinic.db", [], 0
    for _ in range(3):
        with clinic.serving("--database", database) as (process, address):
            began = time.monotonic()
            with contextlib.suppress(OSError):
                while time.monotonic() - began < 60:
                    record = clinic.record(id=f"P-{sent}")
                    sent += 1
                    confirmed.append(
                        call(address, "api/v1/people", "POST", {"record": record})["record"]["person"]["id"]
                    )
                    if len(confirmed) % 40 == 0:
                        os.kill(process.pid, signal.SIGKILL)
    assert len(confirmed) >= 120
    store = open_store(f"sqlite:///{database}")
    with store.reading() as s:
        kept = {f"P-{n}" for n in range(sent) if people.with_record_id(s, f"P-{n}") is not None}
    store.close()
    assert set(confirmed) <= kept


def test_a_stop_answers_what_has_begun_and_ends_well(tmp_path):
    with clinic.serving("--database", tmp_path / "clinic.db") as (process, address):
        call(address, "api/v1/people", "POST", {"record": clinic.record()})
        process.terminate()
        process.wait(20)
        assert process.returncode in (0, -signal.SIGTERM)
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{address}health", timeout=2)
    assert not list(tmp_path.glob("*-wal")), "the database was not closed"


def test_the_log_is_one_line_of_json_for_each_answer_on_stderr(tmp_path):
    with (
        (tmp_path / "log").open("w") as log,
        clinic.serving("--database", tmp_path / "clinic.db", log=log) as (process, address),
    ):
        call(address, "api/v1/people", "POST", {"record": clinic.record()})
        process.terminate()
        process.wait(20)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines if line["event"] != "request"] == ["started", "stopped"]
    (added,) = [line for line in lines if line.get("method") == "POST"]
    assert (added["route"], added["status"]) == ("/people", 201)
