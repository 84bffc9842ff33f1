"""Who was randomised: the covariates of each arm before the first dose, as the first table of a paper has them."""

from __future__ import annotations

import numpy as np
import polars as pl

from bonecast.charts import Table, format_number, format_unit
from bonecast.cohorts import columns
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.report_flow import compared
from bonecast.trials.report_source import RunOutcomes
from bonecast.trials.tables import Shown


def baseline_table(design: BoneDesign, source: RunOutcomes) -> Shown | None:
    """Mean and SD of a number, % of a yes or no, by arm and weighted; None where the outcomes hold no covariate.

    A covariate that is the same in everybody is left out.
    """
    arms, text, data = compared(design), [], []
    for name, column in columns().items():
        if name not in source.columns:
            continue
        frame = source.take(["arm", "weight", name])
        values = frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        if not np.isfinite(values).any() or np.nanmin(values) == np.nanmax(values):
            continue
        share = not column.unit
        w = frame["weight"].to_numpy() if "weight" in frame.columns else np.ones(len(values))
        cells = []
        for arm in arms:
            who = (frame["arm"] == arm).to_numpy() & np.isfinite(values)
            if not who.any():
                cells.append("none")
                continue
            mean = float(np.average(values[who], weights=w[who]))
            sd = float(np.sqrt(np.average((values[who] - mean) ** 2, weights=w[who])))
            form = ".0f" if abs(mean) >= 100 else (".1f" if abs(mean) >= 10 else ".2f")
            words = (
                f"{100 * mean:.1f} %" if share else f"{format_number(mean, form)} ± {format_number(sd, form)}"
            )
            cells.append(words)
            data.append((name, arm, int(who.sum()), mean, None if share else sd))
        label = column.label + (f", {format_unit(column.unit)}" if column.unit and not share else "")
        text.append((label, *cells))
    if not text:
        return None
    schema = ["covariate", "arm", "n", "mean", "sd"]
    caption = "Who was randomised: mean ± SD, or % of people"
    table = Table(("before the first dose", *arms), tuple(text))
    return Shown("baseline", caption, table, pl.DataFrame(data, schema=schema, orient="row"))
