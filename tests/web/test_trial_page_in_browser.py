"""The report of a trial in a real browser, from its file: no request, no complaint, no sideways scrolling."""

from __future__ import annotations

import shutil

import pytest

from bonecast.trials import report_trials, run_trials

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here (Debian's package chromium)"
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The page, what it asked for, and what it complained of."""
    playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright here")
    folder = tmp_path_factory.mktemp("trial") / "run"
    run_trials("window", folder, trials=5)
    path = report_trials(folder)[1]["report.html"]
    asked, complaints = [], []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        yield page, asked, complaints, path
        browser.close()


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened):
    page, asked, complaints, path = opened
    assert page.title() == "Bonecast trial, window"
    assert asked == [path.as_uri()]
    assert complaints == []


@pytest.mark.parametrize(("width", "text_size"), [(320, "100%"), (1000, "100%"), (640, "200%")])
def test_the_page_does_not_scroll_sideways(opened, width, text_size):
    page = opened[0]
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("size => { document.documentElement.style.fontSize = size }", text_size)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.evaluate("document.documentElement.style.fontSize = ''")
    assert wide <= width


def test_every_truth_heads_a_column_and_every_picture_has_its_table(opened):
    page = opened[0]
    heads = page.locator("#found ~ .wide th[scope=col]").all_inner_texts()
    assert {"drug and biopsy", "biopsy only", "nothing"} <= set(heads)
    assert page.locator("figure").count() == page.locator("figure details table").count() == 3
    summary = page.locator("#figure-TIL summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#figure-TIL details table").is_visible()
