"""Uncertain parameters of a model inside one ensemble: each block of people has a draw of its own.

A model may carry a `posterior` with `draw(count, seed) -> {parameter: multipliers[count]}`. Figures of the blocks then
differ for two reasons, people and parameters; what halves of one block differ by is people alone.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bonecast.models import Model

BLOCKS = 12


def blocked(model: Model, parameters: dict[str, np.ndarray], count: int, seed: int) -> dict[str, np.ndarray]:
    """The people's parameters, times the multipliers of their block; unchanged for a model without a posterior."""
    if model.posterior is None:
        return parameters
    drawn = dict(parameters)
    block = np.arange(count) * BLOCKS // count
    for name, factors in model.posterior.draw(BLOCKS, seed).items():
        drawn[name] = (
            drawn.get(name, np.full(count, model.system.parameters[name])) * np.asarray(factors)[block]
        )
    return drawn


def parameter_sd(figure: Callable[[slice], float], count: int) -> float:
    """SD of a figure that comes from the parameters alone.

    var(figures of the blocks) - mean over blocks of ((first half - second half) / 2)^2,     at least 0
    """
    edges = [-(-i * count // (2 * BLOCKS)) for i in range(2 * BLOCKS + 1)]
    whole = [figure(slice(edges[i], edges[i + 2])) for i in range(0, 2 * BLOCKS, 2)]
    halves = np.array([figure(slice(a, b)) for a, b in pairwise(edges)])
    people = np.mean(((halves[::2] - halves[1::2]) / 2) ** 2)
    return float(np.sqrt(max(0.0, np.var(whole, ddof=1) - people)))
