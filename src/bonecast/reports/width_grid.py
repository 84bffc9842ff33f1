"""The table "How wide, and why": the parts of each 90 % range, and what stands behind the error of the model."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.charts import format_number
from bonecast.core import gettext, ngettext
from bonecast.forecasts import Forecast, Width
from bonecast.outcomes import endpoint
from bonecast.reports.grid import time_of

QUANTITIES = ("LS_BMD", "TH_BMD", "CTX", "vertebral", "hip", "calcium")
AHEAD = 24
FORMS = {"points": ".1f", "%": ".0f", "mmol/L": ".2f"}


@dataclass(frozen=True)
class WidthRow:
    """One range in words: half widths, and the classes of the model error with their published rows.

    Parameters
    ----------
    strategy : str
        Strategy.
    quantity : str
        What the range is of.
    when : str
        Time from now.
    total : str
        Half width of the whole range with its unit.
    person : str
        Half width that the differences between people alone would make.
    parameters : str
        Half width that the uncertainty of the calibration alone would make.
    model : str
        Half width that the error of the model alone would make.
    measurement : str
        What the error of one measurement adds.
    basis : str
        The published rows and studies behind the error of the model.
    """

    strategy: str
    quantity: str
    when: str
    total: str
    person: str
    parameters: str
    model: str
    measurement: str
    basis: str


def width_rows(forecast: Forecast, most: int) -> tuple[WidthRow, ...]:
    """Take apart the ranges of the first strategies two years from now, or at the longest time that is forecast.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    most : int
        Number of strategies.

    Returns
    -------
    tuple of WidthRow
        By strategy and quantity; empty where the forecast has no ranges.
    """
    names = [strategy.name for strategy in forecast.strategies[:most]]
    ahead = max((w.months for w in forecast.widths if w.months <= AHEAD), default=0)
    return tuple(
        _row(w)
        for name in names
        for key in QUANTITIES
        for w in forecast.widths
        if w.strategy == name and w.key == key and w.months in (0, ahead)
    )


def width_sentence(forecast: Forecast) -> str:
    """Say how wide the range of spine BMD is under the first strategy, and why; empty where there is none.

    Parameters
    ----------
    forecast : Forecast
        Finished.
    """
    of = [w for w in forecast.widths if w.key == "LS_BMD" and w.strategy == forecast.strategies[0].name]
    found = next((w for w in of if w.months == AHEAD), of[-1] if of else None)
    if found is None:
        return ""
    form = FORMS[found.unit]
    parts = f"people ±{_half(found.person, form)}"
    if found.parameters is not None:
        parts += f", calibration ±{_half(found.parameters, form)}"
    return gettext(
        "The 90 % range of spine BMD in {time} under '{strategy}' is ±{half} points: {parts}, "
        "model error ±{half_2} ({basis}).",
        time=time_of(found.months),
        strategy=found.strategy,
        half=_half(found.total, form),
        parts=parts,
        half_2=_half(found.model, form),
        basis=basis_of(found),
    )


def basis_of(width: Width) -> str:
    """What stands behind the error of the model: each class with its published rows and studies, or the rule."""
    return "; ".join(
        gettext(
            "{name}: {rows}, {studies}",
            name=gettext(c.name),
            rows=ngettext("{count} published row", "{count} published rows", c.rows),
            studies=ngettext("{count} study", "{count} studies", c.studies),
        )
        if c.rows
        else gettext("{name}: no published row, widened by rule", name=gettext(c.name))
        for c in width.classes
    )


def _row(w: Width) -> WidthRow:
    form, unit = FORMS[w.unit], {"points": "", "%": " %", "mmol/L": " mmol/L"}[w.unit]

    def half(value: float | None) -> str:
        return "–" if value is None else f"±{_half(value, form)}{unit}"

    bmd = w.key.endswith("_BMD")
    fracture = w.key in ("vertebral", "hip")
    title = gettext("new {key} fracture", key=w.key) if fracture else endpoint(w.key).title
    return WidthRow(
        w.strategy,
        gettext("{title}, change from today, points", title=title) if bmd else title,
        time_of(w.months) if w.months else gettext("after the next dose"),
        half(w.total),
        half(w.person),
        half(w.parameters),
        half(w.model),
        half(w.measurement),
        basis_of(w),
    )


def _half(value: float, form: str) -> str:
    return format_number(value, form)
