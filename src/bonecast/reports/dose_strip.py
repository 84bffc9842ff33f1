"""The strip of doses: those given, and those that each strategy plans, on the time axis of all pictures."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from bonecast.charts import HISTORY_STYLE, Lane, Mark, Strip, Style, format_unit
from bonecast.core import gettext
from bonecast.forecasts import DoseMark, Forecast
from bonecast.regimens import DAYS_IN
from bonecast.reports.drug_styles import styles_of

LATE_D = 30  # an interval of more than seven months is marked; a few days are the play of appointments
RUN_D = 45  # doses closer than this run together on a strip of years


def dose_strip(forecast: Forecast) -> Strip:
    """Which doses were given, and which does each strategy plan?"""
    lanes = [
        Lane(
            gettext("given so far"), Style(HISTORY_STYLE, (), "circle"), dose_marks(forecast.history), "none"
        )
    ]
    lanes += [
        Lane(s.name, look, dose_marks(s.doses), gettext("no further dose"))
        for s, look in zip(forecast.strategies, styles_of(forecast.strategies), strict=True)
    ]
    plans = "; ".join(f"{s.name}: {s.plan.describe().rstrip('.')}" for s in forecast.strategies)
    return Strip(
        key="doses",
        title=gettext("Doses given and planned"),
        description=gettext("{count} doses given. {plans}.", count=len(forecast.history), plans=plans),
        x_title=gettext("date"),
        x_domain=axis(forecast),
        lanes=tuple(lanes),
        today=forecast.now,
        note=gettext(
            "Filled: given. Hollow: planned. Dashed line: from the day on which a dose was due to the "
            "day on which it came, if more than {LATE_D} days late. ",
            LATE_D=LATE_D,
        )
        + _letters(forecast),
    )


def _letters(forecast: Forecast) -> str:
    drugs = {d.drug for d in forecast.history} | {d.drug for s in forecast.strategies for d in s.doses}
    return ", ".join(f"{drug[0].upper()}: {drug}" for drug in sorted(drugs)) + "." if drugs else ""


def dose_marks(doses: Sequence[DoseMark]) -> tuple[Mark, ...]:
    """Doses as marks on a time axis; those of one drug that follow one another closely become one run."""
    marks: list[Mark] = []
    run: list[DoseMark] = []
    for dose in [*doses, None]:
        if run and (dose is None or dose.drug != run[-1].drug or (dose.date - run[-1].date).days > RUN_D):
            marks.append(_mark(run))
            run = []
        if dose is not None:
            run.append(dose)
    return tuple(marks)


def _mark(run: list[DoseMark]) -> Mark:
    first, last = run[0], run[-1]
    state = gettext("planned") if first.planned else gettext("given")
    name = f"{first.drug} {first.amount:g} {format_unit(first.unit)}, {state}"
    late = first.late_d > LATE_D
    return Mark(
        x=first.date,
        letter=first.drug[0].upper(),
        name=name if len(run) == 1 else f"{name}, {len(run)} times",
        state="planned" if first.planned else "done",
        until=last.date if len(run) > 1 else None,
        due=first.date - dt.timedelta(days=first.late_d) if late else None,
        label=gettext("{days} d late", days=first.late_d) if late else "",
    )


def axis(forecast: Forecast) -> tuple[dt.date, dt.date]:
    """The time axis of all pictures: from a little before the first dose or scan to the end of the forecast."""
    scans = [m.date for m in forecast.patient.measured("BMD")]
    before = [d for d in scans if (forecast.zero - d).days <= DAYS_IN["years"]]
    end = forecast.now + dt.timedelta(days=round(forecast.horizon_d))
    first = min([forecast.zero, *before])
    return first - dt.timedelta(days=math.ceil((end - first).days / 50)), end
