"""The pictures of a score: predicted against published figures, with the noise floor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bonecast.charts import Agreement, Pair, Pairs, style_of
from bonecast.evidence.tolerance import floors

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


def agreement_pictures(rows: Iterable[Mapping[str, Any]]) -> list[Agreement]:
    """Draw predicted against published figures, one picture for each class that has predicted rows.

    Parameters
    ----------
    rows : iterable of mapping
        Fields of `RowScore`, and `ratio`: whether the figure is a ratio. Ratios stand apart, on a scale of their own.

    Returns
    -------
    list of Agreement
    """
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["hit"] is not None and row["endpoint_class"] in FORMS | dict.fromkeys(LOG):
            parts.setdefault("ratio" if row["ratio"] else row["endpoint_class"], []).append(row)
    return [_picture(name, parts[name]) for name in (*FORMS, *LOG, "ratio") if name in parts]


def _picture(name: str, rows: list[Mapping[str, Any]]) -> Agreement:
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
    answer = f"{len(hits)} of {len(rows)} published figures are met."
    return Agreement(
        key=f"against-{name}",
        title=f"{TITLES[name]}: predicted against published",
        description=f"{TITLES[name]}, predicted against published. {answer}",
        x_title="published" + (f" ({UNITS[name]})" if name in UNITS else ""),
        y_title="predicted",
        kinds=kinds,
        near=near,
        log=name in LOG or name == "ratio",
        form=FORMS.get(name, ".3g"),
        note=f"{answer} Dashed: equal. Green band: {band}, the noise floor. Bars: the predicted 90 % interval.",
    )


def _pair(row: Mapping[str, Any]) -> Pair:
    return Pair(row["id"], row["published"], row["prediction"], row["lo90"], row["hi90"])
