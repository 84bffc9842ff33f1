"""Where the numbers of one quantity come from: what it is, how it is put on the person's level, what stands behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bonecast.charts import format_number, format_range, format_unit
from bonecast.cohorts import BASELINES
from bonecast.core import gettext, grade_text
from bonecast.errors import UnknownName
from bonecast.forecasts import Forecast
from bonecast.models import Model, load_model
from bonecast.outcomes import ENDPOINTS, REFERENCE_RANGES, Endpoint

HOW = {
    "change": "the model's change in %, on the level that the scans give of this person",
    "share": "the model's share of the level before treatment, times that level of this person",
    "level": "the model's own level, moved to this person's measured one",
}


def explain(forecast: Forecast, what: str) -> str:
    """Say where the numbers of one quantity come from.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    what : str
        Endpoint ("CTX"), in any case.

    Returns
    -------
    str
        Lines: model and output, how it is put on the person's level, ranges, measurements, sources.

    Raises
    ------
    UnknownName
        For an endpoint that does not exist.
    """
    known = {e.key.lower(): e for e in ENDPOINTS}
    if what.lower() not in known:
        raise UnknownName("explain", "endpoint", what, [e.key for e in ENDPOINTS])
    return "\n".join(_lines(forecast, known[what.lower()], load_model(forecast.models[0])))


def _lines(forecast: Forecast, of: Endpoint, model: Model) -> Iterator[str]:
    yield f"{of.title}, {format_unit(of.unit)}"
    if of.output not in model.system.output_names:
        yield gettext("{name} does not give it.", name=model.name)
        return
    output = model.output(of.output)
    yield gettext(
        "Model: {name}, output {name_2}: {quantity}, {unit}. {note}",
        name=model.name,
        name_2=output.name,
        quantity=output.quantity,
        unit=output.unit,
        note=output.note,
    ).strip()
    yield f"How: {HOW[of.scale]}."
    if of.key in REFERENCE_RANGES:
        reference = REFERENCE_RANGES[of.key]
        shown = f"{reference.low:g} to {reference.high:g} {format_unit(reference.unit)}"
        yield gettext(
            "Range shown: {shown}, {population} ({grade}: {source}).",
            shown=shown,
            population=reference.population,
            grade=grade_text(reference.mark),
            source=reference.source,
        )
    if of.key in BASELINES:
        baseline = BASELINES[of.key]
        yield gettext(
            "Levels of people before treatment: {source} ({grade}).",
            source=baseline.source,
            grade=grade_text(baseline.mark),
        )
    yield from _measured(forecast, of)
    yield from _cards(model)
    yield (
        gettext("Equations, in reading order: ")
        + ", ".join(name.rpartition(".")[2] for name in model.equations)
        + "."
    )


def _measured(forecast: Forecast, of: Endpoint) -> Iterator[str]:
    """Each value with what was expected of it before and after the measurements were known."""
    checks = (
        [m for m in forecast.diagnostics.measurements if m.observation.key == of.key]
        if forecast.diagnostics
        else []
    )
    if not checks:
        yield gettext("Measured: no value was learned from.")
    for one in checks:
        low, middle, high = one.before
        after = f"{format_number(one.after[1], '.3g')} ({format_range(one.after[0], one.after[2], '.3g')})"
        odd = gettext("; it does not fit the others") if one.odd or one.outlier else ""
        yield (
            gettext(
                "Measured: {label}; expected {number} ({range}) before, {after} after{odd}.",
                label=one.observation.label,
                number=format_number(middle, ".3g"),
                range=format_range(low, high, ".3g"),
                after=after,
                odd=odd,
            )
        )


def _cards(model: Model) -> Iterator[str]:
    """How many of the model's numbers were had from where."""
    marks = Counter(card.mark for card in model.parameter_set.parameters.values())
    counts = ", ".join(
        f"{count} {mark}" for mark, count in sorted(marks.items(), key=lambda m: (-m[1], m[0]))
    )
    yield gettext(
        "Numbers of the model: {counts}; each with its source in `bonecast models show {name}`.",
        counts=counts,
        name=model.name,
    )
