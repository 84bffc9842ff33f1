"""A population: margins, shares and states, and the draw of candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from bonecast.cohorts.cohort import Cohort, check_people
from bonecast.cohorts.column import columns
from bonecast.cohorts.copula import draw_traits
from bonecast.cohorts.covariates import Covariates, concatenated
from bonecast.cohorts.eligibility import Eligibility
from bonecast.cohorts.margin import Margin
from bonecast.cohorts.prior_fracture import Chance, fitted, nonvertebral, vertebral
from bonecast.cohorts.typical_kinds import SITES, Typical
from bonecast.engine import normals
from bonecast.errors import InputError
from bonecast.models import DEFAULT_MODEL, Model, load_model
from bonecast.outcomes import young_normal

MARKERS = {"CTX": "CTX_ng_mL", "P1NP": "P1NP_ug_L", "BSAP": "BSAP_ug_L", "uNTX": "uNTX_nmol_mmol"}
DRUGS = ("prior_bisphosphonate", "prior_denosumab", "prior_anabolic")
REFERENCE = 20_000  # people from whom a level is set: a share is then within 0.3 points
REFERENCE_SEED = 0
SCREENED = 2048  # candidates drawn at a time
MOST_SCREENED = 400  # candidates for each person asked for, after which the search is given up


@dataclass(frozen=True)
class Share:
    """The share of people of whom something is so.

    Parameters
    ----------
    name : str
        Of the covariate.
    value : float
        0 to 1.
    mark, source : str
        Evidence grade of the number, and where it comes from.
    """

    name: str
    value: float
    mark: str
    source: str


@dataclass(frozen=True)
class Population:
    """Whom candidates are drawn from.

    Parameters
    ----------
    name, title : str
        As in the list of populations, and for people.
    prefix : str
        The word before the number in an id ("pmo").
    like : Typical
        Typical people of its kind (T-scores, states, what was taken before).
    margins : mapping of str to Margin
        Distribution of each quantity.
    shares : mapping of str to Share
    is_not : str
        What it must not be taken for.
    """

    name: str
    title: str
    prefix: str
    like: Typical
    margins: Mapping[str, Margin]
    shares: Mapping[str, Share]
    is_not: str

    def __repr__(self) -> str:
        return f"<Population {self.name}: {len(self.margins)} margins, {len(self.shares)} shares>"

    def _repr_html_(self) -> str:
        from bonecast.cohorts.notebook import population_html

        return population_html(self)

    def cohort(
        self,
        count: int,
        model: str | Model = DEFAULT_MODEL,
        seed: int = 1,
        eligible: Sequence[str] = (),
    ) -> Cohort:
        """The first eligible candidates, as people of a model.

        Parameters
        ----------
        count : int
            Number of people.
        model : str or Model
            Library name, or a model.
        seed : int
            The same seed gives the same candidates, no matter who is eligible.
        eligible : sequence of str
            Expressions over covariates that must all hold ("age >= 60").

        Returns
        -------
        Cohort
            Untreated so far: what the population took before is in `like.prior_plan`.

        Raises
        ------
        InputError
            If hardly anybody is eligible, or a name or number cannot be used.

        Examples
        --------
        >>> from bonecast.cohorts import population
        >>> women = population("postmenopausal-women").cohort(20, eligible=["LS_T_score < -2.5"])
        >>> women.ids[0], bool(women.covariates["LS_T_score"].max() < -2.5)
        ('pmw-000022', True)
        """
        check_people(count)
        criteria = Eligibility.of(eligible)
        parts: list[Covariates] = []
        screened, found = 0, 0
        while found < count:
            if screened >= MOST_SCREENED * (count + SCREENED):
                cause = f"of {screened:,} candidates {found:,} are eligible"
                raise InputError("eligible", cause, "ask for less, or of another population")
            candidates = self.draw(seed, screened, SCREENED)
            parts.append(candidates.select(np.flatnonzero(criteria.holds(candidates))[: count - found]))
            screened, found = screened + SCREENED, found + parts[-1].count
        return Cohort.of(load_model(model), concatenated(parts))

    def draw(self, seed: int, first: int, count: int) -> Covariates:
        """Candidates `first` to `first + count - 1`.

        Each decision is a stream keyed by seed, name and candidate, so a person is the same whatever else is drawn.

        Parameters
        ----------
        seed, first, count : int

        Returns
        -------
        Covariates

        Examples
        --------
        >>> from bonecast.cohorts import population
        >>> people = population("postmenopausal-osteoporosis")
        >>> a, b = people.draw(1, 0, 2000), people.draw(1, 1999, 1)
        >>> a.ids[-1], bool(a["weight_kg"][-1] == b["weight_kg"][0])
        ('pmo-001999', True)
        """
        made = self._body(seed, first, count)
        for name, chance in self.prior_fracture.items():
            made[name] = uniform(seed, name, first, count) < chance.of(made)
        for name in DRUGS:
            made[name] = uniform(seed, name, first, count) < self.shares[name].value
        made["adherence"] = np.full(count, self.like.adherence)
        for name, column in columns().items():
            if name not in made:
                made[name] = np.full(count, float(self.like.states.get(column.fact, column.usual)))
        if "extensive_metastases" in self.shares:
            more = uniform(seed, "extensive metastases", first, count)
            made["bone_metastases"] = 1.0 + (more < self.shares["extensive_metastases"].value)
        number = np.arange(first, first + count)
        return Covariates(self.prefix, seed, number, {name: made[name] for name in columns()})

    @cached_property
    def prior_fracture(self) -> Mapping[str, Chance]:
        """The chance of each fracture before, at the level at which this population has its share."""
        people = self._body(REFERENCE_SEED, 0, REFERENCE)
        chances = {"prior_vertebral": vertebral(), "prior_nonvertebral": nonvertebral()}
        return {name: fitted(chance, self.shares[name].value, people) for name, chance in chances.items()}

    def _body(self, seed: int, first: int, count: int) -> dict[str, np.ndarray]:
        """Everything that is measured on a body: sex, size, kidney, vitamin D, calcium, markers, BMD."""
        z, m = draw_traits(seed, first, count), self.margins
        female = uniform(seed, "female", first, count) < self.shares["female"].value
        age = m["age"].at(z["age"])
        weight = np.where(female, m["weight_women"].at(z["weight"]), m["weight_men"].at(z["weight"]))
        height = np.where(female, m["height_women"].at(z["height"]), m["height_men"].at(z["height"]))
        made = {
            "age": age,
            "female": female,
            "weight_kg": weight,
            "height_cm": height,
            "bmi_kg_m2": weight / (height / 100.0) ** 2,
            "eGFR": m["eGFR"].at(z["eGFR"], m["eGFR"].typical_at(age)),
            "vitamin_D_nmol_L": m["vitamin_D"].at(z["vitamin D"]),
            "calcium_intake_mg_d": m["calcium_intake"].at(z["calcium intake"]),
        }
        for site in SITES:
            name = f"{site}_T_score"
            made[name] = m[name].at(z[f"{site} T-score"])
            made[f"{site}_BMD_g_cm2"] = density_at(site, made[name])
        for marker, column in MARKERS.items():
            made[column] = m[marker].at(z[f"baseline {marker}"])
        return made


def uniform(seed: int, name: str, first: int, count: int) -> np.ndarray:
    """A number between 0 and 1 for each candidate, from the stream of a decision."""
    return ndtr(normals(seed, f"candidate {name}", first, count))


def density_at(site: str, t_score: np.ndarray) -> np.ndarray:
    """BMD in g/cm2 at T-scores of a site."""
    normal = young_normal(f"{site}_BMD", "Hologic")
    return normal.mean + normal.sd * t_score
