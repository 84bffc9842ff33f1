"""`python -m bonecast.calibration`: fit, write the cards and the report. Run by `make calibrate`."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import bonecast
from bonecast.calibration.files import write_cards, write_posterior
from bonecast.calibration.fit import CalibrationFit, fit, problem
from bonecast.calibration.fracture_fit import fit_fractures
from bonecast.calibration.profiles import ablations, profiles
from bonecast.calibration.report import report
from bonecast.calibration.targets import targets
from bonecast.core import atomic_write
from bonecast.evidence import calibration_rows, predict_table, score
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
    told("written: calibrated cards, their uncertainty, docs/calibration-report.md")
    told(
        'the scores stand in tests/baseline: `python tests/baseline/update.py "why"` if they are meant to move'
    )


def with_values(model: Model, found: CalibrationFit) -> Model:
    """The model with the parameters that were found."""
    values = dict(zip(found.names, found.values.tolist(), strict=True))
    return replace(model, system=replace(model.system, parameters={**model.system.parameters, **values}))


if __name__ == "__main__":
    main()
