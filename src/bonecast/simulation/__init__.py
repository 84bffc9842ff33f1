"""One typical person of one model under one plan: from words to curves.

This room owns `simulate` and its result, the table of it, and the pictures of it. There is no spread between people
in it: `bonecast.forecasts` has ranges.
"""

from bonecast.simulation.pictures import OWN, SET, curve_panel, thinned
from bonecast.simulation.run import SUFFIXES, SimulationResult, simulate

__all__ = ["OWN", "SET", "SUFFIXES", "SimulationResult", "curve_panel", "simulate", "thinned"]
