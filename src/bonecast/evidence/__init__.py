"""Published results, one figure a row, and how a prediction is held against them.

This room owns the table of published results that the project carries (`calibration.csv`), the reading of any table
of that form, the classes of endpoints, and the scoring rule with its noise floors. It knows the plan grammar, because
a row says in words what its arm was given. It knows no model and no virtual person: what predicts is none of its
business.
"""

from bonecast.evidence.calibration import calibration_rows, open_calibration
from bonecast.evidence.endpoint import CLASSES, EndpointClass, endpoint_class, t_score_site
from bonecast.evidence.prediction import Prediction
from bonecast.evidence.reader import TableError, read_rows, rows_in
from bonecast.evidence.row import DIFFERENCES, RATIOS, Row
from bonecast.evidence.scatter import Scatter, scatter
from bonecast.evidence.score import ClassScore, RowScore, Scorecard, score
from bonecast.evidence.tolerance import Floor, floors, half_interval, is_hit, met_between, t_per_point

__all__ = [
    "CLASSES",
    "DIFFERENCES",
    "RATIOS",
    "ClassScore",
    "EndpointClass",
    "Floor",
    "Prediction",
    "Row",
    "RowScore",
    "Scatter",
    "Scorecard",
    "TableError",
    "calibration_rows",
    "endpoint_class",
    "floors",
    "half_interval",
    "is_hit",
    "met_between",
    "open_calibration",
    "read_rows",
    "rows_in",
    "scatter",
    "score",
    "t_per_point",
    "t_score_site",
]
