"""Second factor, one-time passwords, sessions and tokens of programs."""

from __future__ import annotations

import datetime as dt
import re

import clinic
import pyotp
import pytest

from bonecast.web.security import second_factor
from bonecast.web.store import accounts, api_tokens, audit
from bonecast.web.store.tables import AccountTable, TokenTable

NEW = "four other plain words"


@pytest.fixture
def shared(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        yield opened


def number(opened, name):
    with opened.store.reading() as s:
        return accounts.named(s, name).id


def actions(opened):
    with opened.store.reading() as s:
        return [(line.by, line.action, line.detail) for line in audit.latest(s, limit=200)]


def with_factor(opened, name="clinician"):
    """A second factor for this account: its key and its recovery codes."""
    opened.sign_in(name)
    page = opened.post("/account/factor/begin").text
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    form = {"key": key, "code": pyotp.TOTP(key).now(), "password": clinic.PASSWORD}
    done = opened.post("/account/factor", form)
    assert done.status_code == 200, done.text
    return key, re.findall(r'<code class="secret">([\da-f]{6}-[\da-f]{6})</code>', done.text)


def passed(answer):
    return re.search(r'name="passed" value="([^"]+)"', answer.text)[1]


def send_code(opened, text, code):
    return opened.post("/sign-in/code", {"passed": text, "code": code, "to": "/people"}, page="/sign-in")


def test_a_second_factor_is_asked_for_after_the_password(shared):
    key, codes = with_factor(shared)
    assert len(codes) == second_factor.CODES
    asked = shared.sign_in("clinician")
    assert (asked.status_code, "bonecast-session" in shared.client.cookies) == (200, False)
    later = pyotp.TOTP(key).at(dt.datetime.now() + dt.timedelta(seconds=30))
    assert send_code(shared, passed(asked), later).headers["location"] == "/people"
    assert shared.get("/people").status_code == 200
    assert send_code(shared, passed(shared.sign_in("clinician")), later).status_code == 401, (
        "a code is good once"
    )


def test_a_recovery_code_takes_the_place_of_the_authenticator_once(shared):
    _, codes = with_factor(shared)
    assert send_code(shared, passed(shared.sign_in("clinician")), codes[0].upper()).status_code == 303
    assert send_code(shared, passed(shared.sign_in("clinician")), codes[0]).status_code == 401
    with shared.store.reading() as s:
        kept = accounts.factor_of(s, number(shared, "clinician"))
    assert codes[1] not in str(kept[2]), "they are kept as hashes"


def test_codes_are_tried_five_times_and_the_password_alone_opens_nothing(shared):
    with_factor(shared)
    asked = shared.sign_in("clinician")
    found = []
    for _ in range(6):
        found.append(send_code(shared, passed(asked), "000000").status_code)
        shared.sign_in("clinician")  # a right password between them forgets nothing
    assert found == [401] * 5 + [429]
    assert shared.get("/people", follow_redirects=False).status_code == 303
    assert ("clinician", "sign-in refused", "from testclient, second factor") in actions(shared)


def test_what_says_that_the_password_was_right_holds_for_minutes_and_for_that_password():
    text = second_factor.passed_first(b"key", 3, "hash", now=1000.0)
    assert second_factor.is_passed(b"key", text, "hash", now=1000.0 + second_factor.ANSWER_S)
    assert not second_factor.is_passed(b"key", text, "hash", now=1001.0 + second_factor.ANSWER_S)
    assert not second_factor.is_passed(b"key", text, "another hash", now=1000.0)
    assert not second_factor.is_passed(b"other", text, "hash", now=1000.0)
    assert not second_factor.is_passed(b"key", text.replace("3.", "4.", 1), "hash", now=1000.0)
    assert not second_factor.is_passed(b"key", "x.y", "hash", now=1000.0)


def test_a_second_factor_is_removed_with_the_password_or_by_an_administrator(shared):
    with_factor(shared)
    assert shared.post("/account/factor/remove", {"password": "wrong"}).status_code == 422
    assert shared.post("/account/factor/remove", {"password": clinic.PASSWORD}).status_code == 303
    assert shared.sign_in("clinician").status_code == 303
    with_factor(shared)
    shared.sign_in("administrator")
    path = f"/accounts/{number(shared, 'clinician')}/factor/remove"
    assert shared.post(path).status_code == 303
    assert shared.sign_in("clinician").status_code == 303
    assert ("administrator", "second factor removed", "clinician") in actions(shared)


def test_a_password_that_an_administrator_gave_opens_once_and_must_be_changed(shared):
    shared.sign_in("administrator")
    page = shared.post(f"/accounts/{number(shared, 'clinician')}/password")
    given = re.search(r'<code class="secret">([^<]+)</code>', page.text)[1]
    assert shared.sign_in("clinician").status_code == 401, "the old one is gone"
    assert shared.sign_in("clinician", given).headers["location"] == "/account"
    assert shared.get("/people", follow_redirects=False).headers["location"] == "/account"
    assert shared.get("/api/v1/people").status_code == 403
    assert (
        shared.post("/account/tokens", {"name": "x", "scopes": "people:read", "days": "9"}).status_code == 403
    )
    changed = shared.post("/account/password", {"new": NEW, "again": NEW}, page="/account")
    assert changed.headers["location"].startswith("/sign-in")
    assert shared.sign_in("clinician", given).status_code == 401, "it was used"
    assert shared.sign_in("clinician", NEW).status_code == 303
    assert shared.get("/people").status_code == 200
    assert ("administrator", "password reset", "clinician") in actions(shared)


def test_a_one_time_password_ends_after_a_day(shared):
    with shared.store.session() as s:
        given = accounts.reset_password(s, number(shared, "clinician"))
        row = s.get(AccountTable, number(shared, "clinician"))
        row.one_time_until -= accounts.ONE_TIME + dt.timedelta(seconds=1)
    assert shared.sign_in("clinician", given).status_code == 401


def test_a_session_is_listed_with_its_browser_and_ended_from_another(shared):
    shared.sign_in("clinician")
    lost = shared.client.cookies["bonecast-session"]
    shared.sign_in("clinician")
    page = shared.get("/account").text
    assert "testclient" in page
    (handle,) = re.findall(r"/account/sessions/(\w+)/end", page)
    assert shared.post(f"/account/sessions/{handle}/end").status_code == 303
    with shared.store.reading() as s:
        assert accounts.signed_in(s, lost) is None
    assert shared.get("/people").status_code == 200, "this one goes on"


def test_nobody_ends_the_session_of_another(shared):
    shared.sign_in("clinician")
    token = shared.client.cookies["bonecast-session"]
    handle = accounts.handle(accounts.digest(token))
    shared.sign_in("administrator")
    shared.post(f"/account/sessions/{handle}/end")
    with shared.store.reading() as s:
        assert accounts.signed_in(s, token) is not None


def made_token(opened, name="clinician", scopes=("people:read",), days="30"):
    opened.sign_in(name)
    page = opened.post("/account/tokens", {"name": "lab import", "scopes": list(scopes), "days": days})
    found = re.search(r'<code class="secret">(bonecast_[\w-]+)</code>', page.text)
    opened.client.cookies.delete("bonecast-session")
    return found[1] if found else page


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_a_token_opens_what_its_scopes_and_its_account_may(shared):
    reads, writes = made_token(shared), made_token(shared, scopes=("people:read", "people:write"))
    sent = {"record": clinic.record()}
    assert shared.client.post("/api/v1/people", json=sent, headers=bearer(reads)).status_code == 403
    assert shared.client.post("/api/v1/people", json=sent, headers=bearer(writes)).status_code == 201
    assert shared.get("/api/v1/people/1", headers=bearer(reads)).status_code == 200
    assert shared.get("/api/v1/models", headers=bearer(reads)).status_code == 403
    assert shared.get("/people", headers=bearer(reads), follow_redirects=False).status_code == 303, (
        "pages: none"
    )
    old = {"old": clinic.PASSWORD, "new": NEW}
    assert shared.client.post("/api/v1/account/password", json=old, headers=bearer(writes)).status_code == 403
    assert shared.get("/api/v1/people", headers=bearer("bonecast_x")).status_code == 401
    assert ("clinician (token lab import)", "looked", "/api/v1/people/{id}") in actions(shared)


def test_a_token_is_kept_as_a_hash_and_ends_when_it_should(shared):
    token = made_token(shared)
    with shared.store.reading() as s:
        (row,) = s.query(TokenTable).all()
        assert token not in str(vars(row))
        assert api_tokens.holder(s, token, row.expires) is not None
        assert api_tokens.holder(s, token, row.expires + dt.timedelta(seconds=1)) is None
    shared.sign_in("administrator")
    assert shared.post(f"/accounts/tokens/{row.id}/revoke").status_code == 303
    assert shared.get("/api/v1/people", headers=bearer(token)).status_code == 401
    assert ("administrator", "token revoked", "lab import") in actions(shared)


def test_a_token_ends_with_its_account_and_a_reader_makes_none_that_writes(shared):
    token = made_token(shared)
    refused = made_token(shared, "reader", ("people:write",))
    assert refused.status_code == 422
    assert made_token(shared, days="0").status_code == 422
    with shared.store.session() as s:
        accounts.change(s, number(shared, "clinician"), disabled=True)
    assert shared.get("/api/v1/people", headers=bearer(token)).status_code == 401


def test_nobody_revokes_the_token_of_another(shared):
    made_token(shared)
    shared.sign_in("reader")
    assert shared.post("/account/tokens/1/revoke").status_code == 404
    assert shared.post("/accounts/tokens/1/revoke").status_code == 403
    assert shared.post(f"/accounts/{number(shared, 'clinician')}/password").status_code == 403


def test_where_nobody_signs_in_there_are_no_factors_and_no_tokens(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        for path in ("/account/factor/begin", "/account/tokens", "/accounts/1/password"):
            assert opened.post(path).status_code == 404
        assert "authenticator" not in opened.get("/sign-in").text
