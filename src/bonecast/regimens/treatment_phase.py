"""In which phase of treatment is a day: under a drug, after its end, after a switch, or without any?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bonecast.core import DAYS_IN
from bonecast.drugs import find_drug
from bonecast.regimens.course import Dose
from bonecast.regimens.dose_events import PLACEBO

# Which of several drugs given at once names the class: the one whose effect on bone is the most of its own kind.
_LEADING = (
    "romosozumab", "anabolic", "denosumab_120", "denosumab", "zoledronate", "bisphosphonate", "raloxifene",
)  # fmt: skip
_CLASS_OF = {
    "RANKL antibody": "denosumab",
    "sclerostin antibody": "romosozumab",
    "PTH receptor agonist": "anabolic",
    "SERM": "raloxifene",
    "bisphosphonate": "bisphosphonate",
}
HIGH_DOSE_MG, HIGH_DOSE_INTERVAL_D = 120.0, 61.0  # denosumab for bone metastases
SINGLE_ZOLEDRONATE_D = DAYS_IN["years"]  # how long a single infusion counts as treatment
SAME_DAY_D = 1.0


@dataclass(frozen=True)
class TreatmentPhase:
    """The phase of treatment on a day.

    Parameters
    ----------
    drug : str
        Class of the drug that decides it: denosumab, denosumab_120, bisphosphonate, zoledronate, anabolic, romosozumab,
        raloxifene or none. After stopping, the drug that was stopped; after a switch, the one that was switched to.
    phase : str
        on_treatment, after_stopping, after_switch or untreated.
    months : float
        Months since the phase began: the first dose of the drug, or the end of the last cover.
    """

    drug: str
    phase: str
    months: float


def treatment_phase(doses: Iterable[Dose], day: float) -> TreatmentPhase:
    """Tell the phase of treatment on a day.

    A dose covers its interval; a single infusion of zoledronate counts as treatment for a year. Zoledronate after
    another drug stays `after_switch`, however long ago it was, because it is there to keep what that drug gained.
    Calcium and vitamin D are no treatment.

    Parameters
    ----------
    doses : iterable of Dose
        Doses on one axis of days; what was given before day 0 has negative days.
    day : float
        The day.

    Returns
    -------
    TreatmentPhase

    Examples
    --------
    >>> from bonecast.regimens import parse_regimen
    >>> plan = parse_regimen("denosumab 60 mg every 6 months x 4, then zoledronate 5 mg once, then nothing for 2 years")
    >>> treatment_phase(plan.doses, 365.25)
    TreatmentPhase(drug='denosumab', phase='on_treatment', months=12.0)
    >>> treatment_phase(plan.doses, 3 * 365.25)
    TreatmentPhase(drug='zoledronate', phase='after_switch', months=12.0)
    """
    given = [(dose, name) for dose in doses if dose.time_d < day and (name := drug_class(dose))]
    if not given:
        return TreatmentPhase("none", "untreated", _months(day))
    current = {name for dose, name in given if _end(dose) >= day - SAME_DAY_D}
    stopped, name = max(given, key=lambda pair: _end(pair[0]))
    began = min(dose.time_d for dose, other in given if other == name)
    if not current and not (name == "zoledronate" and _others_before(given, name, began, {name})):
        return TreatmentPhase(name, "after_stopping", _months(day - _end(stopped)))
    current = current or {name}
    name = min(current, key=_LEADING.index)
    began = min(dose.time_d for dose, other in given if other == name)
    phase = "after_switch" if _others_before(given, name, began, current) else "on_treatment"
    return TreatmentPhase(name, phase, _months(day - began))


def drug_class(dose: Dose) -> str:
    """Name the class of a dose for `treatment_phase`.

    Parameters
    ----------
    dose : Dose
        A dose.

    Returns
    -------
    str
        The class; empty for placebo, calcium and vitamin D.

    Examples
    --------
    >>> drug_class(Dose(0.0, "denosumab", 120.0, "mg", 28.0)), drug_class(Dose(0.0, "alendronate", 70.0, "mg", 7.0))
    ('denosumab_120', 'bisphosphonate')
    """
    if dose.drug == PLACEBO:
        return ""
    if dose.drug == "zoledronate":
        return "zoledronate"
    name = _CLASS_OF.get(find_drug(dose.drug).drug_class, "")
    often = dose.amount >= HIGH_DOSE_MG and dose.cover_d <= HIGH_DOSE_INTERVAL_D
    return "denosumab_120" if name == "denosumab" and often else name


def _others_before(given: list[tuple[Dose, str]], name: str, began: float, together: set[str]) -> bool:
    """Was a drug of another class, which is not given now, given before this one began?"""
    return any(dose.time_d < began - SAME_DAY_D and other not in together for dose, other in given)


def _end(dose: Dose) -> float:
    single = SINGLE_ZOLEDRONATE_D if dose.drug == "zoledronate" and not dose.cover_d else 0.0
    return dose.time_d + max(dose.cover_d, single)


def _months(days: float) -> float:
    return round(max(days, 0.0) / DAYS_IN["months"], 6)
