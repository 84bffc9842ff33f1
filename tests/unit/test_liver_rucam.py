"""The updated RUCAM: ranges, monotony, the range over unknown items, and each item from data."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.errors import InputError, UnknownName
from bonecast.liver import Answer, DrugUse, band, choices, find_choice, form, score
from bonecast.liver.case import CAUSES_I, CAUSES_II, COUNTINGS, INJURY_TYPES, ITEMS, Rechallenge
from bonecast.liver.rucam import score_range
from bonecast.liver.rucam_items import LabSeries, competing_causes, dechallenge, latency, rechallenge_answer

QUICK = settings(max_examples=200, deadline=None)
BEGIN = dt.date(2026, 1, 1)


@st.composite
def answered(draw):
    """A form with a scorable choice at every item: type, way of counting, codes by item."""
    injury, counting = draw(st.sampled_from(INJURY_TYPES)), draw(st.sampled_from(COUNTINGS))
    codes = {}
    for item in ITEMS:
        known = [one.code for one in choices(item, injury) if one.points is not None]
        if known:
            codes[item] = draw(st.sampled_from(known))
    return injury, counting, codes


def total(injury, counting, codes):
    return score(injury, [Answer(form()[code]) for code in codes.values()], counting).total


def test_the_form_spans_the_published_ranges():
    assert score_range("hepatocellular") == (-9, 14)
    assert score_range("cholestatic_mixed") == (-7, 13)
    assert score_range("cholestatic_mixed", "apart") == (-7, 14)


@QUICK
@given(answered())
def test_every_total_lies_within_the_published_range(made):
    injury, counting, codes = made
    low, high = score_range(injury, counting)
    assert low <= total(injury, counting, codes) <= high


@QUICK
@given(answered(), st.sampled_from(ITEMS), st.data())
def test_more_points_at_one_item_never_lower_the_total(made, item, data):
    injury, counting, codes = made
    if item not in codes:
        return
    known = [one for one in choices(item, injury) if one.points is not None]
    other = data.draw(st.sampled_from(known))
    before, after = total(injury, counting, codes), total(injury, counting, {**codes, item: other.code})
    gained = other.points - form()[codes[item]].points
    assert after - before == gained or (item in ("3a", "3p") and counting == "either" and after == before)


@QUICK
@given(answered(), st.sets(st.sampled_from(ITEMS)))
def test_the_range_over_unknown_items_holds_every_completion(made, unknown):
    injury, counting, codes = made
    answers = []
    for item, code in codes.items():
        every = tuple(one.code for one in choices(item, injury) if one.points is not None)
        answers.append(Answer(form()[code], possible=every if item in unknown else ()))
    found = score(injury, answers, counting)
    assert found.low <= found.total <= found.high
    if not unknown & set(codes):
        assert found.low == found.high == found.total
    if set(codes) <= unknown:
        assert (found.low, found.high) == score_range(injury, counting)


def test_bands_begin_where_they_are_printed_to_begin():
    edges = {
        0: "excluded",
        1: "unlikely",
        2: "unlikely",
        3: "possible",
        5: "possible",
        6: "probable",
        8: "probable",
    }
    assert {n: band(n) for n in edges} == edges
    assert band(9) == band(14) == "highly probable"
    assert band(-9) == "excluded"


def test_a_code_of_the_other_form_or_of_no_form_is_refused_by_name():
    with pytest.raises(InputError, match="C2_180D is no choice of item 2"):
        find_choice("C2_180D", "2", "hepatocellular", "case")
    with pytest.raises(UnknownName, match="H2_8D"):
        find_choice("H2_8", "2", "hepatocellular", "case")
    with pytest.raises(ValueError, match="does not belong"):
        score("hepatocellular", [Answer(form()["C2_180D"])])


def injections(*days: int) -> tuple[DrugUse, ...]:
    return tuple(
        DrugUse(drug="denosumab", amount="60 mg", date=BEGIN + dt.timedelta(days=day)) for day in days
    )


def taken(start: int, end: int | None) -> DrugUse:
    last = None if end is None else BEGIN + dt.timedelta(days=end)
    return DrugUse(drug="other", amount="1 mg", first=BEGIN + dt.timedelta(days=start), last=last)


@pytest.mark.parametrize(
    ("uses", "slow", "day", "hepatocellular", "cholestatic"),
    [
        (injections(0), True, 4, "START_OTHER", "START_OTHER"),
        (injections(0), True, 5, "START_5_90", "START_5_90"),
        (injections(0), True, 90, "START_5_90", "START_5_90"),
        (injections(0), True, 91, "START_OTHER", "START_OTHER"),
        (injections(0), True, 300, "START_OTHER", "START_OTHER"),
        (injections(0), True, -1, "UNRELATED", "UNRELATED"),
        (injections(0, 183), True, 183 + 15, "START_5_90", "START_5_90"),
        (injections(0, 183), True, 183 + 16, "START_OTHER", "START_5_90"),
        (injections(0, 183), True, 183 + 91, "START_OTHER", "START_OTHER"),
        ((taken(0, None),), False, 91, "START_OTHER", "START_OTHER"),
        ((taken(0, 10),), False, 25, "STOP", "STOP"),
        ((taken(0, 10),), False, 26, "UNRELATED", "STOP"),
        ((taken(0, 10),), False, 41, "UNRELATED", "UNRELATED"),
        ((taken(0, 10), taken(100, None)), False, 115, "START_5_90", "START_5_90"),
    ],
)
def test_time_to_onset(uses, slow, day, hepatocellular, cholestatic):
    onset = BEGIN + dt.timedelta(days=day)
    assert latency(onset, uses, slow, "hepatocellular").choice.code == f"H1_{hepatocellular}"
    assert latency(onset, uses, slow, "cholestatic_mixed").choice.code == f"C1_{cholestatic}"


def curve(*points: tuple[int, float], test: str = "ALT") -> LabSeries:
    days, x = zip(*points, strict=True)
    return LabSeries(test, tuple(dt.datetime(2026, 1, 1) + dt.timedelta(days=day) for day in days), x)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (((0, 21.0), (8, 11.0)), "H2_8D"),
        (((0, 21.0), (8, 11.1), (9, 11.0)), "H2_30D"),
        (((0, 21.0), (30, 11.0)), "H2_30D"),
        (((0, 21.0), (31, 11.0)), "H2_LATE"),
        (((0, 21.0), (31, 11.1)), "H2_POOR"),
        (((0, 21.0), (29, 11.1)), "H2_NOINFO"),
        (((0, 21.0), (8, 5.0), (20, 15.0)), "H2_POOR"),
        (((0, 21.0),), "H2_NOINFO"),
        (((0, 21.0), (5, 30.0), (13, 15.5)), "H2_8D"),
    ],
)
def test_course_of_alt_after_the_stop(points, code):
    assert dechallenge(curve(*points), BEGIN, "hepatocellular").choice.code == code


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (((0, 5.0), (180, 3.0)), "C2_180D"),
        (((0, 5.0), (181, 3.0)), "C2_NOINFO"),
        (((0, 5.0), (100, 3.1)), "C2_PART"),
        (((0, 5.0), (100, 5.0)), "C2_NOINFO"),
    ],
)
def test_course_of_alp_after_the_stop(points, code):
    assert dechallenge(curve(*points, test="ALP"), BEGIN, "cholestatic_mixed").choice.code == code


def second(conditions: str | None) -> Rechallenge:
    return Rechallenge(date=BEGIN + dt.timedelta(days=70), conditions=conditions)


def test_a_drug_that_goes_on_has_no_course_to_score():
    assert dechallenge(curve((0, 21.0), (8, 2.0)), None, "hepatocellular").choice.code == "H2_NOINFO"


@pytest.mark.parametrize(
    ("before", "after", "conditions", "code"),
    [
        (1.5, 3.0, "alone", "H7_ALONE"),
        (1.5, 3.0, "same drugs", "H7_COMBI"),
        (1.5, 3.0, "other", "H7_OTHER"),
        (1.5, 2.9, "alone", "H7_OTHER"),
        (5.0, 20.0, "alone", "H7_OTHER"),
        (4.9, 9.8, "alone", "H7_ALONE"),
        (0.4, 0.9, "alone", "H7_NEG"),
    ],
)
def test_reexposure(before, after, conditions, code):
    alt = curve((0, 20.0), (60, before), (90, after))
    found = rechallenge_answer(alt, second(conditions), "hepatocellular")
    assert found.choice.code == code


def test_conditions_that_are_not_stated_leave_the_reexposure_open():
    alt = curve((0, 20.0), (60, 1.5), (90, 9.0))
    found = rechallenge_answer(alt, second(None), "hepatocellular")
    assert found.choice.points == 0
    assert {one.points for one in found.open} == {0, 1, 3}


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (7, 5, "X5_ALL"),
        (7, 4, "X5_I7"),
        (6, 5, "X5_I56"),
        (5, 5, "X5_I56"),
        (4, 5, "X5_LT5"),
        (0, 0, "X5_LT5"),
    ],
)
def test_other_causes_are_counted_by_group(first, second, code):
    named = (*CAUSES_I[:first], *CAUSES_II[:second])
    stated = dict.fromkeys((*CAUSES_I, *CAUSES_II), "not excluded") | dict.fromkeys(named, "excluded")
    found = competing_causes(stated)
    assert found.choice.code == code
    assert not found.assumed
    assert competing_causes({**stated, "HEV": "probable"}).choice.code == "X5_PROB"


def test_causes_that_nobody_named_stay_open():
    found = competing_causes({"HAV": "excluded"})
    assert found.choice.code == "X5_LT5"
    assert {one.code for one in found.open} == {"X5_PROB", "X5_LT5", "X5_I56", "X5_I7", "X5_ALL"}
    assert "HBV" in found.assumed
