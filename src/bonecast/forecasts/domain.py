"""Where the models hold: who and what gets no forecast."""

from __future__ import annotations

from collections.abc import Mapping

from bonecast.errors import InputError
from bonecast.forecasts.oncology import indication_120
from bonecast.forecasts.sequences import changes, sequences
from bonecast.records import CONFIRMED, Patient, unusual_doses
from bonecast.regimens import DAYS_IN, History, Regimen, unusual_courses

ADULT = 18
LOWEST_EGFR = 3.0  # mL/min/1.73 m2, the lower end of the card: below it is dialysis
LOWEST_T = -6.0  # the lower end of the cards
# The longest that bone was followed on denosumab: FREEDOM and its extension (Bone 2017, 10.1016/S2213-8587(17)30138-9).
EVIDENCE_D = 10 * DAYS_IN["years"]
LONGEST_D = 2 * EVIDENCE_D  # a choice: as long again as anybody was followed
OLDEST = 105  # a choice: completed years at the end of a forecast; few live longer, and no trial held them
OSTEOPOROSIS_MG = 60


def check_person(patient: Patient, facts: Mapping[str, float]) -> None:
    """May this person have a forecast at all? InputError with the reason where the models have no ground.

    facts : as a model takes them (`person_facts`, T-scores with them).
    """
    place = f"person {patient.id}"
    asked = unusual_doses(patient)
    if asked:
        hint = f"correct the dose, or say that it was given as written: {CONFIRMED} = true"
        raise InputError(place, f"dose of {asked[0]}", hint)
    if patient.age < ADULT:
        raise InputError(
            place, "the models hold for adults and the person is under 18", "there is no forecast"
        )
    if patient.fact("pregnancy_status") == "pregnant":
        raise InputError(
            place,
            "pregnancy_status says pregnant, and nothing here is known of pregnancy",
            "there is no forecast; `bonecast check` gives the rules",
        )
    if "eGFR" in facts and facts["eGFR"] < LOWEST_EGFR:
        raise InputError(
            place,
            f"an eGFR of {facts['eGFR']:.1f} mL/min/1.73 m2 lies below what the models have seen"
            f" ({LOWEST_EGFR:g})",
            "correct the value; for a person on dialysis there is no forecast",
        )
    for site in ("LS", "TH", "FN"):
        score = facts.get(f"{site} T-score")
        if score is not None and score < LOWEST_T:
            raise InputError(
                place,
                f"a T-score of {score:.1f} ({site}) lies below what the models have seen ({LOWEST_T:g})",
                "correct the scan or its scanner",
            )


def check_horizon(patient: Patient, horizon_d: float) -> None:
    """Is the horizon one for which there is any ground? InputError where it passes the evidence or the age of 105."""
    years = horizon_d / DAYS_IN["years"]
    if horizon_d > LONGEST_D:
        cause = (
            f"{years:.4g} years lie beyond what is known: nobody was followed on denosumab for over 10 years"
        )
        raise InputError("horizon", cause, f"give at most {LONGEST_D / DAYS_IN['years']:g} years")
    most = OLDEST - patient.age
    if years > max(most, 1):
        cause = f"the person is {patient.age} now, and would be {patient.age + years:.0f} at its end"
        raise InputError("horizon", cause, f"give at most {max(most, 1)} years: to the age of {OLDEST}")


def check_plans(patient: Patient, history: History, plans: Mapping[str, Regimen]) -> None:
    """Is there any evidence behind these plans for this person? InputError naming the strategy where there is none.

    Refused: the regimen of osteoporosis for a person whose denosumab is 120 mg, and one drug after another of which
    nothing is known.
    """
    on_120 = indication_120(patient, history) is not None
    for name, plan in plans.items():
        unusual = unusual_courses(plan)
        if unusual:
            raise InputError(
                f"strategy {name}", unusual[0], "correct the amount, its unit or how often it is given"
            )
        if on_120 and any(d.drug == "denosumab" and d.amount <= OSTEOPOROSIS_MG for d in plan.doses):
            raise InputError(
                f"strategy {name}",
                "the record says metastatic disease, another indication of 120 mg, or 120 mg in use, for which 60 mg"
                " every 6 months is not the regimen",
                "name strategies with denosumab 120 mg every 4 weeks",
            )
        for before, after in changes(plan, history):
            if (before, after) not in sequences():
                raise InputError(
                    f"strategy {name}",
                    f"no evidence is known here for {after} after {before}",
                    "use another drug, or another order",
                )
