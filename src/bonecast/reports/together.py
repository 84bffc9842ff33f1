"""What a clinician and a person look at together: one graph, counts of 1,000 people, and plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bonecast.charts import Panel, svg, table
from bonecast.core import current_language, gettext
from bonecast.forecasts import Forecast
from bonecast.outcomes import QuantileRange, Summary
from bonecast.reports.notes import withheld_sentences
from bonecast.reports.panels import panels

OF, MONTHS, YEARS = 1000, 60, 5
MOST_ARRAYS = 4
# The strategies that nobody named, in the words of a person; others keep their name.
PLAIN = {
    "on time": "Injections on time",
    "3 months late": "Injections 3 months late",
    "switch to alendronate": "Change to alendronate tablets",
    "switch to zoledronate": "Change to zoledronate drips",
}
WITHOUT = "No further injection"


def together_content(made: Forecast, course: Forecast | None) -> dict[str, Any]:
    """Collect what the page holds, as plain data.

    Parameters
    ----------
    made : Forecast
        Finished; strategies that the care rules block are not in it.
    course : Forecast, optional
        The course without a further dose (`Prepared.without_further_dose`), which is a risk and no option; None where
        no denosumab was given.

    Returns
    -------
    dict of str to object
        The graph as SVG with its table, the counts, and the sentences.
    """
    return {
        "chart": _chart(made, course),
        "arrays": list(_arrays(made, course)),
        "of": OF,
        "years": YEARS,
        "without": gettext(WITHOUT),
        "stop": list(_stop(made, course)) if course is not None else [],
        "late": list(_late(made)),
        "withheld": [*withheld_sentences(made), *_unsaid(made, course)],
        "blocked": made.risk_only,
    }


def plain_name(strategy: str) -> str:
    """The name of a strategy in the words of a person.

    >>> plain_name("on time"), plain_name("my plan")
    ('Injections on time', 'My plan')
    """
    said = gettext(PLAIN.get(strategy, strategy))
    return said[:1].upper() + said[1:]


def _chart(made: Forecast, course: Forecast | None) -> dict[str, Any] | None:
    """Spine density under the first strategy and without a further dose, side by side on the same axes."""
    ways = () if made.risk_only else made.strategies[:1]
    bands = {one.name: made.bands.get(one.name, {}) for one in ways}
    if course is not None:
        ways, bands = (*ways, course.strategies[0]), bands | course.bands
    shown = replace(made, strategies=ways, bands=bands, prior_bands={})
    found = next((one for one in panels(shown) if one.key in ("LS_BMD", "TH_BMD")), None)
    if not isinstance(found, Panel):
        return None
    names = [plain_name(one.name) for one in ways]
    if course is not None:
        names[-1] = gettext(WITHOUT)
    series = tuple(replace(one, name=name) for one, name in zip(found.series, names, strict=True))
    site = gettext("spine") if found.key == "LS_BMD" else gettext("hip")
    picture = replace(
        found,
        title=gettext("Bone density of the {site}, change since the first scan", site=site),
        series=series,
        columns=2,
        second=None,
        thresholds=(),
        height=210,
    )
    behind = table(picture)
    return {
        "title": picture.title,
        "svg": svg(picture),
        "columns": list(behind.columns),
        "rows": [list(row) for row in behind.rows],
    }


def _arrays(made: Forecast, course: Forecast | None) -> Iterator[dict[str, Any]]:
    """New fractures of the spine in 5 years, of 1,000 similar people, under each strategy that the rules allow."""
    rows: list[tuple[str, Summary, bool]] = []
    if not made.risk_only:
        rows += [(plain_name(s.strategy), s, False) for s in made.summaries[:MOST_ARRAYS]]
    if course is not None:
        rows += [(gettext(WITHOUT), course.summaries[0], True)]
    for name, summary, risk in rows:
        found = _fractures(summary)
        if found is not None:
            counts = {key: _count(getattr(found, key)) for key in ("median", "low", "high")}
            yield {"title": name, "risk": risk, **counts}


def _count(of_1000: float) -> int:
    """People of 1,000 in two digits: a forecast knows no more.

    >>> _count(115.3), _count(36.6), _count(3.2)
    (120, 37, 3)
    """
    return 10 * round(of_1000 / 10) if of_1000 >= 99.5 else round(of_1000)


def _fractures(summary: Summary) -> QuantileRange | None:
    return summary.fractures.get(("vertebral", MONTHS))


def _stop(made: Forecast, course: Forecast | None) -> Iterator[str]:
    """What happens without another injection, against injections on time."""
    yield gettext(
        "The effect of denosumab wears off within months. Bone is then lost fast, and bones in the back can break, "
        "sometimes several at once."
    )
    tongue = current_language()
    loss = next((one.time for one in made.latest if one.key == "LS_BMD"), None)
    if loss is not None and loss.median is not None:
        yield gettext(
            "Without another injection, half of people like you have lost a measurable part of the bone of the "
            "spine by {day}.",
            day=tongue.date(loss.median),
        )
    first, other = (made.summaries[:1] if not made.risk_only else ()), course.summaries if course else ()
    pair = [found for s in (*first, *other[:1]) if (found := _fractures(s)) is not None]
    if len(pair) == 2:
        yield gettext(
            "Of 1,000 people like you, about {kept} break a bone in the spine within 5 years with injections on time, "
            "and about {stopped} without.",
            kept=_count(pair[0].median),
            stopped=_count(pair[1].median),
        )
    yield gettext(
        "Do not stop on your own. If you want to stop, another bone medicine must follow: talk to us first."
    )


def _late(made: Forecast) -> Iterator[str]:
    until = next((one.on_time_until for one in made.latest if one.on_time_until is not None), None)
    if until is None:
        return
    tongue = current_language()
    if until < made.now:
        yield gettext("The last day on time was {day}. Call us today.", day=tongue.date(until))
    else:
        yield gettext("The injection counts as on time until {day}.", day=tongue.date(until))
    yield gettext("If you are late, have it as soon as you can. The next one is 6 months after that day.")


def _unsaid(made: Forecast, course: Forecast | None) -> Iterator[str]:
    """Say that there is no number, where a page would otherwise be empty."""
    shown = (*(() if made.risk_only else made.summaries), *(course.summaries if course is not None else ()))
    if not any(_fractures(s) for s in shown):
        yield gettext("No number of fractures is shown for you: the model does not support one.")
