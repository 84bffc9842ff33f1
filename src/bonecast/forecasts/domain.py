"""Where the models hold: who and what gets no forecast."""

from __future__ import annotations

from collections.abc import Mapping

from bonecast.errors import InputError
from bonecast.forecasts.oncology import indication_120
from bonecast.forecasts.sequences import changes, sequences
from bonecast.records import Patient
from bonecast.regimens import History, Regimen

ADULT = 18
LOWEST_EGFR = 3.0  # mL/min/1.73 m2, the lower end of the card: below it is dialysis
LOWEST_T = -6.0  # the lower end of the cards
OSTEOPOROSIS_MG = 60


def check_person(patient: Patient, facts: Mapping[str, float]) -> None:
    """May this person have a forecast at all? InputError with the reason where the models have no ground.

    facts : as a model takes them (`person_facts`, T-scores with them).
    """
    place = f"person {patient.id}"
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


def check_plans(patient: Patient, history: History, plans: Mapping[str, Regimen]) -> None:
    """Is there any evidence behind these plans for this person? InputError naming the strategy where there is none.

    Refused: the regimen of osteoporosis for a person whose denosumab is 120 mg, and one drug after another of which
    nothing is known.
    """
    on_120 = indication_120(patient, history) is not None
    for name, plan in plans.items():
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
