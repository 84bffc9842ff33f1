"""Many people: rows for everyone, a bad record passed over, and a run that goes on where it was stopped."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bonecast.errors import InputError
from bonecast.forecasts import CohortSettings, people_of, run_cohort
from bonecast.forecasts.cohort import JOURNAL, check_settings
from bonecast.forecasts.cohort_rows import COLUMNS

pytestmark = pytest.mark.slow

SMALL = CohortSettings(
    (("stop", "nothing for 1 year"), ("on", "denosumab 60 mg every 6 months x 2")), "1 year", 8
)
WELL = "denosumab 60 mg @ 2026-03-16"


def _table(folder: Path, *weights: str) -> str:
    path = folder / "people.csv"
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "sex", "birth_date", "record_date", "weight", "doses"])
        for n, weight in enumerate(weights):
            rows.writerow([f"P{n}", "female", "1955-03-09", "2026-09-15", weight, WELL])
    return str(path)


def test_everyone_gives_a_row_for_each_strategy_and_a_bad_record_is_passed_over(tmp_path: Path):
    people = people_of([_table(tmp_path, "61 kg", "61", "75 kg"), "examples/late-dose.toml", "nobody.toml"])
    made = run_cohort(people, SMALL, tmp_path, workers=1)
    assert [(row["id"], row["strategy"], row["blocked_by"]) for row in made.rows] == [
        *((name, way, None) for name in ("P0", "P2") for way in ("stop", "on")),
        *(("example-late-dose", "on", None), ("example-late-dose", "stop", "DC-01")),
    ]
    blocked = made.rows[-1]
    assert {name for name in COLUMNS if blocked[name] is not None} == {
        "source",
        "id",
        "now",
        "strategy",
        "blocked_by",
    }
    assert made.done == 3
    assert [place.rpartition("/")[2] for place, _ in made.failed] == ["people.csv, line 3", "nobody.toml"]
    assert all(tuple(row) == COLUMNS for row in made.rows)
    low, middle, high = (made.rows[0][f"LS_BMD_pct_change_12m_{p}"] for p in ("p05", "p50", "p95"))
    assert low < middle < high < 0
    assert made.rows[0]["LS_BMD_pct_change_24m_p50"] is None  # beyond the horizon


def test_a_run_that_was_stopped_goes_on_with_those_who_are_missing(tmp_path: Path, monkeypatch):
    people = people_of([_table(tmp_path, "61 kg", "62 kg", "63 kg")])
    whole = run_cohort(people, SMALL, tmp_path, workers=1)
    journal = tmp_path / JOURNAL
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    journal.write_text(lines[0] + lines[1][:50], "utf-8")  # stopped while the second was being written
    asked = []
    from bonecast.forecasts import cohort

    real = cohort.one_person
    monkeypatch.setattr(cohort, "one_person", lambda *of: asked.append(of[0].place) or real(*of))
    again = run_cohort(people, SMALL, tmp_path, workers=1)
    assert [place.rpartition(" ")[2] for place in asked] == ["3", "4"]
    assert again.rows == whole.rows
    assert again.kept == 1
    assert len(journal.read_text("utf-8").splitlines()) == 3


def test_other_settings_or_another_record_are_made_again(tmp_path: Path):
    people = people_of([_table(tmp_path, "61 kg")])
    run_cohort(people, SMALL, tmp_path, workers=1)
    assert run_cohort(people, SMALL, tmp_path, workers=1).kept == 1
    other = CohortSettings(SMALL.strategies, SMALL.horizon, SMALL.draws, seed=2)
    assert run_cohort(people, other, tmp_path, workers=1).kept == 0
    changed = people_of([_table(tmp_path, "62 kg")])
    assert run_cohort(changed, other, tmp_path, workers=1).kept == 0


def test_processes_side_by_side_give_what_one_gives(tmp_path: Path):
    people = people_of([_table(tmp_path, "61 kg", "62 kg", "63 kg")])
    folders = [tmp_path / name for name in ("one", "two")]
    made = []
    for count, folder in enumerate(folders, start=1):
        folder.mkdir()
        made.append(run_cohort(people, SMALL, folder, workers=count).rows)
    assert made[0] == made[1]


def test_what_would_fail_for_everyone_is_refused_at_once(tmp_path: Path):
    for settings, said in (
        (CohortSettings(model="no-such"), "no-such"),
        (CohortSettings(best_by="luck"), "luck"),
        (CohortSettings(draws=0), "draws"),
        (CohortSettings(horizon="soon"), "horizon"),
        (CohortSettings((("odd", "denosumib 60 mg once"),)), "strategy odd"),
    ):
        with pytest.raises(InputError, match=said):
            check_settings(settings)
    table = _table(tmp_path, "61 kg")
    with pytest.raises(InputError, match="named twice"):
        people_of([table, table])
