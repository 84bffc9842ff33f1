"""`python -m bonecast.calibration`: fit, write the cards and the report. Run by `make calibrate`."""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import replace
from pathlib import Path

import bonecast
from bonecast.calibration.files import write_cards, write_posterior, write_scatter
from bonecast.calibration.fit import CalibrationFit, fit, problem
from bonecast.calibration.fracture_fit import fit_fractures
from bonecast.calibration.profiles import ablations, profiles
from bonecast.calibration.report import report
from bonecast.calibration.targets import targets
from bonecast.core import atomic_write
from bonecast.evidence import Prediction, Row, calibration_rows, predict_table, score
from bonecast.models import DEFAULT_MODEL, Model, load_model
from bonecast.outcomes import fracture_parameter_set


def main() -> None:
    """Calibrate our model from the table that the project carries."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--quick", action="store_true", help="few people, no profiles, nothing written")
    quick = options.parse_args().quick
    home = Path(bonecast.__file__).parent
    start = time.monotonic()

    def told(text: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)

    asked = problem(load_model(DEFAULT_MODEL), targets(), told=told)
    if quick:
        asked = replace(asked, people=16)
    found = fit(asked, steps=3 if quick else 25)
    fitted = with_values(asked.model, found)
    fractures, fracture_rows = fit_fractures(fitted, told, people=16 if quick else 120)
    if quick:
        return told(
            f"quick: cost {sum(found.costs):.1f}, fractures {sum(fractures.costs):.1f}; nothing written"
        )
    made, left_out = profiles(asked, found), ablations(asked, found)
    write_cards(home / "models/bonecast_1/calibrated.toml", found, asked.targets.rows)
    write_posterior(home / "models/bonecast_1/posterior.csv", found)
    write_cards(home / "outcomes/fracture_calibrated.toml", fractures, fracture_rows)
    predictions = predict_table(calibration_rows(), fitted)
    fracture_figures = dict(zip((r.id for r in fracture_rows), fractures.figures.tolist(), strict=True))
    predictions = tuple(replace(p, value=fracture_figures.get(p.id, p.value)) for p in predictions)
    scatter = scatter_of(predictions)
    write_scatter(home / "evidence/scatter.toml", *scatter)
    text = report(
        (found, asked.targets.rows),
        (fractures, fracture_rows),
        {**asked.model.parameter_set.parameters, **fracture_parameter_set().parameters},
        made,
        left_out,
        score(calibration_rows(), predictions),
    )
    with atomic_write(Path("docs/calibration-report.md")) as beside:
        Path(beside).write_text(text, encoding="utf-8")
    told("written: calibrated cards, their uncertainty, scatter, docs/calibration-report.md")
    told(
        'the scores stand in tests/baseline: `python tests/baseline/update.py "why"` if they are meant to move'
    )


def with_values(model: Model, found: CalibrationFit) -> Model:
    """The model with the parameters that were found."""
    values = dict(zip(found.names, found.values.tolist(), strict=True))
    return replace(model, system=replace(model.system, parameters={**model.system.parameters, **values}))


def scatter_of(
    predictions: tuple[Prediction, ...],
) -> tuple[dict[str, float], dict[str, float], dict[str, int]]:
    """Root mean square of what separates predicted and published figures, by class: points, logarithms, rows."""
    rows: dict[str, Row] = {row.id: row for row in calibration_rows()}
    away: dict[str, list[float]] = {}
    for p in predictions:
        row = rows[p.id]
        if p.value is None or row.value is None or row.statistic == "lower_bound" or row.ci_type == "range":
            continue
        if row.endpoint_class in ("BMD", "marker") and "Tscore" not in row.endpoint:
            away.setdefault(row.endpoint_class, []).append(p.value - row.value)
        elif row.endpoint_class in ("fracture", "exposure") and min(p.value, row.value) > 0:
            away.setdefault(row.endpoint_class, []).append(math.log(p.value / row.value))
    size = {kind: math.sqrt(sum(x * x for x in xs) / len(xs)) for kind, xs in away.items()}
    return (
        {kind: size[kind] for kind in ("BMD", "marker")},
        {kind: size[kind] for kind in ("fracture", "exposure")},
        {kind: len(xs) for kind, xs in away.items()},
    )


if __name__ == "__main__":
    main()
