"""An injection is recorded as given today from its check, in three clicks, and only where the judge lets it pass."""

from __future__ import annotations

import datetime as dt

import clinic
import pytest
from playwright.sync_api import expect
from test_worklist import her

from bonecast.web.store import people, worklist

TODAY = dt.date.today()
ANSWERS = {
    "hypersensitivity_denosumab": False,
    "indication": "PMO",
    "dental_status": "good",
    "onj_external_history": False,
    "severe_skin_reaction": "none",
    "aff_confirmed": False,
}


def ready(**changes) -> dict:
    """A woman who is due and whose questions are answered but that about the syringe."""
    return her("ready", 180, **{**ANSWERS, **changes})


@pytest.fixture
def opened(tmp_path):
    with clinic.open_clinic(tmp_path, jurisdiction="UK") as made:
        yield made


def doses(opened) -> list:
    with opened.store.reading() as s:
        return people.get(s, 1).record["doses"]


SAFE = "syringe_shaken_or_frozen=false"


def test_what_is_clear_is_recorded_with_product_and_lot_and_the_next_date_is_said(opened):
    opened.add(ready())
    assert "Given today</button>" in opened.get(f"/people/1/check?{SAFE}").text
    form = {"version": "1", "product": "Prolia", "lot": "AB 12"}
    assert opened.post(f"/people/1/check/given?{SAFE}", form).status_code == 303
    given = {name: value for name, value in doses(opened)[-1].items() if name != "key"}
    expected = {"drug": "denosumab", "amount": "60 mg", "date": TODAY.isoformat()}
    assert given == {**expected, "product": "Prolia", "lot": "AB 12"}
    page = opened.get("/people/1/check").text
    assert "outcome is-given" in page
    assert "The next injection is due on" in page
    assert "Given today</button>" not in page


def test_it_is_recorded_once(opened):
    opened.add(ready())
    opened.post(f"/people/1/check/given?{SAFE}", {"version": "1"})
    assert opened.post(f"/people/1/check/given?{SAFE}", {"version": "2"}).status_code == 422
    assert len(doses(opened)) == 5


@pytest.mark.parametrize(
    ("tables", "query"),
    [
        (her("open", 180, **{**ANSWERS, "aff_confirmed": None}), SAFE),
        (her("low", 180, calcium=2.05, **ANSWERS), SAFE),
        (her("unknown", 180, calcium=None, **ANSWERS), SAFE),
        (ready(pregnancy_status="pregnant", birth_date="1990-01-01", menopause_age=None), SAFE),
        (ready(), f"action=stop&{SAFE}"),
    ],
)
def test_what_the_judge_does_not_let_pass_is_neither_offered_nor_taken(opened, tables, query):
    tables["person"] = {name: value for name, value in tables["person"].items() if value is not None}
    opened.add(tables)
    assert "Given today</button>" not in opened.get(f"/people/1/check?{query}").text
    assert opened.post(f"/people/1/check/given?{query}", {"version": "1"}).status_code == 422
    assert len(doses(opened)) == 4


def test_a_question_about_the_injection_itself_is_answered_as_it_is_recorded(opened):
    opened.add(ready())
    assert opened.post("/people/1/check/given", {"version": "1"}).status_code == 422
    frozen = {"version": "1", "act-syringe_shaken_or_frozen": "true"}
    assert opened.post("/people/1/check/given", frozen).status_code == 422
    assert (
        opened.post("/people/1/check/given", frozen | {"act-syringe_shaken_or_frozen": "false"}).status_code
        == 303
    )
    assert len(doses(opened)) == 5


def test_a_day_that_is_not_today_is_not_offered(opened):
    opened.add(ready())
    later = TODAY + dt.timedelta(5)
    assert "Given today</button>" not in opened.get(f"/people/1/check?{SAFE}&on={later}").text


def test_from_the_page_of_the_person_it_takes_three_clicks(browser, tmp_path):
    with clinic.served(tmp_path, jurisdiction="UK") as (address, app):
        with app.state.store.session() as s:
            people.add(s, ready(), "ann")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/people/1/record")
        page.get_by_role("navigation", name="This person").get_by_role("link", name="Check and give").click()
        page.locator("form.given").get_by_label("no", exact=True).click()
        page.get_by_role("button", name="Given today").click()
        page.get_by_text("The next injection is due on").wait_for()
        page.close()
        with app.state.store.reading() as s:
            assert people.get(s, 1).record["doses"][-1]["date"] == TODAY.isoformat()


def test_from_the_worklist_to_a_complete_check_it_takes_ten_clicks_at_most(browser, tmp_path):
    with clinic.served(tmp_path, jurisdiction="UK") as (address, app):
        with app.state.store.session() as s:
            people.add(s, her("ready", 180), "ann")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/worklist?tile=due")
        page.get_by_role("link", name="ready").click()
        clicks = 1
        chosen = {"indication": "PMO", "dental_status": "good", "severe_skin_reaction": "none"}
        answers = page.locator("form.questions .asked").locator("fieldset.yes-no, select")
        while left := answers.count():  # each answer is saved and judged where it is given
            if answers.first.evaluate("one => one.matches('select')"):
                name = (answers.first.get_attribute("name") or "").partition("-")[2]
                answers.first.select_option(chosen[name])
            else:
                answers.first.get_by_label("no", exact=True).click()
            clicks += 1
            expect(answers).to_have_count(left - 1)
        assert "/check" in page.url
        assert "outcome is-clear" in page.content() or "outcome is-caution" in page.content()
        assert clicks <= 10
        page.close()


def test_the_list_is_filtered_and_changed_in_a_browser(browser, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "bonecast.web.pages.worklist.LOOK_S", -1
    )  # the page asks for its list when all are judged
    with clinic.served(tmp_path, jurisdiction="UK") as (address, app):
        with app.state.store.session() as s:
            for number in range(3):
                people.add(s, her(f"P{number}", 170 + number, name=f"Zoë {number}"), "ann")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/worklist")
        page.locator("#list td", has_text="not checked").first.wait_for(state="detached")
        page.get_by_label("Name, id or birth date").press_sequentially("zoe 1")
        page.locator("#list tbody tr").nth(1).wait_for(state="detached")
        assert page.locator("#list tbody tr").count() == 1
        page.get_by_label("Tick all on this page").check()
        page.locator("#set-status").select_option("called")
        page.get_by_role("button", name="Change them").click()
        page.get_by_text("The list was changed.").wait_for()
        page.close()
        with app.state.store.reading() as s:
            rows = worklist.find(s, worklist.WorklistFilter(), TODAY).rows
        assert sorted((row.name, row.status) for row in rows) == [
            ("Zoë 0", "to call"),
            ("Zoë 1", "called"),
            ("Zoë 2", "to call"),
        ]
