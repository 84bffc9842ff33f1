"""Who gets what, at random, in the order of enrolment: permuted blocks within strata, minimisation, or chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr

from bonecast.engine import normals


class ArmShare(Protocol):
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
    def arms(self) -> Sequence[ArmShare]:
        """The arms in order."""
        ...


def allocate(design: Lot, strata: Sequence[np.ndarray], trial: int) -> np.ndarray:
    """arm[person] of one trial, as positions in `design.arms`.

    strata : one array of words for each stratum of the design, each [person], or of yes and no (booleans). The lots of
    a stratum are keyed by its name and by the place in it, so that a person more elsewhere changes nobody's arm.

    >>> from bonecast.trials import preset
    >>> one = np.array(["after"] * 60)
    >>> np.bincount(allocate(preset("window"), [one, one], trial=0)).tolist()
    [40, 20]
    """
    count = len(strata[0]) if strata else design.people
    method = getattr(design, "allocation", "blocks")
    if method == "simple":
        return _simple(design, count, trial)
    if method == "minimisation":
        return _minimised(design, [_kinds(words)[1] for words in strata], count, trial)
    names, place = [], np.zeros(count, np.int32)
    for words in strata:
        own, at = _kinds(words)
        names = [f"{name} / {word}" for name in names for word in own] if names else own
        place = place * np.int32(len(own)) + at.astype(np.int32)
    labels = np.repeat(np.arange(len(design.arms), dtype=np.int8), [arm.share for arm in design.arms])
    arms = np.empty(count, np.int8)
    for i, stratum in enumerate(names or ["all"]):
        who = place == i
        if who.any():
            arms[who] = _lots(design, labels, f"lots {stratum}, trial {trial}", int(who.sum()))
    return arms


def _simple(design: Lot, count: int, trial: int) -> np.ndarray:
    """Each person by chance, in proportion to the shares."""
    edges = np.cumsum([arm.share for arm in design.arms]) / sum(arm.share for arm in design.arms)
    drawn = ndtr(normals(design.seed, f"simple allocation, trial {trial}", 0, count))
    return np.minimum(np.searchsorted(edges, drawn, side="right"), len(edges) - 1).astype(np.int8)


def _minimised(design: Any, levels: Sequence[np.ndarray], count: int, trial: int) -> np.ndarray:
    """Minimisation (Pocock and Simon 1975): with the chance of the design a person gets the arm that balances best.

    The imbalance of an arm is the sum over strata of the range, over arms, of people of the person's own level for each
    share. Among arms that are equally good, and where chance decides otherwise, arms are taken by their shares.
    """
    shares = np.array([arm.share for arm in design.arms], float)
    which = [np.asarray(words).astype(int) for words in levels]
    seen = [np.zeros((int(words.max()) + 1, len(shares))) for words in which]
    follow = ndtr(normals(design.seed, f"minimisation, trial {trial}", 0, count)) < design.chance
    drawn = ndtr(normals(design.seed, f"minimisation, arm, trial {trial}", 0, count))
    arms = np.empty(count, np.int8)
    more = np.diag(1 / shares)
    for i in range(count):
        cost = np.zeros(len(shares))
        for words, counts in zip(which, seen, strict=True):
            cost += np.ptp(counts[words[i]] + more, axis=1)
        best = cost <= cost.min() + 1e-9
        allowed = best if follow[i] or best.all() else ~best
        edges = np.cumsum(shares * allowed) / np.sum(shares * allowed)
        arm = int(np.searchsorted(edges, drawn[i], side="right"))
        arms[i] = arm
        for words, counts in zip(which, seen, strict=True):
            counts[words[i], arm] += 1 / shares[arm]
    return arms


def _kinds(words: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The words of a stratum in order, and which of them each person has."""
    if words.dtype == bool:
        return ["no", "yes"], words
    own, at = np.unique(words, return_inverse=True)
    return own.tolist(), at


def _lots(design: Lot, labels: np.ndarray, name: str, count: int) -> np.ndarray:
    """The first `count` lots of one stratum: block after block."""
    widest, most = max(design.blocks), -(-count // min(design.blocks))  # lots of a block, blocks at most
    order = normals(design.seed, name, 0, most * widest).reshape(most, widest)
    # equal chances: the normal's place among the quantiles that part it into len(blocks) pieces
    parts = len(design.blocks)
    which = np.minimum(
        (ndtr(normals(design.seed, f"{name}, length", 0, most)) * parts).astype(int), parts - 1
    )
    sizes = np.array(design.blocks)[which]
    lots = np.full((most, widest), -1, np.int8)
    for size in set(design.blocks):
        rows = sizes == size
        shuffled = np.argsort(order[rows, :size], axis=1)
        lots[rows, :size] = np.tile(labels, size // len(labels))[shuffled]
    return lots[lots >= 0][:count]
