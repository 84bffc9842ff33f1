"""People drawn: their covariates column by column, their numbers and ids, and the facts that models know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bonecast.cohorts.columns import columns
from bonecast.errors import UnknownName

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Covariates(Mapping[str, np.ndarray]):
    """Candidates of one population: covariate to values[count]; yes or no as booleans.

    prefix : the word before the number in an id. number : candidate numbers, which the random streams are keyed by.
    """

    prefix: str
    number: np.ndarray
    values_of: Mapping[str, np.ndarray]

    def __repr__(self) -> str:
        return f"<Covariates: {self.count} virtual people, {len(self)} covariates>"

    def _repr_html_(self) -> str:
        from bonecast.cohorts.notebook import covariates_html

        return covariates_html(self)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.values_of:
            raise UnknownName("covariates", "covariate", name, self.values_of)
        return self.values_of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_of)

    def __len__(self) -> int:
        return len(self.values_of)

    @property
    def count(self) -> int:
        """How many people?"""
        return len(self.number)

    @property
    def ids(self) -> list[str]:
        """Ids that stay whatever else is drawn ("pmo-000123")."""
        return [f"{self.prefix}-{number:06d}" for number in self.number.tolist()]

    def some(self, who: np.ndarray) -> Covariates:
        """Those for whom `who` is true, or whose places it names."""
        kept = {name: values[who] for name, values in self.values_of.items()}
        return Covariates(self.prefix, self.number[who], kept)

    def frame(self) -> pl.DataFrame:
        """A table: the id, then every covariate."""
        import polars as pl

        return pl.DataFrame({"id": self.ids, **self.values_of})


def facts_of(covariates: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What models may know of these people, by the names of their covariates; for `scenarios.person_parameters`.

    >>> from bonecast.cohorts import population
    >>> sorted(facts_of(population("men").draw(1, 0, 2)))[:5]
    ['FN T-score', 'LS T-score', 'TH T-score', 'adherence', 'age']
    """
    known = columns()
    facts = {known[name].fact: covariates[name] for name in covariates if known[name].fact}
    return {**facts, "sex": 1.0 - covariates["female"]}
