"""How uncertain calibrated parameters are, together: a normal distribution of their logarithms around the cards.

A calibrated model keeps it as a table beside its cards (`posterior.csv`): one row and one column for each parameter,
the covariance of ln(parameter) that the rows and the prior leave. Parameters that the rows know only in combination
are uncertain alone and sure together.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bonecast.engine import normals
from bonecast.models.parameters import ParameterSet

FARTHEST = 2.5  # SDs: beyond it, a draw of a normal approximation is not to be believed


@dataclass(frozen=True)
class CalibrationPosterior:
    """A normal distribution of the logarithms of calibrated parameters around their cards.

    Parameters
    ----------
    names : tuple of str
        The parameters.
    covariance : ndarray, shape (parameter, parameter)
        Covariance of their logarithms.
    low : ndarray, shape (parameter,)
        Factor below which a card says that no value makes sense.
    high : ndarray, shape (parameter,)
        Factor above which.
    """

    names: tuple[str, ...]
    covariance: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def __repr__(self) -> str:
        return f"<CalibrationPosterior: {len(self.names)} parameters>"

    def draw(self, count: int, seed: int) -> dict[str, np.ndarray]:
        """{parameter: factors[count]} by which its card's value is to be multiplied; the same seed, the same draws."""
        return self.factors({trait: normals(seed, trait, 0, count) for trait in self.traits})

    @property
    def traits(self) -> tuple[str, ...]:
        """The names of the standard normals that `factors` takes, one for each parameter."""
        return tuple(f"posterior {name}" for name in self.names)

    def factors(self, traits: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """{parameter: factors[count]} that these independent standard normals [count] make."""
        independent = np.array([traits[trait] for trait in self.traits])
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.names)))
        # einsum: a threaded matrix product depends on the number of threads in its last bits
        logs = np.einsum("ij,jp->ip", root, np.clip(independent, -FARTHEST, FARTHEST))
        factors = np.clip(np.exp(logs), self.low[:, None], self.high[:, None])
        return dict(zip(self.names, factors, strict=True))


def read_posterior(path: Path, parameter_set: ParameterSet) -> CalibrationPosterior:
    """Read the table of one model with these cards; ValueError where it is not square and symmetric (our fault)."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    covariance = np.array([[float(x) for x in row[1:]] for row in rows])
    if header[1:] != [row[0] for row in rows] or not np.allclose(covariance, covariance.T):
        raise ValueError(f"{path.name}: rows and columns must be the same parameters in the same order")
    cards = [parameter_set.parameters[name] for name in header[1:]]
    ranges = np.array([card.range or (0.0, np.inf) for card in cards]) / np.array([[c.value] for c in cards])
    return CalibrationPosterior(tuple(header[1:]), covariance, ranges[:, 0], ranges[:, 1])
