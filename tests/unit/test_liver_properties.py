"""Properties of the liver room: units and order mean nothing; a cohort is its people; the plain definition agrees."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.liver.laboratory import ROWS, check_values
from bonecast.liver.measures import measure

pytestmark = pytest.mark.slow

QUICK = settings(max_examples=20, deadline=None)
DAY = dt.datetime(2026, 1, 1)
# Values and limits that meet the thresholds exactly as often as they miss them.
ENZYMES = st.sampled_from([20.0, 40.0, 80.0, 100.0, 120.0, 160.0, 200.0, 240.0, 320.0, 330.0, 800.0, 2000.0])
LIMITS = st.sampled_from([33.0, 40.0, 41.5])
BILIRUBIN = st.sampled_from([0.4, 1.2, 1.8, 2.4, 2.41, 3.6, 12.0])
SCALES = {"U/L": ("ukat/L", 1 / 60), "mg/dL": ("umol/L", 10_000 / 584.66)}


TESTS = st.lists(st.sampled_from(["ALT", "AST", "ALP", "GGT", "bilirubin"]), min_size=1, unique=True)


@st.composite
def series(draw, people=("A",)):
    """Values of some people on some days: (person, day, test, value, unit, uln)."""
    rows = []
    for person in people:
        for day in draw(st.lists(st.integers(0, 90), min_size=1, max_size=5, unique=True)):
            for test in draw(TESTS):
                if test == "bilirubin":
                    rows.append((person, day, test, draw(BILIRUBIN), "mg/dL", 1.2))
                else:
                    rows.append((person, day, test, draw(ENZYMES), "U/L", draw(LIMITS)))
    return rows


def measured(rows, people=("A",), bone=False) -> pl.DataFrame:
    """The results of these rows."""
    listed = [
        (i, person, DAY + dt.timedelta(days=day), test, value, unit, uln, None, None)
        for i, (person, day, test, value, unit, uln) in enumerate(rows)
    ]
    known = pl.DataFrame({"person": list(people), "bone_alp": [bone] * len(people)})
    return measure(check_values(pl.DataFrame(listed, schema=ROWS, orient="row"), str), known)


@QUICK
@given(series(), st.booleans())
def test_a_change_of_units_changes_nothing(rows, bone):
    other = []
    for person, day, test, value, unit, uln in rows:
        name, factor = SCALES[unit]
        other.append((person, day, test, value * factor, name, uln * factor))
    assert measured(other, bone=bone).equals(measured(rows, bone=bone))


@QUICK
@given(series(("A", "B", "C")), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, chance):
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert measured(shuffled, "ABC").equals(measured(rows, "ABC"))


@QUICK
@given(series(("A", "B", "C")))
def test_a_cohort_is_the_sum_of_its_people(rows):
    alone = [measured([row for row in rows if row[0] == person], person) for person in "ABC"]
    assert pl.concat(alone).equals(measured(rows, "ABC"))


def plain(rows) -> dict:
    """Upper right, case and quadrant of one person, from the definitions, without a table."""
    days: dict[int, dict[str, float]] = {}
    for _, day, test, value, _, uln in rows:
        days.setdefault(day, {})[test] = value / uln

    def near(day: int) -> float | None:
        return max(
            (p["bilirubin"] for d, p in days.items() if abs(d - day) <= 30 and "bilirubin" in p), default=None
        )

    def any_of(answer: list[bool | None]) -> bool | None:
        return True if True in answer else None if None in answer or not answer else False

    def pair(tests: tuple[str, ...]) -> bool | None:
        answer = []
        for day, panel in days.items():
            high = max((panel[test] for test in tests if test in panel), default=None)
            if high is not None:
                jaundice = near(day)
                answer.append(False if high < 3 - 1e-9 else None if jaundice is None else jaundice > 2 + 1e-9)
        if not answer:
            seen = [p["bilirubin"] for p in days.values() if "bilirubin" in p]
            return False if seen and max(seen) <= 2 + 1e-9 else None
        return any_of(answer)

    alt = {day: p["ALT"] for day, p in days.items() if "ALT" in p}
    alp = [p["ALP"] for p in days.values() if "ALP" in p]
    ggt = {day: p["GGT"] for day, p in days.items() if "GGT" in p}
    of_liver = []
    for day, panel in days.items():
        if "ALP" in panel:
            seen = [x for d, x in ggt.items() if abs(d - day) <= 30]
            of_liver.append(panel["ALP"] >= 2 - 1e-9 and (not seen or max(seen) > 1 + 1e-9))
    case = any_of(
        [
            any(x >= 5 - 1e-9 for x in alt.values()) if alt else None,
            any(of_liver) if alp else None,
            pair(("ALT",)),
        ]
    )
    quadrant = None
    if alt:
        peak = min(day for day, x in alt.items() if abs(x - max(alt.values())) < 1e-9)
        jaundice = near(peak)
        if jaundice is not None:
            right, upper = alt[peak] >= 3 - 1e-9, jaundice > 2 + 1e-9
            quadrant = {(0, 0): "normal", (1, 0): "temple", (0, 1): "cholestasis", (1, 1): "hy"}[right, upper]
    return {"upper_right": pair(("ALT", "AST")), "dili": case, "edish": quadrant}


@settings(max_examples=80, deadline=None)
@given(series())
def test_the_table_says_what_the_definitions_say(rows):
    seen = measured(rows).to_dicts()[0]
    expected = plain(rows)
    assert {name: seen[name] for name in expected} == expected


@QUICK
@given(series(), st.sampled_from([1.1, 2.0, 7.0]))
def test_higher_aminotransferases_never_lower_a_grade_or_undo_a_case(rows, factor):
    higher = [(*r[:3], r[3] * (factor if r[2] in ("ALT", "AST") else 1), *r[4:]) for r in rows]
    low, high = measured(rows).to_dicts()[0], measured(higher).to_dicts()[0]
    for name in ("ctcae_alt", "ctcae_ast", "dilin", "international"):
        assert (high[name] or 0) >= (low[name] or 0)
    assert not (low["dili"] is True and high["dili"] is not True)
    assert not (low["upper_right"] is True and high["upper_right"] is not True)
