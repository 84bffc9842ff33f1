"""Recall from the worklist: files for those who were ticked, each in the audit log; templates that a clinic keeps."""

from __future__ import annotations

import io
import zipfile

import clinic
import pytest
from test_given_today import ready

from bonecast.web.store import audit


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    with clinic.open_clinic(tmp_path_factory.mktemp("recall"), jurisdiction="UK", phone="555 0100") as made:
        made.add(ready(address="12 High Street, Oxford", phone="+44 1865 000000"))
        tables = ready(pregnancy_status="pregnant", birth_date="1990-01-01", menopause_age=None)
        tables["person"]["id"] = "other"
        del tables["person"]["menopause_age"]
        made.add(tables)
        yield made


def files(answer) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    return {name: archive.read(name) for name in archive.namelist()}


def test_those_ticked_get_their_files_and_each_stands_in_the_audit_log(opened):
    made = files(
        opened.post("/worklist/recall", {"id": ["1", "2"], "make-letters": "true", "make-texts": "true"})
    )
    assert set(made) == {"people.csv", "letters-en.pdf", "texts.csv", "README.txt"}
    assert b"your next injection is due on" in made["texts.csv"]
    listed = made["people.csv"].decode("utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in listed[1:]] == ["recall", "talk"]
    with opened.store.reading() as s:
        noted = [(one.person_id, one.detail) for one in audit.latest(s) if one.action == "recall files"]
    assert sorted(noted) == [(1, "recall: letters, texts"), (2, "talk: letters, texts")]


def test_nobody_ticked_or_nothing_chosen_is_said(opened):
    assert "nobody was ticked" in opened.post("/worklist/recall", {"make-letters": "true"}).text
    assert "no file was chosen" in opened.post("/worklist/recall", {"id": "1"}).text


def test_a_clinics_template_is_used_once_it_passed_its_check_and_can_be_put_back(opened):
    bad = opened.post("/letters", {"kind": "text_talk", "language": "en", "text": "Come on {{due}}"})
    assert bad.status_code == 422
    assert "there is no field called &#39;due&#39;" in bad.text
    said = {"kind": "text_recall", "language": "en", "text": "Bone clinic: {{name}}, ring {{phone}}."}
    assert opened.post("/letters", said).status_code == 303
    assert "own template" in opened.get("/letters?kind=text_recall&language=en").text
    asked = {"id": "1", "make-texts": "true"}
    assert b"ring 555 0100." in files(opened.post("/worklist/recall", asked))["texts.csv"]
    opened.post("/letters", {**said, "usual": "true"})
    assert b"ring 555" not in files(opened.post("/worklist/recall", asked))["texts.csv"]


@pytest.mark.parametrize(
    "path", ["letter.pdf?kind=gp&doctor=Dr+Green,Oxford", "letter.pdf?kind=recall", "leaflet.pdf"]
)
def test_each_paper_of_a_person_is_a_pdf(opened, path):
    answer = opened.get(f"/people/1/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


def test_the_clinicians_page_waits_for_the_forecast(opened):
    answer = opened.get("/people/1/page.pdf", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/people/1/report")


def test_the_page_to_look_at_together_dates_nothing_that_is_withheld(opened):
    clear, barred = (opened.get(f"/people/{number}/together").text for number in (1, 2))
    assert 'class="next"' in clear
    assert 'class="next"' not in barred
    assert "This medicine can harm an unborn baby" in barred
    assert "State of the check: Do not give." in barred
