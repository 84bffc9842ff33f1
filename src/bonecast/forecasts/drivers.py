"""What drives the difference between the two best strategies: the properties of people that it correlates with.

With d[i] the value of the second minus the first, for person i, and x[i] a parameter of that person:

    sensitivity(x) = Spearman's rank correlation of x and d
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.decisions import Ranking
from bonecast.models import Model

LEAST = 0.3  # assumption: below it a parameter explains less than a tenth of the order
MOST_NAMED = 2


@dataclass(frozen=True)
class Driver:
    """One property of people that the difference between the two best strategies depends on.

    Parameters
    ----------
    name : str
        Among the model's parameters.
    meaning, mark : str
        Of its card.
    correlation : float
        Rank correlation (-1 to 1) with how far the second strategy is behind the first.
    """

    name: str
    meaning: str
    mark: str
    correlation: float


def drivers_of(
    ranking: Ranking | None,
    values: Mapping[str, np.ndarray],
    people: np.ndarray | None,
    parameters: Mapping[str, np.ndarray],
    model: Model,
) -> tuple[Driver, ...]:
    """Find the parameters that the difference between the first and the next strategy correlates with most.

    Parameters
    ----------
    ranking : Ranking or None
        Of the strategies.
    values : mapping of str to ndarray
        Strategy to its value [person] by the aim.
    people : ndarray of bool, or None
        Who counts.
    parameters : mapping of str to ndarray
        Parameter to its value [person].
    model : Model
        Gives the cards.

    Returns
    -------
    tuple of Driver
        Empty without two strategies that may be chosen, and where no parameter matters.
    """
    if ranking is None or people is None or len(ranking.ranks) < 2 or ranking.ranks[1].barred:
        return ()
    first, second = (r.option for r in ranking.ranks[:2])
    difference = ranking.aim.cost(values[second] - values[first])[people]
    candidates = sorted(
        _candidates(difference, people, parameters, model), key=lambda d: (-abs(d.correlation), d.name)
    )
    distinct: dict[str, Driver] = {}
    for driver in candidates:  # parameters of one factor go together: the first of them speaks for all
        distinct.setdefault(f"{abs(driver.correlation):.6f}", driver)
    return tuple(d for d in distinct.values() if abs(d.correlation) >= LEAST)[:MOST_NAMED]


def _candidates(
    difference: np.ndarray, people: np.ndarray, parameters: Mapping[str, np.ndarray], model: Model
) -> Iterator[Driver]:
    if len(difference) < 3 or np.ptp(difference) == 0:
        return
    ranks = _ranks(difference)
    for name, values in parameters.items():
        card = model.parameter_set.parameters.get(name)
        if card is None or np.ndim(values) == 0 or np.ptp(values[people]) == 0:
            continue
        correlation = float(np.corrcoef(ranks, _ranks(values[people]))[0, 1])
        of_drug = f", {card.sheet}" if card.sheet in model.drugs and card.sheet not in card.meaning else ""
        yield Driver(name, card.meaning + of_drug, card.mark, correlation)


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
