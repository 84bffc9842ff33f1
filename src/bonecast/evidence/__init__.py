"""Published results, one figure a row, what a model predicts for each, and how near the two come.

This room owns the table of published results that the project carries (`calibration.csv`), the reading of any table
of that form, the classes of endpoints, and the scoring rule with its noise floors. It knows the plan grammar, because
a row says in words what its arm was given.

A published arm becomes a virtual arm: people like the trial's, given the trial's plan, read as the trial read them.
What was published as the result is never looked at while predicting, so that a prediction cannot lean on it.
"""

from bonecast.evidence.arm_means import means_of
from bonecast.evidence.arm_runs import ArmRuns, VirtualArm
from bonecast.evidence.calibration import SETS, calibration_rows, evidence_rows, open_calibration
from bonecast.evidence.coverage import UNRECORDED, places, unpredicted
from bonecast.evidence.endpoint import CLASSES, EndpointClass, endpoint_class, site_of, t_score_site
from bonecast.evidence.evidence_score import evidence_score
from bonecast.evidence.interval import Z50, Z90, Spread, combined, off_scale, on_scale
from bonecast.evidence.pictures import FORMS, agreement_pictures
from bonecast.evidence.predict import predict_table, predicted_values
from bonecast.evidence.prediction import Prediction
from bonecast.evidence.reader import TableError, read_rows, rows_in
from bonecast.evidence.registration import (
    design_names,
    is_unchanged,
    register_prediction,
    registered_page,
)
from bonecast.evidence.row import DIFFERENCES, RATIOS, Row
from bonecast.evidence.row_arms import RowArms, arms_of
from bonecast.evidence.row_class import RowClass, row_class, study_group
from bonecast.evidence.score import ClassScore, RowScore, Scorecard, score
from bonecast.evidence.study_effects import StudyEffect, study_effect
from bonecast.evidence.tolerance import Z95, Floor, floors, half_interval, is_hit, met_between, t_per_point

__all__ = [
    "CLASSES",
    "DIFFERENCES",
    "FORMS",
    "RATIOS",
    "SETS",
    "UNRECORDED",
    "Z50",
    "Z90",
    "Z95",
    "ArmRuns",
    "ClassScore",
    "EndpointClass",
    "Floor",
    "Prediction",
    "Row",
    "RowArms",
    "RowClass",
    "RowScore",
    "Scorecard",
    "Spread",
    "StudyEffect",
    "TableError",
    "VirtualArm",
    "agreement_pictures",
    "arms_of",
    "calibration_rows",
    "combined",
    "design_names",
    "endpoint_class",
    "evidence_rows",
    "evidence_score",
    "floors",
    "half_interval",
    "is_hit",
    "is_unchanged",
    "means_of",
    "met_between",
    "off_scale",
    "on_scale",
    "open_calibration",
    "places",
    "predict_table",
    "predicted_values",
    "read_rows",
    "register_prediction",
    "registered_page",
    "row_class",
    "rows_in",
    "score",
    "site_of",
    "study_effect",
    "study_group",
    "t_per_point",
    "t_score_site",
    "unpredicted",
]
