"""The numbers of the fracture relation: `fracture.toml`, one card each, and what the calibration made of them.

The relation is fitted along the curves of a model. `Model.fractures` names the fitted cards of a model that has its
own; the others take those that were fitted along the curves of `bonecast-1`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from bonecast.models import Model, ParameterSet, read_parameters


def fracture_parameter_set(model: Model | None = None) -> ParameterSet:
    """Every number of the fracture relation with its unit, source and mark.

    Parameters
    ----------
    model : Model, optional
        Along whose curves it is read; the relation of `bonecast-1` if not given.

    Returns
    -------
    ParameterSet
    """
    return _read(model.fractures if model else None)


@cache
def _read(fitted: Path | None) -> ParameterSet:
    with as_file(files("bonecast.outcomes")) as here:
        return read_parameters(here / "fracture.toml", fitted=fitted or here / "fracture_calibrated.toml")


def fracture_parameters(model: Model | None = None) -> dict[str, float]:
    """Return the numbers of the fracture relation.

    Parameters
    ----------
    model : Model, optional
        Along whose curves it is read; the relation of `bonecast-1` if not given.

    Returns
    -------
    dict of str to float
        Name to value, as `hazard` takes them.

    Examples
    --------
    >>> fracture_parameters()["vertebral_gradient"]
    2.3
    """
    return fracture_parameter_set(model).values()
