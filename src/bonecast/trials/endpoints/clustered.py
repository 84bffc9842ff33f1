"""Arms that are given to centres: centre means compared, and how alike the people of a centre are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from bonecast.charts import Card, card_html, counted
from bonecast.core import TableResult
from bonecast.trials.endpoints.linear import NONE, Estimate, least_squares

CLUSTER = "cluster"


@dataclass(frozen=True)
class IntraclusterCorrelation(TableResult):
    """How alike the people of a centre are, within arms.

    Parameters
    ----------
    endpoint : str
        Name of the endpoint.
    icc : float
        Intracluster correlation by analysis of variance; below 0 where centres differ less than by chance.
    design_effect : float
        How many times as many people are needed as without centres: 1 + (m - 1) icc, not below 1.
    centres : int
        Centres with people who were analysed.
    people : int
        People who were analysed.
    """

    endpoint: str
    icc: float
    design_effect: float
    centres: int
    people: int

    def __repr__(self) -> str:
        return f"<IntraclusterCorrelation of {self.endpoint}: {self.icc:.3f}, design effect {self.design_effect:.2f}>"

    def _repr_html_(self) -> str:
        line = f"Intracluster correlation {self.icc:.3f}, design effect {self.design_effect:.2f}"
        many = f"{counted(self.people, 'person', 'people')} of {counted(self.centres, 'centre')}"
        return card_html(Card(self.endpoint, (line, many)))

    def table(self) -> pl.DataFrame:
        """Return the result in one row.

        Returns
        -------
        polars.DataFrame
            The fields as columns.
        """
        return pl.DataFrame([vars(self)])


def of_centres(y: np.ndarray, treated: np.ndarray, beside: np.ndarray, centre: np.ndarray) -> Estimate:
    """The difference of centre means between arms by a t test, each centre the same (Hayes and Moulton 2017).

    What baseline and strata explain of y, arms not distinguished, is taken from it first.

    >>> found = of_centres(np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 1]), np.empty((4, 0)), np.arange(4))
    >>> found.value, found.df
    (2.0, 2)
    """
    known = np.isfinite(y) & np.isfinite(beside).all(1)
    y, treated, beside, centre = y[known], treated[known].astype(bool), beside[known], centre[known]
    if not len(y):
        return NONE
    x = np.column_stack([np.ones(len(y)), beside])
    left = y - x[:, 1:] @ least_squares(y, x).values[1:] if beside.shape[1] else y
    means = [_means(left[who], centre[who])[0] for who in (treated, ~treated)]
    if min(len(one) for one in means) < 2:
        return NONE
    df = sum(len(one) for one in means) - 2
    squares = sum(float(np.sum((one - one.mean()) ** 2)) for one in means)
    error = math.sqrt(squares / df * sum(1 / len(one) for one in means))
    return Estimate(float(means[0].mean() - means[1].mean()), error, df)


def intracluster(name: str, y: np.ndarray, arm: np.ndarray, centre: np.ndarray) -> IntraclusterCorrelation:
    """The intracluster correlation of y within arms, by analysis of variance with centres of unequal size."""
    known = np.isfinite(y)
    y, arm, centre = y[known], arm[known], centre[known]
    between_squares = within_squares = 0.0
    counts: list[np.ndarray] = []
    arms = np.unique(arm)
    for one in arms:
        mine = arm == one
        means, sizes, at = _means(y[mine], centre[mine])
        between_squares += float(np.sum(sizes * (means - y[mine].mean()) ** 2))
        within_squares += float(np.sum((y[mine] - means[at]) ** 2))
        counts.append(sizes)
    sizes = np.concatenate(counts) if counts else np.zeros(0)
    centres, people = len(sizes), int(sizes.sum())
    if centres <= len(arms) or people <= centres:
        return IntraclusterCorrelation(name, math.nan, math.nan, centres, people)
    spread = sum(float(np.sum(one**2) / one.sum()) for one in counts)
    size = (people - spread) / (centres - len(arms))
    between_mean, within_mean = between_squares / (centres - len(arms)), within_squares / (people - centres)
    total = between_mean + (size - 1) * within_mean
    icc = (between_mean - within_mean) / total if total > 0 else math.nan
    effect = 1 + (float(np.sum(sizes**2)) / people - 1) * max(icc, 0.0)
    return IntraclusterCorrelation(name, icc, effect, centres, people)


def _means(y: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and size of each centre that has people, and the place of each person's centre among them."""
    _, at, sizes = np.unique(centre, return_inverse=True, return_counts=True)
    return np.bincount(at, weights=y) / sizes, sizes.astype(float), at
