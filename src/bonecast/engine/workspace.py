"""The working arrays of one lane group, in one block: where each begins and how long it is.

The integrator's loop is given them one by one; the vector functions find them through a table of addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

NAMES = (
    "p", "c", "m", "y", "y1", "f", "w", "q", "k", "d", "b", "correction", "start", "o", "x", "x_now",
    "g", "ih", "theta", "error", "tol", "rtol",
)  # fmt: skip
# those that the loop reads or writes itself, in the order in which it takes them
SEEN = (
    "p", "c", "m", "y", "y1", "f", "q", "correction", "start", "o", "x", "x_now", "g", "ih", "theta", "error", "tol",
    "rtol",
)  # fmt: skip


@dataclass(frozen=True)
class WorkingArrays:
    """Memory of one run of the loop, made for that run: it holds what lies behind the addresses of the table."""

    block: np.ndarray
    table: np.ndarray
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Workspace:
    """Lengths and places, in doubles."""

    length: dict[str, int]
    lanes: int

    @property
    def place(self) -> dict[str, int]:
        """Where each array begins; each begins on a 64-byte boundary."""
        places, at = {}, 0
        for name in NAMES:
            places[name] = at
            at += -(-self.length[name] // 8) * 8
        return places

    @property
    def total(self) -> int:
        """Doubles in all."""
        return sum(-(-self.length[n] // 8) * 8 for n in NAMES)

    def arrays(self, functions: np.ndarray) -> WorkingArrays:
        """The arrays, for functions at these addresses: all zero but for what the loop expects of an empty lane."""
        block = np.zeros(self.total + 8)
        skip = (64 - block.ctypes.data % 64) % 64 // 8
        space, place = block[skip:], self.place
        addresses = [space.ctypes.data + 8 * place[name] for name in NAMES]
        table = np.concatenate([np.array(addresses, np.int64), functions])
        seen = (space[place[name] : place[name] + self.length[name]] for name in SEEN)
        reals, whole, flags = (
            np.zeros((7, self.lanes)),
            np.zeros((8, self.lanes), np.int64),
            np.zeros((6, self.lanes), bool),
        )
        reals[[1, 2, 4, 5, 6]] = 1.0
        whole[[0, 4, 6]] = -1  # nobody, no crossing
        farthest = np.zeros(self.length["x"])
        return WorkingArrays(block, table, (table.ctypes.data, reals, whole, flags, farthest, *seen))


def workspace(
    lanes: int, states: int, parameters: int, constants: int, outputs: int, switches: int, factors: int
) -> Workspace:
    """The working arrays for a model of these sizes."""
    each = dict.fromkeys(NAMES, states)
    each |= {"p": parameters, "c": constants, "w": factors, "k": 6 * states, "d": 2 * states, "o": outputs}
    each |= dict.fromkeys(("m", "x", "x_now"), max(switches, 1))
    each |= dict.fromkeys(("g", "ih", "q", "theta", "error", "rtol"), 1)
    return Workspace({name: count * lanes for name, count in each.items()}, lanes)
