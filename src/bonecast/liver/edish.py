"""The eDISH plot: one person, or everyone of a cohort."""

from __future__ import annotations

import math
from collections import Counter

import polars as pl

from bonecast.charts import STYLES
from bonecast.charts.axes import log_domain
from bonecast.charts.scatter import Cell, Dot, Dots, Scatter
from bonecast.liver.assessment import Assessment
from bonecast.liver.threshold import limit

QUADRANTS = {
    "cholestasis": "cholestasis / hyperbilirubinaemia",
    "hy": "Hy's law range",
    "normal": "normal or near normal",
    "temple": "Temple's corollary",
}
SINGLE = 2_000  # points of one quarter that are drawn one by one; more become cells
CELLS = 8  # in each tenfold of an axis
X_TITLE, Y_TITLE = "peak ALT, multiples of the upper limit", "bilirubin, multiples of the upper limit"


def edish_of_one(made: Assessment) -> Scatter | None:
    """Where does this person lie? None without an ALT and a bilirubin within 30 days of its peak."""
    found = made.measured
    alt, bili = found["alt_peak_x"], found["bili_edish_x"]
    if alt is None or bili is None:
        return None
    day = found["alt_peak_at"].date().isoformat()
    kinds = [
        Dots("multiples of the upper limit", STYLES[0], (Dot(alt, bili, f"{alt:.3g} and {bili:.3g}, {day}"),))
    ]
    values = [(alt, bili)]
    if alt != found["alt_edish_base"] or bili != found["bili_edish_base"]:
        own = (found["alt_edish_base"], found["bili_edish_base"])
        label = f"{own[0]:.3g} and {own[1]:.3g}"
        kinds.append(Dots("multiples of the raised value before treatment", STYLES[1], (Dot(*own, label),)))
        values.append(own)
    words = f"Peak ALT {alt:.3g} and bilirubin {bili:.3g} times the upper limit: {QUADRANTS[found['edish']]}."
    return _scatter("eDISH: " + made.case.id, words, values, tuple(kinds))


def edish_of_many(measured: pl.DataFrame) -> Scatter:
    """Where does everyone lie? Quarters with many people are shaded by their number."""
    seen = measured.filter(pl.col("edish").is_not_null()).select("alt_peak_x", "bili_edish_x", "edish")
    kinds, cells, shaded = [], [], []
    # The quarter of Hy's law is drawn one by one and last, on top: it must not drown.
    for i, name in enumerate(("normal", "temple", "cholestasis", "hy")):
        of_one = seen.filter(pl.col("edish") == name).select("alt_peak_x", "bili_edish_x").rows()
        if len(of_one) > SINGLE:
            cells += _cells(of_one)
            shaded.append(f"{QUADRANTS[name].split(' ')[0]} {len(of_one):,}")
        elif of_one:
            kinds.append(Dots(f"{QUADRANTS[name].split(' /')[0]} {len(of_one):,}", STYLES[(2, 0, 3, 1)[i]],
                              tuple(Dot(*one) for one in of_one)))  # fmt: skip
    counts = seen.group_by("edish").len().rows()
    told = ", ".join(f"{QUADRANTS[name]} {count}" for name, count in sorted(counts))
    without = measured.height - seen.height
    words = f"{seen.height} people: {told}. {without} people without a place."
    values = seen.select("alt_peak_x", "bili_edish_x").rows() or [(1.0, 1.0)]
    return _scatter(
        f"eDISH: {seen.height:,} people",
        words,
        values,
        tuple(kinds),
        tuple(cells),
        f"shaded: {', '.join(shaded)}",
    )


def _scatter(
    title: str,
    words: str,
    values: list[tuple],
    kinds: tuple[Dots, ...],
    cells: tuple[Cell, ...] = (),
    shaded: str = "",
) -> Scatter:
    x_domain, y_domain = (
        log_domain(min(0.5, *(v[i] for v in values)), max(least, *(v[i] for v in values)))
        for i, least in ((0, 50.0), (1, 20.0))
    )
    return Scatter(
        key="edish",
        title=title,
        description=words,
        x_title=X_TITLE,
        y_title=Y_TITLE,
        x_domain=x_domain,
        y_domain=y_domain,
        x_line=limit("edish_alt"),
        y_line=limit("edish_bilirubin"),
        quarters=(QUADRANTS["cholestasis"], QUADRANTS["hy"], QUADRANTS["normal"], QUADRANTS["temple"]),
        kinds=kinds,
        cells=cells,
        cells_name=shaded,
        note=f"Lines at {limit('edish_alt'):g} and {limit('edish_bilirubin'):g} (recalled, unverified). Bilirubin is"
        f" the highest within {limit('near_d'):g} days of the peak ALT (assumption).",
    )


def _cells(values: list[tuple[float, float]]) -> list[Cell]:
    """The points counted in cells of equal size on the log axes, none of which lies across a line."""
    right, upper = limit("edish_alt"), limit("edish_bilirubin")
    counts = Counter(
        # A value on the upright line lies right of it, one on the level line below it.
        (math.floor(CELLS * math.log10(x / right)), math.ceil(CELLS * math.log10(y / upper)) - 1)
        for x, y in values
    )

    def edges(line: float, step: int) -> tuple[float, float]:
        low, high = (float(f"{line * 10 ** (end / CELLS):.5g}") for end in (step, step + 1))
        return low, high

    return [Cell(edges(right, x), edges(upper, y), count) for (x, y), count in sorted(counts.items())]
