"""Quantiles of very many persons in little memory: a histogram for each time and output, updated chunk by chunk.

Bins are equal in width within one time and output. When a value falls outside, neighbouring bins are joined until
it fits, so the answer depends on the data only through the first chunk's range. A quantile is off by at most one
bin width (the range covered / `BINS`, at worst doubled by each joining).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BINS = 4096
_MARGIN = 0.5  # of the first chunk's range, left free on each side


class QuantileSketch:
    """Quantiles of very many persons in little memory.

    `add` takes chunks of `values[person, time, output]`, `quantiles` answers.

    Examples
    --------
    >>> sketch = QuantileSketch()
    >>> sketch.add(np.arange(1001.0).reshape(1001, 1, 1))
    >>> [round(float(q), 0) for q in sketch.quantiles([0.05, 0.5, 0.95])[:, 0, 0]]
    [50.0, 500.0, 950.0]
    """

    def __init__(self) -> None:
        self.persons = 0
        self._counts: np.ndarray | None = None

    def add(self, values: np.ndarray) -> None:
        """Take in one chunk; persons with a NaN anywhere are left out (their runs failed)."""
        values = values[~np.isnan(values).any(axis=(1, 2))]
        if not len(values):
            return
        self.persons += len(values)
        low, high = values.min(axis=0), values.max(axis=0)
        if self._counts is None:
            span = np.maximum(high - low, 1e-9 * np.maximum(np.abs(high), 1e-9))
            self._low, self._width = low - _MARGIN * span, (1 + 2 * _MARGIN) * span / BINS
            self._counts = np.zeros((*low.shape, BINS), np.uint32)
            self._lines = np.arange(low.size, dtype=np.int64) * BINS
        self._make_room(low, high)
        lines = self._lines
        for row in values:  # one person after another keeps the memory small
            bins = ((row - self._low) / self._width).astype(np.int64)
            self._counts.reshape(-1)[lines + np.clip(bins, 0, BINS - 1).reshape(-1)] += 1

    def _make_room(self, low: np.ndarray, high: np.ndarray) -> None:
        counts = self._counts
        assert counts is not None
        while True:
            below, above = low < self._low, high >= self._low + BINS * self._width
            if not (below | above).any():
                return
            for i, j in np.argwhere(below | above):
                pairs = counts[i, j].reshape(-1, 2).sum(axis=1)
                counts[i, j] = 0
                if below[i, j]:  # the old range becomes the upper half
                    counts[i, j, BINS // 2 :] = pairs
                    self._low[i, j] -= BINS * self._width[i, j]
                else:
                    counts[i, j, : BINS // 2] = pairs
                self._width[i, j] *= 2

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """values[level, time, output] of the persons taken in."""
        if self._counts is None:
            raise ValueError("no values yet")
        running = np.cumsum(self._counts, axis=2, dtype=np.float64)
        found = []
        for level in levels:
            rank = level * (self.persons - 1) + 0.5
            at = np.argmax(running >= rank, axis=2)
            under = np.take_along_axis(running, np.maximum(at - 1, 0)[..., None], 2)[..., 0] * (at > 0)
            inside = np.take_along_axis(self._counts, at[..., None], 2)[..., 0]
            found.append(self._low + self._width * (at + (rank - under) / inside))
        return np.array(found)
