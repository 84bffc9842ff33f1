"""LiverTox, the traps of denosumab, whole cases, and that every number on file has a source and a mark."""

import csv
import datetime as dt
import json
from importlib.resources import files
from pathlib import Path

import pytest

from bonecast.core import EVIDENCE_GRADES
from bonecast.liver import (
    CasePerson,
    DrugUse,
    Facts,
    LabValue,
    LiverCase,
    Options,
    RucamFacts,
    SuspectDrug,
    assess,
    form,
    known_findings,
    likelihood,
    livertox_entry,
    read_case,
    thresholds,
)
from bonecast.liver.findings import CONDITIONS

EXAMPLE = Path(__file__).parents[2] / "examples" / "liver-case.toml"
ULN = {"ALT": (40.0, "U/L"), "ALP": (120.0, "U/L"), "GGT": (45.0, "U/L"), "bilirubin": (1.2, "mg/dL")}
FIRST = dt.date(2026, 1, 1)


def case(
    *panels: tuple[int, dict[str, float]], doses=(0,), drug="denosumab", hepatotoxicity=None, **also
) -> LiverCase:
    """A case with panels on days after the first dose, in multiples of the upper limit."""
    values = []
    for day, listed in panels:
        for test, x in listed.items():
            uln, unit = ULN[test]
            at = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time())
            place = f"panel {day}, {test}"
            value = LabValue(
                at=at, test=test, value=x * uln, unit=unit, uln=uln, baseline=day < 0, place=place
            )
            values.append(value)
    days = [FIRST + dt.timedelta(days=day) for day in doses]
    return LiverCase(
        person=CasePerson(id="A", sex="female", age=72),
        drug=SuspectDrug(name=drug, hepatotoxicity=hepatotoxicity),
        doses=tuple(DrugUse(drug=drug, amount="60 mg", date=day) for day in days),
        values=tuple(values),
        **also,
    )


def progress(made) -> set[str]:
    return {one.id for one in made.findings}


BONY = {"ALT": 1.0, "ALP": 3.0, "bilirubin": 0.5}


def test_alp_of_bone_is_a_finding_and_no_case():
    made = assess(case((30, {**BONY, "GGT": 0.6})))
    assert made.measured["dili"] is False
    assert {"LI-01", "LI-04"} <= progress(made)


def test_alp_without_ggt_cannot_be_assessed_under_denosumab_and_counts_under_another_drug():
    made = assess(case((30, BONY)))
    assert made.measured["dili"] is None
    assert "LI-02" in progress(made)
    assert assess(case((30, BONY), drug="flucloxacillin")).measured["dili"] is True
    assert assess(case((30, BONY), facts=Facts(alp_origin="liver"))).measured["dili"] is True


def test_alp_that_falls_with_treatment_is_stated_and_is_no_dechallenge():
    panels = ((-9, {"ALP": 3.0}), (30, {"ALT": 3.0, "ALP": 2.9}), (300, {"ALT": 3.0, "ALP": 1.1}))
    made = assess(case(*panels, rucam=RucamFacts(injury="cholestatic_mixed")))
    assert "LI-03" in progress(made)
    course = next(answer for answer in made.rucam.answers if answer.choice.item == "2")
    assert course.choice.code == "C2_NOINFO"


def test_injury_weeks_after_a_dose_asks_for_autoimmune_hepatitis_and_later_or_other_injury_does_not():
    assert "LI-05" in progress(assess(case((30, {"ALT": 12.0, "ALP": 1.0}))))
    assert "LI-05" not in progress(assess(case((400, {"ALT": 12.0, "ALP": 1.0}))))
    assert "LI-05" not in progress(assess(case((30, {"ALT": 12.0, "ALP": 1.0}), drug="flucloxacillin")))


def test_the_range_of_hys_law_is_stated_with_or_without_alp():
    assert "LI-06" in progress(assess(case((30, {"ALT": 12.0, "ALP": 1.0, "bilirubin": 3.0}))))
    assert "LI-07" in progress(assess(case((30, {"ALT": 12.0, "bilirubin": 3.0}))))


def test_a_highly_probable_other_cause_outranks_a_possible_score():
    stated = RucamFacts(causes={"HEV": "probable"}, codes={"2": "H2_8D"})
    made = assess(case((30, {"ALT": 12.0, "ALP": 1.0}), rucam=stated, hepatotoxicity="labelled"))
    assert (made.rucam.total, made.rucam.band) == (5, "possible")
    assert "LI-10" in progress(made)
    assert made.measured["hy_law"] is not True


