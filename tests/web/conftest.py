"""A real browser for the tests of pages, and a page opened from its file."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hidden_fonts
import pytest
from argon2 import PasswordHasher

from bonecast.web.jobs import process
from bonecast.web.security import passwords

# The shell draws and prints as Chromium does, and opens a window for a quarter of the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """The hasher of passwords as it is shipped; for all tests, another hashes them in a millisecond."""
    with pytest.MonkeyPatch.context() as patch:
        shipped = passwords._HASHER
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield shipped


@pytest.fixture(scope="module")
def small_jobs() -> Iterator[None]:
    """Forecasts of the application have few draws, where a test looks at pages and not at numbers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "PROGRAM", (sys.executable, str(Path(__file__).with_name("small_process.py"))))
        yield


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium without a window, and without the fonts of the system (`hidden_fonts`)."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (Debian's package chromium-headless-shell)")
    playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright here")
    with playwright.sync_playwright() as driver:
        fontless = hidden_fonts.environment(tmp_path_factory.mktemp("fonts"))
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], env=fontless)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def open_page(browser) -> Callable[[Path], tuple]:
    """`open_page(path)`: the page, what it asked for, what it complained of, and its path."""

    def opened(path: Path) -> tuple:
        asked: list[str] = []
        complaints: list[str] = []
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        return page, asked, complaints, path

    return opened


def fits(page, width: int, text_size: str) -> bool:
    """Does the page stand in this width, at this size of text, without scrolling sideways?"""
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("size => { document.documentElement.style.fontSize = size }", text_size)
    # The window takes its new width a moment after it was asked to: only then is the page laid out in it.
    page.wait_for_function("width => window.innerWidth === width", arg=width)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return wide <= width


@pytest.fixture(scope="session")
def stands_in() -> Callable[..., bool]:
    """`stands_in(page, width, text_size)`: see `fits`."""
    return fits
