"""Several endpoints under one level: Holm, a fixed sequence, gatekeeping by families, or a graph of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

METHODS = ("holm", "fixed-sequence", "gatekeeping", "graph")


@dataclass(frozen=True)
class Multiplicity:
    """How endpoints share a level.

    Parameters
    ----------
    method : str
        "holm", "fixed-sequence", "gatekeeping" or "graph".
    alpha : float
        Level of all of them together.
    families : tuple of tuple of str
        Endpoints in order; of gatekeeping family after family, otherwise one family.
    weights : tuple of (str, float)
        Shares of the level that endpoints start with, of a graph.
    transitions : tuple of (str, str, float)
        Share of the level that goes from the first endpoint to the second once the first is rejected.
    """

    method: str
    alpha: float
    families: tuple[tuple[str, ...], ...]
    weights: tuple[tuple[str, float], ...] = ()
    transitions: tuple[tuple[str, str, float], ...] = ()


def adjusted(plan: Multiplicity, p: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p of each endpoint of the plan: the level at which it would just be rejected, 1 at most.

    >>> three = Multiplicity("holm", 0.05, (("a", "b", "c"),))
    >>> {name: round(x, 3) for name, x in adjusted(three, {"a": 0.01, "b": 0.04, "c": 0.03}).items()}
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    if plan.method == "graph":
        names = plan.families[0]
        shares = {(a, b): share for a, b, share in plan.transitions}
        return _graph(names, dict(plan.weights), shares, p)
    if plan.method == "fixed-sequence":
        names = plan.families[0]
        first = {name: float(i == 0) for i, name in enumerate(names)}
        return _graph(names, first, dict.fromkeys(pairwise(names), 1.0), p)
    found: dict[str, float] = {}
    gate = 0.0
    for family in plan.families:
        equal = dict.fromkeys(family, 1 / len(family))
        share = 1 / max(len(family) - 1, 1)
        held = _graph(family, equal, {(a, b): share for a in family for b in family if a != b}, p)
        found |= {name: max(value, gate) for name, value in held.items()}
        gate = max(found.values())
    return found


def _graph(
    names: Sequence[str],
    weights: Mapping[str, float],
    shares: Mapping[tuple[str, str], float],
    p: Mapping[str, float],
) -> dict[str, float]:
    """The sequentially rejective graphical procedure (Bretz, Maurer, Brannath and Posch 2009), in adjusted p."""
    w, g = dict(weights), dict(shares)
    left, worst, found = list(names), 0.0, {}
    while left:
        ratio = {name: p[name] / w[name] if w.get(name, 0) > 0 else float("inf") for name in left}
        one = min(left, key=lambda name: ratio[name])
        worst = max(worst, min(ratio[one], 1.0))
        found[one] = worst
        left.remove(one)
        passed = {other: w.get(other, 0.0) + w.get(one, 0.0) * g.get((one, other), 0.0) for other in left}
        moved = {}
        for a in left:
            back = g.get((a, one), 0.0) * g.get((one, a), 0.0)
            for b in left:
                if a != b:
                    whole = g.get((a, b), 0.0) + g.get((a, one), 0.0) * g.get((one, b), 0.0)
                    moved[a, b] = whole / (1 - back) if back < 1 else 0.0
        w, g = passed, moved
    return found
