"""Every page, as the routes list them: for everyone, at any width, on paper, without a script, and at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import every_page
import hidden_fonts
import httpx
import pytest
from walk import serious

# Files, and parts of pages that a script puts into one.
NO_PAGES = {
    "/jobs/{id}",
    "/jobs/{id}/charts",
    "/models/{name}/curves",
    "/models/{name}/try.csv",
    "/people/import/progress",
    "/people/import/template",
    "/people/{id}/calendar.ics",
    "/people/{id}/export.zip",
    "/people/{id}/forecast/population",
    "/people/{id}/letter.pdf",
    "/people/{id}/overview/preview",
    "/people/{id}/overview/redraw",
    "/people/{id}/record.toml",
    "/plans/read",
    "/service/export",
    "/trials/runs/{key}/design.toml",
    "/trust.json",
    "/trials/runs/{key}/{name}.csv",
    "/worklist/export",
    "/worklist/judging",
}
# Pages whose policy lets no script run, not even one that looks at them: they are looked at without it.
SANDBOXED = {"/trials/runs/{key}/report"}
ALL = [*every_page.patterns(), *every_page.ALSO]
PAGES = [pattern for pattern in ALL if pattern not in NO_PAGES]
NARROW, WIDE = 320, 1200
HEAVIEST = 1_500_000  # bytes, with everything that the page loads
PAPER = 680  # CSS pixels between the margins of A4


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, small_jobs):
    with every_page.furnished(tmp_path_factory.mktemp("furnished")) as made:
        yield made


@pytest.fixture(scope="module")
def client(clinic):
    with clinic.client() as made:
        yield made


@pytest.fixture(scope="module")
def answers(clinic, client):
    """Each page's answer, asked for once."""
    kept: dict[str, httpx.Response] = {}

    def answer(pattern: str) -> httpx.Response:
        path = clinic.path(pattern)
        if path not in kept:
            kept[path] = client.get(path)
        return kept[path]

    return answer


def without_policy(route) -> None:
    """Let an answer through without its content security policy."""
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=kept)


def is_page(answer: httpx.Response) -> bool:
    """Is this a whole page, and not a part of one or a file?"""
    return answer.headers.get("content-type", "").startswith("text/html") and "<html" in answer.text


@dataclass
class Opened:
    """A page, signed in, with all its charts drawn; what it asked for and what it complained of."""

    page: Any
    asked: list[str]
    complaints: list[str]


@contextmanager
def opening(browser, clinic, pattern: str, **how) -> Iterator[Opened]:
    """Open a page in a window of its own."""
    context = browser.new_context(**{"viewport": {"width": WIDE, "height": 900}, **how})
    context.add_cookies(
        [{"name": name, "value": value, "url": clinic.address} for name, value in clinic.cookies.items()]
    )
    page = context.new_page()
    made = Opened(page, [], [])
    page.set_default_timeout(90_000)
    page.on("request", lambda request: made.asked.append(request.url))
    page.on("console", lambda message: made.complaints.append(message.text))
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    if pattern in SANDBOXED:
        page.route("**/*", without_policy)
    page.goto(clinic.address + clinic.path(pattern), wait_until="load")
    if how.get("java_script_enabled", True):
        page.wait_for_function(DRAWN)
    yield made
    context.close()


def is_quiet(opened: Opened, clinic) -> None:
    """A page asks no other host for anything, and complains of nothing."""
    own = (clinic.address, "data:", "about:", "blob:")
    assert [url for url in opened.asked if not url.startswith(own)] == [], "asked of another host"
    # The browser tells of an answer that is not 200 by itself; which ones those are is tested by the links.
    assert [said for said in opened.complaints if "the server responded with a status of 4" not in said] == []


@pytest.fixture(scope="module", params=PAGES)
def opened(browser, clinic, request):
    """Each page, opened once for all tests that look at it; its folded parts stand open."""
    with opening(browser, clinic, request.param) as made:
        yield made


@pytest.fixture
def page(opened, clinic):
    """The page in its first width, type, colours and medium; at the end it must have been quiet."""
    opened.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    yield opened.page
    is_quiet(opened, clinic)


