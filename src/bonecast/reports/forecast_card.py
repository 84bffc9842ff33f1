"""What a notebook shows of a forecast: two small pictures, and each strategy at the horizon in numbers.

Nothing in it names the person: no identifier, no birth date, no measured value.
"""

from __future__ import annotations

from bonecast.charts import (
    Card,
    Small,
    SmallCurve,
    Table,
    card_html,
    counted,
    format_number,
    format_range,
    format_unit,
    style_of,
)
from bonecast.core import DISCLAIMER
from bonecast.forecasts import Band, Forecast
from bonecast.outcomes import endpoint
from bonecast.regimens import DAYS_IN
from bonecast.reports.panels import shown_output
from bonecast.reports.shown_units import FORMS

ENDPOINTS = ("LS_BMD", "TH_BMD", "CTX")
PICTURES = 2
MOST_CURVES = 5


def card(forecast: Forecast) -> str:
    """The card of a forecast."""
    outputs = {key: shown_output(forecast, key) for key in ENDPOINTS}
    bands = {
        key: {name: of[output] for name, of in forecast.bands.items() if output in of}
        for key, output in outputs.items()
    }
    keys = [key for key in ENDPOINTS if bands[key]]
    positions = {strategy.name: i for i, strategy in enumerate(forecast.strategies)}
    pictures = tuple(_picture(forecast, key, bands[key], positions) for key in keys[:1] + keys[-1:])
    heads = [_title(key, next(iter(bands[key].values()))) for key in keys]
    rows = tuple((s.name, *(_cell(bands[key].get(s.name)) for key in keys)) for s in forecast.strategies)
    months = format_number(round(forecast.horizon_d / DAYS_IN["months"], 1), "g")
    # The notes themselves name days and values that were measured.
    remarks = (f"{counted(len(forecast.notes), 'note')}: forecast.notes",) if forecast.notes else ()
    return card_html(
        Card(
            f"Forecast over {months} months",
            (f"Median (90 % range) at month {months}; {forecast.draws} draws; {', '.join(forecast.models)}",),
            pictures[:PICTURES] if len(keys) > 1 else pictures[:1],
            tuple((s.name, style_of(i)) for i, s in enumerate(forecast.strategies[:MOST_CURVES])),
            Table(("strategy", *heads), rows),
            (*remarks, DISCLAIMER),
        )
    )


def _picture(forecast: Forecast, key: str, bands: dict[str, Band], positions: dict[str, int]) -> Small:
    curves = []
    for name, band in list(bands.items())[:MOST_CURVES]:
        months = [forecast.months_from_now(date) for date in band.dates]
        at = [i for i, month in enumerate(months) if month >= 0]
        low, middle, high = (band.quantiles[level][at] for level in (0, 2, 4))
        curves.append(SmallCurve(name, style_of(positions[name]), [months[i] for i in at], middle, low, high))
    band = next(iter(bands.values()))
    return Small(f"{_title(key, band)}, months from now", tuple(curves), _form(band), "months")


def _cell(band: Band | None) -> str:
    if band is None:
        return "not available"
    low, middle, high = (float(band.quantiles[level][-1]) for level in (0, 2, 4))
    return f"{format_number(middle, _form(band))} ({format_range(low, high, _form(band))})"


def _title(key: str, band: Band) -> str:
    change = " change" if band.output.endswith("_change") else ""
    return f"{endpoint(key).title}{change}, {format_unit(band.unit)}"


def _form(band: Band) -> str:
    return "+.1f" if band.output.endswith("_change") else FORMS.get(band.unit, ".3g")
