"""The plan builder: what is chosen becomes words, the words are read, and faults point to their place."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import clinic
import pytest

from bonecast.regimens import parse_regimen
from bonecast.web.pages.plan_steps import changed_plan, offers
from bonecast.web.store import jobs

TWO = "denosumab 60 mg every 6 months x 4, then nothing for 24 months"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    with clinic.open_clinic(tmp_path_factory.mktemp("plans")) as made:
        yield made


def pressed(opened, plan, **form):
    """The plan in the address that a button leads to."""
    answer = opened.get("/plans", params={"plan": plan, **form}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["plan"][0]


def test_every_regimen_of_the_catalogue_makes_a_plan_that_reads():
    assert len(offers()) > 20
    for offer in offers():
        text = changed_plan("", "regimen", {"regimen": offer.key, "repeat": "for 2 years"})
        assert offer.drug in parse_regimen(text).drugs


def test_steps_are_added_and_taken_out_again(opened):
    text = pressed(opened, "", do="regimen", regimen="denosumab-0", repeat="x 4")
    text = pressed(opened, text, do="pause", pause="24", pause_unit="months")
    assert text == TWO
    course = {"drug": "zoledronate", "amount": "5", "unit": "mg", "rhythm": "once", "wait": "6"}
    longer = pressed(opened, text, do="course", **course)
    assert longer == TWO + ", then 6 months after the last dose zoledronate 5 mg once"
    assert str(parse_regimen(longer)) == longer
    assert pressed(opened, longer, do="remove-2") == TWO
    beside = {
        "drug": "teriparatide",
        "amount": "20",
        "unit": "ug",
        "rhythm": "daily",
        "ends": "span",
        "count": "2",
    }
    joined = pressed(
        opened, "denosumab 60 mg every 6 months x 4", do="course", join="with", for_unit="years", **beside
    )
    assert joined == "denosumab 60 mg every 6 months x 4 with teriparatide 20 ug daily for 2 years"


def test_a_fault_is_shown_under_its_place_with_the_nearest_name(opened):
    text = opened.get("/plans/read", params={"plan": "denosumab 60 mg once, then denosumb 60 mg once"}).text
    assert "character 28" in text
    assert "denosumab" in text
    line, caret = text.split('class="pointer">')[1].split("</pre>")[0].split("\n")
    assert line[caret.index("^") :].startswith("denosumb 60 mg")


def test_doses_stand_on_their_dates(opened):
    text = opened.get("/plans/read", params={"plan": TWO, "start": "2026-01-01"}).text
    for day in ("2026-01-01", "2026-07-03", "2027-01-01", "2027-07-03"):
        assert f'datetime="{day}"' in text
    found = opened.get("/api/v1/plans/read", params={"plan": TWO, "start": "2026-01-01"}).json()
    assert [one["date"] for one in found["doses"]] == ["2026-01-01", "2026-07-03", "2027-01-01", "2027-07-03"]
    assert dt.date.fromisoformat(found["end"]) == dt.date(2030, 1, 1)


def test_a_plan_is_sent_to_the_sliders_of_the_models_that_carry_it(opened):
    text = opened.get("/plans", params={"plan": "romosozumab 210 mg monthly x 12"}).text
    assert "/models/bonecast-1/try?plan=romosozumab" in text
    assert "/models/choi-2025/try?plan=" not in text


def test_a_plan_is_sent_to_the_forecast_of_a_person_who_is_found_by_name(opened):
    opened.add(clinic.record(id="P-7", name="Petra Plan"))
    text = opened.get("/plans", params={"plan": TWO, "do": "find", "person": "petra"}).text
    assert "/forecast?plan=denosumab+60+mg" in text
    assert "Petra Plan (P-7)" in text
    to = text.split('href="')[
        [part.startswith("/people/1/forecast") for part in text.split('href="')].index(True)
    ]
    assert opened.get(to.split('"')[0]).status_code == 200
    with opened.store.reading() as s:
        assert jobs.of(s, 1, "forecast")[0].payload["plans"] == {"this plan": TWO}


@pytest.mark.parametrize("start", ["9999-12-31", "0001-01-01", "soon"])
def test_a_first_day_that_cannot_be_is_refused_in_words(opened, start):
    answer = opened.get("/plans", params={"plan": TWO, "start": start})
    assert answer.status_code == 200
    assert "first day" in answer.text
    assert opened.get("/api/v1/plans/read", params={"plan": TWO, "start": start}).status_code == 422
