"""Small changes of a record from other pages: a date that was tried, whose rules hold, the record's day; an example."""

from __future__ import annotations

import datetime as dt
import re
import tomllib

import clinic
import pytest

from bonecast.interop import read_tables

GIVEN = "/people/1/record/given"


@pytest.fixture
def opened(tmp_path):
    with clinic.open_clinic(tmp_path) as made:
        yield made


def _example():
    return read_tables(clinic.example(), "late-dose.toml")[0].tables


def _record(opened):
    return opened.get("/api/v1/people/1").json()["record"]


def test_an_empty_list_offers_the_invented_example_and_goes_on_to_her_forecast(opened):
    assert "Add the invented example" in opened.get("/people").text
    answer = opened.post("/people/example")
    assert answer.headers["location"] == "/people/1/forecast?said=example"
    page = opened.get("/people/1/forecast?said=example").text
    assert "E. M. (invented)" in page
    assert "She is invented" in page
    assert "Add the invented example" not in opened.get("/people").text


def test_the_example_is_put_on_the_list_once(opened):
    opened.post("/people/example")
    assert opened.post("/people/example").headers["location"] == "/people/1/forecast"
    assert "1 person" in opened.get("/people").text


def test_the_example_is_the_one_of_the_examples():
    kept = (clinic.EXAMPLES.parent / "src/bonecast/web/pages/example.toml").read_text("utf-8")
    assert tomllib.loads(kept) == clinic.example_tables()


def test_a_reader_is_offered_no_example(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("reader")
        assert "Add the invented example" not in opened.get("/people").text
        assert opened.post("/people/example").status_code == 403


def test_a_date_that_was_tried_is_saved_into_its_dose_alone(opened):
    opened.add(_example())
    before = _record(opened)
    answer = opened.post(GIVEN, {"version": "1", "given-3": "2026-03-02"})
    assert answer.headers["location"] == "/people/1/forecast?said=saved"
    after = _record(opened)
    assert [d["date"] for d in after["doses"]] == [*(d["date"] for d in before["doses"][:3]), "2026-03-02"]
    assert after["measurements"] == before["measurements"]
    assert "2026-03-16" in opened.get("/people/1/history").text


def test_a_date_saved_from_an_old_page_keeps_what_was_saved_meanwhile(opened):
    opened.add(_example())
    opened.post("/people/1/record/jurisdiction", {"version": "1", "jurisdiction": "UK"})
    answer = opened.post(GIVEN, {"version": "1", "given-3": "2026-03-02"})
    assert answer.headers["location"] == "/people/1/forecast?said=merged"
    record = _record(opened)
    assert (record["person"]["jurisdiction"], record["doses"][3]["date"]) == ("UK", "2026-03-02")


def test_the_same_date_changed_twice_is_asked_about(opened):
    opened.add(_example())
    opened.post(GIVEN, {"version": "1", "given-3": "2026-03-02"})
    answer = opened.post(GIVEN, {"version": "1", "given-3": "2026-03-09"})
    assert answer.status_code == 409
    assert "2026-03-02" in answer.text
    assert "2026-03-09" in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"version": "1", "given-9": "2026-03-02"},
        {"version": "1", "given-3": "soon"},
        {"version": "one", "given-3": "2026-03-02"},
        {"version": "1", "given-3": "2026-12-24"},  # after the day of the record
    ],
)
def test_a_date_that_cannot_be_is_refused_and_nothing_is_saved(opened, form):
    opened.add(_example())
    assert opened.post(GIVEN, form).status_code == 422
    assert opened.get("/api/v1/people/1").json()["version"] == 1


def test_chosen_rules_are_remembered_for_the_person(opened):
    opened.add(_example())
    page = opened.get("/people/1/check?jurisdiction=UK").text
    assert "Remember the rules of UK for this person" in page
    answer = opened.post("/people/1/record/jurisdiction", {"version": "1", "jurisdiction": "UK"})
    assert answer.headers["location"] == "/people/1/check?said=saved"
    page = opened.get("/people/1/check").text
    assert "UK, as the record says" in page
    assert "Remember the rules" not in page
    refused = opened.post("/people/1/record/jurisdiction", {"version": "2", "jurisdiction": "Utopia"})
    assert refused.status_code == 422


def test_the_clinic_s_rules_go_into_long_work_unless_the_record_names_others(tmp_path):
    with clinic.open_clinic(tmp_path, jurisdiction="EU") as opened:
        opened.add(_example())
        tables = _example()
        tables["person"] |= {"id": "two", "jurisdiction": "UK"}
        opened.add(tables)
        for tab in ("forecast", "late", "compare", "stop", "report"):
            for person in (1, 2):
                opened.get(f"/people/{person}/{tab}")
        from bonecast.web.store import jobs

        with opened.store.reading() as s:
            asked = {n: [job.payload.get("jurisdiction") for job in jobs.of(s, n)] for n in (1, 2)}
    assert asked == {1: ["EU"] * 5, 2: [None] * 5}


def test_an_old_record_says_so_and_is_brought_to_today(opened):
    tables = _example()
    tables["person"]["record_date"] = (dt.date.today() - dt.timedelta(days=3)).isoformat()
    tables["measurements"] = []
    tables["doses"] = [{"drug": "denosumab", "amount": "60 mg", "date": "2026-03-16"}]
    opened.add(tables)
    page = opened.get("/people/1/forecast").text
    assert re.search(r"The record is of <time[^>]+>[^<]+</time>, and that day counts as today", page)
    assert "?said=saved" in opened.post("/people/1/record/today", {"version": "1"}).headers["location"]
    assert _record(opened)["person"]["record_date"] == dt.date.today().isoformat()
    assert "counts as today" not in opened.get("/people/1/forecast").text
