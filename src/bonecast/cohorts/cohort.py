"""A cohort: people of one model with all that is theirs, kept together whenever people are selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from bonecast.cohorts.covariates import Covariates, facts_of
from bonecast.cohorts.variability import individual_parameters, random_effects
from bonecast.engine import normals_at
from bonecast.errors import InputError
from bonecast.models import Model

if TYPE_CHECKING:
    import polars as pl

    from bonecast.cohorts.runner import AnyRegimen
    from bonecast.cohorts.trajectories import Trajectories


@dataclass(frozen=True)
class Cohort:
    """People of one model: parameters, random effects and covariates that stay with their person.

    Parameters
    ----------
    model : Model
        The model whose parameters these are.
    number : ndarray of int, shape (person,)
        Candidate numbers: with the seed they decide every random number of a person.
    parameters : mapping of str to ndarray, shape (person,)
        Parameters in which people differ from the model's defaults, in the unit of their card.
    random_effects : mapping of str to ndarray, shape (person,)
        Eta of each factor of the model's between-person variability; empty where people were not drawn from it.
    covariates : Covariates, optional
        What is known of these people: age, T-scores, kidney function and so on.

    Raises
    ------
    InputError
        If something has another number of people.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> women = population("postmenopausal-osteoporosis").cohort(100)
    >>> older = women.select(women.covariates["age"] >= 75)
    >>> 0 < older.count < 100, bool(older.covariates["age"].min() >= 75)
    (True, True)
    >>> older.simulate("denosumab 60 mg every 6 months x 2").quantiles("LS_BMD_pct_change").columns
    ['time_d', 'p05', 'p50', 'p95']
    """

    model: Model
    number: np.ndarray
    parameters: Mapping[str, np.ndarray]
    random_effects: Mapping[str, np.ndarray] = field(default_factory=dict)
    covariates: Covariates | None = None

    def __repr__(self) -> str:
        return f"<Cohort: {self.count} people of {self.model.name}, {len(self.parameters)} parameters>"

    def _repr_html_(self) -> str:
        from bonecast.cohorts.notebook import cohort_html

        return cohort_html(self)

    def __post_init__(self) -> None:
        sizes = {name: len(values) for name, values in {**self.parameters, **self.random_effects}.items()}
        if self.covariates is not None:
            sizes["covariates"] = self.covariates.count
        for name, size in sizes.items():
            if size != self.count:
                cause = f"it is given for {size:,} people, and there are {self.count:,}"
                raise InputError(f"cohort, {name}", cause, "give one value for each person")

    @staticmethod
    def of(model: Model, covariates: Covariates) -> Cohort:
        """The cohort of candidates of a population: each gets the random effects of the same candidate.

        Parameters
        ----------
        model : Model
        covariates : Covariates
            Any candidates, selected or not. Their facts set parameters (age, weight); a fact that the model does not
            know is passed over, and a value beyond the range of its card is held at the nearest end.

        Returns
        -------
        Cohort
        """
        # The reader of records takes long to load, and one typical person needs none.
        from bonecast.cohorts.patient_parameters import person_parameters

        typical = person_parameters(model, facts_of(covariates))
        drawn = draw_cohort(model, covariates.number, covariates.seed, typical)
        return replace(drawn, covariates=covariates)

    @staticmethod
    def of_parameters(model: Model, parameters: Mapping[str, np.ndarray]) -> Cohort:
        """The cohort of people whose parameters are known, such as draws from a posterior.

        Parameters
        ----------
        model : Model
        parameters : mapping of str to ndarray, shape (person,)
            At least one.

        Returns
        -------
        Cohort

        Raises
        ------
        InputError
            If there is no parameter, so that nobody knows how many people there are.
        """
        if not parameters:
            raise InputError(
                "cohort, parameters", "there are none", "give at least one, with a value per person"
            )
        return Cohort(model, np.arange(len(next(iter(parameters.values())))), parameters)

    @property
    def count(self) -> int:
        """Number of people."""
        return len(self.number)

    @property
    def ids(self) -> list[str]:
        """Ids that stay whatever else is drawn ("pmo-000123")."""
        if self.covariates is not None:
            return self.covariates.ids
        return [f"person-{number:06d}" for number in self.number.tolist()]

    def select(self, who: np.ndarray | Sequence[int]) -> Cohort:
        """Some of the people, each with all that is theirs.

        Parameters
        ----------
        who : ndarray of bool, shape (person,), or of int
            True for those who stay; or their places, in any order, also more than once.

        Returns
        -------
        Cohort
        """
        who = np.asarray(who)
        return Cohort(
            self.model,
            self.number[who],
            {name: values[who] for name, values in self.parameters.items()},
            {name: values[who] for name, values in self.random_effects.items()},
            None if self.covariates is None else self.covariates.select(who),
        )

    def with_parameters(self, changes: Mapping[str, float | np.ndarray]) -> Cohort:
        """The same people with other values of some parameters.

        Parameters
        ----------
        changes : mapping of str to float or ndarray, shape (person,)
            One value for all, or one for each person, in the unit of the parameter's card.

        Returns
        -------
        Cohort
        """
        values = {n: np.array(np.broadcast_to(v, self.count), np.float64) for n, v in changes.items()}
        return replace(self, parameters={**self.parameters, **values})

    def with_posterior(self, seed: int = 1, draws: int | None = None) -> Cohort:
        """The same people with draws of the calibrated parameters: what the model itself is unsure of.

        Parameters
        ----------
        seed : int
            The same seed gives the same draws.
        draws : int, optional
            Number of draws, each shared by as many people in a row; by default each person has one.

        Returns
        -------
        Cohort

        Raises
        ------
        InputError
            If the model has no such posterior, or the draws cannot be shared out.

        Examples
        --------
        >>> from bonecast.cohorts import population
        >>> women = population("postmenopausal-osteoporosis").cohort(4)
        >>> unsure = women.with_posterior(draws=2)
        >>> name = women.model.posterior.names[0]
        >>> ratio = unsure.parameter(name) / women.parameter(name)
        >>> bool(ratio[0] == ratio[1] != ratio[2])
        True
        """
        posterior = self.model.posterior
        if posterior is None:
            cause = f"{self.model.name} has no posterior of its parameters"
            raise InputError(
                "cohort, posterior", cause, "use a model that was calibrated, such as bonecast-2"
            )
        count = self.count if draws is None else draws
        if not 1 <= count <= self.count or self.count % count:
            cause = f"{self.count:,} people cannot share {count:,} draws evenly"
            raise InputError("cohort, posterior", cause, "ask for a number that divides that of the people")
        factors = posterior.draw(count, seed)
        times = self.count // count
        return self.with_parameters({n: self.parameter(n) * np.repeat(f, times) for n, f in factors.items()})

    def parameter(self, name: str) -> np.ndarray:
        """One parameter of everybody; the model's default where people do not differ.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray, shape (person,)
            In the unit of the parameter's card.
        """
        if name in self.parameters:
            return self.parameters[name]
        return np.full(self.count, self.model.system.parameters[name])

    def simulate(
        self, regimen: AnyRegimen, days: Sequence[float] | np.ndarray | None = None, **options
    ) -> Trajectories:
        """Follow these people under a regimen: `bonecast.cohorts.simulate` with success required.

        Parameters
        ----------
        regimen : str, Regimen, or doses or events
            In the regimen grammar, read, or laid out.
        days : sequence of float, optional
            Days at which curves are kept; every week to the end of the regimen, at least for a year, by default.
        **options
            As of `bonecast.cohorts.simulate`.

        Returns
        -------
        Trajectories

        Raises
        ------
        InputError
            If the regimen or an option cannot be used.
        UnsupportedDrug
            If the model does not carry a drug of the regimen.
        ComputeError
            If nobody could be followed.
        """
        from bonecast.cohorts.runner import simulate

        return simulate(self, regimen, days, **options).require_success()

    def table(self) -> pl.DataFrame:
        """One row for each person: id, covariates, parameters and random effects.

        Returns
        -------
        polars.DataFrame
            `id`, the covariates by their names, then `parameter NAME` and `eta NAME`.
        """
        import polars as pl

        return pl.DataFrame(
            {
                "id": self.ids,
                **(self.covariates or {}),
                **{f"parameter {name}": values for name, values in self.parameters.items()},
                **{f"eta {name}": values for name, values in self.random_effects.items()},
            }
        )


def check_people(count: int) -> int:
    """Check a number of people that is asked for.

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    int
        The same.

    Raises
    ------
    InputError
        If it is below one.
    """
    if count < 1:
        raise InputError("people", f"{count} is no number of people", "ask for one or more")
    return count


def draw_cohort(
    model: Model,
    people: int | np.ndarray,
    seed: int,
    typical: Mapping[str, float | np.ndarray] | None = None,
) -> Cohort:
    """Draw people from the between-person variability of a model.

    A factor that two models call alike (clearance of denosumab) is one random effect of one person.

    Parameters
    ----------
    model : Model
    people : int or ndarray of int, shape (person,)
        How many people (the first so many candidates), or the numbers of the candidates.
    seed : int
        The same seed and number give the same person, no matter who else is drawn.
    typical : mapping of str to float or ndarray, shape (person,), optional
        Parameters that are known (age, weight), for all or for each person; random effects vary them.

    Returns
    -------
    Cohort
        Without covariates; `Cohort.of` draws people who have them.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> first = draw_cohort(load_model("choi-2025"), 4, seed=1)
    >>> third = draw_cohort(load_model("choi-2025"), np.array([2]), seed=1)
    >>> bool(third.parameters["CL"][0] == first.parameters["CL"][2])
    True
    """
    number = people if isinstance(people, np.ndarray) else np.arange(people)
    normals = {factor.name: normals_at(seed, factor.name, number) for factor in model.variability.factors}
    etas = random_effects(model, normals)
    return Cohort(model, number, individual_parameters(model, etas, len(number), typical), etas)
