"""The clinician's page: one side of A4 with the state, the recommendation, one chart, one table, dates and sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bonecast.care import STATE_WORDS, Check, Override, check, schedule, state_heading, state_sentence
from bonecast.charts import Panel, Picture, format_number, svg
from bonecast.core import DISCLAIMER, current_language, gettext, ngettext
from bonecast.forecasts import Forecast
from bonecast.outcomes import Summary
from bonecast.papers.states import overridden_lines
from bonecast.papers.typesetting import typeset
from bonecast.reports import (
    ALL_BLOCKED,
    bonecast_version,
    chart_sources,
    emergency_sentence,
    in_order,
    latest_sentence,
    latest_values,
    model_versions,
    not_offered,
    panels,
    would_change,
)

MOST_STRATEGIES, MOST_POINTS, MOST_CAUSES, MOST_SOURCES = 6, 5, 4, 9


def clinician_pdf(forecast: Forecast, overrides: Iterable[Override] = ()) -> bytes:
    """Set the clinician's page as a PDF file.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    overrides : iterable of Override
        Findings that a clinician overrode.

    Returns
    -------
    bytes
        The PDF file.

    Raises
    ------
    InputError
        If the extra `pdf` is not installed.
    """
    return typeset("clinician", clinician_content(forecast, overrides))


def clinician_content(forecast: Forecast, overrides: Iterable[Override] = ()) -> dict[str, Any]:
    """Collect what stands on the clinician's page, as plain data.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    overrides : iterable of Override
        Findings that a clinician overrode.

    Returns
    -------
    dict of str to object
        What the sheet "clinician" takes.
    """
    forecast = in_order(forecast)
    patient, tongue, overridden = forecast.patient, current_language(), tuple(overrides)
    checked = check(patient, overrides=overridden)
    notes = _Sources()
    chart = _chart(forecast)
    return {
        "lang": tongue.code,
        "title": gettext("Clinician's page: {name}", name=patient.name or patient.id),
        "heading": gettext("Denosumab: where it stands and what comes next"),
        "date": tongue.date(forecast.now),
        "name": patient.name or patient.id,
        "about": gettext(
            "{id}, {sex}, born {born}, {age} years",
            id=patient.id,
            sex=gettext(patient.sex),
            born=tongue.date(patient.birth_date),
            age=patient.age,
        ),
        "emergency": emergency_sentence(forecast.emergency) if forecast.emergency else "",
        "state": {
            "key": checked.state,
            "sign": STATE_WORDS[checked.state][0],
            "heading": state_heading(checked),
            "sentence": state_sentence(checked),
            "overridden": overridden_lines(checked),
        },
        "causes": _causes(checked, notes),
        "titles": {
            "situation": gettext("Situation"),
            "recommendation": gettext("Recommendation"),
            "table": gettext("Strategies side by side"),
            "strategy": gettext("Strategy"),
            "dates": gettext("Next dates"),
        },
        "situation": list(_situation(forecast, checked)),
        "recommendation": list(_points(forecast))[:MOST_POINTS],
        "chart": None
        if chart is None
        else {"title": chart.title, "svg": svg(chart), "alt": chart.description, "note": chart.note},
        "table": _table(forecast),
        "dates": _dates(forecast, overridden, checked.complete, notes),
        "more_dates": gettext("More dates stand in the plan."),
        "sources": [*notes.texts, *chart_sources(forecast)][:MOST_SOURCES],
        "standing": gettext(DISCLAIMER),
        "made": gettext(
            "Bonecast {version}; {models}",
            version=bonecast_version(),
            models=", ".join(f"{name} ({cards})" for name, cards in model_versions(forecast.models)),
        ),
    }


def _situation(forecast: Forecast, checked: Check) -> Iterator[str]:
    """Doses so far and the latest results."""
    tongue = current_language()
    given = [dose for dose in forecast.history if dose.drug == "denosumab"]
    if given:
        yield gettext(
            "Denosumab: {count} so far, the last on {day}.",
            count=ngettext("{count} injection", "{count} injections", len(given)),
            day=tongue.date(given[-1].date),
        )
    values = [
        f"{gettext(test)} {_decimal(value)} ({tongue.date(dt.date.fromisoformat(day))})"
        for test, value, day in latest_values(forecast)
    ]
    if values:
        yield gettext("Last measured: {values}.", values="; ".join(values))


def _points(forecast: Forecast) -> Iterator[str]:
    """What the choice comes to: how sure it is, by when, what is not possible and why."""
    if forecast.risk_only:
        yield gettext(ALL_BLOCKED)
    yield from would_change(forecast)[:2] if forecast.ranking else ()
    yield from (latest_sentence(one, forecast.now) for one in forecast.latest[:1])
    yield from not_offered(forecast)


def _chart(forecast: Forecast) -> Picture | None:
    """Spine density under each strategy; another quantity where no model has it."""
    drawn = {picture.key: picture for picture in panels(forecast)}
    found = next((drawn[key] for key in ("LS_BMD", "TH_BMD", "CTX") if key in drawn), None)
    return replace(found, columns=MOST_STRATEGIES, height=130) if isinstance(found, Panel) else found


class _Sources:
    """Sources, numbered as they are first cited."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def numbers(self, texts: Iterable[str]) -> list[int]:
        found = list(dict.fromkeys(texts))[:2]
        self.texts += [text for text in found if text not in self.texts]
        return [self.texts.index(text) + 1 for text in found]


