"""The numbers of the fracture relation: `fracture.toml`, one card each, and what the calibration made of them."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from bonecast.models import ParameterSet, read_parameters


@cache
def fracture_parameter_set() -> ParameterSet:
    """Every number of the fracture relation with its unit, source and mark.

    Returns
    -------
    ParameterSet
    """
    with as_file(files("bonecast.outcomes")) as here:
        return read_parameters(here / "fracture.toml", fitted=here / "fracture_calibrated.toml")


def fracture_parameters() -> dict[str, float]:
    """Return the numbers of the fracture relation.

    Returns
    -------
    dict of str to float
        Name to value, as `hazard` takes them.

    Examples
    --------
    >>> fracture_parameters()["vertebral_gradient"]
    2.3
    """
    return fracture_parameter_set().values()
