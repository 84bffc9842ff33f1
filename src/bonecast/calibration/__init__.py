"""The calibration of our own model: published rows and priors in, cards and a report out.

This room owns which rows pull (those of `calibration.csv` with a plan, and no other), how near each should be met, the
search for the parameters that meet them best, how sure they are, and the files that are written: the calibrated cards,
their uncertainty, the fracture cards, and the report. It also owns the score of every study left out in turn and the
structural error by class that follows from it. Run it with `make calibrate`.
"""

from bonecast.calibration.fit import CalibrationFit, fit
from bonecast.calibration.left_out import read_left_out
from bonecast.calibration.targets import Targets, targets
from bonecast.calibration.validation import FEWEST, Validated, figures, stored_path, strata, validate

__all__ = [
    "FEWEST",
    "CalibrationFit",
    "Targets",
    "Validated",
    "figures",
    "fit",
    "read_left_out",
    "stored_path",
    "strata",
    "targets",
    "validate",
]
