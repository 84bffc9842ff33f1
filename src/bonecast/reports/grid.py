"""The tables of the page: strategies side by side, and what the record measured."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.charts import Style, format_number, format_range, format_unit, style_of
from bonecast.core import gettext
from bonecast.decisions import of_100
from bonecast.forecasts import Forecast
from bonecast.outcomes import QuantileRange, Summary, endpoint
from bonecast.records import Measurement

MONTHS_WORD = {12: "1 year", 24: "2 years", 60: "5 years"}
RADIUS = "R13_BMD"  # beside the T-scores, where there is room
MARKER_FORMS = {"CTX": ".2f", "P1NP": ".0f"}
# The endpoint whose gap also leaves a kind of fracture without a number.
SITE_OF_FRACTURE = {
    "vertebral": "LS_BMD",
    "multiple vertebral": "LS_BMD",
    "hip": "TH_BMD",
    "nonvertebral": "TH_BMD",
}


@dataclass(frozen=True)
class Cell:
    """A number with its mark (F, M, P), its 90 % range and where half of people lie, or the number of the footnote
    that says why none."""

    text: str
    range: str = ""
    half: str = ""
    mark: str = ""
    footnote: int | None = None


@dataclass(frozen=True)
class Head:
    """A column: over which group it stands, and its own words."""

    group: str
    text: str


@dataclass(frozen=True)
class TableRow:
    """A strategy with the look that it has in the charts."""

    name: str
    look: Style
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class TableGrid:
    """A table of strategies."""

    heads: tuple[Head, ...]
    rows: tuple[TableRow, ...]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The groups of columns in order, and how many columns each spans."""
        names = list(dict.fromkeys(head.group for head in self.heads))
        return [(name, sum(head.group == name for head in self.heads)) for name in names]


