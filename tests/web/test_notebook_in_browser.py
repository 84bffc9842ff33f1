"""Cards and charts of a notebook in a browser that reaches no network: they are drawn, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bonecast as bc
from bonecast.charts.styles import STYLES

pytest.importorskip("playwright.sync_api", reason="there is no playwright here")
PAGE = "<!doctype html><html><body style='background:{back};color:{ink};font-family:sans-serif'>{body}</body></html>"
LIGHT, DARK = ("#ffffff", "#222222"), ("#111111", "#dddddd")


@pytest.fixture(scope="module")
def run() -> bc.SimulationResult:
    return bc.simulate("choi-2025", "denosumab 60 mg every 6 months x 4, then nothing for 2 years")


@pytest.fixture(scope="module")
def cards(run) -> str:
    things = [run, bc.parse_regimen(run.plan), bc.load_model(run.model), bc.find_drug("Prolia")]
    return "<hr>".join(thing._repr_html_() for thing in [*things, bc.read_patient("examples/late-dose.toml")])


@pytest.mark.parametrize(("back", "ink"), [LIGHT, DARK])
def test_a_card_asks_for_nothing_and_every_letter_is_in_the_colour_of_the_page(
    open_page, tmp_path: Path, cards: str, back: str, ink: str
):
    file = tmp_path / "cards.html"
    file.write_text(PAGE.format(back=back, ink=ink, body=cards), encoding="utf-8")
    page, asked, complaints, _ = open_page(file)
    assert asked == [file.as_uri()]
    assert complaints == []
    inks = page.evaluate(
        "[...document.querySelectorAll('svg text')].map(e => getComputedStyle(e).fill)"
        ".concat([...document.querySelectorAll('td')].map(e => getComputedStyle(e).color))"
    )
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    assert set(inks) == {f"rgb({red}, {green}, {blue})"}
    assert page.evaluate("[...document.querySelectorAll('polyline')].every(e => e.getBBox().width > 100)")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 1000
    page.close()


def test_a_chart_stands_in_a_page_without_a_network(open_page, tmp_path: Path, run):
    chart = run.plot(["LS_BMD_pct_change"])
    bundle = chart._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert not re.search(r"(src|href)=|url\((?!#)|<script|@import", bundle["image/svg+xml"])
    file = tmp_path / "chart.html"
    file.write_text(PAGE.format(back="#fff", ink="#222", body=bundle["image/svg+xml"]), encoding="utf-8")
    page, asked, complaints, _ = open_page(file)
    assert (asked, complaints) == ([file.as_uri()], [])
    assert "spine BMD" in page.text_content("svg")
    page.close()


def test_a_chart_that_is_changed_and_saved_as_a_page_is_drawn_without_a_network(browser, tmp_path: Path, run):
    file = tmp_path / "saved.html"
    run.plot(["LS_BMD_pct_change"]).properties(title="mine").save(file)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("#vis svg, #vis canvas")
    assert [url for url in asked if url.startswith("http")] == []
    context.close()


def test_lines_can_be_seen_on_light_and_on_dark_paper():
    """Contrast of 3:1 or more (WCAG 1.4.11); black is drawn in the colour of the text."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for look in STYLES:
        for paper in ("#ffffff", "#111111"):
            light, dark = sorted((luminance(look.colour), luminance(paper)), reverse=True)
            assert look.colour == "#000000" or (light + 0.05) / (dark + 0.05) >= 3.0
