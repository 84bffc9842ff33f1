"""The page for people: one HTML file that needs nothing beside it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.charts import Picture, svg, table
from bonecast.forecasts import Forecast
from bonecast.forecasts.panels import MOST_DRAWN, panels
from bonecast.models import load
from bonecast.reports.choice_grid import choice_grid, choice_of, t_score_grid
from bonecast.reports.grid import Footnotes, density_grid, fracture_grid, marker_grid, measured_rows
from bonecast.reports.references import linked
from bonecast.reports.safety import safety_of
from bonecast.reports.versions import bonecast_version, model_versions
from bonecast.words import STANDING


def render(forecast: Forecast) -> str:
    """The report of a forecast as HTML: charts, strategies side by side, measurements, limits, sources.

    Style and charts stand inside; there is no script, and nothing is asked of another place. The same forecast
    gives the same text.
    """
    notes = Footnotes()
    grids = {
        "density": density_grid(forecast, notes),
        "markers": marker_grid(forecast, notes),
        "fractures": fracture_grid(forecast, notes),
        "choice": choice_grid(forecast, notes),
        "t_scores": t_score_grid(forecast, notes),
    }
    safety = safety_of(forecast)
    figures = [_figure(picture) for picture in (*panels(forecast), *safety.pictures)]
    return _template().render(
        forecast=forecast,
        patient=forecast.patient,
        standing=STANDING,
        style=_text("style.css"),
        figures={figure["key"]: figure for figure in figures},
        grids=grids,
        footnotes=notes.texts,
        safety=safety,
        choice=choice_of(forecast),
        most_drawn=MOST_DRAWN,
        measured=measured_rows(forecast.patient.measurements),
        models=[load(name) for name in forecast.models],
        versions=model_versions(forecast.models),
        bonecast_version=bonecast_version(),
        references=[linked(text) for text in forecast.references],
        years=round(forecast.horizon_d / 365.25, 1),
    )


def _figure(picture: Picture) -> dict[str, Any]:
    return {"key": picture.key, "picture": picture, "svg": svg(picture), "table": table(picture)}


@cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_text("report.html.jinja"))


def _text(name: str) -> str:
    return (files("bonecast.reports") / name).read_text("utf-8")
