"""The page for people: one HTML file that needs nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from bonecast.care import Override
from bonecast.charts import Panel, Picture, svg, table
from bonecast.core import DISCLAIMER, gettext, template_environment
from bonecast.forecasts import Forecast, code_version
from bonecast.models import load_model
from bonecast.reports.brief import brief_of, in_order
from bonecast.reports.choice_grid import choice_grid, choice_of, t_score_grid
from bonecast.reports.decision_grid import decision_grid
from bonecast.reports.fitting import fitted
from bonecast.reports.grid import Footnotes, density_grid, fracture_grid, marker_grid, measured_rows
from bonecast.reports.panels import MOST_DRAWN, panels
from bonecast.reports.references import linked
from bonecast.reports.running import running_style
from bonecast.reports.safety import STATES, due_date, emergency_sentence, not_offered, safety_of
from bonecast.reports.style import report_style
from bonecast.reports.versions import bonecast_version, model_versions
from bonecast.reports.width_grid import width_rows

_DATE = re.compile(r"\b\d{4}-\d{2}(-\d{2})?\b")


def render(forecast: Forecast, overrides: Iterable[Override] = ()) -> str:
    """The report of a forecast as HTML: two printed pages for the clinician, and an appendix of tables and charts.

    Style and charts stand inside; there is no script, and nothing is asked of another place. The same forecast
    gives the same text.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    overrides : iterable of Override
        Findings that a clinician overrode, each with a reason.

    Returns
    -------
    str
    """
    forecast = in_order(forecast)
    notes, first_notes = Footnotes(), Footnotes()
    grids = {
        "decision": decision_grid(forecast, first_notes, MOST_DRAWN),
        "density": density_grid(forecast, notes),
        "markers": marker_grid(forecast, notes),
        "fractures": fracture_grid(forecast, notes),
        "choice": choice_grid(forecast, notes),
        "t_scores": t_score_grid(forecast, notes),
    }
    safety = safety_of(forecast, overrides)
    brief = brief_of(forecast, safety)
    on_pages = brief.charts[0] + brief.charts[1]
    pictures = [
        replace(p, columns=MOST_DRAWN) if isinstance(p, Panel) and p.key in on_pages else p
        for p in panels(forecast)
    ]
    figures = [_figure(picture) for picture in (*pictures, *safety.pictures)]
    page = _template().render(
        forecast=forecast,
        brief=brief,
        sources=Footnotes(),
        mechanisms=Footnotes(),
        linked=linked,
        reasons=first_notes.texts,
        paper=running_style(forecast, [f for f in figures if f["key"] in on_pages]),
        patient=forecast.patient,
        standing=DISCLAIMER,
        style=report_style(),
        figures={figure["key"]: figure for figure in figures},
        grids=grids,
        footnotes=notes.texts,
        safety=safety,
        due=due_date(forecast),
        emergency=emergency_sentence(forecast.emergency) if forecast.emergency else "",
        state=gettext(STATES[safety.check.state]),
        not_possible=not_offered(forecast),
        choice=choice_of(forecast),
        widths=width_rows(forecast, MOST_DRAWN),
        most_drawn=MOST_DRAWN,
        measured=measured_rows(forecast.patient.measurements),
        models=[load_model(name) for name in forecast.models],
        versions=model_versions(forecast.models),
        code=code_version(),
        bonecast_version=bonecast_version(),
        years=round(forecast.horizon_d / 365.25, 1),
    )
    return fitted(page)


def _figure(picture: Picture) -> dict[str, Any]:
    return {"key": picture.key, "picture": picture, "svg": svg(picture), "table": table(picture)}


def dated(text: str) -> Any:
    """A sentence for the page, harmless, with dates that do not break over two lines.

    >>> str(dated("CTX < 0.05 by 2027-01"))
    'CTX &lt; 0.05 by <span class="date">2027-01</span>'
    """
    from markupsafe import Markup, escape

    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))


@cache
def _template() -> Any:
    import jinja2

    environment = template_environment(jinja2.PackageLoader("bonecast.reports", ""))
    environment.filters["dated"] = dated
    return environment.get_template("report.html.jinja")
