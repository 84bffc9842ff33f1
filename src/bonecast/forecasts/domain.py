"""Where the models hold: who and what gets no forecast, and where a forecast is stretched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bonecast.core import grade_text
from bonecast.errors import InputError
from bonecast.forecasts.sequences import changes, sequences
from bonecast.models import Model
from bonecast.records import Patient
from bonecast.regimens import History, Regimen

ADULT = 18
LOWEST_EGFR = 3.0  # mL/min/1.73 m2, the lower end of the card: below it is dialysis
LOWEST_T = -6.0  # the lower end of the cards
OSTEOPOROSIS_MG = 60
STRETCHED = {
    "expert": "advised by experts, with no trial read here",
    "inference": "inferred from related drugs",
}


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

    Refused: the regimen of osteoporosis asked for metastatic disease, and one drug after another of which nothing is
    known.
    """
    metastatic = (
        bool(patient.fact("n_bone_mets"))
        or patient.fact("metastatic") is True
        or patient.fact("indication") == "BONE_METS"
    )
    for name, plan in plans.items():
        if metastatic and any(d.drug == "denosumab" and d.amount == OSTEOPOROSIS_MG for d in plan.doses):
            raise InputError(
                f"strategy {name}",
                "the record says metastatic disease, for which 60 mg every 6 months is not the regimen",
                "name strategies with denosumab 120 mg every 4 weeks",
            )
        for before, after in changes(plan, history):
            if (before, after) not in sequences():
                raise InputError(
                    f"strategy {name}",
                    f"no evidence is known here for {after} after {before}",
                    "use another drug, or another order",
                )


def stretches(
    patient: Patient, model: Model, history: History, facts: Mapping[str, float], plans: Mapping[str, Regimen]
) -> Iterator[str]:
    """Where the forecast goes beyond what was studied, one sentence each."""
    for fact, value in facts.items():
        covariate = model.covariates.get(fact)
        ends = (
            model.parameter_set.parameters[covariate.parameter].range
            if covariate and not covariate.unfit
            else None
        )
        if ends and not ends[0] <= value <= ends[1]:
            yield (
                f"{fact[0].upper()}{fact[1:]} {value:g} lies outside {ends[0]:g} to {ends[1]:g}, for which"
                f" {model.name} is made, and is held at the nearest end."
            )
    if patient.fact("on_dialysis") is True:
        yield "Dialysis is not in the model: after an injection calcium may fall further and for longer than shown."
    for asked in ("metastatic", "n_bone_mets"):
        if patient.fact(asked):
            yield "Metastatic disease is on record; the forecast leaves it out."
            break
    if patient.fact("pregnancy_status") == "planning":
        yield "A pregnancy is planned: the forecast knows nothing of pregnancy."
    yield from _untried(history, plans)


def _untried(history: History, plans: Mapping[str, Regimen]) -> Iterable[str]:
    found: dict[tuple[str, str], None] = {}
    for plan in plans.values():
        found |= dict.fromkeys(changes(plan, history))
    for pair in found:
        row = sequences().get(pair)
        if row is not None and row.evidence in STRETCHED:
            before, after = pair
            source = f"{grade_text(row.mark)}: {row.source}"
            yield f"{after.capitalize()} after {before} is {STRETCHED[row.evidence]} ({source})."
