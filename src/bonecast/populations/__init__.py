"""Virtual people: who differs from whom, and by how much.

This room owns the draws of parameters and baselines from published spread. The same seed gives the same people,
whatever else is drawn; a factor that two models share by name (clearance of denosumab) is one trait of one person.
It knows nothing of trials' statistics.
"""

from bonecast.populations.baselines import (
    BASELINE_TRAITS,
    BASELINES,
    Baseline,
    baselines_of,
    draw_baselines,
)
from bonecast.populations.people import draw_parameters, parameters_of

__all__ = [
    "BASELINES",
    "BASELINE_TRAITS",
    "Baseline",
    "baselines_of",
    "draw_baselines",
    "draw_parameters",
    "parameters_of",
]
