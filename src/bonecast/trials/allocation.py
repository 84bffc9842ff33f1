"""Who gets what, by lot: permuted blocks of random length within strata, in the order of enrolment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy.special import ndtr

from bonecast.engine.streams import normals


class Share(Protocol):
    """An arm, as far as the lot knows it."""

    @property
    def share(self) -> int:
        """Its part in the allocation."""
        ...


class Lot(Protocol):
    """A design, as far as the lot knows it."""

    @property
    def seed(self) -> int:
        """The seed of its streams."""
        ...

    @property
    def people(self) -> int:
        """How many are randomised."""
        ...

    @property
    def blocks(self) -> tuple[int, ...]:
        """Lengths of blocks."""
        ...

    @property
    def arms(self) -> Sequence[Share]:
        """The arms in order."""
        ...


def allocate(design: Lot, strata: Sequence[np.ndarray], trial: int) -> np.ndarray:
    """arm[person] of one trial, as positions in `design.arms`.

    strata : one array of words for each stratum of the design, each [person]. The lots of a stratum are keyed by its
    name and by the place in it, so that a person more elsewhere changes nobody's arm.

    >>> from bonecast.trials import preset
    >>> one = np.array(["after"] * 60)
    >>> np.bincount(allocate(preset("window"), [one, one], trial=0)).tolist()
    [40, 20]
    """
    count = len(strata[0]) if strata else design.people
    names, place = [], np.zeros(count, np.int64)
    for words in strata:
        own, at = np.unique(words, return_inverse=True)
        names = [f"{name} / {word}" for name in names for word in own] if names else own.tolist()
        place = place * len(own) + at
    labels = np.repeat(np.arange(len(design.arms)), [arm.share for arm in design.arms])
    arms = np.empty(count, np.int64)
    for i, stratum in enumerate(names or ["all"]):
        who = np.flatnonzero(place == i)
        if who.size:
            arms[who] = _lots(design, labels, f"lots {stratum}, trial {trial}", len(who))
    return arms


def _lots(design: Lot, labels: np.ndarray, name: str, count: int) -> np.ndarray:
    """The first `count` lots of one stratum: block after block."""
    most = -(-count // min(design.blocks)) * max(design.blocks)  # lots in so many of the longest blocks
    order = normals(design.seed, name, 0, most)
    length = normals(design.seed, f"{name}, length", 0, count)
    lots: list[int] = []
    block = 0
    while len(lots) < count:
        # equal chances: the normal's place among the quantiles that part it into len(blocks) pieces
        size = design.blocks[_part(length[block], len(design.blocks))]
        start = block * max(design.blocks)
        shuffled = np.tile(labels, size // len(labels))[np.argsort(order[start : start + size])]
        lots.extend(shuffled.tolist())
        block += 1
    return np.array(lots[:count])


def _part(z: float, parts: int) -> int:
    return min(int(ndtr(z) * parts), parts - 1)
