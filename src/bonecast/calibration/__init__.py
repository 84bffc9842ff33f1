"""The calibration of our own model: published rows and priors in, cards and a report out.

This room owns which rows pull (those of `calibration.csv` with a plan, and no other), how near each should be met, the
search for the parameters that meet them best, how sure they are, and the files that are written: the calibrated cards,
their uncertainty, the fracture cards, and the report. It also owns the score of every study left out in turn and the
structural error by class that follows from it. Run it with `make calibrate`.
"""

from bonecast.calibration.fit import CalibrationFit, fit
from bonecast.calibration.targets import Targets, targets

__all__ = ["CalibrationFit", "Targets", "fit", "targets"]
