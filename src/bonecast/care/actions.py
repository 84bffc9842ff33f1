"""The acts that can be checked, by the name that people use and by the name in the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bonecast.care.case import Known
from bonecast.care.derived import OTHER, treatments
from bonecast.care.variables import Value, read_value, table, variables
from bonecast.drugs import drug_names, find_drug
from bonecast.errors import UnknownName

CANCER_INDICATIONS = ("BONE_METS", "MYELOMA", "GCTB", "HCM", "BREAST_CA_ANTITUMOUR")
# A dental status or pregnancy status that already says more than the question is left as it is.
_LEFT = {
    "dental_status": ("planned_extraction", "planned_implant", "unhealed_lesion", "ONJ_active"),
    "pregnancy_status": ("pregnant",),
    "reproductive_potential": (),
}


@dataclass(frozen=True)
class Act:
    """An act: the name that people use, a pattern of the rules' name, the facts it brings, its meaning."""

    name: str
    pattern: str
    facts: tuple[tuple[str, Value], ...]
    meaning: str


@cache
def actions() -> dict[str, Act]:
    """List the acts that can be checked.

    Returns
    -------
    dict of str to Act
        Name that people use to act.

    Examples
    --------
    >>> actions()["next dose"].meaning
    'give the next injection'
    """
    return {row["name"]: _action(row) for row in table("actions.csv")}


def act_giving(drug: str, amount_mg: float | None = None) -> tuple[str, dict[str, Value]] | None:
    """Find the act of the rules that gives a drug other than denosumab.

    Parameters
    ----------
    drug : str
        Drug, by agent or product name.
    amount_mg : float, optional
        Amount of one dose in mg, where a drug is given in several strengths.

    Returns
    -------
    tuple of (str, dict of str to Value) or None
        Act, as the rules name it, and the facts that it adds; None for supplements and placebo.

    Raises
    ------
    UnknownName
        If the catalogue has no such drug.

    Examples
    --------
    >>> act_giving("zoledronate", 4.0), act_giving("calcium")
    (('switch_zoledronate_4mg', {'target_drug': 'zoledronate_4'}), None)
    """
    found = find_drug(drug)
    meant = found.treatment(amount_mg) or treatments().get(found.generic)
    return None if meant is None else (meant.action, {"target_drug": meant.name})


def planned(name: str | None, facts: Mapping[str, Known], place: str = "--action") -> dict[str, Known]:
    """Which facts does this act add? Without a name, the injection that is next.

    The dose is that of the product in use, or follows from the indication.

    >>> planned(None, {"n_doses_received": Known(3.0)})["planned_action"].value
    'continue_60'
    """
    usual = "start_{dose}" if _value(facts, "n_doses_received") in (None, 0.0) else "continue_{dose}"
    pattern, brought = usual, ()
    if name is not None:
        spoken = name.replace("-", " ").strip().casefold()
        if name in variables()["planned_action"].choices:
            pattern = name
        elif spoken in actions():
            pattern, brought = actions()[spoken].pattern.replace("{next}", usual), actions()[spoken].facts
        elif (treated := _treatment(spoken)) is not None:
            pattern, brought = treated
        else:
            raise UnknownName(place, "action", name, (*actions(), *variables()["planned_action"].choices))
    action = pattern.replace("{dose}", str(_dose_mg(facts)))
    if action == "restart_120":  # the rules know no other start at 120 mg
        action = "start_120"
    if action == OTHER and _value(facts, "n_doses_received") not in (None, 0.0):
        action = _switching(dict(brought).get("target_drug", _value(facts, "target_drug")))
    added = {"planned_action": Known(action, None, "chosen")}
    for fact, value in brought:
        if _value(facts, fact) not in _LEFT.get(fact, ()):
            added[fact] = Known(value, None, "the action")
    return added


def _treatment(spoken: str) -> tuple[str, tuple[tuple[str, Value], ...]] | None:
    """What "start NAME" and "switch to NAME" mean for any drug of the catalogue."""
    for words, starts in (("start ", True), ("switch to ", False)):
        name = spoken.removeprefix(words)
        if name != spoken and name in {one.casefold() for one in drug_names()}:
            given = act_giving(name)
            if given is not None:
                return (OTHER if starts else given[0]), tuple(given[1].items())
    return None


def _switching(drug: Value | None) -> str:
    """The act that gives this drug after denosumab: people who had an injection switch to it."""
    meant = treatments().get(str(drug))
    return OTHER if meant is None else meant.action


def _dose_mg(facts: Mapping[str, Known]) -> int:
    current = _value(facts, "current_dose_mg")
    if isinstance(current, float):
        return int(current)
    return 120 if _value(facts, "indication") in CANCER_INDICATIONS else 60


def _value(facts: Mapping[str, Known], name: str) -> Value | None:
    return facts[name].value if name in facts else None


def _action(row: dict[str, str]) -> Act:
    pairs = [pair.split("=") for pair in row["facts"].split()]
    facts = tuple((fact, read_value(variables()[fact], value, "actions.csv")) for fact, value in pairs)
    return Act(row["name"], row["planned_action"], facts, row["meaning"])
