"""From an empty database to the printed report with the keyboard alone; where the focus is can always be seen."""

from __future__ import annotations

import shutil

import clinic
import pytest
from walk import drawn, on_paper, planned_dates, walking

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
MOST_TABS = 200
SEEN = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const stroke = e.matches(".dose") && parseFloat(getComputedStyle(e.querySelector("circle")).strokeWidth) >= 4;
  return (marked || stroke) && box.bottom > 0 && box.top < innerHeight;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory, small_jobs):
    with clinic.served(tmp_path_factory.mktemp("served"), worker=True) as (where, _):
        yield where


class Keyboard:
    """Hands that have no mouse."""

    def __init__(self, page) -> None:
        self.page = page

    def to(self, target) -> None:
        """Press Tab until this has the focus."""
        target.wait_for()
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            where = self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            assert self.page.evaluate("document.activeElement === document.body") or self.page.evaluate(
                SEEN
            ), where
            if target.evaluate("e => e === document.activeElement"):
                return
        raise AssertionError(f"the keyboard does not reach {target}")

    def press(self, target, key: str = "Enter") -> None:
        """Reach it and press a key."""
        self.to(target)
        self.page.keyboard.press(key)

    def fill(self, id: str, typed: str) -> None:
        """Reach a field and type into it."""
        self.to(self.page.locator(f"#{id}"))
        self.page.keyboard.type(typed)
        self.page.keyboard.press("Escape")  # a list of suggestions closes

    def link(self, name: str) -> None:
        """Follow a link."""
        self.press(self.page.get_by_role("link", name=name, exact=True))

    def tab(self, name: str) -> None:
        """Open a tab of the person."""
        tabs = self.page.get_by_role("navigation", name="This person")
        link = tabs.get_by_role("link", name=name, exact=True)
        self.press(link)
        self.page.locator(".tabs [aria-current]", has_text=name).wait_for()


def test_the_whole_path_with_the_keyboard_alone(browser, address, tmp_path):
    with walking(browser) as page:
        keys = Keyboard(page)
        page.goto(address)
        keys.link("Add a person")
        page.wait_for_url("**/people/new")
        for id, typed in (
            ("person-id", "K-1"),
            ("person-name", "Key Board"),
            ("person-sex", "f"),
            ("person-birth_date", "03091955"),
            ("person-record_date", "09152026"),
            ("person-weight", "61 kg"),
            ("doses-0-drug", "denosumab"),
            ("doses-0-amount", "60 mg"),
            ("doses-0-date", "09102025"),
        ):
            keys.fill(id, typed)
        for id, typed in (
            ("doses-1-drug", "denosumab"),
            ("doses-1-amount", "60 mg"),
            ("doses-1-date", "03162026"),
            ("results-0-date", "09102026"),
            ("results-0-ctx", "0,31"),
        ):
            keys.fill(id, typed)
        page.keyboard.press("Enter")
        page.get_by_text("The person was added").wait_for()

        keys.tab("Overview")
        assert drawn(page) == 1
        first = planned_dates(page)
        keys.press(page.locator('#strip .dose.planned[data-at="0"]'), "ArrowRight")
        page.locator("#announce", has_text="Forecast updated").wait_for(state="attached")
        assert planned_dates(page) > first

        keys.tab("Check and give")
        finding = page.locator("article.finding").first
        rule = finding.locator(".rule").inner_text()
        keys.press(finding.locator("summary", has_text="Override…").first)
        keys.to(finding.get_by_label("Reason, in your words").first)
        page.keyboard.type("discussed with her")
        keys.press(finding.get_by_role("button", name=f"Override {rule}"))
        page.get_by_text("The finding is overridden").wait_for()
        assert page.locator("article.finding.aside .rule").all_inner_texts() == [rule]

        keys.tab("Overview")
        keys.tab("Whole forecast")
        page.get_by_role("heading", name="What to know about this forecast").wait_for()
        assert drawn(page) >= 5
        keys.press(page.locator("#chart-LS_BMD summary"))
        assert page.locator("#chart-LS_BMD tbody tr").first.is_visible()

        keys.tab("Plan")
        keys.tab("Compare strategies")
        page.get_by_role("link", name="Strategy, the best first").wait_for()
        keys.press(page.locator("thead a.sort").nth(1))
        page.wait_for_url("**sort=**")
        page.locator("th[aria-sort]").wait_for()

        keys.tab("Late or stopped")
        page.get_by_role("region", name="Table: options").wait_for()
        keys.link("Plan the exit")
        page.wait_for_url("**/plan")
        page.locator("main table").first.wait_for()

        keys.tab("Overview")
        keys.tab("Safety")
        assert drawn(page) >= 1

        keys.link("Print")
        keys.link("Make the report")
        keys.link("Open the report")
        page.wait_for_url("**/report.html")
        sheets = on_paper(page, tmp_path / "report.pdf")
        assert len(sheets) > 2
        assert "Key Board" in sheets[0]
        page.go_back()  # a key of the browser, which one without a window has not
        keys.link("Back to what can be printed")
        keys.to(page.locator("#leaflet-jurisdiction"))
        page.keyboard.type("EU")
        keys.press(page.get_by_role("button", name="Open the leaflet"))
        page.wait_for_url("**/leaflet?**")
        assert len(on_paper(page, tmp_path / "leaflet.pdf")) == 1
