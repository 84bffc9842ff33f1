"""Whatever is sent, and whatever the database does, no answer holds SQL, a hash, a path of the code or a traceback."""

from __future__ import annotations

import re

import clinic
import pytest
from sqlalchemy import event

from bonecast.web import api, pages

INTERNAL = re.compile(
    r"SELECT |INSERT INTO|UPDATE \w+ SET|DELETE FROM|BEGIN IMMEDIATE|PRAGMA|\[SQL|constraint failed|sqlalchemy|sqlite3"
    r"|psycopg|\$argon2|Traceback|File \"|site-packages|\w\.py\b|0x[0-9a-f]{6}"
)
ODD = (
    "0",
    "1",
    "-1",
    "99999999999999999999",
    "9" * 400,
    "%00",
    "%ED%A0%80",
    "'; DROP TABLE people;--",
    "\u0663",
)
FIELDS = (
    "id",
    "name",
    "search",
    "on",
    "plan",
    "offset",
    "version",
    "rule",
    "reason",
    "role",
    "password",
    "days",
)
BODIES = (
    b"",
    b"{",
    b"[]",
    b'{"record": ' + b"[" * 5_000,
    b'{"a": ' + b"9" * 5_001 + b"}",
    b'{"a": 1e999}',
    b'{"a": NaN}',
    b'{"a": "x\\u0000y"}',
    b'{"a": "\\ud800"}',
    b"\xff\xfe",
    b'{"record": {"person": {"id": "x\\u001by"}}, "version": 999999999999999999999}',
)
NAMES_FILES = {"/trust", "/trust.json"}  # the trust pack names the tests and files that hold its lines
HOOKS = {"/cds-services/{service}", "/cds-services/{service}/feedback"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """One person; nobody signs in."""
    with clinic.open_clinic(tmp_path_factory.mktemp("messages"), cds_sandbox=True) as found:
        found.add()
        yield found


def routes(method):
    """Every route of the pages, the API and CDS Hooks."""
    found = [("", one) for one in (*pages.OPEN_ROUTERS, *pages.ROUTERS)]
    found += [("/api/v1", one) for one in (*api.ROUTERS, *api.OWN_ROUTERS)]
    paths = {prefix + route.path for prefix, one in found for route in one.routes if method in route.methods}
    return sorted(paths - NAMES_FILES | (HOOKS if method == "POST" else {"/cds-services", "/health"}))


def filled(path, value):
    return re.sub(r"{[^}]+}", lambda _: value, path)


def looked_at(answer):
    """Is it answered in words of ours alone?"""
    found = INTERNAL.search(answer.text)
    assert found is None, (
        answer.request.method,
        answer.request.url.path,
        answer.text[max(0, found.start() - 60) :][:200],
    )
    return answer.status_code


@pytest.mark.parametrize("value", ODD)
def test_no_page_answers_an_odd_address_with_its_insides(opened, value):
    asked = dict.fromkeys(FIELDS, value)
    paths = routes("GET")
    assert len(paths) > 50
    for path in paths:
        query = "&".join(f"{name}={asked[name]}" for name in FIELDS)
        assert looked_at(opened.get(f"{filled(path, value)}?{query}", follow_redirects=False)) < 500


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_no_call_answers_an_odd_body_with_its_insides(opened, method, body):
    paths = [path for path in routes(method) if path.startswith(("/api/v1", "/cds-services/"))]
    assert "/api/v1/people/{id}" in paths or "/api/v1/people" in paths
    for path in paths:
        path = filled(path, "bonecast-patient-view" if "cds" in path else "1")
        answer = opened.client.request(method, path, content=body, headers=JSON)
        assert looked_at(answer) in (200, 204, 400, 404, 409, 412, 422), path
        if body.startswith(b'{"a": 9') and path != "/api/v1/import":
            assert "over 100 digits" in answer.text
        if body.startswith(b'{"record": [[') and path != "/api/v1/import":
            assert "JSON" in answer.text


def test_no_form_answers_odd_fields_with_its_insides(opened):
    forms = [path for path in routes("POST") if not path.startswith(("/api", "/cds"))]
    assert len(forms) > 10
    for path in forms:
        for value in ("9" * 400, "x\x00y", "'; DROP TABLE people;--"):
            fields = dict.fromkeys(FIELDS, value)
            answer = opened.post(filled(path, "99999999999999999999"), fields)
            assert looked_at(answer) < 500, path


@pytest.mark.parametrize("kind", ["syntax", "away"])
def test_no_answer_tells_what_the_database_said(tmp_path, kind):
    with clinic.open_clinic(tmp_path, cds_sandbox=True) as opened:
        opened.add()
        token = opened.token()

        @event.listens_for(opened.store.engine, "before_cursor_execute", retval=True)
        def broken(connection, cursor, statement, parameters, context, many):
            if kind == "away":
                return "SELECT nothing FROM nowhere WHERE hash = '$argon2id$v=19$m=65536'", ()
            return f"SELEC {statement}", parameters

        for path in routes("GET"):
            assert looked_at(opened.get(filled(path, "1"), follow_redirects=False)) <= 503, path
        for path in routes("POST"):
            how = (
                {"json": {"record": clinic.record(id="B")}}
                if path.startswith(("/api", "/cds"))
                else {"data": {"csrf": token}}
            )
            answer = opened.client.post(filled(path, "1"), follow_redirects=False, **how)
            assert looked_at(answer) <= 503, path
