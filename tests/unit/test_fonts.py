"""The type: the files hold what texts need, widths are those of the files, and nothing is set in another font."""

from __future__ import annotations

import itertools
import re
import struct
from importlib.resources import files
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from bonecast.charts import Agreement, Pair, Pairs, png, style_of, svg
from bonecast.fonts import FACES, FAMILY, drawing_folder, font_rules, lacking, text_width, web_folder, wrapped
from bonecast.web.templates import static

PACKAGE = Path(str(files("bonecast")))
WEB = sorted(Path(web_folder()).glob("*.woff2"))
DRAWING = sorted(Path(drawing_folder()).glob("*.ttf"))
STYLES = [*PACKAGE.rglob("*.css"), *PACKAGE.rglob("*.jinja")]
VENDORED = {"vega.js", "htmx.js", "vega.LICENSES.txt"}
TEXTS = [
    path
    for path in PACKAGE.rglob("*.*")
    if path.suffix in {".py", ".jinja", ".css", ".js", ".toml", ".csv", ".po"} and path.name not in VENDORED
]


def characters(path: Path) -> set[str]:
    return {chr(code) for code in TTFont(path).getBestCmap()}


def test_the_fonts_are_those_that_the_rules_and_the_table_name():
    assert [path.stem for path in WEB] == sorted([*FACES, "mono-regular"])
    assert [path.stem for path in DRAWING] == ["sans-regular", "sans-semibold"]


@pytest.mark.parametrize("path", [*WEB, *DRAWING], ids=lambda path: path.name)
def test_a_font_bears_our_name_and_its_own_licence(path):
    names = TTFont(path)["name"]
    assert str(names.getDebugName(16)) == ("Bonecast Mono" if "mono" in path.name else FAMILY)
    assert not [n for n in (1, 3, 4, 6, 16) if "Source" in str(names.getDebugName(n))]  # a reserved name
    assert "Adobe" in names.getDebugName(0)
    assert "SIL Open Font License" in names.getDebugName(13)


@pytest.mark.parametrize("path", [p for p in (*WEB, *DRAWING) if p.stem in {"sans-regular", "sans-semibold"}])
def test_the_table_of_widths_is_that_of_the_file(path):
    font = TTFont(path)
    assert len(font.getBestCmap()) > 300
    for code, glyph in font.getBestCmap().items():
        width = text_width(chr(code), font["head"].unitsPerEm, bold="semibold" in path.name)
        assert width == font["hmtx"][glyph][0], chr(code)


@pytest.mark.parametrize("path", WEB, ids=lambda path: path.name)
def test_figures_and_the_minus_sign_are_of_one_width(path):
    font = TTFont(path)
    cmap = font.getBestCmap()
    assert len({font["hmtx"][cmap[ord(one)]][0] for one in "0123456789−+"}) == 1


def test_every_character_of_our_texts_is_in_the_fonts():
    assert lacking("\N{CJK UNIFIED IDEOGRAPH-9AA8}1") == "\N{CJK UNIFIED IDEOGRAPH-9AA8}"
    missing = {str(path): lacking("".join(path.read_text("utf-8").split())) for path in TEXTS}
    assert {path: signs for path, signs in missing.items() if signs} == {}
    assert len(missing) > 300


def test_each_face_has_the_same_characters():
    regular, *others = (characters(path) for path in WEB if path.name.startswith("sans-"))
    assert all(other == regular for other in others)
    lacking_in_mono = regular - characters(PACKAGE / "fonts" / "web" / "mono-regular.woff2")
    code = "".join(
        path.read_text("utf-8") for path in TEXTS if path.parts[-2] in {"models", "plans", "designs"}
    )
    assert not lacking_in_mono & set(code)


@pytest.mark.parametrize("text", ["Ångström, Łódź, Großhans, Peña, Čapek", "≤ 1 ½ µg/L → −3 °C § β² ‘’“”…"])
def test_names_and_signs_of_european_languages_are_in_the_fonts(text):
    assert lacking(text) == ""


def test_the_fonts_inside_a_page_weigh_at_most_100_kilobytes():
    assert len(font_rules()) <= 100_000
    assert sum(path.stat().st_size for path in DRAWING) <= 120_000


def test_the_application_names_each_font_by_its_content():
    style = (PACKAGE / "web" / "static" / "style.css").read_text("utf-8")
    named = re.findall(r'url\("(fonts/[^"?]+)(\?v=[^"]+)"\)', style)
    assert [name for name, _ in named] == ["fonts/sans-regular.woff2", "fonts/sans-italic.woff2",
                                           "fonts/sans-semibold.woff2", "fonts/mono-regular.woff2"]  # fmt: skip
    for name, mark in named:
        assert static(name) == f"/static/{name}{mark}"


@pytest.mark.parametrize("path", STYLES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_style_sets_a_text_in_another_font(path):
    style = re.sub(r"{{.*?}}", "1", path.read_text("utf-8"))
    rules = re.findall(r"[\s;{](font(?:-family)?:[^;}]+)", style)
    assert len(rules) == style.count("font:") + style.count("font-family:")
    for rule in rules:
        assert re.search(r'(font|font-family): *(?:[^,"]* )?(?:"Bonecast (?:Sans|Mono)"|inherit)', rule), rule


def drawn(name: str) -> Agreement:
    """A picture as wide as its key, which is one long name."""
    return Agreement(
        "k", "t", "d", "x", "y", (Pairs(name, style_of(0), (Pair("p", 1.0, 2.0),)),), 1.0, log=False
    )


def test_images_are_drawn_in_our_type_whatever_the_system_has():
    name = "Wilhelmina of the measured widths, " * 6
    wide = text_width("M" * 30, 10.5)

    def width(key: str) -> tuple[float, float]:
        box = re.search(r'viewBox="0 0 ([\d.]+)', svg(drawn(key)))
        assert box is not None
        return float(box[1]), struct.unpack(">I", png(drawn(key), scale=1)[16:20])[0]

    before, after = width(name), width(name + "M" * 30)
    assert after[0] - before[0] == pytest.approx(wide, rel=0.02)
    assert after[1] - before[1] == pytest.approx(wide, rel=0.02)
    assert f'font-family="{FAMILY}, ' in svg(drawn("name")).replace("&quot;", "")


@given(st.text("abc m-ÄW", max_size=80), st.floats(5, 200))
def test_wrapped_lines_hold_the_words_in_order_and_are_as_wide_as_there_is_room(text, room):
    lines = wrapped(text, room, 10)
    assert " ".join(lines).split() == text.split()
    assert all(text_width(line, 10) <= room or " " not in line for line in lines)
    for line, following in itertools.pairwise(lines):
        assert text_width(f"{line} {following.split()[0]}", 10) > room
