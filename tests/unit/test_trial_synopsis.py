"""The synopsis says what the design says, with the source of what it assumes, and how to repeat it."""

from __future__ import annotations

import re

import pytest
from bone_trials import small

from bonecast.errors import InputError
from bonecast.trials import preset, presets, trial_synopsis

FREEDOM = trial_synopsis("freedom")
PARTS = ["Objectives", "People", "Treatments", "Assessments", "Statistics"]


@pytest.mark.parametrize("name", [name for name in presets() if name != "window"])
def test_every_design_has_a_synopsis_with_all_its_parts(name: str):
    text, design = trial_synopsis(name), preset(name)
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads == [
        "Objectives",
        "People",
        "Treatments",
        "Assessments",
        "Statistics",
        "Assumptions",
        "Code to repeat it",
    ]
    for arm in design.arms:
        assert arm.plan in text
    for endpoint in design.endpoints:  # type: ignore[union-attr]
        assert endpoint.name in text


def test_the_schedule_marks_what_is_read_at_which_visit():
    row = next(line for line in FREEDOM.splitlines() if line.startswith("| CTX"))
    assert [cell.strip() for cell in row.strip("|").split("|")] == ["CTX", "X", "X", "X", "X", "X"]
    film = next(line for line in FREEDOM.splitlines() if line.startswith("| spine film"))
    assert film.count("X") == 4


def test_what_is_assumed_has_its_mark_and_its_source():
    scan = next(line for line in FREEDOM.splitlines() if "LS_BMD, scan of another year" in line)
    assert "| derived |" in scan
    assert "Langdahl 2024" in scan


def test_with_trials_it_is_the_report_of_the_simulation():
    text = trial_synopsis(small(), trials=20, pool=200)
    table = re.search(r"## Operating characteristics.*?(?=## )", text, re.S)
    assert table
    assert "| spine | power | 24 | 24 |" in table[0]
    assert "| spine | type I error | 24 | 24 |" in table[0]


def test_the_code_of_a_synopsis_makes_it_again():
    code = re.search(r"```python\n(.*?)```", FREEDOM, re.S)
    assert code
    printed: list[str] = []
    first = code[1].split("analysis =")[0]
    exec(first, {"print": printed.append})
    assert printed == [FREEDOM]


def test_a_window_trial_has_no_synopsis():
    with pytest.raises(InputError, match="is no bone trial"):
        trial_synopsis("window")
