"""From a forecast to its pictures: which bands, points and doses go into which panel, in what words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

import numpy as np

from bonecast.charts import (
    Limits,
    Mark,
    Panel,
    Picture,
    Point,
    SecondAxis,
    Series,
    Style,
    Threshold,
    X,
    format_number,
    format_range,
    format_unit,
    linear_domain,
    log_domain,
    style_of,
    y_span,
)
from bonecast.core import gettext
from bonecast.forecasts import Band, DoseMark, Forecast, Strategy
from bonecast.outcomes import LEVELS, REFERENCE_RANGES, YOUNG_NORMALS, Endpoint, endpoint, young_normal
from bonecast.records import (
    Measurement,
    Patient,
    corrected_calcium,
    least_significant_change,
    observation_sd,
)
from bonecast.regimens import DAYS_IN
from bonecast.reports.dose_strip import axis, dose_marks, dose_strip
from bonecast.reports.drug_styles import styles_of
from bonecast.reports.shown_units import ShownUnit, shown_unit

DENSITY, MARKERS, MINERAL = ("LS_BMD", "TH_BMD", "FN_BMD"), ("CTX", "P1NP"), ("calcium", "PTH")
MOST_DRAWN = 6  # strategies that have a column of their own; the others stand in the tables
TABLE_MONTHS = (0, 3, 6, 12, 18, 24, 36, 48, 60, 84, 120, 180, 240, 360, 480, 600)
AROUND_D, TABLE_DAYS = (-14, 90), (-14, 0, 3, 7, 10, 14, 21, 28, 42, 60, 90)
Z95 = 1.96
# Assumption: the lower end of the range that many laboratories print; the laboratory's own range replaces it.
CALCIUM_LOW = 2.10
ABSENT = "no forecast of this strategy"


def panels(forecast: Forecast) -> tuple[Picture, ...]:
    """Draw this forecast: doses, density at three sites, two markers, calcium and PTH.

    Calcium and PTH are shown around the next dose of denosumab, for the strategies that give one.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of Picture
        A quantity that no strategy has is left out.
    """
    of_density = [_drawn(forecast, key, shown_output(forecast, key)) for key in DENSITY]
    shared = linear_domain(*y_span([s for d in of_density for s in d], _all_points(forecast)))
    pictures: list[Picture | None] = [dose_strip(forecast)]
    pictures += [_density(forecast, key, s, shared) for key, s in zip(DENSITY, of_density, strict=True)]
    pictures += [_marker(forecast, key) for key in MARKERS]
    pictures += [_around_dose(forecast, key) for key in MINERAL]
    return tuple(picture for picture in pictures if picture is not None)


def panel_of(forecast: Forecast, key: str) -> Panel | None:
    """One quantity of `panels`, a density on axes of its own; None where no strategy has it."""
    if key in MARKERS:
        return _marker(forecast, key)
    if key in MINERAL:
        return _around_dose(forecast, key)
    series = _drawn(forecast, key, shown_output(forecast, key))
    return _density(
        forecast, key, series, linear_domain(*y_span(series, _scan_points(forecast.patient, key)))
    )


def shown_output(forecast: Forecast, key: str) -> str:
    """The output that is drawn for an endpoint: density as change, markers in their unit if they can be."""
    names = {name for of in forecast.bands.values() for name, b in of.items() if b.endpoint.key == key}
    if key in DENSITY:
        return f"{key}_pct_change"
    return next((n for n in sorted(names) if not n.endswith("pct_of_baseline")), f"{key}_pct_of_baseline")


def _drawn(forecast: Forecast, key: str, output: str) -> tuple[Series, ...]:
    """A series for each strategy, also for those that no model carries; none if no strategy is carried."""
    series = tuple(
        _series(forecast, strategy, look, forecast.bands.get(strategy.name, {}).get(output))
        for strategy, look in _seen(forecast)
    )
    return series if any(s.x for s in series) else ()


def _seen(forecast: Forecast) -> list[tuple[Strategy, Style]]:
    """The strategies that are drawn, with their looks."""
    return list(zip(forecast.strategies, styles_of(forecast.strategies), strict=True))[:MOST_DRAWN]


def _series(forecast: Forecast, strategy: Strategy, look: Style, band: Band | None) -> Series:
    if band is None:
        return Series(strategy.name, look, (), (), (), gettext(ABSENT))
    at = _days_drawn(forecast, band)
    quantiles = _rows(band.quantiles[:, at])
    marks = dose_marks(forecast.history) + dose_marks(strategy.doses)
    before = forecast.prior_bands.get(band.output) if strategy is forecast.strategies[0] else None
    return Series(
        strategy.name,
        look,
        tuple(band.dates[i] for i in at),
        quantiles,
        marks,
        outline=_outline(forecast, before),
    )


def _outline(forecast: Forecast, before: Band | None) -> Series | None:
    """The band of people like this one before their measurements were known."""
    if before is None:
        return None
    at = _days_drawn(forecast, before)
    return Series("before", style_of(0), tuple(before.dates[i] for i in at), _rows(before.quantiles[:, at]))


def _dotted(series: Iterable[Series]) -> str:
    """What the dotted lines are, where there are some."""
    first = next((s for s in series if s.outline is not None), None)
    return (
        ""
        if first is None
        else (
            gettext(
                " Dotted, under '{name}': the 90 % range before the measurements were learned from.",
                name=first.name,
            )
        )
    )


def _days_drawn(forecast: Forecast, band: Band) -> list[int]:
    """Steps finer than print are left out; today, the days of the table and the last day are kept."""
    low, high = axis(forecast)
    step = (high - low).days / 260
    keep = {*_table_dates(forecast), forecast.now, high}
    drawn: list[int] = []
    for i, date in enumerate(band.dates):
        if not low <= date <= high:
            continue
        if not drawn or date in keep or (date - band.dates[drawn[-1]]).days >= step or date == band.dates[-1]:
            drawn.append(i)
    return drawn


def _rows(quantiles: np.ndarray) -> tuple[tuple[float, ...], ...]:
    assert len(quantiles) == len(LEVELS)
    return tuple(tuple(float(v) for v in row) for row in quantiles)


def _table_dates(forecast: Forecast) -> tuple[dt.date, ...]:
    days = (round(m * DAYS_IN["months"]) for m in TABLE_MONTHS)
    return tuple(forecast.now + dt.timedelta(days=d) for d in days if d <= forecast.horizon_d)


def _in_words(series: Iterable[Series], form: str, of: str) -> str:
    """The end of every curve, for a reader who does not see it."""
    text = [
        f"{s.name} {format_number(s.median[-1], form)} ({format_range(s.quantiles[0][-1], s.quantiles[-1][-1], form)})"
        if s.x
        else f"{s.name}: {s.absent}"
        for s in series
    ]
    ends = {s.x[-1] for s in series if s.x}
    return gettext(
        "Median and 90 % range at the end, {max}, {of}: {names}.",
        max=max(map(str, ends)),
        of=of,
        names="; ".join(text),
    )


# Density


def _scans(patient: Patient, key: str) -> tuple[Measurement, ...]:
    """Scans that can be compared with the first one: same site, same maker of scanner."""
    scans = patient.measured("BMD", endpoint(key).site)
    return tuple(m for m in scans if m.scanner == scans[0].scanner)


def _scan_points(patient: Patient, key: str) -> tuple[Point, ...]:
    """Scans as change from the first one; the bar is the least significant change, which the first lacks."""
    scans = _scans(patient, key)
    scanner = scans[0].scanner if scans else None
    least = least_significant_change("BMD", endpoint(key).site, scanner=scanner)
    points = []
    for scan in scans:
        change = 100 * (scan.value / scans[0].value - 1)
        bar = least.value if least and scan is not scans[0] else None
        ends = (None, None) if bar is None else (change - bar, change + bar)
        note = f"{scan.value:.3f} g/cm²"
        if scan.t_score is not None:
            note += f", T {format_number(scan.t_score, '.1f')}"
        points.append(Point(scan.date, change, *ends, note=note))
    return tuple(points)


def _all_points(forecast: Forecast) -> list[Point]:
    return [p for key in DENSITY for p in _scan_points(forecast.patient, key)]


def _density(
    forecast: Forecast, key: str, series: tuple[Series, ...], shared: tuple[float, float]
) -> Panel | None:
    if not series:
        return None
    of = next(b[f"{key}_pct_change"].unit for b in forecast.bands.values() if f"{key}_pct_change" in b)
    points = _scan_points(forecast.patient, key)
    scans = "; ".join(f"{p.x} {p.note}" for p in points)
    title = gettext(endpoint(key).title)
    return Panel(
        key=key,
        title=title,
        description=gettext("{title} in {of} under each strategy. ", title=title, of=of)
        + _in_words(series, "+.1f", of),
        y_title=gettext("change, {unit}", unit=gettext(of)),
        x_title=gettext("date"),
        x_domain=axis(forecast),
        y_domain=shared,
        form="+.1f",
        series=series,
        rows_at=_table_dates(forecast),
        points=points,
        thresholds=(Threshold(0.0),),
        second=_t_axis(forecast.patient, key, shared),
        today=forecast.now,
        today_word=gettext("today"),
        note=(
            gettext("Measured (M): {scans}. Bars: least significant change.", scans=scans)
            if points
            else gettext("Not measured.")
        )
        + _dotted(series),
    )


def _t_axis(patient: Patient, key: str, shared: tuple[float, float]) -> SecondAxis | None:
    """T-scores of the same density, where the first scan and the young normal of its scanner are known."""
    scans = _scans(patient, key)
    if not scans or not any(r.endpoint == key and r.scanner == scans[0].scanner for r in YOUNG_NORMALS):
        return None
    normal = young_normal(key, scans[0].scanner or "")
    at_zero, slope = (scans[0].value - normal.mean) / normal.sd, scans[0].value / 100 / normal.sd
    low, high = (at_zero + slope * y for y in shared)
    step = 0.5 if high - low <= 3 else 1.0
    ticks = tuple(step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1))
    return SecondAxis(gettext("T-score"), at_zero, slope, ticks)


# Markers


def _marker(forecast: Forecast, key: str) -> Panel | None:
    output = shown_output(forecast, key)
    series, of = _drawn(forecast, key, output), endpoint(key)
    if not series:
        return None
    in_unit = not output.endswith("pct_of_baseline")
    unit = shown_unit(of) if in_unit else ShownUnit(gettext("% of before treatment"), 1.0, ".0f")
    series, shown, form = unit.series(series), unit.name, unit.form
    measured = [m for m in forecast.patient.measured(of.test) if in_unit and not m.above_limit]
    points = tuple(unit.point(_level_point(one)) for one in measured)
    points = tuple(p for p in points if axis(forecast)[0] <= p.x <= forecast.now)  # type: ignore[operator]
    reference = REFERENCE_RANGES.get(key) if in_unit else None
    low, high = (unit.factor * reference.low, unit.factor * reference.high) if reference else (0.0, 0.0)
    ends = (low, high) if reference else ()
    text = (
        gettext(
            "Shaded: {low:g} to {high:g} {unit}, {population}. ",
            low=float(f"{low:.3g}"),
            high=float(f"{high:.3g}"),
            unit=shown,
            population=gettext(reference.population),
        )
        if reference
        else ""
    )
    bars = (
        gettext("Measured (M) with the error of one measurement; arrow: below the assay's limit.")
        if points
        else ""
    )
    return Panel(
        key=key,
        title=f"{gettext(of.title)}, {shown}",
        description=gettext(
            "{title} in {shown}, on a log scale. {in_words}",
            title=gettext(of.title),
            shown=shown,
            in_words=_in_words(series, form, shown),
        ),
        y_title=shown,
        x_title=gettext("date"),
        x_domain=axis(forecast),
        y_domain=log_domain(*y_span(series, points, ends)),
        form=form,
        series=series,
        rows_at=_table_dates(forecast),
        points=points,
        reference=Limits(low, high, "") if reference else None,
        log=True,
        today=forecast.now,
        today_word=gettext("today"),
        note=text
        + bars
        + gettext(" The value at the end also depends on the time since the dose before it.")
        + _dotted(series),
    )


def _level_point(measured: Measurement) -> Point:
    """A value with 95 % of the error of one measurement."""
    error = observation_sd(measured)
    low, high = None, None
    if error is not None and error.scale == "log":
        low, high = (measured.value * math.exp(z * error.sd) for z in (-Z95, Z95))
    elif error is not None:
        low, high = measured.value - Z95 * error.sd, measured.value + Z95 * error.sd
    if measured.below_limit:
        return Point(measured.date, measured.value, below=True)
    return Point(measured.date, measured.value, low, high)


# Calcium and PTH


def _around_dose(forecast: Forecast, key: str) -> Panel | None:
    of = endpoint(key)
    output = shown_output(forecast, key)
    series = tuple(
        _around(strategy, look, forecast.bands[strategy.name][output])
        for strategy, look in _seen(forecast)
        if output in forecast.bands.get(strategy.name, {}) and _next_denosumab(strategy)
    )
    if not any(s.x for s in series):
        return None
    latest, unit = forecast.patient.latest(of.test), shown_unit(of)
    series, shown, form = unit.series(series), unit.name, unit.form
    reference, thresholds = _compared(key, latest, unit)
    ends = (reference.low,) if reference else tuple(t.y for t in thresholds)
    return Panel(
        key=key,
        title=gettext(
            "{title}, {shown}, around the next dose of denosumab", title=gettext(of.title), shown=shown
        ),
        description=gettext(
            "{title} in {shown} from 14 days before to 90 days after the next dose of denosumab. ",
            title=gettext(of.title),
            shown=shown,
        )
        + _lowest(series, form, shown),
        y_title=shown,
        x_title=gettext("days from the next dose"),
        x_domain=(float(AROUND_D[0]), float(AROUND_D[1])),
        y_domain=linear_domain(*y_span(series, (), ends)),
        form=form,
        series=series,
        rows_at=tuple(float(d) for d in TABLE_DAYS),
        today=0.0,
        today_word=gettext("dose"),
        x_word=gettext("day "),
        reference=reference,
        thresholds=thresholds,
        note=gettext("Days from the next dose. ") + _last_measured(forecast.patient, of, latest),
    )


def _next_denosumab(strategy: Strategy) -> DoseMark | None:
    return next((d for d in strategy.doses if d.drug == "denosumab"), None)


def _around(strategy: Strategy, look: Style, band: Band) -> Series:
    dose = _next_denosumab(strategy)
    assert dose is not None
    days = [(date - dose.date).days for date in band.dates]
    at = [i for i, day in enumerate(days) if AROUND_D[0] <= day <= AROUND_D[1]]
    mark = Mark(
        0.0, "D", f"{dose.drug} {dose.amount:g} {format_unit(dose.unit)}, {gettext('planned')}", "planned"
    )
    x: tuple[X, ...] = tuple(float(days[i]) for i in at)
    return Series(strategy.name, look, x, _rows(band.quantiles[:, at]), (mark,))


def _compared(
    key: str, latest: Measurement | None, unit: ShownUnit
) -> tuple[Limits | None, tuple[Threshold, ...]]:
    """The laboratory's own range if the record has it; for calcium otherwise a common lower end."""
    if latest and latest.reference_low is not None and latest.reference_high is not None:
        ends = (unit.factor * latest.reference_low, unit.factor * latest.reference_high)
        return Limits(
            *ends, gettext("range of the laboratory, {range}", range=format_range(*ends, unit.form))
        ), ()
    if key == "calcium":
        low = unit.factor * CALCIUM_LOW
        label = gettext("below {calcium_low:.2f}: below many laboratories' range", calcium_low=low)
        return None, (Threshold(low, label),)
    return None, ()


