"""The web application in a test: on a database of its own, with a client that fills in forms as a browser does."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bonecast.web import server_options
from bonecast.web.app import create_app
from bonecast.web.settings import Settings
from bonecast.web.store import accounts

with warnings.catch_warnings():  # it names a successor of httpx that it would like better
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

COMMAND = [sys.executable, "-m", "bonecast.cli"]
EXAMPLES = Path(__file__).parents[2] / "examples"
PASSWORD = "correct horse battery staple"


def record(**changes: Any) -> dict[str, Any]:
    """A small record; `changes` go into [person]."""
    person = {
        "id": "A-1",
        "sex": "female",
        "birth_date": "1955-03-09",
        "record_date": "2026-09-15",
        "weight": "61 kg",
    }
    return {
        "person": {**person, **changes},
        "doses": [
            {"drug": "denosumab", "amount": "60 mg", "date": "2025-09-10"},
            {"drug": "denosumab", "amount": "60 mg", "date": "2026-03-16"},
        ],
        "measurements": [{"test": "CTX", "value": "0.31 ng/mL", "date": "2026-09-10"}],
    }


def example() -> bytes:
    """The record of the invented woman whose dose came late."""
    return (EXAMPLES / "late-dose.toml").read_bytes()


def example_tables() -> dict[str, Any]:
    """The same as tables."""
    return tomllib.loads(example().decode())


class Clinic:
    """A client of the application, with its store at hand."""

    def __init__(self, client: TestClient, app: Any) -> None:
        self.client, self.app = client, app

    @property
    def store(self) -> Any:
        """The open database."""
        return self.app.state.store

    def get(self, path: str, **how: Any) -> Any:
        """A page."""
        return self.client.get(path, **how)

    def token(self, page: str = "/people") -> str:
        """The token that the forms of this page hold."""
        found = re.search(r'"x-csrf-token": "(\w+)"', self.client.get(page).text)
        assert found is not None
        return found[1]

    def post(self, path: str, form: dict[str, Any] | None = None, page: str = "/people", **how: Any) -> Any:
        """Send a form, with the token of the page that holds it."""
        return self.client.post(
            path, data={"csrf": self.token(page), **(form or {})}, follow_redirects=False, **how
        )

    def add(self, tables: dict[str, Any] | None = None) -> Any:
        """A person, added by the API."""
        answer = self.client.post("/api/v1/people", json={"record": tables or record()})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        """Sign in by the form."""
        self.client.cookies.delete("bonecast-session")
        return self.post("/sign-in", {"name": name, "password": password}, page="/sign-in")


@contextmanager
def open_clinic(folder: Path, client_host: str = "testclient", **settings: Any) -> Iterator[Clinic]:
    """The application on a new database in this folder, without its worker."""
    made = Settings(**{"database": f"sqlite:///{folder / 'clinic.db'}", "worker": False, **settings})
    app = create_app(made)
    with TestClient(app, base_url="http://localhost", client=(client_host, 50000)) as client:
        yield Clinic(client, app)


def add_accounts(clinic: Clinic) -> None:
    """One account of each role, named after it."""
    with clinic.store.session() as session:
        for role in accounts.ROLES:
            accounts.add(session, role, role, PASSWORD)


def burst(address: str, name: str, count: int) -> dict[int, int]:
    """So many sign-ins at once with wrong passwords: how often each status was answered."""

    async def all_of_them() -> Counter[int]:
        limits = httpx.Limits(max_connections=count)
        async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
            found = re.search(r'name="csrf" value="(\w+)"', (await client.get("/sign-in")).text)
            assert found is not None
            form = {"csrf": found[1], "name": name, "to": "/"}
            asked = [client.post("/sign-in", data={**form, "password": f"wrong {n}"}) for n in range(count)]
            return Counter([answer.status_code for answer in await asyncio.gather(*asked)])

    with ThreadPoolExecutor(1) as apart:  # a browser of the same worker has a loop of its own in this thread
        return dict(apart.submit(asyncio.run, all_of_them()).result())


@contextmanager
def as_cds_client(clinic: Clinic) -> Iterator[None]:
    """Requests bear the secret of this computer's own CDS Hooks clients."""
    secret = clinic.store.path.with_name("cds-hooks-secret").read_text("utf-8").strip()
    clinic.client.headers["authorization"] = f"Bearer {secret}"
    try:
        yield
    finally:
        del clinic.client.headers["authorization"]


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[tuple[str, Any]]:
    """The application behind a real server on the loopback: its address and itself."""
    made = Settings(**{"database": f"sqlite:///{folder / 'clinic.db'}", "worker": False, **settings})
    app = create_app(made)
    # As `bonecast serve` does: a socket that does not name TCP would hold small answers back for 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, **server_options()))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", app
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def serving(*words: object, log: Any = subprocess.DEVNULL) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`bonecast serve` as a process of its own, with its stderr in the file `log`: the process and its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        named = re.search(r"http\S+/", process.stdout.readline())
        assert named is not None, "the server did not say where it is"
        address = named[0]
        for _ in range(200):
            with suppress(OSError):
                urllib.request.urlopen(f"{address}health", timeout=5).read()
                break
            time.sleep(0.1)
        yield process, address
    finally:
        process.kill()
        process.wait()
