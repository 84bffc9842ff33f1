"""The scoreboard as a page shows it: rows that pass the filters, and a picture for each class of figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bonecast.charts import Agreement, Pair, Pairs, format_number, format_range, style_of
from bonecast.evidence import CLASSES, floors
from bonecast.regimens import parse_regimen
from bonecast.web.jobs.content import chart_of

FORMS = {"BMD": "+.1f", "marker": "+.0f"}
LOG = ("fracture", "exposure")
TITLES = {
    "BMD": "BMD",
    "marker": "Markers",
    "fracture": "Fractures",
    "exposure": "Exposure",
    "ratio": "Ratios",
}
UNITS = {
    "BMD": "% change, or T-score",
    "marker": "% change",
    "fracture": "%, or a rate",
    "exposure": "in its unit",
}


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
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["hit"] is not None and row["endpoint_class"] in FORMS | dict.fromkeys(LOG):
            parts.setdefault("ratio" if row["ratio"] else row["endpoint_class"], []).append(row)
    return [chart_of(_picture(name, parts[name])) for name in (*FORMS, *LOG, "ratio") if name in parts]


def _picture(name: str, rows: list[dict[str, Any]]) -> Agreement:
    floor = floors()[name]
    hits = [row for row in rows if row["hit"]]
    kinds = tuple(
        Pairs(f"{word} ({len(own)})", style_of(i), tuple(map(_pair, own)))
        for i, (word, own) in enumerate((("met", hits), ("missed", [row for row in rows if not row["hit"]])))
        if own
    )
    near = floor.points if floor.points is not None else floor.factor
    assert near is not None  # a floor has either
    band = (
        f"within {near:g} point{'s' * (near != 1)}"
        if floor.points is not None
        else f"within a factor of {near:g}"
    )
    told = f"{len(hits)} of {len(rows)} published figures are met."
    return Agreement(
        key=f"against-{name}",
        title=f"{TITLES[name]}: predicted against published",
        description=f"{TITLES[name]}, predicted against published. {told}",
        x_title="published" + (f" ({UNITS[name]})" if name in UNITS else ""),
        y_title="predicted",
        kinds=kinds,
        near=near,
        log=name in LOG or name == "ratio",
        form=FORMS.get(name, ".3g"),
        note=f"{told} Dashed: equal. Green band: {band}, the noise floor. Bars: the predicted 90 % interval.",
    )


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(row["id"], row["published"], row["prediction"], row["lo90"], row["hi90"])


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
