"""The scoreboard as a page shows it: rows that pass the filters, and a picture for each class of figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bonecast.charts import format_number, format_range
from bonecast.evidence import CLASSES, FORMS, agreement_pictures
from bonecast.regimens import parse_regimen
from bonecast.web.jobs.content import chart_of


@dataclass(frozen=True)
class Filters:
    """Which rows are shown; an empty word lets all pass."""

    kind: str = ""
    endpoint: str = ""
    study: str = ""
    drug: str = ""

    def passes(self, row: dict[str, Any]) -> bool:
        """Does this row pass?"""
        return (
            self.kind in ("", row["endpoint_class"])
            and self.endpoint in ("", row["endpoint"])
            and self.study in ("", row["study"])
            and (not self.drug or self.drug in drugs_of(row))
        )


def drugs_of(row: dict[str, Any]) -> tuple[str, ...]:
    """The drugs of the row's plan; none for an arm that got nothing."""
    return parse_regimen(row["plan"]).drugs if row["plan"] else ()


def choices(rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """What each filter offers, as it occurs in the rows."""
    rows = list(rows)
    return {
        "kind": [name for name in CLASSES if any(row["endpoint_class"] == name for row in rows)],
        "endpoint": sorted({row["endpoint"] for row in rows}),
        "study": sorted({row["study"] for row in rows}),
        "drug": sorted({drug for row in rows for drug in drugs_of(row)}),
    }


def charts(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One picture for each class with predicted rows; ratios stand apart, for theirs is another scale."""
    return [chart_of(picture) for picture in agreement_pictures(rows)]


@dataclass(frozen=True)
class HeatCell:
    """How many figures of a trial and a class a model met, of those that it predicts."""

    hits: int
    predicted: int
    rows: int

    @property
    def shade(self) -> int:
        """0 (none met) to 4 (all met).

        >>> HeatCell(3, 4, 4).shade, HeatCell(0, 2, 2).shade, HeatCell(2, 2, 3).shade
        (3, 0, 4)
        """
        return int(4 * self.hits / self.predicted) if self.predicted else 0


def heat_map(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, HeatCell]]:
    """Trial to class of figure to how well it is met."""
    sums: dict[str, dict[str, list[int]]] = {}
    for row in rows:
        cell = sums.setdefault(row["study"], {}).setdefault(row["endpoint_class"], [0, 0, 0])
        cell[0] += bool(row["hit"])
        cell[1] += row["hit"] is not None
        cell[2] += 1
    return {
        study: {kind: HeatCell(*cell) for kind, cell in cells.items()}
        for study, cells in sorted(
            sums.items(), key=lambda item: (-sum(c[2] for c in item[1].values()), item[0])
        )
    }


def figure(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """A figure of a row with its ends, where it has both.

    >>> figure({"endpoint_class": "BMD", "v": 3.2, "a": 3.0, "b": 3.4, "ratio": False}, "v", "a", "b")
    '+3.2 (+3.0 to +3.4)'
    """
    if row[value] is None:
        return ""
    form = ".3g" if row["ratio"] else FORMS.get(row["endpoint_class"], ".3g")
    middle = format_number(row[value], form)
    ends = "" if row[low] is None or row[high] is None else f" ({format_range(row[low], row[high], form)})"
    return middle + ends


def where(row: dict[str, Any]) -> str:
    """The address of a row's source, where its locator is one; empty otherwise.

    >>> where({"doi": "PMC3415619"})
    'https://www.ncbi.nlm.nih.gov/pmc/articles/PMC3415619/'
    """
    locator = row["doi"]
    if locator.startswith("10."):
        return f"https://doi.org/{locator}"
    return f"https://www.ncbi.nlm.nih.gov/pmc/articles/{locator}/" if locator.startswith("PMC") else ""