def test_denosumab_without_a_reexposure_never_reaches_highly_probable():
    from bonecast.liver.case import CAUSES_I, CAUSES_II

    best = RucamFacts(
        drinks_per_day=5, co_drug="none", causes=dict.fromkeys((*CAUSES_I, *CAUSES_II), "excluded")
    )
    made = assess(case((30, {"ALT": 12.0, "ALP": 1.0}), rucam=best))
    assert (made.rucam.total, made.rucam.low, made.rucam.high) == (7, 7, 7)
    assert "LI-09" in progress(made)


def test_the_fall_of_alt_counts_as_dechallenge_only_where_the_team_chooses_so():
    panels = ((30, {"ALT": 12.0, "ALP": 1.0}), (36, {"ALT": 4.0}))
    cover, natural = (
        assess(case(*panels, options=Options(score_recovery=chosen))) for chosen in (False, True)
    )
    codes = [{a.choice.code for a in made.rucam.answers} for made in (cover, natural)]
    assert "H2_NOINFO" in codes[0]
    assert "H2_8D" in codes[1]


def test_an_onset_before_the_first_dose_is_unrelated_and_without_a_total():
    stated = Facts(onset=FIRST - dt.timedelta(days=3))
    made = assess(case((30, {"ALT": 12.0, "ALP": 1.0}), facts=stated))
    assert (made.rucam.total, made.rucam.band) == (None, "unrelated")


def test_normal_values_are_scored_by_nothing():
    made = assess(case((30, {"ALT": 0.6, "ALP": 0.5, "bilirubin": 0.4})))
    assert (made.rucam, made.pattern, made.measured["dili"]) == (None, None, False)
    assert "no raised value" in made.not_scored


COUNTS = [
    ("bjornsson-hoofnagle-2016", {0: "E", 1: "D", 3: "D", 4: "C", 11: "C", 12: "B", 49: "B", 50: "A"}),
    ("livertox-text", {0: "E", 2: "D", 3: "C", 11: "C", 12: "B", 50: "B", 51: "A"}),
    ("hepatology-2010", {0: "E", 2: "D", 3: "C", 9: "C", 10: "B", 49: "B", 50: "A"}),
]


@pytest.mark.parametrize(("system", "expected"), COUNTS)
def test_each_counting_system_has_its_own_limits_and_is_named(system, expected):
    found = {n: likelihood(n, system=system) for n in expected}
    assert {n: one.category for n, one in found.items()} == expected
    assert {one.system for one in found.values()} == {system}


def test_use_and_suspicion_come_before_the_count():
    assert likelihood(0, suspected=True).category == "E*"
    assert likelihood(0).category == "E"
    assert likelihood(60, enough_use=False).category == "X"
    assert likelihood(60, signature=True, high_dose=True).category == "A[HD]"
    assert likelihood(60, signature=False).category == "C"
    assert "signature" in likelihood(60).caveat


def test_more_cases_never_make_a_drug_less_likely():
    for system, _ in COUNTS:
        letters = [likelihood(n, system=system).category for n in range(120)]
        assert letters == sorted(letters, reverse=True)


def test_denosumab_is_shown_as_published_with_the_recount_beside_it():
    denosumab = livertox_entry("denosumab")
    assert (denosumab.published, denosumab.mark) == ("E*", "published")
    assert (denosumab.recount.category, denosumab.recount.cases) == ("D", 2)
    assert "2021" in denosumab.why
    assert livertox_entry("zoledronate") is None


def test_every_limit_item_and_finding_has_source_and_mark():
    on_file = [*thresholds().values(), *form().values(), *known_findings()]
    assert min(len(thresholds()), len(form()), len(known_findings())) > 5
    assert all(one.mark in EVIDENCE_GRADES and one.source for one in on_file)
    for name in ("ctcae.csv", "livertox_counts.csv", "livertox_categories.csv"):
        with (files("bonecast.liver") / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows, name
        assert all(row["mark"] in EVIDENCE_GRADES and row["source"] for row in rows), name


def test_every_finding_has_a_condition():
    assert [one.id for one in known_findings()] == [*CONDITIONS]


def test_the_content_is_json_and_tells_sources():
    made = assess(EXAMPLE).to_dict()
    text = json.loads(json.dumps(made, allow_nan=False))
    assert text["rucam"]["range"] == [0, 5]
    assert all(item["source"] and item["mark"] and item["text"] for item in text["rucam"]["items"])
    assert "not scored" in text["recam"]


def test_the_order_of_values_changes_no_assessment():
    read = read_case(EXAMPLE)
    turned = read.model_copy(update={"values": read.values[::-1], "doses": read.doses[::-1]})
    there, back = assess(read), assess(turned)
    assert there.measured == back.measured
    assert there.rucam == back.rucam
    assert there.findings == back.findings
