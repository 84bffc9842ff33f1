"""A forecast at a glance: one chart with all strategies on one axis, and the sentence above it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from bonecast.charts import (
    Overlay,
    Panel,
    Series,
    Threshold,
    X,
    along,
    format_number,
    format_range,
    held,
    linear_domain,
    y_span,
)
from bonecast.core import gettext
from bonecast.errors import UnknownName
from bonecast.forecasts import Band, Forecast, Strategy
from bonecast.outcomes import MONTHS, QuantileRange
from bonecast.regimens import DAYS_IN
from bonecast.reports.drug_styles import DASHES, styles_of
from bonecast.reports.panels import DENSITY, panel_of

# What the chart can show, by key, with its name.
SHOWN = {
    "LS_BMD": "Spine",
    "TH_BMD": "Hip",
    "FN_BMD": "Neck",
    "CTX": "CTX",
    "calcium": "Calcium",
    "fractures": "Fractures",
}
SINCE = ("today", "first")  # the day that a change of density is counted from
HORIZONS = (1, 2, 5)  # years
BEFORE_D = 365  # of the past, where a change is counted from today
FRACTURE = "vertebral"
MOST_SAID = 3  # strategies of the sentence; the chart has all


@dataclass(frozen=True)
class Glance:
    """What the chart is asked for.

    Parameters
    ----------
    show : str
        A key of `SHOWN`.
    since : str
        "today", or "first" scan.
    years : int
        How far ahead.
    """

    show: str = "LS_BMD"
    since: str = "today"
    years: int = 5

    def __post_init__(self) -> None:
        for name, value, known in (("show", self.show, SHOWN), ("since", self.since, SINCE)):
            if value not in known:
                raise UnknownName("chart", name, value, known)
        if self.years not in HORIZONS:
            raise UnknownName("chart", "horizon", str(self.years), map(str, HORIZONS))


def at_a_glance(
    forecast: Forecast, asked: Glance, risks: Collection[str] = (), twin: str = ""
) -> Overlay | None:
    """Draw one quantity under every strategy on one axis.

    Parameters
    ----------
    forecast : Forecast
        Finished; its `since_today` is drawn where a change is counted from today.
    asked : Glance
        The quantity, and how it is counted.
    risks : collection of str
        Strategies that are a risk and no offer: drawn thin.
    twin : str
        A further name for the curve of the first strategy, drawn under it: a plan that has not been moved yet.

    Returns
    -------
    Overlay or None
        None where no strategy has the quantity.
    """
    panel = _fractures(forecast) if asked.show == "fractures" else _panel(forecast, asked)
    if panel is None or not any(series.x for series in panel.series):
        return None
    looks = dict(zip((one.name for one in forecast.strategies), styles_of(forecast.strategies), strict=True))
    series = [replace(one, look=looks[one.name], outline=None) for one in panel.series]
    readings = _readings(forecast, asked.show)
    if twin:
        first = series[0]
        series.insert(1, replace(first, name=twin, look=replace(first.look, dash=DASHES[1])))
        readings[twin] = readings.get(first.name, ())
    panel = replace(panel, series=tuple(series), second=None)
    thin = tuple(one.name for one in series if one.name in risks)
    drawn = [one.name for one in series if one.x and one.name != twin]
    banded = next((name for name in drawn if name not in thin), drawn[0])
    return Overlay(panel, thin, (banded,), readings)


def headline(forecast: Forecast, risks: Collection[str] = ()) -> str:
    """Say in one sentence what each strategy does to the spine, and to vertebral fractures.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    risks : collection of str
        Strategies that are a risk and no offer: named last.

    Returns
    -------
    str
        Empty where the model cannot say.
    """
    months = max(
        (m for one in forecast.summaries for key, m in one.change if key == "LS_BMD" and m <= 24), default=0
    )
    said = []
    for one in sorted(forecast.summaries, key=lambda one: one.strategy in risks):
        if (change := one.change.get(("LS_BMD", months))) is not None:
            text = _range(change, "+.1f", " %")
            if (chance := one.fractures.get((FRACTURE, months))) is not None:
                text = gettext(
                    "{change}, vertebral fracture {chance} of 1,000",
                    change=text,
                    chance=_range(chance, ".0f"),
                )
            said.append(f"{one.strategy} {text}")
    if not said:
        return ""
    most = said if len(said) <= MOST_SAID else [*said[: MOST_SAID - 1], said[-1]]
    return gettext("Spine BMD in {months} months: {strategies}.", months=months, strategies="; ".join(most))


def _range(found: QuantileRange, form: str, unit: str = "") -> str:
    return f"{format_number(found.median, form)}{unit} ({format_range(found.low, found.high, form)})"


def _panel(forecast: Forecast, asked: Glance) -> Panel | None:
    """The panel of the report, over the time that is asked for."""
    panel = panel_of(forecast, asked.show)
    if panel is None or asked.show == "calcium":
        return panel
    until = forecast.now + dt.timedelta(days=round(asked.years * DAYS_IN["years"]))
    first = panel.x_domain[0]
    if asked.show in DENSITY and asked.since == "today":
        panel = _since_today(forecast, panel, asked.show)
        first = max(first, forecast.now - dt.timedelta(days=BEFORE_D), key=along)
    rows = tuple(day for day in panel.rows_at if not isinstance(day, dt.date) or day <= until)
    domain = (first, min(until, panel.x_domain[1], key=along))
    seen = [_within(one, domain) for one in panel.series]
    if asked.show in DENSITY:
        points = panel.points if asked.since == "first" else ()
        panel = replace(panel, y_domain=linear_domain(*y_span(seen, points)))
    return replace(panel, x_domain=domain, rows_at=rows)


def _within(series: Series, domain: tuple[X, X]) -> Series:
    at = [i for i, x in enumerate(series.x) if held(domain, x)]
    return replace(
        series,
        x=tuple(series.x[i] for i in at),
        quantiles=tuple(tuple(row[i] for i in at) for row in series.quantiles),
    )


def _since_today(forecast: Forecast, panel: Panel, key: str) -> Panel:
    """The same curves as change from today, person by person; scans have no place on that axis."""
    found = []
    for one in panel.series:
        band = forecast.since_today.get(one.name, {}).get(key)
        found.append(replace(one, x=(), quantiles=()) if band is None or not one.x else _drawn(one, band))
    return replace(panel, series=tuple(found), points=(), y_title=gettext("change from today, %"), note="")


def _drawn(series: Series, band: Band) -> Series:
    """The band on the days on which the series is drawn."""
    place = {day: i for i, day in enumerate(band.dates)}
    at = [place[x] for x in series.x if isinstance(x, dt.date)]
    return replace(series, quantiles=tuple(tuple(float(v) for v in row) for row in band.quantiles[:, at]))


def _fractures(forecast: Forecast) -> Panel | None:
    """People with a new vertebral fracture since today, at the months for which the forecast counts them."""
    series = tuple(
        _counted(
            forecast,
            strategy,
            {m: found for (kind, m), found in summary.fractures.items() if kind == FRACTURE},
        )
        for strategy, summary in zip(forecast.strategies, forecast.summaries, strict=True)
    )
    drawn = [one for one in series if one.x]
    if not drawn:
        return None
    days = max((one.x for one in drawn), key=len)
    title = gettext("People with a new vertebral fracture since today, of 1,000")
    ends = "; ".join(f"{one.name} {format_number(one.median[-1], '.0f')}" for one in drawn)
    return Panel(
        key="fractures",
        title=title,
        description=gettext("{title}. Median at the end: {ends}.", title=title, ends=ends),
        y_title=gettext("of 1,000"),
        x_title="date",
        x_domain=(forecast.now, days[-1]),
        y_domain=linear_domain(0.0, y_span(drawn, ())[1]),
        form=".0f",
        series=series,
        rows_at=days,
        thresholds=(Threshold(0.0),),
        today=forecast.now,
        note=gettext("Counted at 12, 24 and 60 months; straight lines between."),
    )


def _counted(forecast: Forecast, strategy: Strategy, found: dict[int, QuantileRange]) -> Series:
    months = [m for m in MONTHS if m in found]
    look = styles_of([strategy])[0]
    if not months:
        return Series(strategy.name, look, (), (), (), "no forecast of this strategy")
    days = (forecast.now, *(forecast.now + dt.timedelta(days=round(m * DAYS_IN["months"])) for m in months))
    rows = np.array([[0.0] * 5, *(_levels(found[m]) for m in months)]).T
    return Series(strategy.name, look, days, tuple(tuple(float(v) for v in row) for row in rows))


def _levels(found: QuantileRange) -> list[float]:
    inner = found.inner or (found.median, found.median)
    return [found.low, inner[0], found.median, inner[1], found.high]


def _readings(forecast: Forecast, key: str) -> dict[str, tuple[str, ...]]:
    """The T-score of each median, where the first scan and the young normal of its scanner are known."""
    if key not in DENSITY:
        return {}
    panel = panel_of(forecast, key)
    if panel is None or panel.second is None:
        return {}
    zero, slope = panel.second.at_zero, panel.second.slope
    return {
        one.name: tuple(f"T {format_number(zero + slope * value, '.1f')}" for value in one.median)
        for one in panel.series
        if one.x
    }