class Footnotes:
    """Reasons or sources, numbered in the order in which they are first needed; one text has one number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> int:
        """The number of this text."""
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1


def density_grid(forecast: Forecast, notes: Footnotes) -> TableGrid:
    """Change of density of spine and hip from today under each strategy."""
    columns = sorted({c for s in forecast.summaries for c in s.change if c[0] != RADIUS}, key=_order)
    heads = [
        Head(gettext("{site_of}, change from today, %", site_of=site_of(key)), time_of(months))
        for key, months in columns
    ]
    rows = []
    for position, summary in enumerate(forecast.summaries):
        cells = [range_cell(summary.change.get(c), "+.1f", forecast, summary, c[0], notes) for c in columns]
        rows.append(TableRow(summary.strategy, style_of(position), tuple(cells)))
    return TableGrid(tuple(heads), tuple(rows))


def marker_grid(forecast: Forecast, notes: Footnotes) -> TableGrid:
    """The chance of a loss of density that scans can tell, turnover markers, the lowest calcium."""
    losses = sorted({key for s in forecast.summaries for key in s.loss_chance}, key=lambda k: _order((k, 0)))
    columns = sorted({key for s in forecast.summaries for key in s.marker})
    heads = [
        Head(gettext("Of 100 people, losing more than scan error in 2 years"), site_of(key)) for key in losses
    ]
    heads += [
        Head(
            gettext("{key}, {unit}, mean of months", key=key, unit=format_unit(endpoint(key).unit)),
            gettext("{first} to {last}", first=months - 6, last=months),
        )
        for key, months in columns
    ]
    heads.append(Head(gettext("Calcium after the next denosumab"), gettext("lowest, mmol/L")))
    rows = []
    for position, summary in enumerate(forecast.summaries):
        cells = [_loss(forecast, summary, key, notes) for key in losses]
        cells += [
            range_cell(summary.marker.get(c), MARKER_FORMS[c[0]], forecast, summary, c[0], notes)
            for c in columns
        ]
        cells.append(_nadir(forecast, summary, notes))
        rows.append(TableRow(summary.strategy, style_of(position), tuple(cells)))
    return TableGrid(tuple(heads), tuple(rows))


def fracture_grid(forecast: Forecast, notes: Footnotes) -> TableGrid:
    """New fractures among 1,000 people like this one, by kind and time, under each strategy."""
    columns = list(dict.fromkeys(column for s in forecast.summaries for column in s.fractures))
    heads = [
        Head(gettext("{kind}, of 1,000", kind=gettext(kind).capitalize()), time_of(months))
        for kind, months in columns
    ]
    rows = []
    for position, summary in enumerate(forecast.summaries):
        cells = [
            range_cell(summary.fractures.get(c), ".0f", forecast, summary, SITE_OF_FRACTURE[c[0]], notes)
            for c in columns
        ]
        rows.append(TableRow(summary.strategy, style_of(position), tuple(cells)))
    return TableGrid(tuple(heads), tuple(rows))


def measured_rows(measurements: tuple[Measurement, ...]) -> list[tuple[str, ...]]:
    """Date, test, value as written, T-score, circumstances; the latest first."""
    rows = []
    for m in sorted(measurements, key=lambda m: (-m.date.toordinal(), m.test, m.site or "")):
        score = "" if m.t_score is None else format_number(m.t_score, "+.1f")
        fasting = {True: gettext("fasting"), False: gettext("not fasting"), None: ""}[m.fasting]
        clock = m.time.isoformat("minutes") if m.time else ""
        about = ", ".join(filter(None, (clock, fasting, m.assay, m.scanner, m.lab)))
        name = f"{gettext(m.test)}, {gettext(m.site)}" if m.site else gettext(m.test)
        rows.append((m.date.isoformat(), name, _written(m), score, about))
    return rows


def _written(m: Measurement) -> str:
    amount, _, of = m.given.partition(" ")
    return f"{amount} {format_unit(of)}" if of else m.given


def range_cell(
    found: QuantileRange | None, form: str, forecast: Forecast, summary: Summary, key: str, notes: Footnotes
) -> Cell:
    """A median with its 90 % range, or the footnote that says why there is none."""
    if found is None:
        return missing_cell(forecast, summary, key, notes)
    return Cell(format_number(found.median, form), format_range(found.low, found.high, form), mark="F")


def _loss(forecast: Forecast, summary: Summary, key: str, notes: Footnotes) -> Cell:
    chance = summary.loss_chance.get(key)
    return (
        missing_cell(forecast, summary, key, notes) if chance is None else Cell(chance_of(chance), mark="F")
    )


def _nadir(forecast: Forecast, summary: Summary, notes: Footnotes) -> Cell:
    found = summary.calcium_nadir
    if found is None:
        return missing_cell(forecast, summary, "calcium", notes)
    text = gettext(
        "{number} on day {calcium_nadir_day}",
        number=format_number(found.median, ".2f"),
        calcium_nadir_day=summary.calcium_nadir_day,
    )
    return Cell(text, format_range(found.low, found.high, ".2f"), mark="F")


def missing_cell(forecast: Forecast, summary: Summary, key: str, notes: Footnotes) -> Cell:
    """A dash with the number of the reason why this strategy has no such number."""
    reason = next(
        (g.reason for g in forecast.gaps if g.strategy == summary.strategy and g.endpoint.key == key), ""
    )
    if not reason and key == "calcium":
        reason = gettext("This strategy brings no further dose of denosumab within the forecast.")
    return Cell(
        "—",
        footnote=notes.number(
            gettext(reason) if reason else gettext("The forecast does not hold this number.")
        ),
    )


def chance_of(chance: float) -> str:
    """A chance as people out of 100, for a narrow column: "37", "<1", ">95"."""
    return of_100(chance).replace("more than ", ">").replace("fewer than ", "<")


def site_of(key: str) -> str:
    """The site of an endpoint of density, in words."""
    return gettext(endpoint(key).title.removesuffix(" BMD"))


def time_of(months: int) -> str:
    """So many months, as the head of a narrow column."""
    # A no-break space: "6 months" stays in one line of its narrow column.
    return (
        gettext(MONTHS_WORD[months]) if months in MONTHS_WORD else gettext("{count} months", count=months)
    ).replace(" ", "\u00a0")


def _order(column: tuple[str, int]) -> tuple[int, int]:
    return (("LS_BMD", "TH_BMD", "FN_BMD", RADIUS).index(column[0]), column[1])
