"""People drawn: their covariates column by column, their numbers and ids, and the facts that models know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bonecast.cohorts.column import columns
from bonecast.errors import UnknownName

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Covariates(Mapping[str, np.ndarray]):
    """What is known of candidates of one population: covariate to values, a yes or no as booleans.

    Parameters
    ----------
    prefix : str
        The word before the number in an id ("pmo").
    seed : int
        Seed with which they were drawn; with the number it decides everything else that is drawn of a person.
    number : ndarray of int, shape (person,)
        Candidate numbers, which the random streams are keyed by.
    values_of : mapping of str to ndarray, shape (person,)
        In the units of `columns()`.
    own_ids : ndarray of str, shape (person,), optional
        Ids of people who were not drawn from a population.

    Raises
    ------
    UnknownName
        If a covariate is asked for that is not there.
    """

    prefix: str
    seed: int
    number: np.ndarray
    values_of: Mapping[str, np.ndarray]
    own_ids: np.ndarray | None = None

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
        """Number of people."""
        return len(self.number)

    @property
    def ids(self) -> list[str]:
        """Ids that stay whatever else is drawn ("pmo-000123")."""
        if self.own_ids is not None:
            return self.own_ids.tolist()
        return [f"{self.prefix}-{number:06d}" for number in self.number.tolist()]

    def select(self, who: np.ndarray) -> Covariates:
        """Some of the people.

        Parameters
        ----------
        who : ndarray of bool, shape (person,), or of int
            True for those who stay, or their places.

        Returns
        -------
        Covariates
        """
        selected = {name: values[who] for name, values in self.values_of.items()}
        own = None if self.own_ids is None else self.own_ids[who]
        return Covariates(self.prefix, self.seed, self.number[who], selected, own)

    def table(self) -> pl.DataFrame:
        """One row for each person: `id`, then every covariate by its name.

        Returns
        -------
        polars.DataFrame
        """
        import polars as pl

        return pl.DataFrame({"id": self.ids, **self.values_of})


def concatenated(parts: Sequence[Covariates]) -> Covariates:
    """The people of several draws of one population, one draw after the other."""
    return Covariates(
        parts[0].prefix,
        parts[0].seed,
        np.concatenate([part.number for part in parts]),
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )


def on_secondary_drug(covariates: Mapping[str, np.ndarray]) -> np.ndarray:
    """Say who takes a glucocorticoid or an aromatase inhibitor.

    Parameters
    ----------
    covariates : mapping of str to ndarray, shape (person,)
        Covariates; a drug that is not among them is taken by nobody.

    Returns
    -------
    ndarray of bool, shape (person,)

    Examples
    --------
    >>> on_secondary_drug({"age": np.array([60.0, 70.0]), "glucocorticoid": np.array([0.0, 1.0])}).tolist()
    [False, True]
    """
    found = np.zeros(len(covariates["age"]), bool)
    for name, values in covariates.items():
        if name in ("glucocorticoid", "aromatase_inhibitor"):
            found |= values > 0
    return found


def facts_of(covariates: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Covariates by the names that models know them by, for `person_parameters`.

    Parameters
    ----------
    covariates : mapping of str to ndarray, shape (person,)

    Returns
    -------
    dict of str to ndarray, shape (person,)
        Also `sex`, 0 for women and 1 for men.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> sorted(facts_of(population("men").draw(1, 0, 2)))[:5]
    ['FN T-score', 'LS T-score', 'TH T-score', 'active vitamin D', 'adherence']
    """
    known = columns()
    facts = {known[name].fact: covariates[name] for name in covariates if known[name].fact}
    return {**facts, "sex": 1.0 - covariates["female"]}
