"""How far the evidence can be checked: counts by grade, and what to read next, from the tables of the package."""

from __future__ import annotations

from bonecast.trust import grade_counts, lack_counts, reading_list, source_lines

SHOWN = 60  # sources of the reading list that the page has


def sources(which: str) -> str:
    """`{{ sources grades }}`, `{{ sources lacks }}` or `{{ sources reading }}`: a table."""
    return {"grades": _grades, "lacks": _lacks, "reading": _reading}[which]()


def _grades() -> str:
    counts = grade_counts()
    grades = list(next(iter(counts.values())))
    rows = [
        [kind, sum(own.values()), *(str(own[grade] or "") for grade in grades)]
        for kind, own in counts.items()
    ]
    sums = [sum(own[grade] for own in counts.values()) for grade in grades]
    return _table(["entries", "all", *grades], [*rows, ["**all**", len(source_lines()), *sums]])


def _lacks() -> str:
    return _table(["what is missing", "entries"], [[lack, count] for lack, count in lack_counts().items()])


def _reading() -> str:
    found = reading_list()
    rows = [
        [
            place,
            one.citation,
            one.identifier,
            one.decides,
            ", ".join(f"{count} {kind}" for kind, count in one.supports.items()),
            "; ".join(one.lacks),
        ]
        for place, one in enumerate(found[:SHOWN], start=1)
    ]
    heads = ["", "source", "identifier", "decides", "entries", "what is missing"]
    return f"{_table(heads, rows)}\n\nThe first {len(rows)} of {len(found)} sources; `bonecast sources --json` has all."


def _table(heads: list[str], rows: list[list[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )
