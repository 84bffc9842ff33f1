"""Bundles changed at random: nothing of somebody else or denied enters a record, and nothing crashes."""

from __future__ import annotations

import copy
import random
import sys
from pathlib import Path

import pytest

from bonecast.errors import InputError
from bonecast.interop import fhir_bundle as reader
from bonecast.interop import fhir_codes as facts
from bonecast.interop.fhir_references import Addresses

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import fhir_mutations as mutations  # noqa: E402

EXAMPLES = 1_000  # of each property: 2,000 in all


@pytest.mark.slow
@pytest.mark.parametrize("name", mutations.PROPERTIES)
def test_a_property_holds_for_every_bundle(name):
    assert mutations.hold(mutations.PROPERTIES[name], EXAMPLES) >= EXAMPLES


def failed(name: str, count: int = 300) -> int:
    return len(mutations.failures_of(mutations.PROPERTIES[name], name, 1, range(count)))


def test_each_entry_that_may_be_in_a_bundle_says_something():
    alone = mutations.read([mutations.HER])
    for entry in mutations.ENTRIES:
        person = mutations.read([mutations.HER, mutations._hers(copy.deepcopy(entry))])
        assert person != alone, entry
        assert person.skipped == () or person.measurements or person.doses or person.facts, entry


def test_a_reader_that_does_not_ask_whose_it_is_would_be_found(monkeypatch):
    monkeypatch.setattr(Addresses, "whose", lambda self, resource: "hers")
    assert failed("nothing of another person or denied")


def test_a_reader_that_passes_over_what_changes_the_meaning_would_be_found(monkeypatch):
    monkeypatch.setattr(reader._Reading, "_check_meant", lambda self, entry: None)
    assert failed("nothing of another person or denied")


def test_a_reader_that_takes_a_withdrawn_result_would_be_found(monkeypatch):
    monkeypatch.setattr(reader, "COUNTED", ("final", "entered-in-error", "cancelled"))
    assert failed("nothing of another person or denied")


def test_a_reader_that_takes_a_denial_for_a_fact_would_be_found(monkeypatch):
    monkeypatch.setattr(facts, "sense_of", lambda *_: "present")
    monkeypatch.setattr(facts, "sense_of_whole", lambda *_: "present")
    assert failed("nothing of another person or denied")


def test_a_reader_that_crashes_or_refuses_all_for_one_cell_would_be_found(monkeypatch):
    def strict(found, place):
        raise ZeroDivisionError

    monkeypatch.setattr(reader, "quantity_text", strict)
    monkeypatch.setattr(reader, "measurement_lines", strict)
    assert failed("no crash, and one odd cell never costs the rest")

    def refusing(file, entries):
        raise InputError(file, "no", "no")

    monkeypatch.undo()
    monkeypatch.setattr("bonecast.interop.fhir_input._check_version", refusing)
    assert failed("no crash, and one odd cell never costs the rest", 30)


def test_a_bundle_is_made_again_by_its_number():
    made = [
        mutations.altered(mutations.Choices(random.Random(f"7 x {number}")))
        for number in (0, 1, 2, 3, 0, 1, 2, 3)
    ]
    assert made[:4] == made[4:]
    assert len({str(one) for one in made}) == 4
