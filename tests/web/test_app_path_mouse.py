"""From an empty database to the printed report, with the mouse."""

from __future__ import annotations

import shutil

import clinic
import pytest
from walk import drawn, on_paper, planned_dates, walking

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory, small_jobs):
    with clinic.served(tmp_path_factory.mktemp("served"), worker=True) as (where, _):
        yield where


def test_the_whole_path_with_the_mouse(browser, address, tmp_path):
    with walking(browser) as page:

        def tab(*names):
            for name in names:  # the tab, and the part of it
                here = page.get_by_role("navigation", name="This person")
                here.get_by_role("link", name=name, exact=True).click()
            assert page.locator("h1").count() == 1

        page.goto(address)
        page.get_by_text("Nobody is on the list yet").wait_for()
        page.get_by_role("link", name="Import records").click()
        page.get_by_label("Record files").set_input_files(clinic.EXAMPLES / "late-dose.toml")
        page.get_by_role("button", name="Import").click()
        page.get_by_role("link", name="E. M. (invented)").click()

        tab("Overview")
        assert drawn(page) == 1
        first = planned_dates(page)
        box = page.locator('#strip .dose.planned[data-at="0"] circle').bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y, steps=5)
        page.mouse.up()
        page.locator("#announce", has_text="Forecast updated").wait_for(state="attached")
        assert planned_dates(page) > first

        tab("Check and give")
        finding = page.locator("article.finding").first
        rule = finding.locator(".rule").inner_text()
        finding.get_by_text("Override…").first.click()
        finding.get_by_label("Kind of reason").first.select_option(index=1)
        finding.get_by_label("Reason, in your words").first.fill("discussed with her")
        finding.get_by_role("button", name=f"Override {rule}", exact=True).click()
        page.get_by_text("The finding is overridden").wait_for()
        assert page.locator("article.finding.aside .rule").all_inner_texts() == [rule]

        tab("Overview", "Whole forecast")
        page.get_by_role("heading", name="What to know about this forecast").wait_for()
        assert drawn(page) >= 6
        page.locator("#chart-LS_BMD").get_by_text("Show as table").click()
        assert page.locator("#chart-LS_BMD tbody tr").first.is_visible()

        tab("Plan", "Compare strategies")
        page.get_by_role("link", name="Strategy, the best first").wait_for()
        head = page.locator("thead a.sort").nth(1)
        head.click()
        assert page.locator("th[aria-sort] a.sort").inner_text().startswith(head.inner_text()[:8])

        tab("Late or stopped")
        page.get_by_role("region", name="Table: options").wait_for()
        page.get_by_role("link", name="Plan the exit").click()
        page.locator("main table").first.wait_for()

        tab("Overview", "Safety")
        assert drawn(page) >= 1

        page.locator(".acts").get_by_role("link", name="Print").click()
        page.get_by_role("link", name="Make the report").click()
        page.get_by_role("link", name="Open the report").click()
        page.wait_for_load_state()
        sheets = on_paper(page, tmp_path / "report.pdf")
        assert len(sheets) > 2
        assert "E. M. (invented)" in sheets[0]
        page.go_back()
        page.get_by_role("link", name="Back to what can be printed").click()
        page.locator("#leaflet-jurisdiction").select_option("EU")
        page.get_by_role("button", name="Open the leaflet").click()
        page.wait_for_url("**/leaflet?**")
        assert len(on_paper(page, tmp_path / "leaflet.pdf")) == 1
        page.go_back()

        tab("Record", "Timeline")
        page.get_by_text(rule).first.wait_for()
