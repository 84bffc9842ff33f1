"""The eDISH plot: one person, or everyone of a cohort."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from bonecast.charts import STYLES, Dot, Dots, Scatter, ScatterCell, log_domain
from bonecast.core import gettext
from bonecast.liver.thresholds import limit

if TYPE_CHECKING:
    from bonecast.liver.assessment import Assessment

QUADRANTS = {
    "cholestasis": "cholestasis / hyperbilirubinaemia",
    "hy": "Hy's law range",
    "normal": "normal or near normal",
    "temple": "Temple's corollary",
}
SINGLE = 2_000  # points of one quadrant that are drawn one by one; more become cells
CELLS = 8  # in each tenfold of an axis
X_TITLE, Y_TITLE = "peak ALT, multiples of the upper limit", "bilirubin, multiples of the upper limit"


def edish_of_case(assessment: Assessment) -> Scatter | None:
    """Draw where one person lies; with a raised baseline, also in multiples of that baseline.

    Parameters
    ----------
    assessment : Assessment
        The assessed case.

    Returns
    -------
    The picture; None without an ALT and a bilirubin within 30 days of its peak.

    Examples
    --------
    >>> from bonecast.liver import assess
    >>> edish_of_case(assess("examples/liver-case.toml")).title
    'eDISH: example-liver'
    """
    measured = assessment.measured
    alt, bili = measured["alt_peak_x"], measured["bili_edish_x"]
    if alt is None or bili is None:
        return None
    day = measured["alt_peak_at"].date().isoformat()
    kinds = [
        Dots(
            gettext("multiples of the upper limit"),
            STYLES[0],
            (Dot(alt, bili, f"{alt:.3g} and {bili:.3g}, {day}"),),
        )
    ]
    values = [(alt, bili)]
    if alt != measured["alt_edish_base"] or bili != measured["bili_edish_base"]:
        own = (measured["alt_edish_base"], measured["bili_edish_base"])
        label = f"{own[0]:.3g} and {own[1]:.3g}"
        kinds.append(
            Dots(gettext("multiples of the raised value before treatment"), STYLES[1], (Dot(*own, label),))
        )
        values.append(own)
    quadrant = QUADRANTS[measured["edish"]]
    description = gettext(
        "Peak ALT {alt:.3g} and bilirubin {bili:.3g} times the upper limit: {quadrant}.",
        alt=alt,
        bili=bili,
        quadrant=quadrant,
    )
    return _scatter("eDISH: " + assessment.case.id, description, values, tuple(kinds))


def edish_of_cohort(measured: pl.DataFrame) -> Scatter:
    """Draw where everyone of a cohort lies; quadrants with many people are shaded by their number.

    Parameters
    ----------
    measured : polars.DataFrame
        The results of `assess_cohort`.

    Returns
    -------
    The picture.

    Examples
    --------
    >>> people = {"alt_peak_x": [4.0, None], "bili_edish_x": [3.0, None], "edish": ["hy", None]}
    >>> edish_of_cohort(pl.DataFrame(people)).title
    'eDISH: 1 people'
    """
    placed = measured.filter(pl.col("edish").is_not_null()).select("alt_peak_x", "bili_edish_x", "edish")
    kinds, cells, shaded = [], [], []
    # The quadrant of Hy's law is drawn point by point and last, on top: it must not be covered.
    for name, look in (("normal", 2), ("temple", 0), ("cholestasis", 3), ("hy", 1)):
        inside = placed.filter(pl.col("edish") == name).select("alt_peak_x", "bili_edish_x").rows()
        if len(inside) > SINGLE:
            cells += _cells(inside)
            shaded.append(f"{QUADRANTS[name].split(' ')[0]} {len(inside):,}")
        elif inside:
            label = f"{QUADRANTS[name].split(' /')[0]} {len(inside):,}"
            kinds.append(Dots(label, STYLES[look], tuple(Dot(*point) for point in inside)))
    counts = sorted(placed.group_by("edish").len().rows())
    listed = ", ".join(f"{QUADRANTS[name]} {count}" for name, count in counts)
    without = measured.height - placed.height
    return _scatter(
        f"eDISH: {placed.height:,} people",
        gettext(
            "{height} people: {listed}. {without} people without a place.",
            height=placed.height,
            listed=listed,
            without=without,
        ),
        placed.select("alt_peak_x", "bili_edish_x").rows() or [(1.0, 1.0)],
        tuple(kinds),
        tuple(cells),
        f"shaded: {', '.join(shaded)}",
    )


def _scatter(
    title: str,
    description: str,
    values: list[tuple],
    kinds: tuple[Dots, ...],
    cells: tuple[ScatterCell, ...] = (),
    shaded: str = "",
) -> Scatter:
    x_domain, y_domain = (
        log_domain(min(0.5, *(v[i] for v in values)), max(least, *(v[i] for v in values)))
        for i, least in ((0, 50.0), (1, 20.0))
    )
    return Scatter(
        key="edish",
        title=title,
        description=description,
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
        note=gettext(
            "Lines at {alt:g} and {bilirubin:g} (recalled, unverified). Bilirubin is the highest "
            "within {days:g} days of the peak ALT (assumption).",
            alt=limit("edish_alt"),
            bilirubin=limit("edish_bilirubin"),
            days=limit("near_d"),
        ),
    )


def _cells(values: list[tuple[float, float]]) -> list[ScatterCell]:
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

    return [ScatterCell(edges(right, x), edges(upper, y), count) for (x, y), count in sorted(counts.items())]
