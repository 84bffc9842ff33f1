"""Named random streams: every random decision has its own stream, keyed by seed, name and person.

A person's numbers depend on the seed, the name of the decision and the person's index only, not on how many
persons are drawn, in which chunks, or which other decisions exist. So strategies are compared person by person,
and a new feature does not shift old results.
"""

from __future__ import annotations

import hashlib
import threading

import numpy as np

_BLOCK = 1024  # persons that share one generator; a person's place in the block picks the number
_mine = threading.local()


def normals(seed: int, name: str, first: int, count: int) -> np.ndarray:
    """Draw standard normal numbers of consecutive persons.

    Parameters
    ----------
    seed : int
        Seed; the same seed, name and person give the same number.
    name : str
        Name of the stream.
    first : int
        Number of the first person.
    count : int
        Number of persons.

    Returns
    -------
    ndarray of float, shape (count,)

    Examples
    --------
    >>> bool(np.all(normals(7, "height", 2000, 3) == normals(7, "height", 1999, 5)[1:4]))
    True
    """
    blocks = range(first // _BLOCK, (first + max(count, 1) - 1) // _BLOCK + 1)
    drawn = np.empty((len(blocks), _BLOCK))
    for row, block in zip(drawn, blocks, strict=True):
        _generator(f"{seed}|{name}|{block}").standard_normal(out=row)
    offset = first - blocks[0] * _BLOCK
    return drawn.reshape(-1)[offset : offset + count]


def normals_at(seed: int, name: str, persons: np.ndarray) -> np.ndarray:
    """Draw standard normal numbers of these persons, in any order.

    Parameters
    ----------
    seed : int
        Seed; the same seed, name and person give the same number.
    name : str
        Name of the stream.
    persons : ndarray
        Numbers of the persons.

    Returns
    -------
    ndarray of float, shape (person,)

    Examples
    --------
    >>> bool(np.all(normals_at(7, "height", np.array([2001, 5])) == [normals(7, "height", i, 1)[0] for i in (2001, 5)]))
    True
    """
    if not len(persons):
        return np.zeros(0)
    blocks, row = np.unique(np.asarray(persons) // _BLOCK, return_inverse=True)
    drawn = np.stack([normals(seed, name, int(block) * _BLOCK, _BLOCK) for block in blocks])
    return drawn[row, np.asarray(persons) % _BLOCK]


def _generator(key: str) -> np.random.Generator:
    """Philox at the start of the stream of this key: the thread's own, set again; a new one takes ten times as long."""
    if not hasattr(_mine, "philox"):
        _mine.philox = np.random.Philox(key=0)
        _mine.start, _mine.generator = _mine.philox.state, np.random.Generator(_mine.philox)
    digest = hashlib.sha256(key.encode()).digest()
    _mine.start["state"]["key"] = np.frombuffer(digest, np.uint64, 2)
    _mine.philox.state = _mine.start
    return _mine.generator