DRAWN = """() => {
  const figures = [...document.querySelectorAll("figure.chart")];
  return figures.every((figure) => !figure.querySelector(".canvas") || figure.querySelector(".canvas svg"))
    && !document.querySelector("[data-first-draw]") && !document.querySelector("[aria-busy=true]");
}"""
# What stands out to the right of the window and is in no box that scrolls by itself.
OUTSIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + 1)
    .slice(-3).map((e) => e.outerHTML.slice(0, 160));
}"""
# Text without a place to be read in: cut off by a box that does not scroll.
CUT_OFF = """() => [...document.querySelectorAll("main *, header *")].filter((e) => {
    const style = getComputedStyle(e);
    return e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 && ["hidden", "clip"].includes(style.overflowX)
      && !e.matches(".visually-hidden, .visually-hidden *, svg *, select, input");
  }).map((e) => e.outerHTML.slice(0, 160))"""


UNMARKED = """() => [...document.querySelectorAll("button, .button")].filter((e) => e.checkVisibility()
  && parseFloat(getComputedStyle(e).borderTopWidth) === 0).map((e) => e.outerHTML)"""


REFUSED = {
    "/nothing": 404,
    "/people/{id}/leaflet": 422,
    "/people/{id}/leaflet.pdf": 422,
}  # a leaflet is of somebody's rules: which ones is asked first


@pytest.mark.parametrize("pattern", ALL)
def test_a_page_answers(answers, pattern):
    answer = answers(pattern)
    assert answer.status_code == REFUSED.get(pattern, 200), answer.text[:500]
    assert is_page(answer) == (pattern not in NO_PAGES)
    if is_page(answer):
        assert '<html lang="' in answer.text
        ids = every_page.Outline(answer.text).ids
        assert sorted(ids) == sorted(set(ids)), "an id stands twice"


def test_a_page_is_set_in_our_type_alone(page):
    used = hidden_fonts.families(page)
    assert "Bonecast Sans" in used
    assert {name: text for name, text in used.items() if name not in hidden_fonts.OURS} == {}


def test_a_page_is_for_everyone(page):
    assert page.locator("h1").count() == 1
    assert serious(page) == []
    for width, size in ((NARROW, "100%"), (640, "200%"), (WIDE, "200%")):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        assert page.evaluate(OUTSIDE) == [], f"it scrolls sideways at {width} px and {size}"
        assert page.evaluate(CUT_OFF) == [], f"text is cut off at {width} px and {size}"
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.emulate_media(forced_colors="active")
    assert page.evaluate(UNMARKED) == [], "a button without a border cannot be distinguished from text"
    page.emulate_media(media="print", forced_colors="none")
    page.set_viewport_size({"width": PAPER, "height": 900})
    assert page.evaluate(OUTSIDE) == [], "it is wider than paper"
    assert page.locator("nav:visible, button:visible").count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("pattern", PAGES)
def test_a_page_needs_no_script(answers, browser, clinic, pattern):
    with opening(browser, clinic, pattern, java_script_enabled=False) as opened:
        assert opened.page.locator("h1").is_visible()
    is_quiet(opened, clinic)
    for form in every_page.Outline(answers(pattern).text).forms:
        assert form["buttons"], f"no button sends the form to {form['action']}"
        assert form["method"] == "GET" or form.get("token"), f"the form to {form['action']} has no token"


def matches(pattern: str, path: str) -> bool:
    """Is this a path of that pattern?"""
    parts, own = path.strip("/").split("/"), pattern.strip("/").split("/")
    return len(parts) == len(own) and all(
        a == b or b.startswith("{") for a, b in zip(parts, own, strict=True)
    )


@pytest.mark.parametrize("pattern", PAGES)
def test_every_link_leads_somewhere_and_every_form_is_taken(clinic, answers, pattern):
    answer = answers(pattern)
    outline, dead = every_page.Outline(answer.text), []
    for link in dict.fromkeys(outline.links):
        to = urlsplit(urljoin(str(answer.url), link))
        if f"{to.scheme}://{to.netloc}" != clinic.address:
            continue  # a source elsewhere, which is followed only by hand
        if to._replace(fragment="").geturl() == str(answer.url):
            target = answer
        else:
            target = answers(to._replace(scheme="", netloc="", fragment="").geturl())
        if target.status_code >= 400 and target is not answer:
            dead.append((link, target.status_code))
        elif to.fragment and is_page(target) and to.fragment not in every_page.Outline(target.text).ids:
            dead.append((link, "no such place on the page"))
    assert dead == []
    sent = [(form["method"], form["action"] or str(answer.url)) for form in outline.forms] + outline.sent
    taken = {method: [*every_page.patterns(method)] for method in ("GET", "POST")}
    lost = [
        (method, action)
        for method, action in sent
        if not any(matches(one, urlsplit(urljoin(str(answer.url), action)).path) for one in taken[method])
    ]
    assert lost == []


@pytest.mark.parametrize("pattern", PAGES)
def test_a_page_weighs_at_most_a_megabyte_and_a_half(clinic, client, answers, pattern):
    parts = dict.fromkeys(re.findall(r'(?:src|href)="(/static/[^"]+)"', answers(pattern).text))
    parts |= dict.fromkeys(re.findall(r'data-charts="([^"]+)"', answers(pattern).text))
    weight = 0
    for part in (clinic.path(pattern), *parts):
        with client.stream("GET", part) as answer:
            weight += sum(len(chunk) for chunk in answer.iter_raw())
    assert weight <= HEAVIEST
