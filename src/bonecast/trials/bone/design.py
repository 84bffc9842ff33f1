"""The design of a bone trial, as checked: who is enrolled, what is given, when people are seen, what is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property

from bonecast.cohorts import TargetValue
from bonecast.models import Model, load_model
from bonecast.regimens import Regimen, parse_regimen
from bonecast.trials.digest import design_hash
from bonecast.trials.endpoints import Multiplicity, TrialEndpoint

CENTRE = "centre"  # a stratum that is no covariate
FILM = "spine_film"  # a reading that finds vertebral fractures and gives no number
# of what decides outcomes
NO_PART = ("title", "trials", "endpoints", "interims", "spending", "futility", "reestimation", "multiplicity",
           "treated", "control", "enrolment", "selection")  # fmt: skip

# fields that came later, with the value that earlier designs have: their runs keep their hash
ADDED = {
    "rebound": True,
    "rows": (),
    "unit": "person",
    "clinic_icc": 0.0,
    "adherence": None,
    "after_stop": None,
    "antibodies": None,
}


@dataclass(frozen=True)
class Rescue:
    """Another plan for a person of whom `when` is true of the readings at one of these visits; from that day on."""

    when: str
    plan: str
    visits: tuple[str, ...]


@dataclass(frozen=True)
class Crossover:
    """Another plan for everybody of the arm, from the visit `at` on."""

    at: str
    plan: str


@dataclass(frozen=True)
class AfterStop:
    """Another plan for who has stopped for good, from so many days after the injection that was due."""

    plan: str
    after_d: float


@dataclass(frozen=True)
class Antibodies:
    """Part of an arm that turns against the drug: its share, and factors on parameters of the model for it."""

    share: float
    factors: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Taking:
    """How injections are taken: "perfect", "published" with the persistence per six months of a year, or "on-time".

    clinic_icc : share of the (normal) spread in stopping and lateness that people of one centre have in common.
    """

    process: str
    first_year: float
    later: float
    clinic_icc: float = 0.0


@dataclass(frozen=True)
class BoneArm:
    """What one group gets.

    share : its part in the allocation (2 of 2:1). factors : on parameters of the model. adherence : of this arm, in
    place of that of the design.
    """

    name: str
    share: int
    plan: str
    rescue: Rescue | None = None
    crossover: Crossover | None = None
    factors: tuple[tuple[str, float], ...] = ()
    adherence: Taking | None = None
    after_stop: AfterStop | None = None
    antibodies: Antibodies | None = None

    @property
    def course(self) -> Regimen:
        """The plan, read."""
        return parse_regimen(self.plan)


@dataclass(frozen=True)
class BoneVisit:
    """When people are seen: on a day counted from the first dose, give or take `window_d` days."""

    name: str
    day: int
    window_d: int


@dataclass(frozen=True)
class VisitReading:
    """A quantity read at some visits, with the error of a trial's or of a clinic's measurement."""

    quantity: str
    visits: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class InterimAnalysis:
    """An interim look: when everybody has reached the visit `at`, or a share of the people has ended the trial."""

    at: str
    share: float = 1.0


@dataclass(frozen=True)
class Reestimation:
    """A look at the first people that may enlarge the trial.

    kind : "blinded" or "promising-zone". share : of the planned people who are looked at. most : how many times the
    planned people there may be. power : that is asked for. promising : conditional power from which people are added.
    """

    kind: str
    share: float
    most: float
    power: float
    promising: float


@dataclass(frozen=True)
class DoseSelection:
    """A look at a share of the people that keeps the treated arm which does best; better : "higher" or "lower"."""

    share: float
    better: str


@dataclass(frozen=True)
class Group:
    """Who is enrolled: a population, the conditions that make one eligible, and a table that the people should match.

    by : "choice", eligible people are taken with a chance that makes the enrolled like the table; or "weights".
    rows : a table of people of one's own, by covariate; `preset` then gives what the table lacks.
    """

    preset: str
    eligible: tuple[str, ...] = ()
    target: tuple[TargetValue, ...] = ()
    by: str = "choice"
    rows: tuple[tuple[str, tuple[float, ...]], ...] = ()


@dataclass(frozen=True)
class CentreRates:
    """How fast people are enrolled.

    Parameters
    ----------
    per_centre_month : float
        People whom an open centre enrols in a month, on average.
    spread : float
        SD of the rates of centres over their mean.
    opening_months : float
        Months over which centres open, evenly.
    """

    per_centre_month: float
    spread: float
    opening_months: float


@dataclass(frozen=True)
class BoneDesign:
    """The design of a bone trial.

    `trials`, endpoints and interim analyses are no part of its hash: they change no outcome.

    Parameters
    ----------
    name : str
        Name.
    title : str
        Title for people.
    model_name : str
        Library name of the model.
    people : int
        People of one trial.
    trials : int
        How many trials are simulated.
    seed : int
        The same seed gives the same trials.
    end_d : int
        Last day.
    run_in : str
        Regimen that all followed before day 0; empty without one.
    group : Group
        Who enters.
    allocation : str
        "blocks", "minimisation" or "simple".
    blocks : tuple of int
        Sizes of the blocks of the allocation.
    chance : float
        Chance with which minimisation takes the arm that balances best.
    strata : tuple of str
        Covariates that the allocation is stratified by.
    arms : tuple of BoneArm
        Arms with their regimens.
    visits : tuple of BoneVisit
        Visits.
    readings : tuple of VisitReading
        What is measured at them.
    events : tuple of str
        What may happen to people ("fractures", "skeletal events").
    refracture : float
        Share of the published rise of risk after a fracture that a fracture in the trial brings; 0 for none.
    taking : Taking
        Adherence.
    dropout : tuple of (float, float)
        Hazards of dropping out per year, in the first year and later.
    death : float
        Mortality relative to the population's of that age and sex; 0 for none.
    missed : float
        Share of visits missed.
    missed_samples : float
        Share of readings missed at visits that are attended.
    centres : int
        Centres among which people are spread; 1 for no difference between centres.
    interims : tuple of InterimAnalysis
        Interim analyses.
    spending : str
        How they spend alpha: "obrien-fleming" or "pocock".
    futility : float
        Conditional power below which an interim analysis ends the trial; 0 for never.
    reestimation : Reestimation or None
        Whether the size is looked at again.
    multiplicity : Multiplicity or None
        How endpoints share a level.
    treated : str
        Treated arm of a comparison.
    control : str
        Control arm of a comparison.
    endpoints : tuple of TrialEndpoint
        Endpoints.
    analysis : str
        Kind of design: "bone".
    factors : tuple of (str, float)
        Factors on parameters of the model for everybody, such as a draw of its posterior.
    rebound : bool
        Whether resorption above the untreated level after a drug counts for fractures.
    enrolment : CentreRates or None
        How fast centres enrol.
    unit : str
        Who is allocated to an arm: "person", or the "centre" with all its people.
    selection : DoseSelection or None
        Whether a look keeps the best of several treated arms.
    """

    name: str
    title: str
    model_name: str
    people: int
    trials: int
    seed: int
    end_d: int
    run_in: str
    group: Group
    allocation: str
    blocks: tuple[int, ...]
    chance: float
    strata: tuple[str, ...]
    arms: tuple[BoneArm, ...]
    visits: tuple[BoneVisit, ...]
    readings: tuple[VisitReading, ...]
    events: tuple[str, ...]
    refracture: float
    taking: Taking
    dropout: tuple[float, float]
    death: float
    missed: float
    missed_samples: float
    centres: int
    interims: tuple[InterimAnalysis, ...]
    spending: str
    futility: float
    reestimation: Reestimation | None
    multiplicity: Multiplicity | None
    treated: str
    control: str
    endpoints: tuple[TrialEndpoint, ...]
    analysis: str = "bone"
    factors: tuple[tuple[str, float], ...] = ()
    rebound: bool = True
    enrolment: CentreRates | None = None
    unit: str = "person"
    selection: DoseSelection | None = None

    def __repr__(self) -> str:
        return f"<BoneDesign {self.name}: {self.people} people, {self.trials} trials>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import design_html

        return design_html(self)

    @property
    def model(self) -> Model:
        """The model that is run."""
        return load_model(self.model_name)

    @cached_property
    def hash(self) -> str:
        """Twelve characters that change with anything that decides a person's outcome, the model's text included."""
        plain = {key: value for key, value in asdict(self).items() if key not in NO_PART}
        for part in (plain, plain["group"], plain["taking"], *plain["arms"]):
            for key in [key for key, usual in ADDED.items() if key in part and part[key] == usual]:
                del part[key]
        return design_hash(plain, self.model)

    @property
    def films(self) -> tuple[str, ...]:
        """The visits after day 0 at which the spine is filmed."""
        named = {v for r in self.readings if r.quantity == FILM for v in r.visits}
        return tuple(v.name for v in self.visits if v.name in named and v.day > 0)

    def visit(self, name: str) -> BoneVisit:
        """The visit of that name."""
        return next(v for v in self.visits if v.name == name)

    def place(self, name: str) -> int:
        """The place of a visit among the visits."""
        return next(i for i, v in enumerate(self.visits) if v.name == name)
