"""The working arrays of one lane group, in one block: where each begins and how long it is.

The kernel's loop sees them as slices; the vector functions find them through a table of addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMES = (
    "p", "c", "m", "y", "y1", "f", "w", "q", "k", "d", "b", "correction", "start", "o", "x", "x_now",
    "g", "ih", "theta", "error", "tol", "rtol",
)  # fmt: skip


@dataclass(frozen=True)
class Workspace:
    """Lengths and places, in doubles."""

    length: dict[str, int]

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


def workspace(
    lanes: int, states: int, parameters: int, constants: int, outputs: int, switches: int, factors: int
) -> Workspace:
    """The working arrays for a model of these sizes."""
    each = dict.fromkeys(NAMES, states)
    each |= {"p": parameters, "c": constants, "w": factors, "k": 6 * states, "d": 2 * states, "o": outputs}
    each |= dict.fromkeys(("m", "x", "x_now"), max(switches, 1))
    each |= dict.fromkeys(("g", "ih", "q", "theta", "error", "rtol"), 1)
    return Workspace({name: count * lanes for name, count in each.items()})
