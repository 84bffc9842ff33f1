"""The acts that can be checked, by the name that people use and by the name in the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bonecast.care.case import Known
from bonecast.care.variables import Value, read_value, table, variables
from bonecast.drugs import all_drugs
from bonecast.errors import UnknownName

CANCER_INDICATIONS = ("BONE_METS", "MYELOMA", "GCTB", "HCM", "BREAST_CA_ANTITUMOUR")
# A dental status or pregnancy status that already says more than the question is left as it is.
_LEFT = {
    "dental_status": ("planned_extraction", "planned_implant", "unhealed_lesion", "ONJ_active"),
    "pregnancy_status": ("pregnant",),
    "reproductive_potential": (),
}


@dataclass(frozen=True)
class Action:
    """An act: the name that people use, a pattern of the rules' name, the facts it brings, its meaning."""

    name: str
    pattern: str
    facts: tuple[tuple[str, Value], ...]
    meaning: str


@cache
def actions() -> dict[str, Action]:
    """The acts that can be checked, by name.

    >>> actions()["next dose"].meaning
    'give the next injection'
    """
    return {row["name"]: _action(row) for row in table("actions.csv")}


def switches() -> dict[str, str]:
    """What act is a change from denosumab to an agent of the drug catalogue, in the rules' names?

    Bisphosphonates by mouth share one; an agent for which the rules have no name is not there.

    >>> switches()["teriparatide"], switches()["alendronate"], "calcium" in switches()
    ('switch_teriparatide', 'switch_oral_bp', False)
    """
    return {drug.generic: drug.switch for drug in all_drugs() if drug.switch}


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
        else:
            raise UnknownName(place, "action", name, (*actions(), *variables()["planned_action"].choices))
    action = pattern.replace("{dose}", str(_dose_mg(facts)))
    added = {"planned_action": Known(action, None, "chosen")}
    for fact, value in brought:
        if _value(facts, fact) not in _LEFT[fact]:
            added[fact] = Known(value, None, "the action")
    return added


def _dose_mg(facts: Mapping[str, Known]) -> int:
    current = _value(facts, "current_dose_mg")
    if isinstance(current, float):
        return int(current)
    return 120 if _value(facts, "indication") in CANCER_INDICATIONS else 60


def _value(facts: Mapping[str, Known], name: str) -> Value | None:
    return facts[name].value if name in facts else None


def _action(row: dict[str, str]) -> Action:
    pairs = [pair.split("=") for pair in row["facts"].split()]
    facts = tuple((fact, read_value(variables()[fact], value, "actions.csv")) for fact, value in pairs)
    return Action(row["name"], row["planned_action"], facts, row["meaning"])
