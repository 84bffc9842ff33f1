"""What is printed or taken along: leaflet, plan in dates, calendar, report, monograph."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re

import clinic
import pytest
from icalendar import Calendar
from report_example import example_forecast

from bonecast.care.monograph import monograph
from bonecast.interop import read_tables
from bonecast.papers import clinician_content
from bonecast.reports import render
from bonecast.web.jobs import forecasts
from bonecast.web.jobs.worker_pool import packed
from bonecast.web.pages.standalone import saved_as, standalone
from bonecast.web.store import jobs


@pytest.fixture
def open_clinic(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        opened.add(read_tables(clinic.example(), "late-dose.toml")[0].tables)
        yield opened


def _report_job(opened, result=None):
    """The job of the report; with `result` it is done."""
    opened.get("/people/1/report")
    with opened.store.session() as s:
        (job,) = jobs.of(s, 1, "report")
        if result is not None:
            assert jobs.take(s, ["report"]).id == job.id
            jobs.finish(s, job.id, packed(result))
    return job


def _allowed_styles(answer) -> set[str]:
    return set(re.findall(r"'(sha256-[^']+)'", answer.headers["content-security-policy"]))


def _styles(page: str) -> set[str]:
    found = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    return {"sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found}


@pytest.mark.parametrize(
    ("code", "title"), [("en", "Your denosumab 60 mg injection"), ("es", "Su inyección de denosumab 60 mg")]
)
def test_the_leaflet_is_there_in_each_language_and_only_its_own_style_may_work(open_clinic, code, title):
    answer = open_clinic.get(f"/people/1/leaflet?language={code}&jurisdiction=UK")
    assert (answer.status_code, f'<html lang="{code}">' in answer.text, title in answer.text) == (
        200,
        True,
        True,
    )
    assert _styles(answer.text) == _allowed_styles(answer) != set()
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"], "default-src refuses every script"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_leaflet_needs_a_country_and_can_be_saved(open_clinic):
    assert "choose one of" in open_clinic.get("/people/1/leaflet").text
    assert open_clinic.get("/people/1/leaflet?jurisdiction=XX").status_code == 422
    assert open_clinic.get("/people/1/leaflet?jurisdiction=UK&language=xx").status_code == 422
    saved = open_clinic.get("/people/1/leaflet?jurisdiction=UK&save=true")
    assert saved.headers["content-disposition"] == 'attachment; filename="leaflet-1.html"'
    open_clinic.add(clinic.record(id="B-1", jurisdiction="CA"))
    assert open_clinic.get("/people/2/leaflet").status_code == 200, "the record names its country"


def test_nothing_is_planned_for_a_day_that_has_passed(open_clinic):
    today = dt.date.today()
    stated = open_clinic.get("/api/v1/people/1/schedule?jurisdiction=UK").json()
    assert dt.date.fromisoformat(stated["today"]) == today
    assert min(dt.date.fromisoformat(one["date"]) for one in stated["entries"] + stated["exit_plan"]) >= today
    assert stated["injection"] == today.isoformat(), "what is overdue is due now"
    page = open_clinic.get("/people/1/schedule?jurisdiction=UK").text
    assert "days overdue" in page
    leaflet = open_clinic.get("/people/1/leaflet?jurisdiction=UK").text
    assert "You are late." in leaflet or "You start again after a gap." in leaflet, "as the days pass"


def test_the_plan_shows_every_date_with_its_rules_and_the_exit_beside_it(open_clinic):
    page = open_clinic.get("/people/1/schedule?jurisdiction=UK").text
    stated = open_clinic.get("/api/v1/people/1/schedule?jurisdiction=UK").json()
    for entry in stated["entries"] + stated["exit_plan"]:
        assert f'datetime="{entry["date"]}"' in page
        assert ", ".join(entry["rules"]) in page
    assert "Never stop without an exit" in page
    ending = open_clinic.get("/people/1/schedule?ending=true").text
    assert "The last injection has been given" in ending
    assert "Next injection" not in ending
    assert "The exit is not settled" in ending
    assert (
        "The exit is not settled"
        not in open_clinic.get("/people/1/schedule?ending=true&exit=zoledronate").text
    )


def test_the_calendar_file_has_alarms_and_keeps_its_entries_from_file_to_file(open_clinic):
    answers = [open_clinic.get("/people/1/calendar.ics?jurisdiction=UK") for _ in range(2)]
    assert answers[0].headers["content-type"].startswith("text/calendar")
    assert answers[0].headers["content-disposition"] == 'attachment; filename="plan-1.ics"'
    uids = []
    for answer in answers:
        events = Calendar.from_ical(answer.content).walk("VEVENT")
        assert all(event.walk("VALARM") for event in events)
        uids.append({str(event["uid"]) for event in events})
    stated = open_clinic.get("/api/v1/people/1/schedule?jurisdiction=UK").json()
    assert uids[0] == uids[1] == {one["uid"] for one in stated["entries"] if one["have"] is None}


def test_what_the_rules_block_is_dated_nowhere_and_has_no_calendar(open_clinic):
    ill = clinic.record(id="B-1", jurisdiction="UK", dental_status="ONJ_active")
    ill["measurements"].append({"test": "corrected calcium", "value": "1.72 mmol/L", "date": "2026-09-01"})
    open_clinic.add(ill)
    answer = open_clinic.get("/api/v1/people/2/schedule").json()
    assert (answer["injection"], answer["situation"]) == (None, "blocked")
    assert len(answer["withheld"]) >= 2
    assert {one["part"] for one in answer["entries"]} <= {"now", "before", "long"}
    assert [one["result"]["flag"] for one in answer["entries"] if one["what"].startswith("Calcium")] == [
        "low"
    ]
    page = open_clinic.get("/people/2/schedule").text
    assert "No injection is dated" in page
    assert "Next injection" not in page
    assert "calendar.ics" not in page
    refused = open_clinic.get("/people/2/calendar.ics")
    assert refused.status_code == 422
    assert "nothing may be dated now" in refused.text
    leaflet = open_clinic.get("/people/2/leaflet").text
    assert "You should not have this injection today." in leaflet
    assert "1.72 mmol/L" in leaflet


def test_what_a_clinician_overrode_is_dated_again(open_clinic):
    open_clinic.add(clinic.record(id="B-1", jurisdiction="UK", dental_status="ONJ_active"))
    for rule in open_clinic.get("/api/v1/people/2/check").json()["block_ids"]:
        kept = open_clinic.post("/people/2/check/override", {"rule": rule, "text": "seen by the surgeon"})
        assert kept.status_code == 303
    assert open_clinic.get("/api/v1/people/2/schedule").json()["withheld"] == []
    assert open_clinic.get("/api/v1/people/2/leaflet").json()["withheld"] == []


def test_the_leaflet_has_the_exit_the_brand_and_the_clinics_phone(tmp_path):
    with clinic.open_clinic(tmp_path, phone="01 234 567") as opened:
        opened.add(read_tables(clinic.example(), "late-dose.toml")[0].tables)
        text = opened.get("/people/1/leaflet?jurisdiction=UK&ending=true&exit=alendronate").text
        assert "a weekly tablet of alendronate" in text
        assert "01 234 567" in text
        assert "Jubbonti" in opened.get("/people/1/leaflet?jurisdiction=UK&brand=Jubbonti").text
        assert "do not stop yet" in opened.get("/people/1/leaflet?jurisdiction=UK&ending=true").text
        reason = opened.get("/api/v1/people/1/leaflet?jurisdiction=UK&ending=true&reason=wish").json()
        assert (reason["situation"], reason["withheld"]) == ("stopping", [])
        assert opened.get("/people/1/leaflet?jurisdiction=UK&exit=alendronate").status_code == 422


def test_what_can_be_printed_is_offered_on_one_page(open_clinic):
    page = open_clinic.get("/people/1/print").text
    for path in ("/people/1/report", "/people/1/leaflet", "/people/1/schedule", "/people/1/calendar.ics"):
        assert re.search(rf'(href|action|formaction)="{path}"', page), path
    assert "Español" in page


def test_the_report_is_waited_for_and_then_shown_with_its_own_style_only(open_clinic):
    waiting = open_clinic.get("/people/1/report.html", follow_redirects=False)
    assert (waiting.status_code, waiting.headers["location"]) == (303, "/people/1/report")
    html = render(example_forecast())
    _report_job(open_clinic, {"html": html, "version": 1})
    assert "The report is ready" in open_clinic.get("/people/1/report").text
    answer = open_clinic.get("/people/1/report.html")
    assert answer.text == html
    assert _styles(html) == _allowed_styles(answer) != set()
    assert " style=" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL), (
        "a policy of hashes refuses it"
    )
    saved = open_clinic.get("/people/1/report.html?save=true")
    assert saved.headers["content-disposition"] == 'attachment; filename="report-1.html"'


def test_a_changed_record_is_not_shown_with_the_report_of_the_old_one(open_clinic):
    _report_job(open_clinic, {"html": "<p>old</p>", "version": 1})
    stored = open_clinic.get("/api/v1/people/1").json()
    stored["record"]["person"]["weight"] = "70 kg"
    sent = {"record": stored["record"], "version": stored["version"]}
    assert open_clinic.client.put("/api/v1/people/1", json=sent).status_code == 200
    assert "The report is ready" not in open_clinic.get("/people/1/report").text


def test_a_report_that_was_stopped_can_be_written_again(open_clinic):
    job = _report_job(open_clinic)
    with open_clinic.store.session() as s:
        jobs.cancel(s, job.id)
    assert "Compute it again" in open_clinic.get("/people/1/report").text
    assert open_clinic.post("/people/1/report/again").status_code == 303
    with open_clinic.store.reading() as s:
        assert [one.state for one in jobs.of(s, 1, "report")] == ["queued", "cancelled"]


def test_the_work_of_the_report_writes_down_the_forecast(monkeypatch):
    made, stated = example_forecast(), []
    monkeypatch.setattr(forecasts, "_whole", lambda asked, folder, tell: tell(1.0, "computed") or made)
    result = forecasts.report({"version": 3}, None, lambda share, what: stated.append(share))
    assert result == {"html": render(made), "paper": clinician_content(made), "version": 3}
    assert stated == sorted(stated)


def test_the_monograph_has_every_sentence_with_its_source_and_marks_what_was_not_read(open_clinic):
    page = open_clinic.get("/monograph").text
    plain = (
        page.replace("&#39;", "'")
        .replace("&#34;", '"')
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )
    unread = 0
    for chapter in monograph().values():
        for sentence in chapter.sentences:
            assert sentence.text in plain
            assert sentence.source.text in plain
            unread += sentence.mark != "published"
    assert page.count('class="unverified"') >= unread > 0


def test_the_leaflet_of_the_api_is_the_page_in_parts(open_clinic):
    stated = open_clinic.get("/api/v1/people/1/leaflet?jurisdiction=UK&language=es").json()
    page = open_clinic.get("/people/1/leaflet?jurisdiction=UK&language=es").text
    for part in stated["sections"]:
        for line in part["lines"]:
            assert line in page
    assert open_clinic.get("/api/v1/people/1/leaflet").status_code == 422


def test_a_name_of_a_file_cannot_carry_anything_else():
    with pytest.raises(ValueError, match="a\r"):
        saved_as("a\r\nb: c")
    assert "style-src 'none'" in standalone("<p>").headers["content-security-policy"]
