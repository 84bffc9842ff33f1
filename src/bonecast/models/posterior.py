"""How uncertain calibrated parameters are, together: a normal distribution of their logarithms around the cards.

A calibrated model keeps it as a table beside its cards (`posterior.csv`): one row and one column for each parameter,
the covariance of ln(parameter) that the rows and the prior leave. Parameters that the rows know only in combination
are uncertain alone and sure together.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bonecast.engine.streams import normals

FARTHEST = 2.5  # SDs: beyond it, a draw of a normal approximation is not to be believed


@dataclass(frozen=True)
class Posterior:
    """names[i], and the covariance of their logarithms, covariance[i, j]."""

    names: tuple[str, ...]
    covariance: np.ndarray

    def draw(self, count: int, seed: int) -> dict[str, np.ndarray]:
        """{parameter: factors[count]} by which its card's value is to be multiplied; the same seed, the same draws."""
        independent = np.array([normals(seed, f"posterior {name}", 0, count) for name in self.names])
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.names)))
        logs = root @ np.clip(independent, -FARTHEST, FARTHEST)
        return {name: np.exp(row) for name, row in zip(self.names, logs, strict=True)}


def read_posterior(path: Path) -> Posterior:
    """Read the table of one model; ValueError where it is not square and symmetric (our own fault)."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    covariance = np.array([[float(x) for x in row[1:]] for row in rows])
    if header[1:] != [row[0] for row in rows] or not np.allclose(covariance, covariance.T):
        raise ValueError(f"{path.name}: rows and columns must be the same parameters in the same order")
    return Posterior(tuple(header[1:]), covariance)
