"""From a trajectory to what a clinician measures: endpoints, T-scores, reference ranges.

This room owns which model's output stands for which measurement, how a curve is anchored on measured values, and
the published references that a value is compared with. It does not know how a trajectory was computed.
"""

from bonecast.outcomes.endpoints import ENDPOINTS, Carrier, Endpoint, choose, endpoint
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES, ReferenceRange
from bonecast.outcomes.t_score import YoungNormal, t_score, young_normal

__all__ = [
    "ENDPOINTS",
    "REFERENCE_RANGES",
    "Carrier",
    "Endpoint",
    "ReferenceRange",
    "YoungNormal",
    "choose",
    "endpoint",
    "t_score",
    "young_normal",
]
