"""The modeller's pages in a real browser: axe, narrow and large, sliders, and a trial that is stopped and goes on."""

from __future__ import annotations

import clinic
import pytest
from walk import serious

from bonecast.web.jobs.scoreboard import asked_of, scoreboard
from bonecast.web.jobs.worker_pool import packed
from bonecast.web.store import jobs

PLAN = "denosumab 60 mg every 6 months x 4, then nothing for 24 months"
# Beside those that `test_every_page.py` looks at.
PAGES = (
    "/models/bonecast-1/try?p.D25=30",
    "/models/rank-window/try",
    "/models/choi-2025/try?plan=denosumb+60+mg",
    "/evidence?model=choi-2025",
    "/trials/new?design=freedom",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A running server that works, with one model held against the table."""
    with clinic.served(tmp_path_factory.mktemp("served"), worker=True) as (where, app):
        asked = asked_of("choi-2025")
        made = scoreboard(asked, None, lambda share, what: None)
        with app.state.store.session() as s:
            job = jobs.submit(s, "evidence", None, asked, "test")
            s.flush()
            taken = jobs.take(s, {"evidence"})
            assert taken.id == job.id
            jobs.finish(s, job.id, packed(made))
        yield where


@pytest.fixture
def page(browser):
    """A new page; at the end it must not have asked elsewhere or complained."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    asked, complaints = [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    assert complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious_and_the_page_stands_narrow_and_large(page, served, stands_in, path):
    page.goto(served + path)
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1
    assert serious(page) == []
    for width, size in ((320, "100%"), (640, "200%"), (1200, "200%")):
        assert stands_in(page, width, size), (width, size)


def test_a_slider_moves_the_curves_and_the_address_and_reset_brings_them_back(page, served):
    page.goto(f"{served}/models/bonecast-1/try")
    page.locator("figure.chart svg").first.wait_for()
    slider = page.locator(".slider", has=page.locator('[name="p.D25"]')).locator("input[type=range]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("Dotted: the model's own values").wait_for()
    value = float(page.locator('[name="p.D25"]').input_value())
    assert value < 75
    page.wait_for_url("**/try?p.D25=*")
    page.locator("figure.chart svg").first.wait_for()
    page.get_by_text("Curves updated.").wait_for(state="attached")
    page.reload()
    assert float(page.locator('[name="p.D25"]').input_value()) == value
    page.locator('[name="p.D25"]').fill("1")
    page.get_by_text("is no number from").first.wait_for()
    page.locator('[name="p.D25"]').fill("40")
    page.locator("#curves-drawn figure.chart svg").first.wait_for()
    page.get_by_role("link", name="Reset").click()
    page.wait_for_url("**/models/bonecast-1/try")
    assert page.locator('[name="p.D25"]').input_value() == "75"


def test_a_plan_is_read_while_it_is_written(page, served):
    page.goto(f"{served}/plans")
    page.get_by_label("Plan", exact=True).fill("denosumb 60 mg once")
    page.locator("#plan-fault").wait_for()
    page.get_by_label("Plan", exact=True).fill("denosumab 60 mg every 6 months x 2")
    page.get_by_text("2 doses of denosumab 60 mg every 6 months").wait_for()
    page.get_by_label("Regimen").select_option("zoledronate-0")
    page.get_by_role("button", name="Add the regimen").click()
    page.get_by_text("then 4 doses of zoledronate").wait_for()


def test_a_trial_is_stopped_and_goes_on_by_buttons(page, served):
    page.goto(f"{served}/trials/new?design=window")
    page.get_by_label("People in each trial").fill("240")
    page.get_by_label("How often it is simulated").fill("130")
    page.get_by_role("button", name="Run it").click()
    page.wait_for_url("**/trials/runs/*")
    page.get_by_text("people per second").wait_for(timeout=60_000)
    assert serious(page) == []
    page.get_by_role("button", name="Stop it").click()
    page.get_by_text("what is finished is kept").wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Open the report").wait_for(timeout=120_000)
    assert serious(page) == []
    # The report runs no script, not even a test's: it is fetched. Its own page is looked at by another test.
    to = page.get_by_role("link", name="Open the report").get_attribute("href")
    answer = page.request.get(served + to)
    assert answer.ok
    assert "<svg" in answer.text()
