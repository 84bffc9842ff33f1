"""The leaflet in a real browser: one printed page, nothing asked for, no sideways scrolling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bonecast.care.language import language, languages
from bonecast.care.leaflet import leaflet, leaflet_page
from bonecast.care.rules import JURISDICTIONS
from bonecast.interop import read_patient

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("place", JURISDICTIONS)
@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("example", ["late-dose.toml", "long-denosumab.toml"])
def test_the_leaflet_prints_on_one_page_and_fits_a_narrow_screen(browser, tmp_path, place, example, code):
    path = tmp_path / "leaflet.html"
    made = leaflet(read_patient(EXAMPLES / example), place, tongue=language(code))
    path.write_text(leaflet_page(made), encoding="utf-8")
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert asked == [path.as_uri()]
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
