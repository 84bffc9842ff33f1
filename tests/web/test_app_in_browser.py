"""The pages of list and record in a real browser: by keyboard, without a script, in forced colours, in two windows.

Each page by itself, narrow, large and with axe, is looked at in `test_every_page.py`.
"""

from __future__ import annotations

import re

import clinic
import pytest
from playwright.sync_api import expect
from walk import serious

from bonecast.interop import read_tables
from bonecast.web import importing
from bonecast.web.store import accounts, people

ACCOUNT_PAGES = ("/sign-in", "/account", "/accounts", "/accounts/audit")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A running server with two people, one of them with a history, and one who was deleted."""
    with clinic.served(tmp_path_factory.mktemp("served")) as (where, app):
        with app.state.store.session() as s:
            tables = read_tables(clinic.example(), "late-dose.toml")[0].tables
            first = people.add(s, tables, "ann")
            changed = {**first.record, "person": {**first.record["person"], "weight": "62 kg"}}
            people.save(s, first.id, changed, 1, "ben")
            people.delete(s, people.add(s, clinic.record(id="gone"), "ann").id, "ann")
        yield where


@pytest.fixture
def page(browser):
    """A new page; at the end it must not have asked elsewhere or complained."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    opened = context.new_page()
    asked, complaints = [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    assert [said for said in complaints if "404 (Not Found)" not in said and "status of 4" not in said] == []


def test_pages_of_accounts_pass_too(browser, page, tmp_path):
    with clinic.served(tmp_path, accounts=True) as (where, app):
        with app.state.store.session() as s:
            accounts.add(s, "ann", "administrator", clinic.PASSWORD)
        page.goto(f"{where}/accounts")
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill("wrong password")
        page.keyboard.press("Enter")
        page.get_by_text("do not fit together").wait_for()
        assert serious(page) == []
        page.get_by_label("Password").fill(clinic.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts")
        for path in ACCOUNT_PAGES:
            page.goto(where + path)
            assert serious(page) == [], path
        page.get_by_role("button", name="Sign out").click()
        page.get_by_text("You are signed out").wait_for()


def test_a_person_is_entered_with_the_keyboard_alone(page, address):
    page.goto(f"{address}/people")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Add a person"
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/new")

    def reach(name):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == name:
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    for name, typed in (
        ("person-id", "K-1"),
        ("person-name", "Key Board"),
        ("person-sex", "f"),
        ("person-birth_date", "03091955"),
        ("person-record_date", "09152026"),
        ("person-weight", "61"),
        ("doses-0-drug", "denosumab"),
        ("doses-0-amount", "60 mg"),
        ("doses-0-date", "03162026"),
    ):
        reach(name)
        page.keyboard.type(typed)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.get_by_text("The record was not saved").wait_for()
    assert page.evaluate("document.activeElement.className") == "faults", "the faults are read first"
    assert serious(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "person-weight"
    page.keyboard.press("End")
    page.keyboard.type(" kg")
    page.keyboard.press("Enter")
    page.get_by_text("The person was added").wait_for()
    assert "Key Board" in page.locator(".person").inner_text()


def test_all_of_it_works_without_a_script(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/people/1/record/edit")
    rows = page.locator("[id^=results-][id$=-date]").count()
    page.locator("button[value=results]").click()
    expect(page.locator("[id^=results-][id$=-date]")).to_have_count(rows + 1)
    page.locator("#person-height").fill("158 cm")
    page.get_by_role("button", name="Save").first.click()
    assert page.url.endswith("/people/1/record?said=saved")
    assert "158 cm" in page.content()
    context.close()


def test_forced_colours_and_paper_show_what_matters(browser, address, tmp_path):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{address}/people/1/record")
    width = page.evaluate(
        "getComputedStyle(document.querySelector('.tabs [aria-current]')).borderBottomWidth"
    )
    assert width == "4px", "the open tab is stated by more than its colour"
    page.emulate_media(media="print")
    assert not page.locator(".house").is_visible()
    assert not page.get_by_role("link", name="Edit the record").is_visible()
    assert page.locator(".person .name").is_visible()
    assert page.get_by_role("table").first.is_visible()
    context.close()


def test_two_windows_end_on_the_page_that_asks(browser, address):
    context = browser.new_context()
    one, two = context.new_page(), context.new_page()
    for window, weight in ((one, "70 kg"), (two, "71 kg")):
        window.goto(f"{address}/people/1/record/edit")
        window.locator("#person-weight").fill(weight)
    for window in (one, two):
        window.get_by_role("button", name="Save").first.click()
    assert "changed in another window" in two.locator("h1").inner_text()
    assert serious(two) == []
    two.get_by_label("What I wrote").check()
    two.get_by_role("button", name="Save with these choices").click()
    assert "71 kg" in two.locator("main").inner_text()
    context.close()


# What the page says while it waits for its answer; the window is kept by the next page.
WATCH = """() => {
    const box = document.getElementById("import-progress");
    const keep = () => { sessionStorage.said = (sessionStorage.said ?? "") + box.textContent.trim() + "|"; };
    new MutationObserver(keep).observe(box, { childList: true });
}"""


def test_the_page_that_sent_an_import_says_how_far_it_is_until_the_answer_comes(page, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    monkeypatch.setattr(importing, "PAUSE_S", 0.4)
    rows = "".join(f"P-{n},female,1955-03-09,2026-09-15\n" for n in range(100))
    (tmp_path / "p.csv").write_text(f"id,sex,birth_date,record_date\n{rows}")
    with clinic.served(tmp_path) as (where, _):
        page.goto(f"{where}/people/import")
        assert page.locator("#import-progress").get_attribute("aria-live") == "polite"
        page.evaluate(WATCH)
        page.get_by_label("Record files").set_input_files(tmp_path / "p.csv")
        page.get_by_role("button", name="Import").click()
        page.get_by_role("heading", name="What became of them").wait_for()
        assert page.get_by_role("row").count() == 101
        said = page.evaluate("sessionStorage.said")
    done = [int(one) for one in re.findall(r"p\.csv: (\d+) of 100 records", said)]
    assert len(set(done)) > 1
    assert done == sorted(done)
