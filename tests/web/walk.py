"""A walk through the application in a browser: what it asked, what it complained of, and what it waits for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe

LONGEST_MS = 240_000  # for long work, on a machine that does other things too
DRAWN = """() => {
  const figures = [...document.querySelectorAll("figure.chart .canvas")];
  return figures.length > 0 && figures.every((canvas) => canvas.querySelector("svg"));
}"""


@contextmanager
def walking(browser: Any, **how: Any) -> Iterator[Any]:
    """A page in a new window; at the end it must have asked its own server only, and complained of nothing."""
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **how})
    page = context.new_page()
    page.set_default_timeout(LONGEST_MS)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    assert complaints == []


def serious(page: Any) -> list[tuple[str, list[str]]]:
    """What axe finds serious or worse: its rule, and the first elements that break it."""
    # Lists of all that is well are long and take as long to make as the search.
    found = Axe().run(page, options={"resultTypes": ["violations"]})["violations"]
    return [
        (v["id"], [n["html"][:200] for n in v["nodes"]][:5])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def drawn(page: Any) -> int:
    """How many charts there are, once all of them are drawn."""
    page.wait_for_function(DRAWN)
    return page.locator("figure.chart").count()


def planned_dates(page: Any) -> list[str]:
    """The dates of the planned injections."""
    return page.eval_on_selector_all("input[name=date][data-at]", "all => all.map(input => input.value)")


def on_paper(page: Any, path: Path) -> list[str]:
    """The printed page as text, sheet by sheet."""
    page.pdf(path=path, prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return text.stdout.split("\f")[:-1]