def _lowest(series: Iterable[Series], form: str, shown: str) -> str:
    text = []
    for s in series:
        after = [(v, x) for v, x in zip(s.median, s.x, strict=True) if not isinstance(x, dt.date) and x >= 0]
        if after:
            (low, low_x), (high, high_x) = min(after), max(after)
            text.append(
                gettext(
                    "{name}: median from {number} (day {low_x:g}) to {number_2} {shown} (day {high_x:g})",
                    name=s.name,
                    number=format_number(low, form),
                    low_x=low_x,
                    number_2=format_number(high, form),
                    shown=shown,
                    high_x=high_x,
                )
            )
    return "; ".join(text) + "."


def _last_measured(patient: Patient, of: Endpoint, latest: Measurement | None) -> str:
    if latest is None:
        return gettext("Not measured.")
    said = gettext("Last measured (M): {given} on {date}", given=latest.given, date=latest.date)
    if of.key != "calcium":
        return said + "."
    albumin = next((m for m in patient.measured("albumin") if m.date == latest.date), None)
    if albumin is None:
        return said + gettext(", without albumin of that day and so not corrected.")
    corrected = corrected_calcium(latest.value, albumin.value)
    return gettext(
        "{said}; corrected for albumin {given}: {corrected:.2f} mmol/L.",
        said=said,
        given=albumin.given,
        corrected=corrected,
    )
