"""Records of three hundred people, from the results to the answer: state, the rules that block, what is asked."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path

import pytest

from bonecast.care import check
from bonecast.care.rules import rules
from bonecast.records import Course, GivenDose, Measurement, Patient, quantities

TODAY = dt.date(2026, 11, 16)
FILE = Path(__file__).parents[1] / "data" / "care" / "records.csv"
ROWS = list(csv.DictReader(FILE.open(encoding="utf-8")))
NO = (
    *("hypersensitivity_denosumab", "hypersensitivity_followon", "aff_confirmed", "onj_external_history"),
    *("oral_surgery_unhealed", "syringe_shaken_or_frozen", "history_mi_stroke", "recent_mi_stroke_12m"),
    *(
        "acute_kidney_injury",
        "dehydrated",
        "oesophageal_disorder",
        "bone_malignancy",
        "skeletal_radiotherapy",
    ),
    *("paget_disease", "hyperparathyroidism", "metabolic_bone_disease_other", "alp_unexplained_raised"),
    *("hereditary_osteosarcoma_risk", "vte_history", "prolonged_immobilisation", "hepatic_impairment"),
    *("unexplained_uterine_bleeding", "endometrial_cancer", "on_dialysis", "in_clinical_trial"),
)
# What a clinic answered of everybody here; a row changes single answers, and null takes one away.
ANSWERS = dict.fromkeys(NO, False) | {
    "dental_status": "good",
    "severe_skin_reaction": "none",
    "upright_minutes": 120,
    "fracture_risk": "high",
    "indication": "PMO",
}


def ago(days: str) -> dt.date:
    return TODAY - dt.timedelta(days=int(days))


def parts(cell: str) -> list[str]:
    return list(filter(None, cell.split("; ")))


def dose(text: str) -> GivenDose:
    drug, amount, unit, product, days = re.fullmatch(r"(\S+) (\S+) (\S+)(?: \((.+)\))? @(\d+)", text).groups()
    return GivenDose(drug, float(amount), unit, ago(days), product)


def course(text: str) -> Course:
    drug, amount, unit, start, end = re.fullmatch(r"(\S+) (\S+) (\S+) @(\d+) to @(\d+)", text).groups()
    return Course(drug, float(amount), unit, 1.0, ago(start), ago(end))


def result(text: str) -> Measurement:
    found = re.fullmatch(r"(.+) (\S+) @(\d+)(?: low (\S+))?(?: high (\S+))?", text)
    test, value, days, low, high = found.groups()
    limits = {
        name: float(limit) for name, limit in (("reference_low", low), ("reference_high", high)) if limit
    }
    unit = quantities()[test].usual
    return Measurement(test, None, float(value), unit, False, ago(days), f"{value} {unit}", **limits)


def person(row: dict[str, str]) -> Patient:
    facts = {**ANSWERS, **json.loads(row["facts"] or "{}")}
    return Patient(
        "A1",
        row["sex"],
        TODAY.replace(year=TODAY.year - int(row["age"])) - dt.timedelta(days=30),
        TODAY,
        float(row["weight"]) if row["weight"] else None,
        menopause_age=float(row["menopause"]) if row["menopause"] else None,
        doses=tuple(map(dose, parts(row["doses"]))),
        courses=tuple(map(course, parts(row["courses"]))),
        measurements=tuple(map(result, parts(row["results"]))),
        death_date=ago(row["died"]) if row["died"] else None,
        facts=tuple(sorted((name, value) for name, value in facts.items() if value is not None)),
    )


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_record_has_the_state_the_blocks_and_the_questions_that_were_written_for_it(row):
    found = check(person(row), row["act"], row["place"], facts=json.loads(row["more"] or "{}"))
    fired = {finding.rule for finding in found.findings}
    assert (found.state, " ".join(sorted(found.ids("block")))) == (row["state"], row["blocks"])
    assert set(row["fires"].split()) <= fired
    assert not set(row["silent"].split()) & fired
    assert set(row["asks"].split()) <= {fact for question in found.questions for fact in question.facts}
    assert bool(found.conflicts) is (row["conflict"] == "yes")
    if found.state == "do_not_give" and not found.contradictions:
        ways = found.alternatives
        assert ways.acts or ways.referral
        assert not any(rules()[rule].mark == "recalled" for rule in found.ids("block"))


def test_the_records_hold_every_state_and_most_blocks():
    assert len({row["id"] for row in ROWS}) == len(ROWS) > 290
    assert {row["state"] for row in ROWS} == {"do_not_give", "not_complete", "caution", "clear"}
    blocked = {rule for row in ROWS for rule in row["blocks"].split()}
    blocks = {rule.id for rule in rules().values() if rule.binding}
    assert len(blocked & blocks) > 0.75 * len(blocks)
