"""A trial's design, as checked: who is asked, what is given at random, when and how it is read, and in which worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

from bonecast.models import Model, load_model
from bonecast.trials.digest import design_hash


@dataclass(frozen=True)
class Arm:
    """What one group gets. share : its part in the allocation (2 of 2:1)."""

    name: str
    share: int
    plan: str


@dataclass(frozen=True)
class TraitValue:
    """One kind of people: its share, what the model takes of them, and the labels that strata may use."""

    name: str
    share: float
    parameters: Mapping[str, float]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Trait:
    """A fact of which each person has one value (the subtype of a tumour)."""

    name: str
    values: tuple[TraitValue, ...]


@dataclass(frozen=True)
class Visit:
    """When people are seen: on a day of the window first to last, counted from the first dose, each alike.

    days_before : the parameter of the model that counts the days from this visit to the first dose.
    """

    name: str
    first: int
    last: int
    days_before: str | None = None


@dataclass(frozen=True)
class Assay:
    """How a share in per cent is read: the output at each visit, the SD on its logit, steps and the lowest reading."""

    name: str
    at: Mapping[str, str]
    error: float
    step: float
    least: float
    mark: str
    source: str

    def column(self, visit: str) -> str:
        """The column of this assay at a visit."""
        return f"{self.name}_{visit}"


@dataclass(frozen=True)
class Truth:
    """A world in which the trial is run: parameters of the model that are so in it."""

    name: str
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Design:
    """The design of a window trial.

    `trials` is no part of its hash.

    Parameters
    ----------
    name : str
        Name.
    title : str
        Title for people.
    model_name : str
        Library name of the model.
    analysis : str
        Kind of design: "window".
    people : int
        People of one trial.
    trials : int
        How many trials are simulated.
    seed : int
        The same seed gives the same trials.
    not_evaluable : float
        Share of people whose specimens cannot be used.
    parameters : mapping of str to float
        Parameters of the model for everybody; traits and scenarios are set over them.
    blocks : tuple of int
        Sizes of the blocks of the allocation.
    strata : tuple of str
        Labels that the allocation is stratified by.
    arms : tuple of Arm
        Arms with their regimens.
    traits : tuple of Trait
        What people differ in.
    visits : tuple of Visit
        Visits.
    assays : tuple of Assay
        What is read at them.
    truths : tuple of Truth
        Data-generating scenarios.
    """

    name: str
    title: str
    model_name: str
    analysis: str
    people: int
    trials: int
    seed: int
    not_evaluable: float
    parameters: Mapping[str, float]
    blocks: tuple[int, ...]
    strata: tuple[str, ...]
    arms: tuple[Arm, ...]
    traits: tuple[Trait, ...]
    visits: tuple[Visit, ...]
    assays: tuple[Assay, ...]
    truths: tuple[Truth, ...]

    def __repr__(self) -> str:
        return f"<Design {self.name}: {self.people} people, {self.trials} trials>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import design_html

        return design_html(self)

    @property
    def model(self) -> Model:
        """The model that is run."""
        return load_model(self.model_name)

    @cached_property
    def hash(self) -> str:
        """Twelve characters that change with anything that decides a person's outcome, the model's text included.

        >>> from bonecast.trials import preset
        >>> len(preset("window").hash)
        12
        """
        plain = {key: value for key, value in asdict(self).items() if key not in ("trials", "title")}
        return design_hash(plain, self.model)

    @property
    def subtypes(self) -> tuple[str, ...]:
        """The subtypes of tumours, in the order of the file."""
        return next((tuple(v.name for v in t.values) for t in self.traits if t.name == "subtype"), ())
