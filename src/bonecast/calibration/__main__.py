"""`python -m bonecast.calibration`: fit, write the cards and the report. Run by `make calibrate`."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import bonecast
from bonecast.calibration.files import write_cards, write_posterior
from bonecast.calibration.fit import (
    MOST_STEPS,
    CalibrationFit,
    Log,
    around_cards,
    fit,
    problem,
    refine,
)
from bonecast.calibration.fracture_fit import fit_fractures
from bonecast.calibration.left_out import (
    figure_slopes,
    left_out_csv,
    left_out_table,
    read_left_out,
    slopes_csv,
)
from bonecast.calibration.report import stored_report
from bonecast.calibration.targets import setup_of, targets
from bonecast.calibration.validation import (
    page,
    stored_discrepancy,
    stored_models,
    stored_path,
    validate,
)
from bonecast.core import atomic_write
from bonecast.models import DEFAULT_MODEL, Model, load_model

KEPT = Path(".calibration")  # where an interrupted fit goes on from


def main() -> None:
    """Calibrate a model from the tables that the project carries."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--quick", action="store_true", help="few people, nothing written")
    options.add_argument("--model", default=DEFAULT_MODEL, help=f"library name; {DEFAULT_MODEL} by default")
    options.add_argument(
        "--start", choices=("priors", "cards"), default="priors", help="where the search starts"
    )
    options.add_argument(
        "part", nargs="?", choices=("fit", *PARTS), default="fit", help="what to do; fit by default"
    )
    given = options.parse_args()
    model, home = load_model(given.model), Path(bonecast.__file__).parent
    if given.part != "fit":
        return PARTS[given.part](model, home)
    start = time.monotonic()

    def progress(text: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)

    people = 16 if given.quick else setup_of(model.name).people
    steps = 3 if given.quick else MOST_STEPS
    if given.start == "cards":
        asked = around_cards(model, targets(model.name), people, progress, _kept(model))
        found = refine(asked, steps)
    else:
        asked = problem(model, targets(model.name), people, progress, _kept(model))
        found = fit(asked, steps=steps)
    if given.quick:
        return progress(f"quick: cost {sum(found.costs):.1f}; nothing written")
    folder, rows = stored_path(home, model.name).parent, asked.targets.rows
    write_cards(folder / "calibrated.toml", found, rows)
    write_posterior(folder / "posterior.csv", found)
    by_log = asked.by_log(np.log(found.values / asked.cards))
    _write(folder / "slopes.csv", slopes_csv(found.names, [row.id for row in rows], found.figures, by_log))
    progress(f"cost of the rows {found.costs[0]:.1f}, of the priors {found.costs[1]:.1f}")
    progress("written: calibrated.toml, posterior.csv, slopes.csv")
    fitted = with_values(asked.model, found)
    write_relation(fitted, home, progress)
    progress(
        'the scores stand in tests/baseline: `python tests/baseline/update.py "why"` if they are meant to move'
    )


def _kept(model: Model) -> Path:
    """The folder of what an interrupted fit has computed."""
    folder = KEPT / model.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_relation(model: Model, home: Path, progress: Log = print) -> None:
    """Fit the fracture relation along the curves of a model, and write its cards."""
    found, rows = fit_fractures(model, progress, setup_of(model.name).people)
    write_cards(model.fractures or home / "outcomes/fracture_calibrated.toml", found, rows)
    progress(f"fracture relation written: cost of the rows {found.costs[0]:.1f}, priors {found.costs[1]:.1f}")


def write_report(model: Model, home: Path) -> None:
    """Write `docs/calibration-report.md`, from the stored files of the model."""
    _write(Path("docs/calibration-report.md"), stored_report(model, home))


def write_slopes(model: Model, home: Path) -> None:
    """Write the derivatives of the calibration rows by each parameter (minutes)."""
    _write(stored_path(home, model.name).with_name("slopes.csv"), figure_slopes(model))


def write_left_out(model: Model, home: Path) -> None:
    """Write what the model predicts of each row without its study (minutes)."""
    path = stored_path(home, model.name)
    _write(path, left_out_csv(left_out_table(model, path.with_name("slopes.csv"), _kept(model))))


def write_discrepancy(model: Model, home: Path) -> None:
    """Write the structural error by class, from the predictions without their study."""
    path = stored_path(home, model.name)
    _write(path.with_name("discrepancy.csv"), stored_discrepancy(read_left_out(path)))


def write_validation(model: Model, home: Path) -> None:
    """Write `docs/validation.md`, of all models that have predictions without their studies."""
    models = {name: (stored, validate(stored)) for name, stored in stored_models(home).items()}
    _write(Path("docs/validation.md"), page(models))


PARTS = {
    "fractures": write_relation,
    "report": write_report,
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
