"""The report in a real browser, from its file: no request, no error, no sideways scrolling, few printed pages."""

from __future__ import annotations

import hidden_fonts
import pytest
from report_example import example_forecast

from bonecast.reports import write_report


@pytest.fixture(scope="module")
def opened(open_page, tmp_path_factory):
    """The page, what it asked for, and what it complained of."""
    return open_page(write_report(example_forecast(), tmp_path_factory.mktemp("report")))


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened):
    page, asked, complaints, path = opened
    assert page.title().startswith("Bonecast forecast, A1")
    assert asked == [path.as_uri()]
    assert complaints == []


@pytest.mark.parametrize(("width", "text_size"), [(320, "100%"), (1000, "100%"), (640, "200%")])
def test_the_page_does_not_scroll_sideways(opened, stands_in, width, text_size):
    assert stands_in(opened[0], width, text_size)


def test_no_chart_is_empty_and_no_word_in_it_is_cut_off(opened):
    page = opened[0]
    page.set_viewport_size({"width": 1000, "height": 800})
    cut = page.evaluate(
        """() => [...document.querySelectorAll('figure .wide > svg')].flatMap(svg => {
            const box = svg.getBoundingClientRect();
            const words = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim());
            if (words.length < 5) return ['empty: ' + svg.textContent.slice(0, 40)];
            return words.filter(t => {
                const b = t.getBoundingClientRect();
                return b.left < box.left - 2 || b.right > box.right + 2
                    || b.top < box.top - 2 || b.bottom > box.bottom + 2;
            }).map(t => t.textContent);
        })"""
    )
    assert cut == []


def test_the_table_of_a_chart_opens_with_the_keyboard(opened):
    page = opened[0]
    summary = page.locator("#figure-CTX summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#figure-CTX details").evaluate("d => d.open")
    assert page.locator("#figure-CTX details table").is_visible()


def test_the_page_is_set_in_our_type_alone(opened):
    page = opened[0]
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    used = hidden_fonts.families(page)
    assert {"Bonecast Sans", "Bonecast Sans SemiBold"} <= set(used)
    assert {name: text for name, text in used.items() if name not in hidden_fonts.OURS} == {}
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false })")