def _causes(checked: Check, notes: _Sources) -> list[dict[str, Any]]:
    heads = [cause.head for cause in checked.causes][:MOST_CAUSES]
    return [
        {"text": f"{gettext(one.advice)} ({one.rule})", "sources": notes.numbers([gettext(one.source.text)])}
        for one in heads
    ]


def _dates(
    forecast: Forecast, overrides: tuple[Override, ...], complete: bool, notes: _Sources
) -> list[dict[str, Any]]:
    tongue = current_language()
    made = schedule(forecast.patient, overrides=overrides)
    return [
        {
            "day": tongue.date(entry.date),
            "what": gettext("{what}, once the check is complete", what=gettext(entry.what))
            if entry.part == "next" and not complete
            else gettext(entry.what),
            "sources": notes.numbers(gettext(source.text) for source in entry.sources[:1]),
        }
        for entry in made.entries
        if entry.have is None
    ]


def _table(forecast: Forecast) -> dict[str, Any]:
    """Spine and hip in 2 years, spine and hip fractures in 5, and the chance to be the best; ranges below."""
    columns = (
        (gettext("Spine BMD in 2 years, %"), lambda s: s.change.get(("LS_BMD", 24)), "+.1f"),
        (gettext("Hip BMD in 2 years, %"), lambda s: s.change.get(("TH_BMD", 24)), "+.1f"),
        (
            gettext("Vertebral fracture in 5 years, of 1,000"),
            lambda s: s.fractures.get(("vertebral", 60)),
            ".0f",
        ),
        (gettext("Hip fracture in 5 years, of 1,000"), lambda s: s.fractures.get(("hip", 60)), ".0f"),
    )
    rows = forecast.summaries[:MOST_STRATEGIES]
    held = [one for one in columns if any(one[1](s) is not None for s in rows)]

    def cell(summary: Summary, column: Any) -> str:
        found = column[1](summary)
        if found is None:
            return "–"
        form = column[2]
        ends = f"{_number(found.low, form)} – {_number(found.high, form)}"
        return f"{_number(found.median, form)} ({ends})"

    best = {r.option: r.best_of_100 for r in forecast.ranking.ranks} if forecast.ranking else {}
    heads = [one[0] for one in held] + ([gettext("Best, of 100")] if best else [])
    made = [
        [gettext(s.strategy), *(cell(s, one) for one in held), *([best.get(s.strategy, "–")] if best else [])]
        for s in rows
    ]
    notes = [gettext("Median and 90 % range of similar patients; a dash: no number, see the report.")]
    if forecast.risk_only:
        notes.append(
            gettext("This is a risk, not an option: the care rules block every treatment at present.")
        )
    return {"heads": heads, "rows": made if held else [], "notes": notes if held else []}


def _number(value: float, form: str) -> str:
    return _decimal(format_number(value, form))


def _decimal(text: str) -> str:
    """A number as this language writes it."""
    return text.replace(".", current_language().decimal)
