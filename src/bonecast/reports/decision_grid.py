"""The table of the clinician's pages: each strategy by what a choice is made on, a column for each."""

from __future__ import annotations

from bonecast.charts import style_of
from bonecast.core import gettext
from bonecast.forecasts import Forecast
from bonecast.outcomes import Summary
from bonecast.reports.choice_grid import best_cells, passing_cell
from bonecast.reports.grid import (
    SITE_OF_FRACTURE,
    Cell,
    Footnotes,
    Head,
    TableGrid,
    TableRow,
    chance_of,
    missing_cell,
    range_cell,
    time_of,
)

SITES, KINDS, AHEAD = ("LS_BMD", "TH_BMD"), ("vertebral", "hip"), 24
WORDS = {"LS_BMD": "spine", "TH_BMD": "hip"}


def decision_grid(forecast: Forecast, notes: Footnotes, most: int) -> TableGrid:
    """The first `most` strategies: density and its loss, turnover, fractures, low calcium, and the best by the aim."""
    rows = forecast.summaries[:most]
    ahead = max((m for s in rows for key, m in s.change if key in SITES and m <= AHEAD), default=None)
    sites = [key for key in SITES if any((key, ahead) in s.change for s in rows)]
    late = max((m for s in rows for kind, m in s.fractures if kind in KINDS), default=None)
    kinds = [kind for kind in KINDS if any((kind, late) in s.fractures for s in rows)]
    turnover = any("CTX" in s.turnover_threshold for s in rows)
    calcium = max((limit for s in rows for limit in s.calcium_below), default=None)
    heads = [
        Head(gettext("BMD from today, %, in {time}", time=time_of(ahead)), gettext(WORDS[key]))
        for key in sites
        if ahead
    ]
    heads += [Head(gettext("Measurable loss in 2 years, of 100"), gettext("spine"))] * any(
        "LS_BMD" in s.loss_chance for s in rows
    )
    heads += [
        Head(gettext("CTX leaves the range before the menopause"), gettext("half of people by"))
    ] * turnover
    heads += [
        Head(gettext("New fractures in {time}, of 1,000", time=time_of(late)), gettext(kind))
        for kind in kinds
        if late
    ]
    if calcium is not None:
        heads.append(Head(gettext("Calcium below"), gettext("{calcium:g} mmol/L, of 100", calcium=calcium)))
    if forecast.ranking is not None:
        heads += [
            Head(gettext("Best by the aim"), gettext("of 100")),
            Head(gettext("Best by the aim"), gettext("alike")),
        ]

    def cells(summary: Summary) -> list[Cell]:
        def ranged(found, form: str, key: str) -> Cell:
            return range_cell(found, form, forecast, summary, key, notes)

        made = [ranged(summary.change.get((key, ahead or 0)), "+.1f", key) for key in sites]
        if any("LS_BMD" in s.loss_chance for s in rows):
            made.append(_chance(forecast, summary, summary.loss_chance.get("LS_BMD"), "LS_BMD", notes))
        if turnover:
            made.append(passing_cell(forecast, summary, "CTX", notes))
        made += [
            ranged(summary.fractures.get((kind, late or 0)), ".0f", SITE_OF_FRACTURE[kind]) for kind in kinds
        ]
        if calcium is not None:
            made.append(_chance(forecast, summary, summary.calcium_below.get(calcium), "calcium", notes))
        return [*made, *(best_cells(forecast, summary.strategy, notes) if forecast.ranking else ())]

    return TableGrid(
        tuple(heads), tuple(TableRow(s.strategy, style_of(i), tuple(cells(s))) for i, s in enumerate(rows))
    )


def _chance(forecast: Forecast, summary: Summary, chance: float | None, key: str, notes: Footnotes) -> Cell:
    if chance is None:
        return missing_cell(forecast, summary, key, notes)
    return Cell(chance_of(chance), mark="F")
