"""Check, plan, leaflet and monograph in a real browser: by mouse, by keyboard, narrow, on paper, without a script."""

from __future__ import annotations

import re

import clinic
import pytest
from playwright.sync_api import expect
from walk import serious

from bonecast.interop import read_tables
from bonecast.web.store import people

STOP = "/people/1/check?action=stop&jurisdiction=UK"
ILL = "/people/2/check?jurisdiction=UK&on=2026-10-01"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A running server with two people, the second with several contraindications."""
    with clinic.served(tmp_path_factory.mktemp("served")) as (where, app):
        ill = clinic.record(
            id="R-1", indication="PMO", dental_status="planned_extraction", concurrent_bisphosphonate=True
        )
        ill["measurements"] += [
            {"test": "corrected calcium", "value": "2.05 mmol/L", "date": "2026-08-01"},
            {"test": "25-OH vitamin D", "value": "22 nmol/L", "date": "2026-08-01"},
            {"test": "eGFR", "value": "27 mL/min/1.73 m2", "date": "2026-08-01"},
        ]
        with app.state.store.session() as s:
            people.add(s, read_tables(clinic.example(), "late-dose.toml")[0].tables, "ann")
            people.add(s, ill, "ann")
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
    assert [said for said in complaints if "status of 422" not in said] == []


def test_many_contraindications_stand_in_a_narrow_window_and_axe_finds_nothing_serious(
    page, address, stands_in
):
    page.goto(address + ILL)
    # Axe is brought in by the test, where the page itself lets no script in.
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    assert serious(page) == []
    assert page.locator("h1").count() == 1
    for width, text_size in ((320, "100%"), (640, "200%")):
        assert stands_in(page, width, text_size)


def test_a_finding_is_overridden_and_the_override_undone_by_mouse(page, address):
    page.goto(address + STOP)
    card = page.locator("#finding-DC-01")
    assert page.locator(".outcome").inner_text().startswith("■ Do not stop")
    card.get_by_text("Override…").click()
    card.get_by_label("Kind of reason").select_option("The person declines")
    card.get_by_role("button", name="Override DC-01").click()
    assert page.url.endswith(STOP), "the browser itself asks for the typed reason"
    card.get_by_label("Reason, in your words").fill("wants to wait for her daughter")
    card.get_by_role("button", name="Override DC-01").click()
    page.get_by_text("The finding is overridden for this act, with its reason.").wait_for()
    outcome = page.locator(".outcome").inner_text()
    assert outcome.startswith("▲ Caution")
    assert "Overridden by" in outcome
    assert "The person declines: wants to wait for her daughter" in outcome
    page.locator("#finding-DC-01").get_by_role("button", name="Undo").click()
    page.get_by_text("The finding counts again.").wait_for()
    assert page.locator(".outcome").inner_text().startswith("■ Do not stop")


def test_questions_are_answered_where_they_are_asked(page, address):
    page.goto(f"{address}/people/1/check?jurisdiction=UK")
    assert page.locator(".outcome").inner_text().startswith("? Not complete")
    before = page.locator(".asked").count()
    femur = page.locator(".asked", has_text="Atypical femoral fracture")
    femur.get_by_label("no", exact=True).click()
    page.get_by_text("The record was saved.").wait_for()
    assert page.locator(".asked").count() == before - 1
    settled = page.locator(".settled", has_text="atypical femoral fracture")
    settled.get_by_label("not known").click()
    expect(page.locator(".asked")).to_have_count(before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_state_has_a_sign_and_words_and_every_page_can_be_read_in_both_colour_schemes(
    browser, address, scheme
):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    states = {STOP: "■ Do not stop", "/people/1/check?jurisdiction=EU": "? Not complete"}
    others = (
        "/people",
        "/people/2/check",
        "/people/1/record",
        "/people/1/overview",
        "/people/1/print",
        "/models",
    )
    # in light colours, `test_every_page.py` looks at the others
    for path in (*states, *(others if scheme == "dark" else ())):
        page.goto(address + path)
        assert serious(page) == [], path
        if path in states:
            assert page.locator(".outcome h2").inner_text() == states[path]
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (paper != "rgb(255, 255, 255)") is (scheme == "dark")
    context.close()


def test_an_act_is_asked_about_with_the_keyboard_alone(page, address):
    page.goto(f"{address}/people/1/check")
    page.locator("#action").focus()
    page.keyboard.type("stop")
    while page.evaluate("document.activeElement.textContent") != "Check it":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**action=stop**")
    assert page.locator("#action").input_value() == "stop"
    assert page.locator("#finding-DC-01").is_visible()


def test_the_link_of_a_missing_fact_ends_in_its_field(page, address):
    page.goto(f"{address}/people/2/check?action=switch+to+zoledronate&jurisdiction=UK")
    page.get_by_role("link", name=re.compile("enter creatinine", re.IGNORECASE)).first.click()
    page.wait_for_function("() => /^results-[0-9]+-creatinine$/.test(document.activeElement.id)")
    page.goto(f"{address}/people/1/record/edit#person-dental_status")
    page.wait_for_function("() => document.activeElement.id === 'person-dental_status'")
    assert page.locator("#person-dental_status").is_visible(), "its part of the form is open"


def test_the_check_works_without_a_script(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/people/2/check")
    page.get_by_label("What is planned").select_option("stop")
    page.get_by_label("Rules of").select_option("CA")
    page.get_by_role("button", name="Check it").click()
    assert "rules of CA" in page.locator(".outcome").inner_text()
    page.locator("#finding-DC-01 summary", has_text="Override…").click()
    page.locator("#finding-DC-01").get_by_label("Reason, in your words").fill("exit planned elsewhere")
    page.get_by_role("button", name="Override DC-01").click()
    assert "exit planned elsewhere" in page.locator("#finding-DC-01").inner_text()
    context.close()


def test_on_paper_there_are_findings_and_no_forms(page, address):
    page.goto(f"{address}/people/2/check?jurisdiction=UK&on=2026-10-01")
    page.emulate_media(media="print")
    assert page.locator("#finding-CI-01 .advice").is_visible()
    assert not page.get_by_role("button", name="Check it").is_visible()
    assert not page.get_by_text("Override…").first.is_visible()
    assert page.locator(".person .name").is_visible()


def test_a_severity_has_a_word_and_a_sign_in_forced_colours(browser, address):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{address}/people/2/check?jurisdiction=UK")
    said = page.locator("#finding-CI-01 .severity").inner_text()
    assert said == "■ Block"
    width = page.evaluate("getComputedStyle(document.querySelector('#finding-CI-01')).borderLeftWidth")
    assert width == "8px"
    context.close()


def test_the_leaflet_is_one_printed_page_with_its_style(page, address):
    page.goto(f"{address}/people/1/leaflet?jurisdiction=UK")
    border = page.evaluate("getComputedStyle(document.querySelector('.date')).borderTopStyle")
    assert border == "solid", "the policy lets its own style work"
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1


def test_a_calendar_is_saved_from_the_page_of_prints(page, address):
    page.goto(f"{address}/people/1/print")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save for a calendar").click()
    assert waiting.value.suggested_filename == "plan-1.ics"
