"""The checklist of a drug: every room that must know it has something of it, or the reason why it has nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bonecast.care import rules, variables
from bonecast.care.derived import treatments
from bonecast.drugs import Drug, all_drugs, find_drug
from bonecast.drugs.drug import ROOMS
from bonecast.forecasts import sequences
from bonecast.liver import livertox_entry
from bonecast.models import DEFAULT_MODEL, load_model, model_names, models_supporting

NAMES = [drug.generic for drug in all_drugs()]


def missing(drug: Drug) -> list[str]:
    """The rooms that neither hold anything of this drug nor say why not; a room that says both is named too."""
    held = {
        "models": bool(models_supporting(drug.generic)),
        "mechanism": bool(drug.mechanism(DEFAULT_MODEL)),
        "sequences": bool(drug.predecessors),
        "check": bool(drug.treatments),
        "kidney": bool(drug.kidney_rules),
        "liver": bool(drug.liver),
    }
    assert tuple(held) == ROOMS
    named = drug.drug_class and drug.status and (drug.regimens or drug.status == "comparator")
    return ([] if named else ["catalogue"]) + [
        room for room in ROOMS if held[room] == bool(drug.absent.get(room, "").strip())
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_room_knows_every_drug_or_says_why_not(name):
    rooms = missing(find_drug(name))
    assert rooms == [], f"{name} is missing in: {', '.join(rooms)} (see drugs/catalogue/{name}/drug.toml)"


@pytest.mark.parametrize("room", ROOMS)
def test_a_drug_that_a_room_lacks_is_found(room):
    emptied = {
        "mechanism": {"mechanisms": ()},
        "sequences": {"predecessors": ()},
        "check": {"treatments": ()},
        "kidney": {"kidney_rules": ()},
        "liver": {"liver": {}},
        "models": {"generic": "a drug that no model has"},
    }
    zoledronate = find_drug("zoledronate")
    without = {key: reason for key, reason in zoledronate.absent.items() if key != room}
    assert missing(replace(zoledronate, **emptied[room], absent=without)) == [room]


def test_a_drug_without_regimens_is_missing_in_the_catalogue():
    assert missing(replace(find_drug("zoledronate"), regimens=())) == ["catalogue"]


def test_a_reason_for_a_room_that_holds_something_is_found_too():
    assert missing(replace(find_drug("zoledronate"), absent={"liver": "nothing", "check": "nothing"})) == [
        "check"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_drug_says_of_other_rooms_is_there(name):
    drug = find_drug(name)
    choices = variables()
    assert {one.action for one in drug.treatments} <= set(choices["planned_action"].choices)
    assert {fact for one in drug.treatments for fact in one.facts} <= set(choices)
    assert not drug.prior_therapy or drug.prior_therapy in choices["prior_therapy"].choices
    assert set(drug.kidney_rules) <= set(rules())
    assert {row.drug for row in drug.predecessors} <= set(NAMES)
    for mechanism in drug.mechanisms:
        assert mechanism.model in model_names()
        assert drug.generic in load_model(mechanism.model).drugs
        assert any(unit.endswith(f".{mechanism.unit}") for unit in load_model(mechanism.model).equations)


def test_the_rules_of_the_kidney_that_a_drug_names_ask_for_the_kidney():
    named = {rule for drug in all_drugs() for rule in drug.kidney_rules}
    assert len(named) > 5
    assert all(re.search("egfr|crcl|dialysis", rules()[rule].text) for rule in named)


def test_the_rooms_read_what_the_folders_hold():
    assert {one.name for name in NAMES for one in find_drug(name).treatments} < set(treatments())
    assert len(sequences()) == sum(len(find_drug(name).predecessors) for name in NAMES) == 46
    assert [name for name in NAMES if livertox_entry(name)] == ["denosumab"]
