"""Words that this project does not use: private idioms where the field has a term.

    python tools/language.py            lists where they stand

Names in code count as well: `told_of`, `Stray` and `told` are the same word here.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("src", "docs", "docs_hooks", "tools", "tests", "examples", "README.md", "CONTRIBUTING.md")
SUFFIXES = {".py", ".md", ".jinja", ".toml", ".po", ".csv", ".js"}
# Files that quote the words, or are not ours.
LEFT_OUT = (
    "tools/language.py",
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

# Where an idiom has to stand, and how often.
ALLOWED = {
    # the former name of `hint`, which works for one release (docs/stability.md)
    ("mend", "src/bonecast/errors.py"): 4,
    ("mend", "src/bonecast/web/api/faults.py"): 1,
    ("mend", "docs/stability.md"): 1,
    # names of random streams: another name would be other numbers
    ("stray", "src/bonecast/inference/condition.py"): 1,
    ("stray", "tools/virtual_patients.py"): 2,
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


def excess() -> dict[str, Counter[str]]:
    """Each idiom that stands where it may not, with the files and how often."""
    where: dict[str, Counter[str]] = {idiom: Counter() for idiom in INSTEAD}
    for path, text in texts():
        lowered, name = text.lower(), path.relative_to(ROOT).as_posix()
        for idiom in INSTEAD:
            if idiom.split()[0] in lowered:
                found = len(pattern(idiom).findall(text)) - ALLOWED.get((idiom, name), 0)
                if found > 0:
                    where[idiom][name] = found
    return {idiom: files for idiom, files in where.items() if files}


def main() -> int:
    """List them; 1 where there are any."""
    found = excess()
    for idiom, names in found.items():
        files = ", ".join(f"{name} ({count})" for name, count in names.most_common(6))
        print(f"'{idiom}': write {INSTEAD[idiom]}; {files}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
