"""Named random streams: every random decision has its own stream, keyed by seed, name and person.

A person's numbers depend on the seed, the name of the decision and the person's index only, not on how many
persons are drawn, in which chunks, or which other decisions exist. So strategies are compared person by person,
and a new feature does not shift old results.
"""

from __future__ import annotations

import hashlib

import numpy as np

_BLOCK = 1024  # persons that share one generator; a person's place in the block picks the number


def normals(seed: int, name: str, first: int, count: int) -> np.ndarray:
    """Standard normal numbers for persons `first` to `first + count - 1`, shape (count,).

    >>> bool(np.all(normals(7, "height", 2000, 3) == normals(7, "height", 1999, 5)[1:4]))
    True
    """
    blocks = range(first // _BLOCK, (first + max(count, 1) - 1) // _BLOCK + 1)
    drawn = np.concatenate([_generator(seed, name, b).standard_normal(_BLOCK) for b in blocks])
    offset = first - blocks[0] * _BLOCK
    return drawn[offset : offset + count]


def _generator(seed: int, name: str, block: int) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}|{name}|{block}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], np.uint64)))
