"""The leaflet in a real browser: one printed page, nothing asked for, no sideways scrolling."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import hidden_fonts
import pytest
from paper_people import SITUATIONS, WITHHELD

from bonecast.care.leaflet import Leaflet, leaflet, leaflet_page
from bonecast.care.leaflet_size import SMALLEST, fitted_size, height
from bonecast.care.rules import JURISDICTIONS
from bonecast.core import language, languages
from bonecast.interop import read_patient

EXAMPLES = Path(__file__).parents[2] / "examples"


ASKED = {name: (who, options) for name, (who, options, *_) in {**SITUATIONS, **WITHHELD}.items()}


# One of each kind of page; that the others fit follows from the measure, which the next tests compare with the browser.
SHOWN = (
    "on time, young",
    "change of brand",
    "late",
    "restart",
    "metastases",
    "giant cell tumour",
    "high calcium",
)
SHOWN = (*SHOWN, "stop, zoledronate", "stop, raloxifene", "pregnant", "strength", "no_exit")


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("name", SHOWN)
def test_every_kind_of_page_prints_on_one_sheet_and_fits_a_narrow_screen(browser, tmp_path, name, code):
    """In the jurisdiction whose page is the longest."""
    path = tmp_path / "leaflet.html"
    who, options = ASKED[name]
    pages_of = [leaflet(who, place, tongue=language(code), **options) for place in JURISDICTIONS]
    path.write_text(leaflet_page(min(pages_of, key=fitted_size)), encoding="utf-8")
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert asked == [path.as_uri()]
    assert pages(page) == 1
    assert set(hidden_fonts.families(page)) == {"Bonecast Sans", "Bonecast Sans SemiBold"}
    page.close()


def pages(page) -> int:
    """How many sheets of paper the page is printed on."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


def with_lines(made: Leaflet, *lines: str) -> Leaflet:
    """The leaflet with these lines in the box of the date, where a clinic says who it is."""
    (key, title, first), *others = made.sections
    return dataclasses.replace(made, sections=((key, title, (*first, *lines)), *others))


LONG = {
    "a long clinic": [
        "Osteoporosis outpatient clinic of the University Hospital of Llanfairpwllgwyngyll, " * 2
    ]
    * 3,
    "a word without a space": ["Donaudampfschifffahrtsgesellschaftskapitänsklinik" * 8],
    "many lines": ["Teléfono de la consulta de metabolismo óseo: 900 000 000, de 8.00 a 15.00 h."] * 12,
    "another alphabet": ["骨粗鬆症外来" * 40],
}


@pytest.mark.parametrize("lines", LONG.values(), ids=LONG)
@pytest.mark.parametrize("code", languages())
def test_a_leaflet_with_long_lines_is_set_smaller_and_stays_one_page(browser, tmp_path, code, lines):
    made = with_lines(leaflet(read_patient(EXAMPLES / "late-dose.toml"), "US", tongue=language(code)), *lines)
    path = tmp_path / "leaflet.html"
    path.write_text(leaflet_page(made), encoding="utf-8")
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert pages(page) == 1
    # What was measured from the widths of the font is what the browser makes of it, and never less.
    page.set_viewport_size({"width": 718, "height": 100})
    page.emulate_media(media="print")
    real = page.evaluate("document.body.getBoundingClientRect().height") * 72 / 96
    page.close()
    size = fitted_size(made)
    assert SMALLEST < size < 14.75
    assert real <= height(made, size) + 1 <= 1.1 * real


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("name", ASKED)
def test_without_long_lines_the_type_is_large(name, code):
    """Above the 10 points of a US Medication Guide. It was 14 before every side effect, the jaw, the thigh bone and the
    emergency box stood on the page; one page was kept, and the type gave way. German takes more room than Spanish."""
    who, options = ASKED[name]
    sizes = [fitted_size(leaflet(who, place, tongue=language(code), **options)) for place in JURISDICTIONS]
    least = {"en": 11.5 if options.get("brand") else 12, "de": 11}.get(code, 11.5)
    assert min(sizes) >= least
    if name in WITHHELD or options.get("ending"):
        assert min(sizes) >= 15
