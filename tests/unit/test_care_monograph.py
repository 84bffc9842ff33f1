"""Reactions and monograph: every figure and sentence with its source, every claim in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonecast.care.monograph import claims, find_chapter, monograph
from bonecast.care.reactions import headings, symptoms_in
from bonecast.care.variables import table
from bonecast.core import EVIDENCE_GRADES
from bonecast.errors import UnknownName

RATES = [rate for heading in headings().values() for rate in heading.rates]


def rate(reaction: str, study: str):
    (found,) = [one for one in RATES if one.reaction == reaction and one.study.startswith(study)]
    return found


@pytest.mark.parametrize(
    ("reaction", "study", "drug", "comparator"),
    [
        ("Eczema", "FREEDOM", 1000 * 119 / 3879, 1000 * 67 / 3883),
        ("Cellulitis", "FREEDOM (PMO", 1000 * 12 / 3886, 1000 * 1 / 3876),
        ("Hypocalcaemia", "Bird 2024 dialysis women", 411.0, 20.0),
        ("Infection", "FREEDOM", 293.0, 307.0),
        ("Vertebral fracture", "Cummings", 71.0, 85.0),
        ("Multiple vertebral fractures", "Cosman 2022 after more", 75.0, 36.0),
        ("Osteonecrosis of jaw", "FREEDOM Extension rate", 0.52, None),
    ],
)
def test_a_rate_is_given_in_both_arms_on_one_denominator(reaction, study, drug, comparator):
    found = rate(reaction, study)
    assert found.drug_per_1000 == pytest.approx(drug, rel=0.02)
    assert found.comparator_per_1000 == (None if comparator is None else pytest.approx(comparator, rel=0.05))


def test_a_rate_over_person_years_says_so():
    assert "1,000 people a year" in str(rate("Vertebral fracture", "Cummings"))
    assert "a year" not in str(rate("Eczema", "FREEDOM"))


def test_every_row_says_something_and_has_source_and_mark():
    assert len(RATES) > 100
    for one in RATES:
        assert str(one)
        assert one.source
        assert one.mark in EVIDENCE_GRADES


def test_printed_percentages_and_counts_agree_within_rounding_or_the_printed_one_stands():
    compared = [
        (row, arm, value)
        for row in table("reactions.csv")
        for arm, value in (("drug", row["drug"]), ("comparator", row["comparator_value"]))
        if value and row[f"{arm}_events"] and row["measure"] == "percent" and "weighted" not in row["study"]
    ]
    assert len(compared) > 20
    for row, arm, value in compared:
        counted = 100 * int(row[f"{arm}_events"]) / int(row[f"{arm}_n"])
        assert counted == pytest.approx(float(value), abs=0.55), (row["reaction"], row["study"])


def test_the_ten_headings_and_the_other_texts_are_there_with_signs_and_onset():
    assert {
        "infection",
        "hypocalcaemia",
        "jaw",
        "thigh",
        "skin",
        "musculoskeletal",
        "immune",
        "heart",
    } <= set(headings())
    assert {"pain", "rebound", "allergy", "urinary", "liver", "gut"} <= set(headings())
    for one in headings().values():
        assert one.onset
        assert one.signs


def test_no_fact_is_a_symptom_when_it_is_denied():
    facts = {symptom: False for one in headings().values() for symptom in one.symptoms if "=" not in symptom}
    assert symptoms_in(facts) == ()
    assert len(symptoms_in(dict.fromkeys(facts, True))) == len(facts)


def test_every_claim_stands_or_is_corrected_somewhere():
    assert len(claims()) == 71
    for one in claims().values():
        assert one.chapters or one.reactions, one.id
        assert one.verdict


@pytest.mark.parametrize(
    ("claim", "chapter", "word"),
    [
        ("s1-05", "products", "one fixed dose"),
        ("s2-08", "products", "misspelling"),
        ("s0-10", "breast-tumours", "disagree on subtypes"),
        ("s3-17", "indications", "not a labelled use"),
        ("s1-25", "long-term", "10 years"),
    ],
)
def test_a_claim_that_does_not_hold_is_put_right(claim, chapter, word):
    sentences = [one.text for one in monograph()[chapter].sentences if claim in one.claims]
    assert any(word in text for text in sentences)


def test_claims_about_reactions_that_do_not_hold_are_put_right_at_the_reaction():
    assert "not at the injection site" in headings()["infection"].corrected
    assert "not found in the label" in headings()["skin"].corrected


def test_every_sentence_has_a_source_and_a_known_mark():
    assert monograph()
    assert all(chapter.sentences for chapter in monograph().values())
    for chapter in monograph().values():
        for sentence in chapter.sentences:
            assert sentence.source.text
            assert sentence.mark in EVIDENCE_GRADES
            assert sentence.text.endswith(".")


def test_an_unknown_chapter_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="stopping"):
        find_chapter("stoping")


def test_the_page_in_the_documentation_has_every_chapter():
    page = (Path(__file__).parents[2] / "docs" / "monograph.md").read_text("utf-8")
    for name in (*monograph(), "reactions", "claims"):
        assert f"{{{{ monograph {name} }}}}" in page, name
