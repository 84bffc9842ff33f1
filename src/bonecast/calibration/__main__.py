"""`python -m bonecast.calibration`: fit, write the cards and the report. Run by `make calibrate`."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import bonecast
from bonecast.calibration.discrepancy import discrepancy_csv
from bonecast.calibration.files import write_cards, write_posterior
from bonecast.calibration.fit import CalibrationFit, fit, problem
from bonecast.calibration.fracture_fit import fit_fractures
from bonecast.calibration.left_out import SETS, figure_slopes, left_out_csv, left_out_table, read_left_out
from bonecast.calibration.profiles import ablations, profiles
from bonecast.calibration.report import report
from bonecast.calibration.targets import targets
from bonecast.calibration.validation import misses_of, page, stored_path, validate
from bonecast.core import atomic_write
from bonecast.evidence import calibration_rows, evidence_rows, predict_table, score
from bonecast.models import DEFAULT_MODEL, Model, load_model
from bonecast.outcomes import fracture_parameter_set


def main() -> None:
    """Calibrate our model from the table that the project carries."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--quick", action="store_true", help="few people, no profiles, nothing written")
    options.add_argument(
        "part", nargs="?", choices=("fit", *PARTS), default="fit", help="what to do; fit by default"
    )
    given = options.parse_args()
    quick, home = given.quick, Path(bonecast.__file__).parent
    if given.part != "fit":
        return PARTS[given.part](home)
    start = time.monotonic()

    def progress(text: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)

    asked = problem(load_model(DEFAULT_MODEL), targets(), progress=progress)
    if quick:
        asked = replace(asked, people=16)
    found = fit(asked, steps=3 if quick else 25)
    fitted = with_values(asked.model, found)
    fractures, fracture_rows = fit_fractures(fitted, progress, people=16 if quick else 120)
    if quick:
        return progress(
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
    progress("written: calibrated cards, their uncertainty, docs/calibration-report.md")
    progress(
        'the scores stand in tests/baseline: `python tests/baseline/update.py "why"` if they are meant to move'
    )


def write_slopes(home: Path) -> None:
    """Write the derivatives of the calibration rows by each parameter (minutes)."""
    _write(stored_path(home, DEFAULT_MODEL).with_name("slopes.csv"), figure_slopes(load_model(DEFAULT_MODEL)))


def write_left_out(home: Path) -> None:
    """Write what the model predicts of each row without its study (minutes)."""
    path = stored_path(home, DEFAULT_MODEL)
    _write(path, left_out_csv(left_out_table(load_model(DEFAULT_MODEL), path.with_name("slopes.csv"))))


def write_discrepancy(home: Path) -> None:
    """Write the structural error by class, from the predictions without their study."""
    path = stored_path(home, DEFAULT_MODEL)
    triples = misses_of(read_left_out(path), evidence_rows(*SETS))
    held_out = frozenset(miss.study for miss, _, one in triples if one.moved)
    _write(path.with_name("discrepancy.csv"), discrepancy_csv([miss for miss, _, _ in triples], held_out))


def write_validation(home: Path) -> None:
    """Write `docs/validation.md`."""
    stored = read_left_out(stored_path(home, DEFAULT_MODEL))
    _write(Path("docs/validation.md"), page(DEFAULT_MODEL, stored, validate(stored)))


PARTS = {
    "slopes": write_slopes,
    "left-out": write_left_out,
    "discrepancy": write_discrepancy,
    "validation": write_validation,
}


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as beside:
        Path(beside).write_text(text, encoding="utf-8")


def with_values(model: Model, found: CalibrationFit) -> Model:
    """The model with the parameters that were found."""
    values = dict(zip(found.names, found.values.tolist(), strict=True))
    return replace(model, system=replace(model.system, parameters={**model.system.parameters, **values}))


if __name__ == "__main__":
    main()
