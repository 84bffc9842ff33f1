"""Words that this project does not use: private idioms where the field has a term.

    python tools/language.py            lists where they stand and how often, against the ceilings
    python tools/language.py --lower    writes the counts of today as the new ceilings; they may only fall

Names in code count as well: `told_of`, `Stray` and `told` are the same word here.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CEILINGS = Path(__file__).with_name("language.toml")
PLACES = ("src", "docs", "docs_hooks", "tools", "tests", "examples", "README.md", "CONTRIBUTING.md")
SUFFIXES = {".py", ".md", ".jinja", ".toml", ".po", ".csv", ".js"}
# Files that quote the words, or are not ours.
LEFT_OUT = (
    "tools/language.py",
    "tools/language.toml",
    "tests/test_language.py",
    "docs/decisions.md",
    "static/vega",
    "static/htmx",
    "assets/katex",
)

# idiom, and the term of the field
INSTEAD = {
    "told": "stated, progress, results: what it is",
    "mend": "hint, fix",
    "stray": "outlier, deviate",
    "sway": "driver, sensitivity",
    "by lot": "at random, allocation",
    "way on": "strategy, regimen",
    "ways on": "strategies, regimens",
    "anew": "again, new",
    "whoever": "people who",
    "speaks against": "contraindication, caution",
    "set aside": "overridden",
    "people like her": "similar patients",
    "deck": "parameter set",
    "parameter card": "parameter",
    "hands on": "passes",
    "with how sure": "uncertainty",
}


def pattern(idiom: str) -> re.Pattern[str]:
    """The idiom as words, also inside names: `_told`, `Told`, `told_of`."""
    words = r"[\s_-]+".join(map(re.escape, idiom.split()))
    return re.compile(rf"(?<![A-Za-z]){words}s?(?![a-z])", re.IGNORECASE)


def texts() -> Iterator[tuple[Path, str]]:
    """Every text of ours, with its path from the root."""
    for place in PLACES:
        start = ROOT / place
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in SUFFIXES and path.is_file() and not any(part in name for part in LEFT_OUT):
                yield path, path.read_text(encoding="utf-8")


def counts() -> tuple[Counter[str], dict[str, Counter[str]]]:
    """How often each idiom stands, in all and by file."""
    total: Counter[str] = Counter()
    where: dict[str, Counter[str]] = {idiom: Counter() for idiom in INSTEAD}
    for path, text in texts():
        lowered = text.lower()
        for idiom in INSTEAD:
            if idiom.split()[0] not in lowered:
                continue
            found = len(pattern(idiom).findall(text))
            if found:
                total[idiom] += found
                where[idiom][path.relative_to(ROOT).as_posix()] += found
    return total, where


def main() -> int:
    """Compare with the ceilings; 1 where an idiom stands more often than it may."""
    total, where = counts()
    ceilings = tomllib.loads(CEILINGS.read_text(encoding="utf-8")) if CEILINGS.exists() else {}
    if "--lower" in sys.argv:
        least = {idiom: min(total[idiom], ceilings.get(idiom, total[idiom])) for idiom in INSTEAD}
        lines = [f'"{idiom}" = {count}' for idiom, count in least.items() if count]
        CEILINGS.write_text(
            "# How often each idiom may still stand. These numbers only fall.\n" + "\n".join(lines) + "\n"
        )
        return 0
    over = 0
    for idiom, instead in INSTEAD.items():
        if total[idiom] > ceilings.get(idiom, 0):
            over = 1
            files = ", ".join(f"{name} ({count})" for name, count in where[idiom].most_common(6))
            print(
                f"'{idiom}' stands {total[idiom]} times, {ceilings.get(idiom, 0)} allowed; write {instead}: {files}"
            )
    return over


if __name__ == "__main__":
    sys.exit(main())
