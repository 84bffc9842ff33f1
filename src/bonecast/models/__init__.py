"""The library of published models: one folder per model, one equation file per physiological unit, and
beside them the parameter cards and the between-person spread with their sources. A model knows no person, no
plan and no file of the user; it offers states, rates, outputs and dose routes to the engine.
"""

from bonecast.models.cards import Alternative, Card, Deck, Source, read_deck
from bonecast.models.library import DEFAULT_MODEL, carriers, load, names
from bonecast.models.model import Covariate, Model, Output
from bonecast.models.spread import Factor, Residual, Spread, read_spread

__all__ = [
    "DEFAULT_MODEL",
    "Alternative",
    "Card",
    "Covariate",
    "Deck",
    "Factor",
    "Model",
    "Output",
    "Residual",
    "Source",
    "Spread",
    "carriers",
    "load",
    "names",
    "read_deck",
    "read_spread",
]
