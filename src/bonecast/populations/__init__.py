"""Virtual people: who differs from whom, and by how much.

This room owns the draws of parameters and baselines from published spread. The same seed gives the same people,
whatever else is drawn; a factor that two models share by name (clearance of denosumab) is one trait of one person.
It knows nothing of trials' statistics.
"""

from bonecast.populations.baselines import BASELINES, Baseline, draw_baselines
from bonecast.populations.people import draw_parameters

__all__ = ["BASELINES", "Baseline", "draw_baselines", "draw_parameters"]
