"""The score of every model against the project's own table of published results."""

from __future__ import annotations

from dataclasses import replace

from bonecast.evidence import calibration_rows, predict_table, score
from bonecast.models import load_model, model_names


def scores() -> dict[str, dict[str, float]]:
    """{model: {class or endpoint, and figure: value}}: rows predicted, hits, mean error in points, median factor.

    None of them looks at an interval, so that no uncertain parameters are followed.
    """
    rows = calibration_rows()
    found: dict[str, dict[str, float]] = {}
    for name in model_names():
        table: dict[str, float] = {}
        card = score(rows, predict_table(rows, replace(load_model(name), posterior=None)))
        for c in (*card.classes, *card.endpoints):
            if c.name == "all" or not c.predicted:
                continue
            table[f"{c.name} predicted"] = c.predicted
            table[f"{c.name} hits"] = c.hits
            if c.mean_abs_error is not None:
                table[f"{c.name} mean error"] = round(c.mean_abs_error, 3)
            if c.median_factor is not None:
                table[f"{c.name} median factor"] = round(c.median_factor, 3)
        if table:
            found[name] = table
    return found
