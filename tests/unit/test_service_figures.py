"""The figures of the service: what is counted, by the days of each measure, and what is left out."""

from __future__ import annotations

import datetime as dt

import pytest

from bonecast.records import patient_of_tables
from bonecast.web.service_counts import ServiceCounts, figures
from bonecast.web.service_figures import MEASURES, history_for_figures, wilson

TODAY = dt.date(2026, 11, 29)


def ago(days: int) -> str:
    return (TODAY - dt.timedelta(days)).isoformat()


def days_of(
    doses: list[int], results: list[tuple[str, str, int]] = (), then: list[tuple[str, int]] = (), **also
) -> dict:
    """The days of a woman with injections so many days ago, results (test, value, days) and other drugs after them."""
    dosed = [{"drug": "denosumab", "amount": "60 mg", "date": ago(back)} for back in doses]
    dosed += [{"drug": drug, "amount": "5 mg", "date": ago(back)} for drug, back in then]
    tables = {
        "person": {
            "id": "a",
            "sex": "female",
            "birth_date": "1950-03-09",
            "record_date": TODAY.isoformat(),
            **also.pop("person", {}),
        },
        "doses": dosed,
        "measurements": [
            {
                "test": test,
                "value": value,
                "date": ago(back),
                **({"site": "total hip"} if test == "BMD" else {}),
            }
            for test, value, back in results
        ],
        **also,
    }
    return history_for_figures(patient_of_tables(tables, "record", TODAY))


def counted(key: str, *people: dict, status: str = "to call", months: int = 60) -> tuple[float, float]:
    rows = [("ann", "North", status, one) for one in people]
    found = [one for one in figures(rows, TODAY, "all", months) if one.measure.key == key]
    assert len(found) == 1
    return found[0].numerator, found[0].denominator


@pytest.mark.parametrize(
    ("gap", "key"),
    [(154, "early"), (155, "on_time"), (211, "on_time"), (212, "short"), (295, "short"), (296, "long")],
)
def test_a_pair_of_injections_falls_into_one_band_of_days(gap, key):
    her = days_of([gap + 60, 60])
    assert [one for one in ("early", "on_time", "short", "long") if counted(one, her)[0]] == [key]
    assert counted(key, her) == (1, 1)


@pytest.mark.parametrize(("since", "pairs"), [(211, 0), (212, 1)])
def test_an_injection_that_is_late_today_is_one_more_pair(since, pairs):
    assert counted("on_time", days_of([since])) == (0, pairs)


def test_who_moved_died_or_took_another_drug_is_not_late():
    assert counted("long", days_of([400]))[1] == 1
    assert counted("long", days_of([400]), status="moved")[1] == 0
    assert counted("long", days_of([400], person={"death_date": ago(100)}))[1] == 0
    assert counted("long", days_of([400], then=[("zoledronic acid", 200)]))[1] == 0


def test_the_median_delay_is_that_of_the_pairs():
    rows = [("", "", "to call", days_of([gap + 10, 10])) for gap in (180, 190, 230)]
    found = {one.measure.key: one for one in figures(rows, TODAY)}
    assert (found["delay"].shown, found["delay"].denominator) == ("7", 3)


@pytest.mark.parametrize(
    ("doses", "expected"),
    [
        ([421, 238, 60], (1, 1)),
        ([420, 238, 60], (0, 0)),  # its time is not over
        ([421], (0, 1)),
        ([421, 181], (0, 1)),  # a gap of 240 days
        ([421, 182], (1, 1)),
    ],
)
def test_persistence_at_a_year_asks_for_two_injections_without_a_gap_over_239_days(doses, expected):
    assert counted("persistence_12", days_of(doses)) == expected


def test_persistence_at_two_years_asks_for_four_injections():
    assert counted("persistence_24", days_of([800, 617, 434, 251, 68])) == (1, 1)
    assert counted("persistence_24", days_of([800, 570, 340, 110])) == (1, 1)
    assert counted("persistence_24", days_of([800, 570, 340])) == (0, 1)


@pytest.mark.parametrize(("days", "holds"), [(270, 1), (271, 0)])
def test_an_exit_is_followed_up_to_day_270(days, holds):
    her = days_of([600, 417], then=[("zoledronic acid", 417 - days)])
    assert counted("exit", her) == (holds, 1)


@pytest.mark.parametrize(
    ("since", "status", "of"), [(270, "to call", 0), (271, "to call", 1), (200, "declined", 0)]
)
def test_an_exit_counts_when_its_window_is_over(since, status, of):
    assert counted("exit", days_of([since + 183, since]), status=status) == (0, of)


