"""Who looked at whom: every way to read a record leaves a line in the audit log."""

from __future__ import annotations

import clinic
import pytest

from bonecast.web import api, pages
from bonecast.web.jobs.worker_pool import packed
from bonecast.web.store import audit, jobs

REDIRECTS = {"/people/{id:int}"}  # it looks nothing up


@pytest.fixture
def shared(tmp_path):
    """People sign in; a reader is signed in, and there is one person with a job that has ended."""
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        opened.add(clinic.record())
        with opened.store.session() as s:
            jobs.submit(s, "compare", 1, {}, "clinician")
            assert jobs.take(s) is not None
            jobs.finish(s, 1, packed({"charts": []}))
        opened.sign_in("reader")
        yield opened


def lines(opened):
    with opened.store.reading() as s:
        return [(one.by, one.action, one.person_id, one.detail) for one in audit.latest(s, limit=1000)]


def readers():
    """Every route that shows something of one person."""
    found = [("", router) for router in pages.ROUTERS] + [("/api/v1", router) for router in api.ROUTERS]
    return sorted(
        prefix + route.path
        for prefix, router in found
        for route in router.routes
        if "GET" in route.methods
        if "/people/{id" in route.path or "/jobs/{id" in route.path
    )


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
def test_every_page_fragment_file_chart_and_call_of_the_api_is_a_line(shared, headers):
    routes = [path for path in readers() if path not in REDIRECTS]
    assert len(routes) > 20
    for path in routes:
        address = path.replace("{id:int}", "1").replace("{id}", "1").replace("{version:int}", "1")
        before = len(lines(shared))
        answer = shared.get(address, headers=headers, follow_redirects=False)
        found = lines(shared)[: len(lines(shared)) - before]
        if answer.status_code in (
            403,
            404,
            422,
        ):  # for a reader, without content, or without an option that it needs
            continue
        assert answer.status_code in (200, 303), (path, answer.status_code)
        assert [line[:3] for line in found] == [("reader", "looked", 1)], path


def test_the_routes_that_hold_the_record_are_answered_in_that_test(shared):
    for path in (
        "/people/1/record",
        "/api/v1/people/1",
        "/api/v1/people/1/check",
        "/jobs/1/charts",
        "/jobs/1",
    ):
        assert shared.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/people", "/people/deleted", "/api/v1/people", "/people?search=late"])
def test_a_list_of_people_is_a_line_without_what_was_searched_for(shared, path):
    shared.get(path)
    by, action, person, detail = lines(shared)[0]
    assert (by, action, person) == ("reader", "listed", None)
    assert detail == path.partition("?")[0]


def test_a_bar_that_moves_every_second_fills_no_log(shared):
    with shared.store.session() as s:
        waiting = jobs.submit(s, "compare", 1, {}, "clinician").id
    before = lines(shared)
    assert shared.get(f"/jobs/{waiting}", headers={"hx-request": "true"}).status_code == 200
    assert lines(shared) == before


def test_a_change_that_clashes_shows_the_record_and_is_a_line(shared):
    shared.sign_in("clinician")
    record = shared.get("/api/v1/people/1").json()["record"]
    for weight, status in (("62 kg", 200), ("63 kg", 409)):
        record["person"]["weight"] = weight
        before = len(lines(shared))
        sent = {"record": record, "version": 1}
        assert shared.client.put("/api/v1/people/1", json=sent).status_code == status
        assert ("clinician", "looked", 1) in [
            line[:3] for line in lines(shared)[: len(lines(shared)) - before]
        ]


def test_where_nobody_signs_in_looking_is_no_line(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        opened.add(clinic.record())
        opened.get("/people/1/record")
        opened.get("/people")
        assert [line[1] for line in lines(opened)] == ["added"]
