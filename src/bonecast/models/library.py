"""The catalogue of models: which there are, how to load one, and which of them carry a drug."""

from __future__ import annotations

from importlib import import_module

from bonecast.errors import InputError, UnknownName
from bonecast.models.model import Model

DEFAULT_MODEL = "bonecast-1"  # where none is named
# Names in the order in which they are shown; the packages are imported when a model is asked for.
PACKAGES = {
    DEFAULT_MODEL: "bonecast.models.bonecast_1",
    "peterson-riggs-2010": "bonecast.models.peterson_riggs_2010",
    "joerg-2022": "bonecast.models.joerg_2022",
    "choi-2025": "bonecast.models.choi_2025",
    "rank-window": "bonecast.models.rank_window",
}


def model_names() -> list[str]:
    """Which models does the library hold?

    >>> "peterson-riggs-2010" in model_names()
    True
    """
    return list(PACKAGES)


def load_model(name: str | Model) -> Model:
    """Which model has this library name (any case)? `UnknownName` with the nearest names otherwise.

    A model itself, one of the library or one made from it, is returned as it is.

    >>> load_model("peterson-riggs-2010").system.time_unit
    'h'
    """
    if isinstance(name, Model):
        return name
    if not isinstance(name, str):
        cause = f"a {type(name).__name__} is no name of a model"
        raise InputError("model library", cause, f"give a Model, or one of {', '.join(PACKAGES)}")
    package = PACKAGES.get(name.strip().casefold())
    if package is None:
        raise UnknownName("model library", "model", name, PACKAGES)
    return import_module(package).MODEL


def models_supporting(drug: str) -> tuple[str, ...]:
    """Which models carry this drug (generic name)? An empty tuple where none does.

    >>> "peterson-riggs-2010" in models_supporting("teriparatide")
    True
    """
    return tuple(name for name in PACKAGES if drug in load_model(name).drugs)
