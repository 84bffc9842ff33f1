"""What the choice between the two best strategies hangs on: the traits of people with which their difference goes.

With d[i] the value of the second minus the first, for person i, and x[i] a trait of that person:

    sway(x) = Spearman's rank correlation of x and d
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.decisions import Ranking
from bonecast.models import Model

LEAST = 0.3  # assumption: below it a trait explains less than a tenth of the order
MOST_NAMED = 2


@dataclass(frozen=True)
class Sway:
    """One trait: its name among the model's parameters, what it means, its mark, and its rank correlation (-1 to 1)
    with how far the second strategy is behind the first."""

    name: str
    meaning: str
    mark: str
    correlation: float


def sways(
    ranking: Ranking | None,
    values: Mapping[str, np.ndarray],
    whole: np.ndarray | None,
    people: Mapping[str, np.ndarray],
    model: Model,
) -> tuple[Sway, ...]:
    """On which traits does the difference between the first and the next strategy hang most?

    values : strategy to value[person] by the aim. people : parameter to value[person]. whole : people who count.
    Empty without two strategies that may be chosen, and where no trait matters.
    """
    if ranking is None or whole is None or len(ranking.ranks) < 2 or ranking.ranks[1].barred:
        return ()
    first, second = (r.option for r in ranking.ranks[:2])
    difference = ranking.aim.cost(values[second] - values[first])[whole]
    found = sorted(_each(difference, whole, people, model), key=lambda s: (-abs(s.correlation), s.name))
    apart: dict[str, Sway] = {}
    for one in found:  # parameters of one factor go together: the first of them speaks for all
        apart.setdefault(f"{abs(one.correlation):.6f}", one)
    return tuple(s for s in apart.values() if abs(s.correlation) >= LEAST)[:MOST_NAMED]


def _each(
    difference: np.ndarray, whole: np.ndarray, people: Mapping[str, np.ndarray], model: Model
) -> Iterator[Sway]:
    if len(difference) < 3 or np.ptp(difference) == 0:
        return
    ranks = _ranks(difference)
    for name, values in people.items():
        card = model.parameter_set.parameters.get(name)
        if card is None or np.ndim(values) == 0 or np.ptp(values[whole]) == 0:
            continue
        correlation = float(np.corrcoef(ranks, _ranks(values[whole]))[0, 1])
        of_drug = f", {card.sheet}" if card.sheet in model.drugs and card.sheet not in card.meaning else ""
        yield Sway(name, card.meaning + of_drug, card.mark, correlation)


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
