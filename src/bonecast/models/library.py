"""The catalogue of models: which there are, how to add one, how to load one, and which of them support a drug."""

from __future__ import annotations

from importlib import import_module

from bonecast.core import load_plugins
from bonecast.engine import System
from bonecast.errors import InputError, UnknownName
from bonecast.models.model import Model

DEFAULT_MODEL = "bonecast-2"  # where none is named
# Names in the order in which they are shown; the packages are imported when a model is asked for.
_PACKAGES = {
    DEFAULT_MODEL: "bonecast.models.bonecast_2",
    "bonecast-1": "bonecast.models.bonecast_1",
    "peterson-riggs-2010": "bonecast.models.peterson_riggs_2010",
    "joerg-2022": "bonecast.models.joerg_2022",
    "choi-2025": "bonecast.models.choi_2025",
    "rank-window": "bonecast.models.rank_window",
}
ENTRY_POINTS = "bonecast.models"  # the group in which other packages announce theirs
_registered: dict[str, Model] = {}


def register_model(model: Model) -> Model:
    """Add a model of your own to the library, for as long as this process lives.

    It is then found by name everywhere: `simulate`, forecasts, trial designs, the command line and the pages. A
    package that announces its model in the entry-point group `bonecast.models` needs no call.

    Parameters
    ----------
    model : Model
        The model; its name must be free and in lower case.

    Returns
    -------
    Model
        The same model, so that a call may stand around its definition.

    Raises
    ------
    InputError
        It is not a `Model`, or its name is taken or cannot be looked up.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import bonecast as bc
    >>> choi = bc.load_model("choi-2025")
    >>> mine = bc.register_model(replace(choi, name="mine", system=replace(choi.system, name="mine")))
    >>> bc.load_model("mine") is mine, bc.model_names()[-1]
    (True, 'mine')
    """
    if not isinstance(model, Model):
        raise InputError(
            "register_model", f"an object of type {type(model).__name__} is no model", "give a bonecast.Model"
        )
    if model.name != _key(model.name) or not model.name:
        cause = f"the name '{model.name}' cannot be looked up"
        raise InputError("register_model", cause, "use lower case without spaces at the ends")
    if model.name in _PACKAGES or _registered.get(model.name, model) is not model:
        cause = f"there is already a model called {model.name}"
        raise InputError("register_model", cause, "give yours another name")
    _registered[model.name] = model
    return model


def model_names() -> list[str]:
    """List the models of the library, those registered and those of plug-ins.

    Returns
    -------
    list of str
        Names, our own first.

    Examples
    --------
    >>> "peterson-riggs-2010" in model_names()
    True
    """
    load_plugins(ENTRY_POINTS, register_model)
    return [*_PACKAGES, *_registered]


def load_model(name: str | Model | System) -> Model:
    """Load a model by its library name.

    Parameters
    ----------
    name : str or Model or System
        Library name in any case; a model, which is returned as it is; or a bare system, which becomes a model without
        sources.

    Returns
    -------
    Model
        The model.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.

    Examples
    --------
    >>> load_model("peterson-riggs-2010").system.time_unit
    'h'
    """
    if isinstance(name, Model):
        return name
    if isinstance(name, System):
        return Model.of(name)
    if not isinstance(name, str):
        cause = f"a {type(name).__name__} is no name of a model"
        raise InputError("model library", cause, f"give a Model, or one of {', '.join(model_names())}")
    key = _key(name)
    if key in _PACKAGES:
        return import_module(_PACKAGES[key]).MODEL
    if key not in _registered and key not in model_names():
        raise UnknownName("model library", "model", name, model_names())
    return _registered[key]


def models_supporting(drug: str) -> tuple[str, ...]:
    """List the models that support a drug.

    Parameters
    ----------
    drug : str
        Generic name.

    Returns
    -------
    tuple of str
        Library names; empty where there is none.

    Examples
    --------
    >>> "peterson-riggs-2010" in models_supporting("teriparatide")
    True
    """
    return tuple(name for name in model_names() if drug in load_model(name).drugs)


def _key(name: str) -> str:
    return name.strip().casefold()
