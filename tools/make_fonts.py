"""Make the fonts of `src/bonecast/fonts` from Adobe's published ones: `python tools/make_fonts.py SANS MONO`.

SANS and MONO are the unpacked npm packages `source-sans` 3.52.0 and `source-code-pro` 2.42.0 (`npm pack NAME@VERSION`).
Needs fontTools and brotli (`pip install "fonttools[woff]"`). The fonts are cut to the characters of `CHARACTERS`, and
renamed, because their licence reserves the name Source to the originals. The same input gives the same files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "src" / "bonecast" / "fonts"
# Basic Latin, Latin-1, Latin Extended-A, Greek, and the signs of text, units and mathematics.
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    0x192, *range(0x218, 0x21C), 0x237, 0x2C6, 0x2C7, 0x2D8, 0x2D9, 0x2DA, 0x2DB, 0x2DC, 0x2DD,
    *range(0x391, 0x3CA),
    0x3D5, 0x1E9E, 0x2002, 0x2003, 0x2009, 0x200A, 0x200B, 0x202F, 0x2060,
    *range(0x2010, 0x2016), *range(0x2018, 0x201F),
    *range(0x2020, 0x2023), 0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044,
    0x2070, *range(0x2074, 0x207F), *range(0x2080, 0x208F), 0x20AC, 0x2116, 0x2122,
    *range(0x2150, 0x215F), *range(0x2190, 0x2196), 0x2202, 0x2206, 0x220F, 0x2211, 0x2212, 0x2215, 0x221A, 0x221E,
    0x222B, 0x2248, 0x2260, 0x2264, 0x2265, 0x25A0, 0x25A1, 0x25B2, 0x25B3, 0x25B6, 0x25BA, 0x25BC, 0x25CA, 0x25CB,
    0x25CF, 0x2713,
]  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl"]  # figures are tabular by themselves in this family
# File, the published file, the family, the style and whether charts are drawn with it too.
FACES = (
    ("sans-regular", "SourceSans3-Regular", "Bonecast Sans", "Regular", True),
    ("sans-italic", "SourceSans3-It", "Bonecast Sans", "Italic", False),
    ("sans-semibold", "SourceSans3-Semibold", "Bonecast Sans", "SemiBold", True),
    ("mono-regular", "SourceCodePro-Regular", "Bonecast Mono", "Regular", False),
)


def main(sans: Path, mono: Path) -> None:
    """Write the fonts and the table of widths."""
    widths = {}
    for name, published, family, style, drawn in FACES:
        font = cut((sans if "Sans" in family else mono) / "TTF" / f"{published}.ttf")
        rename(font, family, style)
        if drawn:
            font.flavor = None
            font.save(FOLDER / "drawing" / f"{name}.ttf")
        font.flavor = "woff2"
        font.save(FOLDER / "web" / f"{name}.woff2")
        if drawn:
            glyphs = sorted(font.getBestCmap().items())
            widths[name] = {chr(code): font["hmtx"][glyph][0] for code, glyph in glyphs}
    faces = (f"{json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}" for name, row in widths.items())
    (FOLDER / "widths.json").write_text("{\n" + ",\n".join(faces) + "\n}\n", encoding="utf-8")


def cut(path: Path) -> TTFont:
    """The font with our characters only, without hints."""
    options = subset.Options(
        layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        recalc_timestamp=False,
    )  # fmt: skip
    font = TTFont(path, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=CHARACTERS)
    cutter.subset(font)
    return font


def rename(font: TTFont, family: str, style: str) -> None:
    """Give the font our family's name; copyright and licence stay."""
    table = font["name"]
    version = table.getDebugName(5).partition(";")[0]
    full, own = f"{family} {style}", f"{family}-{style}".replace(" ", "")
    names = {1: full if style == "SemiBold" else family, 2: "Regular" if style == "SemiBold" else style,
             3: f"{version};{own}", 4: full, 5: version, 6: own, 16: family, 17: style}  # fmt: skip
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    table.names = [record for record in table.names if record.platformID == 3]


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:3]))
