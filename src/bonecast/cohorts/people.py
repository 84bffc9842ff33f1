"""Parameters of virtual people: each factor of a model's spread is one normal or lognormal trait."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.engine.streams import normals
from bonecast.models import Model


def draw_parameters(
    model: Model,
    count: int,
    seed: int,
    typical: Mapping[str, float | np.ndarray] | None = None,
    first: int = 0,
) -> dict[str, np.ndarray]:
    """{parameter: values[count]} of persons `first` to `first + count - 1`.

    typical : parameters that are known (age, weight), one number or one for each person; the factors vary them
        where both speak of one.

    >>> from bonecast.models import load_model
    >>> people = draw_parameters(load_model("choi-2025"), 4, seed=1)
    >>> bool(np.all(draw_parameters(load_model("choi-2025"), 2, seed=1, first=2)["CL"] == people["CL"][2:]))
    True
    """
    traits = {f.name: normals(seed, f.name, first, count) for f in model.variability.factors}
    return parameters_of(model, traits, count, typical)


def parameters_of(
    model: Model,
    traits: Mapping[str, np.ndarray],
    count: int,
    typical: Mapping[str, float | np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """{parameter: values[count]} of the persons who have these traits.

    traits : independent standard normals [count], by the names of the model's factors; others are passed over.
    """
    drawn = {
        name: np.array(np.broadcast_to(value, count), np.float64) for name, value in (typical or {}).items()
    }
    etas = _etas(model, traits)
    for factor in model.variability.factors:
        eta = etas[factor.name] * factor.sd
        for name in factor.parameters:
            before = drawn.get(name, model.system.parameters[name])
            drawn[name] = before * np.exp(eta) if factor.kind == "factor" else before + eta
    return drawn


def _etas(model: Model, traits: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Standard normal traits with the model's correlations; beyond a factor's truncation they are held at it."""
    factors = model.variability.factors
    place = {f.name: i for i, f in enumerate(factors)}
    correlation = np.eye(len(factors))
    for (a, b), value in model.variability.correlations.items():
        correlation[place[a], place[b]] = correlation[place[b], place[a]] = value
    independent = [traits[f.name] for f in factors]
    # einsum: a threaded matrix product depends on the number of threads in its last bits
    mixed = np.einsum("ij,jp->ip", np.linalg.cholesky(correlation), np.array(independent)) if factors else []
    return {
        f.name: np.clip(z, -f.truncate, f.truncate) if f.truncate else z
        for f, z in zip(factors, mixed, strict=True)
    }
