"""What a notebook shows of a posterior and of a fit: parameters, never a measured value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bonecast.charts import Card, Table, card_html, counted, format_number, format_range

if TYPE_CHECKING:
    from bonecast.inference.condition import Posterior
    from bonecast.inference.fit import ParameterFit

FORM = ".3g"
MOST_ROWS = 20


def posterior_html(posterior: Posterior) -> str:
    """The card of a posterior: the median and the 90 % range of each parameter."""
    rows = []
    for name, values in list(posterior.people.items())[:MOST_ROWS]:
        low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
        rows.append((name, f"{format_number(middle, FORM)} ({format_range(low, high, FORM)})"))
    seen = counted(len(posterior.observations), "measurement")
    return card_html(
        Card(
            "Posterior of one person",
            (f"{seen} used; {counted(len(posterior.people), 'parameter')}",),
            table=Table(("parameter", "median (90 % range)"), tuple(rows)),
            remarks=posterior.notes,
        )
    )


def fit_html(fit: ParameterFit) -> str:
    """The card of a fit: each parameter with its 95 % interval."""
    rows = tuple(
        (
            row["parameter"],
            row["unit"],
            format_number(row["start"], FORM),
            f"{format_number(row['value'], FORM)} ({format_range(row['low95'], row['high95'], FORM)})",
        )
        for row in fit.table().iter_rows(named=True)
    )
    return card_html(
        Card(
            f"Fit of {fit.model.name}",
            (f"{counted(fit.data.height, 'row')} of data; residual sum of squares {fit.cost:.4g}",),
            table=Table(("parameter", "unit", "start", "value (95 % interval)"), rows),
            remarks=fit.notes,
        )
    )
