"""The forecast's pages in a real browser: an injection moved by mouse and by keyboard, and charts.

Each page by itself, narrow and with axe, is looked at in `test_every_page.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import time

import clinic
import pytest

from bonecast.interop import read_tables
from bonecast.web.jobs.job_request import request_job
from bonecast.web.store import jobs, people


@pytest.fixture(scope="module")
def address(tmp_path_factory, small_jobs):
    """A running server that computes, with the example, whose forecast has been made once."""
    with clinic.served(tmp_path_factory.mktemp("served"), worker=True) as (where, app):
        with app.state.store.session() as s:
            tables = read_tables(clinic.example(), "late-dose.toml")[0].tables
            person = people.add(s, tables, "ann")
        id = request_job(app.state.later, app.state.workshop, "forecast", person, "ann").job.id
        _wait(app.state.store, id)
        yield where


def _wait(store, id: int) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        with store.reading() as s:
            job = jobs.get(s, id)
        if job.state not in jobs.OPEN:
            assert job.state == "done", job.what
            return
        time.sleep(0.2)
    raise AssertionError(f"{job.kind} is not done")


@pytest.fixture
def page(browser):
    """A new page; at the end it must not have asked elsewhere or complained."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    opened = context.new_page()
    asked, complaints = [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    assert complaints == []


def drawn(page) -> int:
    """How many charts there are, once all of them are drawn."""
    page.locator("figure.chart").first.wait_for(timeout=60_000)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        figures, pictures = (page.locator(f"figure.chart {of}").count() for of in (".canvas", ".canvas svg"))
        if figures == pictures:
            return figures
        time.sleep(0.1)
    raise AssertionError(f"{pictures} of {figures} charts are drawn")


def planned(page, at: int):
    return page.locator(f'#strip .dose.planned[data-at="{at}"]')


def dates(page) -> list[str]:
    return page.eval_on_selector_all(
        "input[name=date][data-at]", "inputs => inputs.map(input => input.value)"
    )


def settled(page) -> None:
    page.locator('#redrawn[aria-busy="false"] figure.chart').first.wait_for(timeout=60_000)


def test_an_injection_moves_by_a_week_with_the_arrow_keys_and_the_forecast_follows(page, address):
    page.goto(f"{address}/people/1/injections")
    drawn(page)
    first = dates(page)
    planned(page, 1).focus()
    page.keyboard.press("ArrowRight")
    page.locator("#announce", has_text="Forecast updated").wait_for(timeout=60_000)
    settled(page)
    moved = dates(page)
    assert moved[0] == first[0]
    assert [_days(b) - _days(a) for a, b in zip(first[1:], moved[1:], strict=True)] == [7] * (len(first) - 1)
    page.locator(".headline", has_text="these dates").wait_for()
    assert drawn(page) == 1
    # the one that was moved is still the one that the keys move
    assert page.evaluate("document.activeElement.dataset.at") == "1"
    page.keyboard.press("ArrowLeft")
    end = time.monotonic() + 30
    while dates(page) != first and time.monotonic() < end:
        time.sleep(0.05)
    assert dates(page) == first


def _days(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal()


def test_an_injection_is_dragged_with_the_mouse(page, address):
    page.goto(f"{address}/people/1/injections")
    drawn(page)
    first = dates(page)
    box = planned(page, 0).locator("circle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 28, y, steps=6)
    begun = page.locator("#strip .cover.open").count()
    assert begun >= 2, "the cover moves with the pointer"
    assert page.locator("#strip .dragged").text_content() == page.evaluate(
        "new Date(document.querySelector('#date-0').value).toLocaleDateString('en-GB',"
        " {day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC'})"
    )
    page.mouse.up()
    page.locator("#announce", has_text="Forecast updated").wait_for(timeout=60_000)
    settled(page)
    days = _days(dates(page)[0]) - _days(first[0])
    assert 90 < days < 180
    assert page.locator("#strip .cover.open").count() >= 2
    page.locator(".headline", has_text="these dates").wait_for()
    blocked = page.locator("#redrawn .stop")
    assert "do not postpone" in blocked.first.inner_text()


def test_an_injection_never_passes_the_one_before_it_or_today(page, address):
    page.goto(f"{address}/people/1/injections")
    drawn(page)
    first = dates(page)
    planned(page, 0).focus()
    page.keyboard.press("ArrowLeft")
    assert dates(page) == first
    planned(page, 1).focus()
    for _ in range(8):
        page.keyboard.press("PageDown")
    assert _days(dates(page)[1]) == _days(first[0]) + 1
    settled(page)


def test_a_typed_date_redraws_too(page, address):
    page.goto(f"{address}/people/1/injections")
    drawn(page)
    page.get_by_text("Type the dates").click()
    page.get_by_label("Injection 1", exact=True).fill("2026-11-30")
    page.keyboard.press("Tab")
    page.locator("#announce", has_text="Forecast updated").wait_for(timeout=60_000)
    page.locator('.dose.planned[aria-valuetext^="denosumab, 30 November 2026"]').wait_for()


def test_every_chart_has_a_description_and_a_table_of_its_own(page, address):
    page.goto(f"{address}/people/1/forecast")
    assert drawn(page) == 8
    for figure in page.locator("figure.chart").all():
        assert len(figure.locator(".canvas").get_attribute("aria-label")) > 40
        figure.get_by_text("Show as table").click()
        assert figure.locator("tbody tr").count() > 2
    assert re.search(r"\+\d", page.locator("#chart-LS_BMD svg").text_content())


def test_the_strip_and_the_chart_stand_in_one_view_and_the_crosshair_reads_every_strategy(page, address):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}/people/1/overview")
    drawn(page)
    settled(page)
    strip, chart = (page.locator(of).bounding_box() for of in ("#strip svg", "#redrawn .canvas svg"))
    assert chart["y"] + chart["height"] <= 900
    assert strip["y"] + strip["height"] <= 900
    assert strip["x"] + strip["width"] <= chart["x"]
    assert page.locator(".lines label", has_text="no further dose").is_visible()
    page.mouse.move(chart["x"] + 0.7 * chart["width"], chart["y"] + 100)
    reading = page.locator("#reading")
    reading.wait_for()
    assert re.match(r"20\d\d-\d\d-\d\d", reading.inner_text())
    assert re.search(r"on time [+−]\d.*T [+−]", reading.inner_text())
    assert re.search(r"no further dose −\d", reading.inner_text())


def test_the_curves_follow_an_injection_while_it_is_dragged(page, address):
    page.goto(f"{address}/people/1/overview")
    drawn(page)
    settled(page)
    box = planned(page, 0).locator("circle").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + 5, steps=3)
    page.locator("#redrawn[data-previewed]").wait_for(timeout=30_000)
    assert page.locator("#redrawn .headline", has_text="these dates").count() == 0, "it is still held"
    assert page.locator(".lines label", has_text="these dates").is_visible()
    page.mouse.up()
    page.locator(".headline", has_text="these dates").wait_for(timeout=60_000)
