"""The choice between strategies on the page: which is the best, what it costs to wait, what a test would change."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.charts import HISTORY_STYLE, Style, format_number, format_range, style_of
from bonecast.core import gettext
from bonecast.forecasts import Forecast
from bonecast.outcomes import CalciumTest, QuantileRange, Summary, TimeToThreshold
from bonecast.reports.choice_sentences import latest_sentence, measurement_sentence, search_sentence
from bonecast.reports.grid import (
    RADIUS,
    Cell,
    Footnotes,
    Head,
    TableGrid,
    TableRow,
    chance_of,
    missing_cell,
    site_of,
    time_of,
)

SHOWN_PLANS = 8
T_SCORE_FROM = 24  # months: a T-score moves by little in one year
NEVER = "not within the forecast"


@dataclass(frozen=True)
class ChoiceSection:
    """What the page says of the choice.

    sentences : by when something is needed, and which test would help. tests : strategy to its calcium dates; those of
    the first strategy that brings a dose. searched : the sentence of a search, its rows, and what was forbidden.
    """

    sentences: tuple[str, ...]
    calcium: tuple[str, tuple[CalciumTest, ...]] | None
    searched: str
    plans: TableGrid | None
    forbidden: tuple[tuple[str, str], ...]


def choice_of(forecast: Forecast) -> ChoiceSection:
    """The sentences, dates and searched plans of this forecast."""
    answer = [latest_sentence(one, forecast.now) for one in forecast.latest]
    if forecast.ranking is not None:
        answer.append(measurement_sentence(forecast.next_tests, forecast.ranking.aim))
    dated = next(((s.strategy, s.calcium_tests) for s in forecast.summaries if s.calcium_tests), None)
    found = forecast.search
    return ChoiceSection(
        tuple(filter(None, answer)),
        dated,
        search_sentence(found) if found else "",
        _plans(forecast) if found else None,
        tuple(found.forbidden.items()) if found else (),
    )


def choice_grid(forecast: Forecast, notes: Footnotes) -> TableGrid:
    """Strategies by the aim, when turnover passes its range, and the chance of a low calcium."""
    ranking = forecast.ranking
    markers = sorted({key for s in forecast.summaries for key in s.turnover_threshold})
    limits = sorted({limit for s in forecast.summaries for limit in s.calcium_below}, reverse=True)
    heads: list[Head] = []
    if ranking is not None:
        aim = gettext(
            "Aim: {title}, {unit}, {time}",
            title=gettext(ranking.aim.title),
            unit=gettext(ranking.aim.unit),
            time=time_of(ranking.months),
        )
        heads += [
            Head(aim, gettext(text))
            for text in ("expected", "best, of 100", "behind the first", "not distinguished")
        ]
    heads += [Head(gettext("Turnover above the range before the menopause"), key) for key in markers]
    heads += [
        Head(gettext("Of 100 people, lowest calcium below"), gettext("{limit:g} mmol/L", limit=limit))
        for limit in limits
    ]
    rows = []
    for position, summary in enumerate(forecast.summaries):
        cells = _ranked(forecast, summary.strategy, notes) if ranking is not None else []
        cells += [passing_cell(forecast, summary, key, notes) for key in markers]
        cells += [_below(forecast, summary, limit, notes) for limit in limits]
        rows.append(TableRow(summary.strategy, style_of(position), tuple(cells)))
    return TableGrid(tuple(heads), tuple(rows))


def t_score_grid(forecast: Forecast, notes: Footnotes) -> TableGrid:
    """T-scores and the radius from two years on, with the ranges of 9 of 10 and of half of people."""
    scores = dict.fromkeys(c for s in forecast.summaries for c in s.t_score if c[1] >= T_SCORE_FROM)
    radius = dict.fromkeys(
        c for s in forecast.summaries for c in s.change if c[0] == RADIUS and c[1] >= T_SCORE_FROM
    )
    heads = [Head(gettext("{site}, T-score", site=site_of(key)), time_of(months)) for key, months in scores]
    heads += [
        Head(gettext("{site}, change from today, %", site=site_of(key)), time_of(months))
        for key, months in radius
    ]
    rows = []
    for position, summary in enumerate(forecast.summaries):
        cells = [_both(forecast, summary, summary.t_score.get(c), c[0], ".1f", notes) for c in scores]
        cells += [_both(forecast, summary, summary.change.get(c), c[0], "+.1f", notes) for c in radius]
        rows.append(TableRow(summary.strategy, style_of(position), tuple(cells)))
    return TableGrid(tuple(heads), tuple(rows))


def _both(
    forecast: Forecast, summary: Summary, found: QuantileRange | None, key: str, form: str, notes: Footnotes
) -> Cell:
    if found is None:
        return missing_cell(forecast, summary, key, notes)
    half = format_range(*found.inner, form) if found.inner else ""
    return Cell(format_number(found.median, form), format_range(found.low, found.high, form), half, "F")


def _ranked(forecast: Forecast, strategy: str, notes: Footnotes) -> list[Cell]:
    assert forecast.ranking is not None
    found = next((r for r in forecast.ranking.ranks if r.option == strategy), None)
    if found is None:
        reason = next((g.reason for g in forecast.gaps if g.strategy == strategy), "")
        return [Cell("—", footnote=notes.number(reason or "The forecast does not hold this number."))] * 4
    low, middle, high = found.behind
    first = found is forecast.ranking.first
    return [
        Cell(format_number(found.mean, ".1f"), mark="F"),
        Cell(chance_of(found.best), mark="F"),
        Cell(gettext("first"))
        if first
        else Cell(format_number(middle, "+.1f"), format_range(low, high, "+.1f"), mark="F"),
        Cell(found.bracket),
    ]


def best_cells(forecast: Forecast, strategy: str, notes: Footnotes) -> list[Cell]:
    """The chance that a strategy is the best by the aim, and the letters of those not distinguished from it."""
    cells = _ranked(forecast, strategy, notes)
    return [cells[1], cells[3]]


def passing_cell(forecast: Forecast, summary: Summary, key: str, notes: Footnotes) -> Cell:
    """When half of people pass the range before the menopause, and the range of dates."""
    found: TimeToThreshold | None = summary.turnover_threshold.get(key)
    if found is None:
        return missing_cell(forecast, summary, key, notes)
    if found.early is None:
        return Cell(gettext(NEVER), mark="F")
    ends = f"{found.early} to {found.late or gettext('never')}"
    return Cell(str(found.median) if found.median else f"{chance_of(found.share)} of 100", ends, mark="F")


def _below(forecast: Forecast, summary: Summary, limit: float, notes: Footnotes) -> Cell:
    chance = summary.calcium_below.get(limit)
    return (
        missing_cell(forecast, summary, "calcium", notes)
        if chance is None
        else Cell(chance_of(chance), mark="F")
    )


def _plans(forecast: Forecast) -> TableGrid:
    """The best plans of a search, and the best that goes on with no denosumab at all."""
    assert forecast.search is not None
    ranking = forecast.search.ranking
    group = (
        f"{gettext(ranking.aim.title).capitalize()}, {gettext(ranking.aim.unit)}, {time_of(ranking.months)}"
    )
    heads = [Head(group, gettext(text)) for text in ("expected", "behind the first", "not distinguished")]
    rows = []
    for position, found in enumerate(ranking.ranks[:SHOWN_PLANS]):
        low, middle, high = found.behind
        behind = (
            Cell(format_number(middle, "+.1f"), format_range(low, high, "+.1f"), mark="F")
            if position
            else Cell(gettext("first"))
        )
        cells = (Cell(format_number(found.mean, ".1f"), mark="F"), behind, Cell(found.bracket))
        rows.append(
            TableRow(found.option, Style(HISTORY_STYLE, (), "circle"), cells)
        )  # plans are drawn nowhere
    return TableGrid(tuple(heads), tuple(rows))
