"""The report of a trial in a real browser, from its file: no request, no complaint, no sideways scrolling."""

from __future__ import annotations

import hidden_fonts
import pytest

from bonecast.trials import report_trials, run_trials


@pytest.fixture(scope="module")
def opened(open_page, tmp_path_factory):
    """The page, what it asked for, and what it complained of."""
    folder = tmp_path_factory.mktemp("trial") / "run"
    run_trials("window", folder, trials=5)
    return open_page(report_trials(folder)[1]["report.html"])


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened):
    page, asked, complaints, path = opened
    assert page.title() == "Bonecast trial, window"
    assert asked == [path.as_uri()]
    assert complaints == []


@pytest.mark.parametrize(("width", "text_size"), [(320, "100%"), (1000, "100%"), (640, "200%")])
def test_the_page_does_not_scroll_sideways(opened, stands_in, width, text_size):
    assert stands_in(opened[0], width, text_size)


def test_every_truth_heads_a_column_and_every_picture_has_its_table(opened):
    page = opened[0]
    heads = page.locator("#found ~ .wide th[scope=col]").all_inner_texts()
    assert {"drug and biopsy", "biopsy only", "nothing"} <= set(heads)
    assert page.locator("figure").count() == page.locator("figure details table").count() == 3
    summary = page.locator("#figure-TIL summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#figure-TIL details table").is_visible()


def test_the_page_is_set_in_our_type_alone(opened):
    page = opened[0]
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    used = hidden_fonts.families(page)
    assert {"Bonecast Sans", "Bonecast Sans SemiBold"} <= set(used)
    assert {name: text for name, text in used.items() if name not in hidden_fonts.OURS} == {}
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false })")
