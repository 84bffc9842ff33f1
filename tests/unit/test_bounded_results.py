"""A result of which only a bound is known decides where the bound does, and is asked for where it does not."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import pickle

import pytest
from test_fhir_bundle import HER, WEIGHT, observed, read

from bonecast.care import check, content, schedule
from bonecast.core import Between, bounds_of, mapped, worst
from bonecast.core.bounded import is_compared
from bonecast.records import Patient

CALCIUM = "albumin_corrected_calcium_mmol_L"


def her(*results: dict) -> Patient:
    return read(HER, WEIGHT, *results)


def result(code: str, text: str, unit: str, date: str = "2026-09-10") -> dict:
    made = observed(code, float(text.lstrip("<>")), unit, date)
    if text[0] in "<>":
        made["valueQuantity"]["comparator"] = text[0]
    return made


def calcium(text: str, date: str = "2026-09-10") -> dict:
    """Calcium corrected for albumin by a laboratory whose lower limit is 2.1."""
    limits = [{"low": {"value": 2.1, "unit": "mmol/L"}}]
    return result("29265-6", text, "mmol/L", date) | {"referenceRange": limits}


def test_the_code_of_these_tests_is_a_corrected_calcium():
    assert [one.test for one in her(calcium("2.3")).measurements] == ["corrected calcium"]


@pytest.mark.parametrize(
    ("text", "fires", "asked"),
    [
        ("2.3", False, False),
        ("<2.3", False, True),  # it may lie below the limit of 2.1
        ("<2.101", False, True),
        ("<2.1", True, False),  # below the limit, whatever it is
        ("<1.9", True, False),
        (">2.1", False, False),
        (">2.0", False, True),
        ("2.0", True, False),
    ],
)
def test_a_calcium_known_by_a_bound_fires_or_is_asked_for(text, fires, asked):
    found = check(her(calcium(text)), "next dose", "UK")
    assert ("CI-01" in found.ids("block")) is fires
    assert ("CI-01" in found.missing().get(CALCIUM, ())) is asked
    if asked:
        assert found.state in ("not_complete", "do_not_give")


def test_an_open_calcium_is_one_more_question_than_an_exact_one():
    exact = check(her(calcium("2.3")), "next dose", "UK")
    bounded = check(her(calcium("<2.3")), "next dose", "UK")
    assert len(bounded.questions) == len(exact.questions) + 1


@pytest.mark.parametrize(
    ("total", "albumin", "low"),
    [
        ("<1.6", None, True),  # low whatever the albumin
        ("<2.3", None, None),
        ("<2.0", "40", True),
        ("<2.05", "35", True),  # below 2.15, the usual limit
        ("<2.1", "35", None),  # below 2.2, which may be normal
        ("2.0", "<40", None),  # above 2.0
        ("2.0", "<32", False),  # above 2.16
        (">2.2", "40", False),
    ],
)
def test_bounds_go_through_the_correction_for_albumin(total, albumin, low):
    results = [result("17861-6", f"{total}", "mmol/L")]
    results += [result("1751-7", albumin, "g/L")] if albumin else []
    found = check(her(*results), "next dose", "UK")
    fires, asked = "CI-01" in found.ids("block"), "CI-01" in found.missing().get(CALCIUM, ())
    assert (fires, asked) == {True: (True, False), False: (False, False), None: (False, True)}[low]


@pytest.mark.parametrize(
    ("texts", "fires", "asked", "conflict"),
    [
        (("<2.3", "2.2"), False, True, False),
        (("<2.3", "2.0"), True, False, False),
        (("<2.0", "2.3"), True, False, True),
        (("2.1", "<2.3"), False, True, False),
    ],
)
def test_of_two_results_of_one_day_the_worse_counts_with_its_bound(texts, fires, asked, conflict):
    found = check(her(*map(calcium, texts)), "next dose", "UK")
    assert ("CI-01" in found.ids("block")) is fires
    assert ("CI-01" in found.missing().get(CALCIUM, ())) is asked
    assert bool(found.conflicts) is conflict


@pytest.mark.parametrize(
    ("text", "dialysis_excluded"), [(">60", True), ("<60", False), ("<20", False), ("45", True)]
)
def test_a_kidney_function_rules_out_dialysis_only_where_its_bound_does(text, dialysis_excluded):
    case = check(her(result("33914-3", text, "mL/min/1.73m2")), "next dose", "UK").case
    assert (case.values.get("on_dialysis") is False) is dialysis_excluded


def test_a_creatinine_below_the_assay_limit_gives_a_kidney_function_above_one():
    case = check(her(result("2160-0", "<0.4", "mg/dL")), "next dose", "UK").case
    for name in ("egfr_mL_min_173m2", "crcl_mL_min"):
        low, high = bounds_of(case.values[name])
        assert low > 60
        assert high == math.inf


def test_what_is_shown_of_a_bound_says_that_it_is_one():
    page = content(check(her(calcium("<2.1"), result("33914-3", "<20", "mL/min/1.73m2")), "next dose", "UK"))
    text = json.dumps(page)
    used = [fact for one in page["findings"] if one["rule"] == "CI-01" for fact in one["facts"]]
    assert "<2.1" in [fact["value"] for fact in used]
    assert [one["value"] for one in page["kidney"] if one["name"] == "egfr_mL_min_173m2"] == ["<20"]
    assert "Infinity" not in text


def test_a_test_with_an_open_result_is_not_ticked_in_the_schedule():
    def ticked(text: str) -> set[bool]:
        entries = schedule(her(calcium(text, "2026-09-14")), "UK").entries
        return {one.have is not None for one in entries if one.result and "calcium" in one.what.casefold()}

    assert ticked("2.3") == {True}
    assert ticked("<2.3") == {False}


@pytest.mark.parametrize(
    ("sign", "one", "other", "answer"),
    [
        ("<", Between(high=2.0), 2.0, True),
        ("<", Between(high=2.0), 1.9, None),
        ("<=", Between(low=2.0), 2.0, False),
        (">", Between(low=2.0), 2.0, True),
        (">=", Between(low=2.0), 2.1, None),
        (">=", Between(high=2.0), 2.0, False),
        ("==", Between(high=2.0), 2.0, False),
        ("==", Between(high=2.0), 1.0, None),
        ("!=", Between(high=2.0), 2.0, True),
        ("<", 1.0, Between(low=1.0), True),
        ("<", 2.0, Between(low=1.0), None),
    ],
)
def test_a_comparison_with_a_bound_is_decided_by_the_bound_or_open(sign, one, other, answer):
    assert is_compared(sign, one, other) is answer


def test_a_function_of_a_bound_turns_it_where_it_falls():
    assert bounds_of(mapped(Between(2.0, 4.0), lambda x: -x)) == (-4.0, -2.0)
    assert bounds_of(mapped(Between(low=2.0), lambda x: 1 / x)) == (-math.inf, 0.5)
    assert mapped(3.0, lambda x: 2 * x) == 6.0


def test_the_worst_of_exact_numbers_is_exact():
    assert (worst([2.0, 3.0], min), worst([2.0, 3.0], max)) == (2.0, 3.0)
    assert not isinstance(worst([2.0, 3.0], max), Between)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_bound_is_kept_in_copies(copied):
    assert bounds_of(copied(Between(1.0, 2.0))) == (1.0, 2.0)


def test_the_day_of_these_records_is_after_their_results():
    assert her().record_date > dt.date(2026, 9, 10)
