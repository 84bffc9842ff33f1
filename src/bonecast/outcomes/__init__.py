"""From a trajectory to what a clinician measures: endpoints, T-scores, reference ranges, fractures.

This room owns which model's output stands for which measurement, how a curve is anchored on measured values, the
published references that a value is compared with, and the relation of BMD and turnover to fractures. It does not
know how a trajectory was computed.
"""

from bonecast.outcomes.endpoints import ENDPOINTS, Endpoint, endpoint
from bonecast.outcomes.fracture_course import Course
from bonecast.outcomes.fracture_hazard import KINDS as FRACTURE_KINDS
from bonecast.outcomes.fracture_hazard import hazard
from bonecast.outcomes.fracture_parameters import fracture_parameter_set, fracture_parameters
from bonecast.outcomes.fracture_profile import Profile
from bonecast.outcomes.fracture_risk import FractureRisk, fracture_risk
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES, ReferenceRange
from bonecast.outcomes.t_score import YoungNormal, t_score, young_normal

__all__ = [
    "ENDPOINTS",
    "FRACTURE_KINDS",
    "REFERENCE_RANGES",
    "Course",
    "Endpoint",
    "FractureRisk",
    "Profile",
    "ReferenceRange",
    "YoungNormal",
    "endpoint",
    "fracture_parameter_set",
    "fracture_parameters",
    "fracture_risk",
    "hazard",
    "t_score",
    "young_normal",
]
