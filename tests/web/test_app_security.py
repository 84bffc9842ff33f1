"""What strangers, their pages and curious colleagues cannot do."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import threading

import clinic
import pytest
from sqlalchemy import select, update

from bonecast.errors import InputError
from bonecast.web import api, pages
from bonecast.web.security import passwords
from bonecast.web.security.login_throttle import MOST_ADDRESS, MOST_NAME, LoginThrottle
from bonecast.web.settings import read_origin
from bonecast.web.store import accounts, audit
from bonecast.web.store.tables import AccountTable, SessionTable


@pytest.fixture
def alone(tmp_path):
    """On the loopback: nobody signs in."""
    with clinic.open_clinic(tmp_path) as opened:
        yield opened


@pytest.fixture
def shared(tmp_path):
    """Reached from elsewhere, over HTTP for the test: accounts."""
    with clinic.open_clinic(tmp_path, accounts=True, names=("clinic.example",)) as opened:
        clinic.add_accounts(opened)
        yield opened


def test_a_form_without_the_token_is_refused(alone):
    answer = alone.client.post("/people/new", data={"person-id": "X"})
    assert answer.status_code == 403
    other = alone.client.post("/people/new", data={"csrf": "0" * 64, "person-id": "X"})
    assert other.status_code == 403
    assert alone.get("/api/v1/people").json()["total"] == 0


def test_a_token_serves_only_the_browser_it_was_made_for(alone):
    token = alone.token()
    alone.client.cookies.clear()
    alone.get("/people")
    assert alone.client.post("/people/1/delete", data={"csrf": token}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_page_of_another_site_cannot_use_the_api(alone, headers):
    answer = alone.client.post("/api/v1/people", json={"record": clinic.record()}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/people/new", "/people/1/delete", "/api/v1/people", "/sign-in", "/nothing"]
)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://localhost", "http://localhost:1"]
)
def test_a_change_by_a_page_of_another_site_is_refused_on_every_route(alone, path, origin):
    answer = alone.client.post(path, json={}, headers={"origin": origin})
    assert answer.status_code == 403
    assert "another site" in answer.json()["cause"]


def test_a_change_by_a_page_of_ours_or_by_a_program_is_taken(alone):
    for n, headers in enumerate([{"origin": "http://localhost"}, {}]):
        sent = {"record": clinic.record(id=f"P-{n}")}
        assert alone.client.post("/api/v1/people", json=sent, headers=headers).status_code == 201
        assert alone.post("/people/1/delete", headers=headers).status_code in (303, 404)


PROXIED = [
    {"forwarded": "for=10.0.0.7"},
    {"x-forwarded-for": "10.0.0.7"},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-host": "clinic.example"},
    {"x-real-ip": "10.0.0.7"},
]


@pytest.mark.parametrize("headers", PROXIED)
@pytest.mark.parametrize("path", ["/people", "/api/v1/people", "/cds-services", "/health", "/nothing"])
def test_what_a_proxy_passed_on_is_refused_where_nobody_signs_in(alone, path, headers):
    answer = alone.get(path, headers=headers)
    assert answer.status_code == 403
    assert "--behind-proxy" in answer.json()["hint"]


@pytest.mark.parametrize("headers", PROXIED)
def test_where_people_sign_in_a_proxy_may_pass_requests_on(shared, headers):
    assert shared.get("/sign-in", headers=headers).status_code == 200


def test_an_address_beyond_the_loopback_is_answered_only_where_people_sign_in(alone, shared):
    assert alone.get("/people", headers={"host": "10.0.0.7:8000"}).status_code == 421
    assert shared.get("/sign-in", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_a_page_of_another_site_lifts_no_block_through_cds_hooks(alone):
    alone.add(clinic.record())
    before = alone.get("/api/v1/people/1/check").json()
    sent = json.dumps({"feedback": [{"card": "x", "outcome": "overridden"}]})
    for headers, status in (
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json", "origin": "https://evil.example"}, 403),
    ):
        path = "/cds-services/bonecast-order-sign/feedback"
        assert alone.client.post(path, content=sent, headers=headers).status_code == status
    assert alone.get("/api/v1/people/1/check").json() == before
    assert "access-control-allow-origin" not in alone.get("/cds-services").headers


def test_a_page_that_was_allowed_may_ask_cds_hooks_and_nothing_else(tmp_path):
    page = {"origin": "https://sandbox.cds-hooks.org"}
    with clinic.open_clinic(tmp_path, cds_origins=(page["origin"],), cds_sandbox=True) as opened:
        answer = opened.get("/cds-services", headers=page)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, page["origin"])
        sent = {"hook": "patient-view"}
        path = "/cds-services/bonecast-patient-view"
        assert opened.client.post(path, json=sent, headers=page).status_code == 400
        assert opened.client.post("/api/v1/people", json={}, headers=page).status_code == 403
        assert "access-control-allow-origin" not in opened.get("/api/v1/people", headers=page).headers


@pytest.mark.parametrize(
    "url",
    ["*", "https://*", "sandbox.cds-hooks.org", "https://a.example/path", "ftp://a.example", "null", "",
     "https://ann@a.example", "https://a.example:port", "https://a.example?x=1"],
)  # fmt: skip
def test_what_is_not_the_origin_of_a_page_is_not_allowed(url):
    with pytest.raises(InputError, match="not the origin of a page"):
        read_origin(url)


def test_a_deletion_is_undone_by_the_api(alone):
    alone.add(clinic.record())
    assert alone.client.delete("/api/v1/people/1").status_code == 204
    assert alone.get("/api/v1/people/1").status_code == 404
    assert alone.client.patch("/api/v1/people/1", json={"deleted": False}).json()["version"] == 3
    assert alone.get("/api/v1/people/1").status_code == 200


def test_the_api_takes_no_form(alone):
    answer = alone.client.post("/api/v1/people", content="{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "localhost:80:80", "127.0.0.1.nip.io"]
)
def test_a_name_that_is_not_ours_is_not_answered(alone, host):
    assert alone.get("/people", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "lengths", [[("content-length", "2"), ("transfer-encoding", "chunked")], [("content-length", "2")] * 2]
)
def test_a_request_that_states_its_length_in_two_ways_is_refused(alone, lengths):
    sent = [("content-type", "application/json"), *lengths]
    answer = alone.client.post("/api/v1/people", content=b"{}", headers=sent)
    assert (answer.status_code, answer.text) == (400, "The request states its length in two ways.\n")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_the_names_of_this_computer_are_answered(alone, host):
    assert alone.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/people", "/nothing", "/static/style.css", "/api/v1/people", "/health"])
def test_every_answer_forbids_inline_scripts_frames_and_guessing(alone, path):
    headers = alone.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] in ("no-store", "no-cache")


def test_files_with_a_mark_of_their_content_are_kept_by_the_browser(alone):
    address = re.search(r'src="(/static/htmx\.js\?v=\w+)"', alone.get("/people").text)[1]
    answer = alone.get(address, headers={"accept-encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/people/../../etc/passwd", "/static/../app.py", "/static/%2e%2e/app.py"])
def test_no_path_leads_out_of_the_static_files(alone, path):
    assert alone.get(path).status_code == 404


def test_no_page_has_an_inline_script_or_style(alone):
    alone.add(clinic.record())
    for path in (
        "/people",
        "/people/new",
        "/people/import",
        "/people/1/record",
        "/people/1/record/edit",
        "/nothing",
    ):
        page = alone.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), path


@pytest.mark.parametrize(("path", "size"), [("/people/new", 4_100_000), ("/people/import", 12_100_000)])
def test_a_request_that_is_too_large_is_refused_before_it_is_read(alone, path, size):
    answer = alone.client.post(path, content=b"x" * size, headers={"content-type": "text/plain"})
    assert answer.status_code == 413


def test_a_large_request_that_hides_its_length_is_cut_off(alone):
    def parts():
        for _ in range(50):
            yield b"x" * 100_000

    answer = alone.client.post("/people/new", content=parts(), headers={"content-type": "application/json"})
    assert answer.status_code in (403, 413)
    answer = alone.client.post(
        "/api/v1/people", content=parts(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_nobody_sees_anything_before_signing_in(shared):
    for path in ("/people", "/people/1/record", "/people/new", "/accounts", "/accounts/audit"):
        answer = shared.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?to={path}")
    assert shared.get("/api/v1/people").status_code == 401
    assert shared.client.post("/api/v1/people", json={"record": clinic.record()}).status_code == 401
    assert (
        shared.client.post("/people/new", data={"person-id": "X"}, follow_redirects=False).status_code == 303
    )


def test_a_right_password_opens_and_signing_out_closes(shared):
    answer = shared.sign_in("clinician")
    assert answer.status_code == 303
    cookie = next(h for h in answer.headers.get_list("set-cookie") if h.startswith("bonecast-session"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert shared.get("/people").status_code == 200
    kept = shared.client.cookies["bonecast-session"]
    assert shared.post("/sign-out").status_code == 303
    shared.client.cookies.set("bonecast-session", kept)
    assert shared.get("/people", follow_redirects=False).status_code == 303


def test_a_cookie_goes_over_https_only_where_there_is_https(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True, secure=True) as opened:
        clinic.add_accounts(opened)
        opened.client.base_url = "https://localhost"
        answer = opened.sign_in("clinician")
        cookies = answer.headers.get_list("set-cookie")
        assert cookies
        assert all("Secure" in cookie for cookie in cookies)
        assert "max-age" in answer.headers["strict-transport-security"]


def test_the_database_holds_neither_passwords_nor_tokens(shared):
    shared.sign_in("clinician")
    with shared.store.reading() as s:
        assert all(kept.startswith("$argon2id$") for kept in s.scalars(select(AccountTable.password)))
        assert shared.client.cookies["bonecast-session"] not in list(
            s.scalars(select(SessionTable.token_hash))
        )


def test_a_password_is_hashed_with_64_mib_three_passes_and_four_lanes(real_hasher):
    assert real_hasher.hash(clinic.PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_session_ends_without_use_and_after_a_day_of_work(shared):
    shared.sign_in("clinician")
    now = dt.datetime.now(dt.UTC)
    for column, age in (("used", dt.timedelta(minutes=31)), ("created", dt.timedelta(hours=13))):
        shared.sign_in("clinician")
        assert shared.get("/people", follow_redirects=False).status_code == 200
        with shared.store.session() as s:
            s.execute(update(SessionTable).values({column: now - age}))
        assert shared.get("/people", follow_redirects=False).status_code == 303


def test_five_wrong_passwords_make_the_name_wait_even_for_the_right_one(shared):
    for _ in range(MOST_NAME):
        assert shared.sign_in("clinician", "wrong password").status_code == 401
    answer = shared.sign_in("clinician")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 800
    assert "Wait 15 minutes" in answer.text
    assert shared.sign_in("reader").status_code == 303


def test_waiting_ends_and_floods_of_names_or_addresses_are_limited_too():
    now = [0.0]
    tries = LoginThrottle(lambda: now[0])
    for n in range(MOST_NAME):
        assert tries.begin("Ann", f"10.0.0.{n}") == 0
    assert tries.begin("ann ", "10.0.1.1") == 15 * 60
    assert tries.begin("anne", "10.0.1.1") == 0
    now[0] = 15 * 60 - 0.5
    assert tries.begin("ann", "10.0.1.1") == 1
    now[0] = 15 * 60
    assert tries.begin("ann", "10.0.1.1") == 0
    for n in range(MOST_ADDRESS):
        assert tries.begin(f"name {n}", "10.0.0.9") == 0
    assert tries.begin("someone new", "10.0.0.9") > 0


def test_a_try_that_must_wait_is_not_counted_and_one_that_worked_is_not_either():
    now = [0.0]
    tries = LoginThrottle(lambda: now[0])
    for _ in range(3 * MOST_ADDRESS):  # a ward's morning behind one address
        assert tries.begin("ann", "10.0.0.1") == 0
        tries.passed("ann", "10.0.0.1")
    for _ in range(MOST_NAME):
        assert tries.begin("ann", "10.0.0.1") == 0
    now[0] = 600.0
    assert tries.begin("ann", "10.0.0.1") == 300
    now[0] = 900.0
    assert tries.begin("ann", "10.0.0.1") == 0


def test_strangers_do_not_keep_the_owner_of_a_name_out_of_a_browser_that_is_known(shared):
    assert shared.sign_in("clinician").status_code == 303
    kept = shared.client.cookies["bonecast-known"]
    shared.client.cookies.delete("bonecast-known")
    for _ in range(MOST_NAME):
        assert shared.sign_in("clinician", "wrong password").status_code == 401
    assert shared.sign_in("clinician").status_code == 429
    browser, _, mark = kept.partition(".")
    for other in (f"x{kept}", f"{browser}.{'0' * len(mark)}", "é.é", browser):
        shared.client.cookies.delete("bonecast-known")
        headers = {"cookie": f"bonecast-known={other}".encode()}
        form = {"name": "clinician", "password": clinic.PASSWORD, "csrf": shared.token("/sign-in")}
        assert shared.client.post("/sign-in", data=form, headers=headers).status_code in (403, 429), other
    shared.client.cookies.set("bonecast-known", kept)
    assert shared.sign_in("reader", "wrong password").status_code == 401
    assert shared.sign_in("clinician").status_code == 303
    for _ in range(MOST_NAME):
        assert shared.sign_in("clinician", "wrong password").status_code == 401
    assert shared.sign_in("clinician").status_code == 429


def test_of_sixty_sign_ins_at_once_five_passwords_are_tried(tmp_path, monkeypatch, real_hasher):
    monkeypatch.setattr(passwords, "_HASHER", real_hasher)
    tried, most = [], [0]
    lock = threading.Lock()
    real = passwords._HASHER.verify
    running = [0]

    def verify(self, kept, password):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            tried.append(password)
        try:
            return real(kept, password)
        finally:
            with lock:
                running[0] -= 1

    with clinic.served(tmp_path, accounts=True) as (address, app):
        with app.state.store.session() as s:
            accounts.add(s, "clinician", "clinician", clinic.PASSWORD)
        monkeypatch.setattr(type(passwords._HASHER), "verify", verify)
        found = clinic.burst(address, "clinician", 60)
    assert len(tried) == MOST_NAME
    assert found == {401: MOST_NAME, 429: 60 - MOST_NAME}
    assert most[0] <= passwords.AT_ONCE


def test_sign_ins_beyond_those_that_may_wait_are_sent_away_for_a_moment(shared, monkeypatch):
    monkeypatch.setattr("bonecast.web.pages.sign_in.MOST_WAITING", 0)
    answer = shared.sign_in("clinician")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert shared.app.state.tries.begin("clinician", "testclient") == 0


def test_a_name_without_an_account_costs_the_same_work(shared, monkeypatch):
    seen = []
    real = passwords._HASHER.verify
    monkeypatch.setattr(
        type(passwords._HASHER),
        "verify",
        lambda self, kept, password: seen.append(kept) or real(kept, password),
    )
    known, unknown = (shared.sign_in(name, "wrong password") for name in ("clinician", "nobody"))
    said = "Name and password do not fit together."
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert said in known.text
    assert said in unknown.text
    cost = [kept.split("$")[1:4] for kept in seen]
    assert len(cost) == 2
    assert cost[0] == cost[1]


def test_a_reader_looks_and_changes_nothing(shared):
    shared.sign_in("clinician")
    shared.add(clinic.record())
    shared.sign_in("reader")
    assert shared.get("/people/1/record").status_code == 200
    for path in (
        "/people/new",
        "/people/1/record/edit",
        "/people/1/delete",
        "/people/1/restore",
        "/people/import",
    ):
        assert shared.post(path, {"person-id": "X", "version": "1"}).status_code == 403, path
    assert shared.get("/people/new").status_code == 403
    answer = shared.client.put("/api/v1/people/1", json={"record": clinic.record(), "version": 1})
    assert answer.status_code == 403


def test_only_an_administrator_keeps_accounts_and_reads_the_audit_log(shared):
    shared.sign_in("clinician")
    assert [shared.get(path).status_code for path in ("/accounts", "/accounts/audit")] == [403, 403]
    assert (
        shared.post("/accounts", {"name": "x", "role": "administrator", "password": "y" * 12}).status_code
        == 403
    )
    shared.sign_in("administrator")
    made = {"name": "new one", "role": "reader", "password": clinic.PASSWORD}
    assert shared.post("/accounts", made).status_code == 303
    assert shared.post("/accounts", made).status_code == 422
    assert "new one" in shared.get("/accounts").text
    assert "account added" in shared.get("/accounts/audit").text


def test_a_changed_account_is_signed_out_and_the_last_administrator_stays(shared):
    shared.sign_in("administrator")
    with shared.store.reading() as s:
        numbers = {one.name: one.id for one in accounts.every(s)}
    last = shared.post(f"/accounts/{numbers['administrator']}", {"role": "reader"})
    assert last.status_code == 422
    assert "last administrator" in last.text
    assert (
        shared.post(f"/accounts/{numbers['clinician']}", {"role": "reader", "disabled": "yes"}).status_code
        == 303
    )
    assert shared.sign_in("clinician").status_code == 401


def test_a_new_password_needs_the_old_one_and_enough_characters(shared):
    shared.sign_in("clinician")
    new = "four other plain words"
    for form in (
        {"old": "wrong", "new": new, "again": new},
        {"old": clinic.PASSWORD, "new": new, "again": "x"},
        {"old": clinic.PASSWORD, "new": "short", "again": "short"},
    ):
        assert shared.post("/account/password", form).status_code == 422
    form = {"old": clinic.PASSWORD, "new": new, "again": new}
    assert shared.post("/account/password", form).status_code == 303
    assert shared.get("/people", follow_redirects=False).status_code == 303
    assert shared.sign_in("clinician").status_code == 401
    assert shared.sign_in("clinician", new).status_code == 303


@pytest.mark.parametrize("role", accounts.ROLES)
@pytest.mark.parametrize("by", ["page", "api"])
def test_everyone_changes_the_own_password_and_is_signed_out_elsewhere(shared, role, by):
    shared.sign_in(role)
    elsewhere = shared.client.cookies["bonecast-session"]
    shared.sign_in(role)
    new = "four other plain words"
    if by == "page":
        assert "Change the password" in shared.get("/account").text
        form = {"old": clinic.PASSWORD, "new": new, "again": new}
        assert shared.post("/account/password", form).status_code == 303
    else:
        sent = {"old": clinic.PASSWORD, "new": new}
        assert shared.client.post("/api/v1/account/password", json=sent).status_code == 204
    shared.client.cookies.set("bonecast-session", elsewhere)
    assert shared.get("/people", follow_redirects=False).status_code == 303
    assert shared.sign_in(role).status_code == 401
    assert shared.sign_in(role, new).status_code == 303
    with shared.store.reading() as s:
        assert (role, "password changed") in [(one.by, one.action) for one in audit.latest(s)]


def test_the_own_password_is_changed_with_the_right_one_a_few_tries_and_from_our_pages_only(shared):
    path = "/api/v1/account/password"
    new = "four other plain words"
    right = {"old": clinic.PASSWORD, "new": new}
    assert shared.client.post(path, json=right).status_code == 401
    shared.sign_in("reader")
    assert shared.client.post(path, json=right, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert shared.client.post(path, json=right, headers={"origin": "https://evil.example"}).status_code == 403
    assert shared.client.post("/account/password", data={**right, "again": new}).status_code == 403
    for sent in ({"old": clinic.PASSWORD, "new": "short"}, {"old": clinic.PASSWORD, "new": clinic.PASSWORD}):
        assert shared.client.post(path, json=sent).status_code == 422
    for _ in range(MOST_NAME):
        assert shared.client.post(path, json={"old": "wrong", "new": new}).status_code == 422
    answer = shared.client.post(path, json=right)
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.json()["cause"]
    assert shared.post("/account/password", {**right, "again": new}).status_code == 429
    assert shared.sign_in("clinician").status_code == 303


def test_where_nobody_signs_in_there_is_no_account_to_change(alone):
    sent = {"old": "x", "new": "y"}
    assert alone.client.post("/api/v1/account/password", json=sent).status_code == 404
    assert alone.get("/account").status_code == 404


def test_signing_in_leads_only_to_pages_of_ours(shared):
    token = shared.token("/sign-in")
    for to in (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
    ):
        form = {"csrf": token, "name": "clinician", "password": clinic.PASSWORD, "to": to}
        shared.client.cookies.delete("bonecast-session")
        answer = shared.client.post("/sign-in", data=form, follow_redirects=False)
        assert answer.headers["location"] == "/people", to


def test_the_audit_log_tells_who_signed_in_looked_and_changed(shared):
    shared.sign_in("clinician", "wrong password")
    shared.sign_in("clinician")
    shared.add(clinic.record())
    shared.get("/people/1/record")
    with shared.store.reading() as s:
        stated = [(entry.by, entry.action, entry.person_id) for entry in audit.latest(s)]
    assert stated == [
        ("clinician", "looked", 1),
        ("clinician", "added", 1),
        ("clinician", "signed in", None),
        ("clinician", "sign-in refused", None),
    ]


def test_a_password_typed_as_a_name_is_not_kept(shared):
    shared.sign_in("my secret password", "x")
    with shared.store.reading() as s:
        assert "secret" not in str(audit.latest(s))


def test_no_page_of_the_application_changes_the_audit_log():
    routes = [route for router in (*pages.ROUTERS, *api.ROUTERS) for route in router.routes]
    about = [route for route in routes if "audit" in route.path]
    assert about
    assert not any(route.methods - {"GET", "HEAD"} for route in about)


def test_logs_hold_no_names_ids_or_searches(alone, caplog):
    caplog.set_level(logging.INFO, logger="bonecast.web")
    alone.add(clinic.record(id="SECRET-ID", name="Secret Name"))
    alone.get("/people?search=Secret")
    alone.get("/people/1/record")
    alone.get("/secret-path")
    alone.client.post("/api/v1/people", json={"record": clinic.record(weight="Secret 61")})
    lines = [record.getMessage() for record in caplog.records if record.name == "bonecast.web"]
    assert {json.loads(line)["route"] for line in lines if '"request"' in line} >= {"/people", "(none)"}
    assert not re.search("secret", "\n".join(lines), re.IGNORECASE)


def test_a_failure_of_ours_is_stated_without_what_the_record_says(alone, capfd, caplog, monkeypatch):
    alone.add(clinic.record(name="Secret Name"))

    def fail(*_, **__):
        raise RuntimeError("Secret Name")

    monkeypatch.setattr("bonecast.web.pages.record.view_of", fail)
    answer = alone.get("/people/1/record")
    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers
    said = caplog.text + capfd.readouterr().err
    assert '"failure"' in caplog.text
    assert "RuntimeError" in said
    assert "Secret" not in said


def test_health_is_stated_to_anyone(shared):
    assert shared.get("/health").json()["status"] == "ok"


@pytest.mark.parametrize("password", ["short", "x" * 201, ""])
def test_a_password_has_twelve_to_two_hundred_characters(shared, password):
    with pytest.raises(InputError, match="characters"), shared.store.session() as s:
        accounts.add(s, "someone", "reader", password)
