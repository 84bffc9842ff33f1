"""Between-person variability: the random effects (etas) of people, and the parameters that they give.

eta_k = sd_k z_k,     z ~ N(0, R),     parameter = typical exp(eta)   or   typical + eta
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.models import Model


def random_effects(model: Model, normals: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Random effects of people from independent standard normal numbers.

    They get the model's correlations and SDs; beyond the truncation of a factor they are held at it.

    Parameters
    ----------
    model : Model
    normals : mapping of str to ndarray, shape (person,)
        Independent standard normal numbers by the names of the model's factors; others are passed over.

    Returns
    -------
    dict of str to ndarray, shape (person,)
        Eta of each factor, as a logarithm of a ratio, or in the unit of the parameter where the factor is added.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> model = load_model("bonecast-1")
    >>> etas = random_effects(model, {factor.name: np.zeros(2) for factor in model.variability.factors})
    >>> etas["turnover"].tolist()
    [0.0, 0.0]
    """
    factors = model.variability.factors
    if not factors:
        return {}
    place = {factor.name: i for i, factor in enumerate(factors)}
    correlation = np.eye(len(factors))
    for (a, b), value in model.variability.correlations.items():
        correlation[place[a], place[b]] = correlation[place[b], place[a]] = value
    independent = np.array([normals[factor.name] for factor in factors])
    # einsum: a threaded matrix product depends on the number of threads in its last bits
    correlated = np.einsum("ij,jp->ip", np.linalg.cholesky(correlation), independent)
    return {
        factor.name: (np.clip(z, -factor.truncate, factor.truncate) if factor.truncate else z) * factor.sd
        for factor, z in zip(factors, correlated, strict=True)
    }


def individual_parameters(
    model: Model,
    etas: Mapping[str, np.ndarray],
    count: int,
    typical: Mapping[str, float | np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Parameters of the people who have these random effects.

    Parameters
    ----------
    model : Model
    etas : mapping of str to ndarray, shape (person,)
        Random effect of each of the model's factors.
    count : int
        Number of people.
    typical : mapping of str to float or ndarray, optional
        Parameters known of these people (age, weight), one number or one for each person. The random effects vary
        them where both speak of one parameter.

    Returns
    -------
    dict of str to ndarray, shape (person,)
        The known parameters and those that vary, in the unit of their card.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> model = load_model("choi-2025")
    >>> etas = {factor.name: np.zeros(2) for factor in model.variability.factors}
    >>> individual_parameters(model, etas, 2, {"weight": 70.0})["weight"].tolist()
    [70.0, 70.0]
    """
    parameters = {
        name: np.array(np.broadcast_to(value, count), np.float64) for name, value in (typical or {}).items()
    }
    for factor in model.variability.factors:
        eta = etas[factor.name]
        for name in factor.parameters:
            before = parameters.get(name, model.system.parameters[name])
            parameters[name] = before * np.exp(eta) if factor.kind == "factor" else before + eta
    return parameters
