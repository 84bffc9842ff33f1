"""The untreated hazard of a clinic patient: the rate of the country, sex and age, times what sets this person apart.

    h0 = I(country, sex, age) * density * fractures before * falls * diabetes * glucocorticoids

    density    GR^z / E[GR^z],   z = (M - T) / SD,   E[GR^z] = exp(ln(GR)^2 / 2): the mean over people of this age
    others     relative risk over its mean in the population; 1 where the record does not say

So a group that is like the population has the rate of the population: nothing is counted twice. Trials have a baseline
of their own (`fracture_hazard.baseline`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.core import current_practice, gettext, grade_text
from bonecast.outcomes.fracture_course import YEAR_D, FractureCourse
from bonecast.outcomes.fracture_history import FractureHistory, fracture_history, prior_factor
from bonecast.outcomes.fracture_profile import Profile, column, population_means, population_spread, t_scores
from bonecast.outcomes.incidence import anchors, clinic_parameter_set, countries, incidence
from bonecast.outcomes.risk_factors import find_factor
from bonecast.records import Patient
from bonecast.regimens import History

DEFAULT_COUNTRY = "US"  # in the middle of the table, and its rates by age are the best known
OF_JURISDICTION = {"US": "US", "UK": "GB", "CA": "CA"}
COUNTRY_NAMES = {
    "AU": "Australia",
    "CA": "Canada",
    "CN": "China",
    "DK": "Denmark",
    "ES": "Spain",
    "GB": "the UK",
    "KR": "South Korea",
    "NO": "Norway",
    "SE": "Sweden",
    "US": "the US",
}
_WORDS = {
    "fall": "falls in the last year",
    "diabetes": "diabetes",
    "glucocorticoid": "glucocorticoid",
}


@dataclass(frozen=True)
class ClinicBaseline:
    """Whose rates stand behind a person's risk of fracture, and what is known of the person.

    Parameters
    ----------
    country : str
        ISO 3166 code of the rates.
    stated : bool
        Whether the record says the country, itself or by its jurisdiction.
    sex : str
        "female" or "male".
    factors : mapping of str to bool
        Facts that the record states, such as "fall".
    history : FractureHistory
        Fractures before.
    """

    country: str
    stated: bool
    sex: str
    factors: Mapping[str, bool]
    history: FractureHistory

    def hazard(
        self, parameters: Mapping[str, float], profile: Profile, course: FractureCourse, kind: str
    ) -> np.ndarray:
        """Hazard without any drug.

        Parameters
        ----------
        parameters : mapping of str to float
            Numbers of the fracture relation.
        profile : Profile
            T-scores and age on day 0.
        course : FractureCourse
            What ageing takes from BMD.
        kind : str
            "vertebral", "hip" or "nonvertebral".

        Returns
        -------
        ndarray
            [person, time], per 100 person-years.
        """
        age = column(profile.age) + course.days / YEAR_D
        apart = self._density(parameters, profile, course, kind, age)
        for factor, present in self.factors.items():
            apart = apart * find_factor(factor, kind, self.sex).against_population(present, age)
        before = prior_factor(parameters, self.history, self.country, self.sex, kind, age, course.days)
        return incidence(self.country, self.sex, kind, age) * apart * before

    def _density(
        self,
        parameters: Mapping[str, float],
        profile: Profile,
        course: FractureCourse,
        kind: str,
        age: np.ndarray,
    ) -> np.ndarray:
        """Risk of this T-score against the mean over people of the same age; 1 on day 0 without a T-score."""
        site, lost, per_pct = (
            ("LS", course.ls_untreated, parameters["spine_t_per_pct"])
            if kind == "vertebral"
            else ("FN", course.th_untreated, parameters["hip_t_per_pct"])
        )
        female = column(profile.female)
        t = column(t_scores(parameters, profile)[site]) + per_pct * lost
        z = (population_means(parameters, age, female)[site] - t) / population_spread(age, female)[site]
        gradient = np.log(parameters[f"{kind}_gradient"])
        if kind == "hip":
            steeper = parameters["hip_gradient_age"] * (age - parameters["gradient_age"])
            gradient = np.maximum(0.0, gradient + steeper)
        known = ~np.isnan(np.stack([column(profile.ls_t), column(profile.th_t), column(profile.fn_t)]))
        return np.exp(gradient * z - known.any(axis=0) * gradient**2 / 2)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the record does not say, in words; the population's average is taken for it."""
        found = [words for factor, words in _WORDS.items() if factor not in self.factors]
        return (*self.history.unknown, *found)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its numbers were read, once each, what is recalled marked as unverified."""
        read = [(row.source, row.mark) for row in anchors(self.country, self.sex)]
        read += [(row.source, row.mark) for row in anchors("GB", self.sex, "other nonvertebral")]
        read += [
            (row.source, row.mark)
            for factor in self.factors
            for row in (find_factor(factor, kind, self.sex) for kind in ("vertebral", "hip", "nonvertebral"))
        ]
        cards = clinic_parameter_set()
        read += [
            (cards.sources[card.source].text, card.mark)
            for card in cards.parameters.values()
            if card.mark != "assumption"
        ]
        return tuple(
            dict.fromkeys(
                f"{text} ({grade_text(mark)})" if mark == "recalled" else text for text, mark in read
            )
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say whose rates the risk of fracture rests on, and what was taken for unknown facts."""
        people = "women" if self.sex == "female" else "men"
        said = [
            gettext(
                "Risks of fracture rest on the rates of {people} of this age in {country}.",
                people=gettext(people),
                country=gettext(COUNTRY_NAMES[self.country]),
            )
        ]
        if not self.stated:
            said.append(
                gettext("The country is not in the record, and rates differ up to fourfold: state `country`.")
            )
        if self.unknown:
            said.append(
                gettext(
                    "The average of the population is taken for what the record does not say: {names}.",
                    names=", ".join(map(gettext, self.unknown)),
                )
            )
        recalled = [
            _WORDS[factor]
            for factor in self.factors
            if find_factor(factor, "hip", self.sex).mark == "recalled"
        ]
        if recalled:
            said.append(
                gettext(
                    "The effect of {names} on fractures is recalled, unverified.",
                    names=gettext(" and ").join(map(gettext, recalled)),
                )
            )
        return tuple(said)


def clinic_baseline(patient: Patient, history: History) -> ClinicBaseline:
    """Read from a record whose rates apply, and what sets the person apart from them.

    Parameters
    ----------
    patient : Patient
        The record.
    history : History
        Its axis of days, on which fractures are placed.

    Returns
    -------
    ClinicBaseline
    """
    country, stated = _country(patient)
    return ClinicBaseline(
        country, stated, patient.sex, _factors(patient), fracture_history(patient, history.zero)
    )


def _country(patient: Patient) -> tuple[str, bool]:
    said = patient.fact("country")
    if said in countries():
        return str(said), True
    own = current_practice().country
    if not said and own in countries():
        return own, True
    jurisdiction = None if said else patient.fact("jurisdiction")
    known = OF_JURISDICTION.get(str(jurisdiction))
    return known or DEFAULT_COUNTRY, known is not None


def _factors(patient: Patient) -> dict[str, bool]:
    """The facts that the record states."""
    falls = patient.fact("falls_last_year")
    dose = patient.fact("prednisolone_mg_day")
    stated = {
        "fall": None if falls is None else falls != 0,
        "diabetes": patient.fact("diabetes"),
        "glucocorticoid": True if dose else patient.fact("glucocorticoid"),
    }
    return {factor: bool(present) for factor, present in stated.items() if present is not None}