@pytest.mark.parametrize(
    ("before", "egfr", "holds"), [(28, 60, 1), (29, 60, 0), (14, 29, 1), (15, 29, 0), (0, 60, 1), (-1, 60, 0)]
)
def test_calcium_before_the_dose_has_28_days_and_14_with_weak_kidneys(before, egfr, holds):
    results = [("corrected calcium", "2.3 mmol/L", 50 + before), ("eGFR", f"{egfr} mL/min/1.73m2", 100)]
    assert counted("calcium_before", days_of([50], results)) == (holds, 1)


def test_a_total_calcium_counts_with_the_albumin_of_its_day():
    total = ("calcium", "2.3 mmol/L", 60)
    assert counted("calcium_before", days_of([50], [total])) == (0, 1)
    assert counted("calcium_before", days_of([50], [total, ("albumin", "40 g/L", 60)])) == (1, 1)


def test_low_calcium_after_a_dose_is_a_rate_of_a_thousand():
    results = [("corrected calcium", "1.95 mmol/L", 40)]
    rows = [("", "", "to call", days_of([50], results)), ("", "", "to call", days_of([50]))]
    found = {one.measure.key: one for one in figures(rows, TODAY)}
    assert found["low_calcium"].shown == "500.0"


def test_a_dxa_and_a_medicine_after_a_fracture_are_counted():
    broken = {"fractures": [{"site": "hip", "date": ago(300)}]}
    her = days_of([200], [("BMD", "0.7 g/cm2", 216)], **broken)
    late = days_of([180], [("BMD", "0.7 g/cm2", 215)], **broken)
    assert counted("dxa", her, late) == (1, 2)
    assert counted("started", her, late) == (1, 2)


@pytest.mark.parametrize(
    ("by", "groups"),
    [("owner", {"ann", "nobody"}), ("site", {"North", "not said"}), ("month", {"2026-09", "2026-10"})],
)
def test_figures_are_shown_apart_by_month_owner_and_site(by, groups):
    rows = [("ann", "North", "to call", days_of([230, 40])), ("", "", "to call", days_of([260, 70]))]
    assert {one.group for one in figures(rows, TODAY, by) if one.measure.key == "on_time"} == groups


def test_every_measure_is_listed_with_its_definition_and_source():
    found = figures([], TODAY)
    assert [one.measure.key for one in found] == [one.key for one in MEASURES]
    assert all(one.measure.numerator and one.measure.denominator and one.measure.source for one in found)
    assert {one.shown for one in found} == {"none yet", "not in the record"}


def test_bands_are_for_ten_or_more_and_only_where_the_source_has_them():
    broken = {"fractures": [{"site": "hip", "date": ago(300)}]}
    bands = {}
    for count in (9, 10):
        rows = [("", "", "to call", days_of([200], **broken))] * count
        bands[count] = {one.measure.key: one.band for one in figures(rows, TODAY)}
    assert (bands[9]["dxa"], bands[10]["dxa"], bands[10]["started"], bands[10]["on_time"]) == (
        "",
        "red",
        "green",
        "",
    )


def test_a_share_of_none_and_of_all_has_an_interval_that_is_not_empty():
    assert wilson(0, 10)[1] == pytest.approx(27.75, abs=0.01)
    assert wilson(10, 10)[0] == pytest.approx(72.25, abs=0.01)


def test_figures_after_changes_are_those_of_counting_everybody_at_once():
    days = {id_: days_of([30 + 37 * id_, 220 + 37 * id_, 430 + 41 * id_]) for id_ in range(8)}
    stamps = {id_: (1, ("ann", "ben")[id_ % 2], "", "to call") for id_ in days}
    counts = ServiceCounts(TODAY)
    assert counts.update(stamps, lambda ids: ((id_, days[id_]) for id_ in ids)) == 8
    assert counts.update(stamps, lambda ids: pytest.fail("nobody changed")) == 0
    days[3] = days_of([10, 200])
    stamps |= {3: (2, "ann", "", "to call"), 4: (1, "ben", "North", "moved")}
    del stamps[5]
    assert counts.update(stamps, lambda ids: ((id_, days[id_]) for id_ in ids)) == 2
    rows = [(*stamps[id_][1:], days[id_]) for id_ in stamps]
    for by in ("all", "month", "owner", "site"):
        assert counts.figures(by, 36) == figures(rows, TODAY, by, 36)
