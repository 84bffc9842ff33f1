"""`bonecast forecast`: its folder, its table and what it refuses before it starts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "late-dose.toml")
QUICK = ("--horizon", "1 year", "--draws", "8", "--strategy", "on time: denosumab 60 mg every 6 months x 2")
COLUMNS = ["strategy", "date", "months_from_now", "output", "unit", "p05", "p25", "p50", "p75", "p95"]


@pytest.fixture
def undrawn(monkeypatch):
    """The charts of the report stay empty: drawing them is most of a small forecast, and these tests read text."""
    monkeypatch.setattr("bonecast.charts.image.svg_of", lambda _: '<svg viewBox="0 0 600 200"></svg>')


def test_a_forecast_writes_the_report_json_and_the_long_table(call, tmp_path: Path):
    folder = tmp_path / "made" / "here"
    called = call("forecast", EXAMPLE, *QUICK, "--out", str(folder))
    assert called.code == 0, called.err
    assert {"report.html", "forecast.json", "forecast.csv"} <= {path.name for path in folder.iterdir()}
    with open(folder / "forecast.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == COLUMNS
    assert {row[0] for row in rows} == {"on time"}
    assert str(folder / "report.html") in called.out
    assert "on time" in called.out
    assert "not a medical device; the clinician decides" in called.out


def test_json_names_the_files_and_gives_ordered_ranges(call, undrawn, tmp_path: Path):
    found = call("forecast", EXAMPLE, *QUICK, "--out", str(tmp_path), "--json").json
    assert str(tmp_path / "report.html") in found["files"]
    (on,) = found["summaries"]
    assert on["strategy"] == "on time"
    rows = on["change_pct_from_now"] + on["marker_mean_of_6_months"]
    assert rows
    assert all(row["p05"] <= row["p50"] <= row["p95"] for row in rows)


def test_the_folder_is_named_after_the_person_by_default(call, undrawn, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("forecast", EXAMPLE, *QUICK).code == 0
    assert (tmp_path / "forecast-example-late-dose" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody.toml",), "no such file"),
        ((EXAMPLE, "--strategy", "stop"), "NAME: PLAN"),
        ((EXAMPLE, "--strategy", ": denosumab 60 mg once"), "NAME: PLAN"),
        (
            (EXAMPLE, "--strategy", "a: nothing for 1 year", "--strategy", "a: nothing for 2 years"),
            "two called 'a'",
        ),
        ((EXAMPLE, "--strategy", "odd: denosumab 60 mg often"), "strategy odd, character"),
        ((EXAMPLE, "--strategy", "odd: denosumib 60 mg once"), "denosumab"),
        ((EXAMPLE, "--horizon", "soon"), "horizon"),
        ((EXAMPLE, "--draws", "0"), "draws"),
        ((EXAMPLE, "--seed", "-1"), "seed"),
    ],
)
def test_a_wrong_use_is_one_sentence_and_leaves_no_folder(refused, words, said, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused("forecast", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_under_a_file_is_refused_before_anything_runs(refused, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("bonecast.forecasts.forecast", lambda *_, **__: pytest.fail("it ran"))
    (tmp_path / "file").write_text("text")
    assert "not a folder" in refused("forecast", EXAMPLE, "--out", str(tmp_path / "file" / "deeper"))


def test_every_fault_of_a_record_is_stated_in_a_line_of_its_own(call, tmp_path: Path):
    record = tmp_path / "record.toml"
    text = Path(EXAMPLE).read_text(encoding="utf-8")
    record.write_text(text.replace('"0.46 ng/mL"', '"0.46"').replace('sex = "female"', 'sex = "unknown"'))
    called = call("forecast", str(record))
    assert called.code == 2
    assert len(called.err.splitlines()) == 2
    assert "sex" in called.err
    assert "measurement 1" in called.err


# The choice


def test_json_holds_the_ranking_the_dates_the_tests_and_the_search(call, undrawn, tmp_path: Path):
    words = ("forecast", EXAMPLE, "--horizon", "2 years", "--draws", "12", "--optimise", "--best-by", "hip")
    found = call(*words, "--loss", "2", "--out", str(tmp_path), "--json").json
    assert found["ranking"]["best_by"] == "hip"
    assert sum(r["chance_of_being_best"] for r in found["ranking"]["ranks"]) == pytest.approx(1, abs=1e-4)
    assert found["latest_dates"][0]["limit"] == 2
    assert {t["endpoint"] for t in found["next_tests"]} >= {"CTX", "P1NP", "LS_BMD", "calcium"}
    assert "DC-01" in found["search"]["forbidden"]["stop"]
    on = next(s for s in found["summaries"] if s["strategy"] == "on time")
    assert on["calcium_tests"]
    assert {row["endpoint"] for row in on["turnover_passes_premenopausal_range"]} == {"CTX", "P1NP"}
    assert all(row["p25"] <= row["p75"] for row in on["t_score"])


def test_the_text_says_which_is_the_best_and_until_when_it_may_wait(call, undrawn, tmp_path: Path):
    out = call("forecast", EXAMPLE, "--horizon", "1 year", "--draws", "12", "--out", str(tmp_path)).out
    assert "Best by 'vertebral' within 12 months: on time" in out
    assert "more than 3 % of lumbar spine BMD is lost" in out


def test_all_ways_shows_more_than_the_usual_ones_and_draws_six(call, undrawn, tmp_path: Path):
    words = ("forecast", EXAMPLE, "--horizon", "1 year", "--draws", "8", "--all-ways", "--out", str(tmp_path))
    found = call(*words, "--json").json
    names = {s["name"] for s in found["strategies"]}
    assert {"switch to risedronate", "zoledronate once, 3 months later"} <= names
    assert "the first 6 of them" in (tmp_path / "report.html").read_text("utf-8")
    left_out = {one["name"] for one in found["blocked"]}
    assert {"stop", "2 years longer, then stop", "switch to raloxifene"} <= left_out
    assert not names & left_out
    assert len(names | left_out) == 16


def test_what_the_rules_block_has_no_number_and_is_said_with_the_rule_and_what_would_lift_it(
    call, undrawn, tmp_path: Path
):
    words = ("forecast", EXAMPLE, "--horizon", "1 year", "--draws", "8", "--out", str(tmp_path))
    called = call(*words)
    assert "Not possible: stop. DC-01: Do not stop" in called.out
    assert "DC-01 lifts when follow-on antiresorptive is planned: yes." in called.out
    assert "Not possible: 3 months late. DD-12" in called.out
    with open(tmp_path / "forecast.csv", encoding="utf-8", newline="") as file:
        assert {row["strategy"] for row in csv.DictReader(file)} == {
            *("on time", "switch to alendronate", "switch to zoledronate")
        }
    found = call(*words, "--strategy", "stop: nothing for 1 year", "--json").json
    assert [(one["name"], one["rules"]) for one in found["blocked"]] == [("stop", ["DC-01"])]
    assert (found["risk_only"], found["ranking"]) == (True, None)
    assert [s["name"] for s in found["strategies"]] == ["no further dose"]


def test_the_command_begins_with_an_emergency(call, undrawn, tmp_path: Path):
    record = tmp_path / "record.toml"
    text = Path(EXAMPLE).read_text("utf-8")
    low = '[[measurements]]\ndate = 2026-09-15\ntest = "corrected calcium"\nvalue = "1.8 mmol/L"\n'
    record.write_text(f"{text}\n{low}", "utf-8")
    words = ("forecast", str(record), "--horizon", "1 year", "--draws", "4", "--out", str(tmp_path / "out"))
    out = call(*words).out
    assert out.count("Hospital today") == 1
    assert out.index("Hospital today") < out.index("Lumbar spine BMD")
    assert "no drug strategy has a number" in out


def test_json_holds_how_late_the_injection_is_with_the_options(call, undrawn, tmp_path: Path):
    words = ("forecast", EXAMPLE, "--horizon", "2 years", "--draws", "8", "--out", str(tmp_path))
    found = call(*words, "--jurisdiction", "UK", "--json").json["late"]
    assert (found["days_late"], found["jurisdiction"]) == (0, "UK")
    options = {one["option"]: one for one in found["options"]}
    assert [key for key, one in options.items() if not one["offered"]] == ["nothing"]
    shown = {key: one["forecast"] for key, one in options.items()}
    assert shown.pop("nothing") is None
    worst = max(one["vertebral_per_1000"]["median"] for one in shown.values())
    assert found["untreated"]["vertebral_per_1000"]["median"] > worst


# A cohort


def test_several_people_give_a_table_and_a_bad_one_is_stated(call, tmp_path: Path):
    bad = tmp_path / "bad.toml"
    bad.write_text("[person]\nid = 'B'\n", "utf-8")
    words = ("forecast", EXAMPLE, str(bad), *QUICK, "--workers", "1", "--out", str(tmp_path / "c"))
    called = call(*words)
    assert called.code == 2
    assert called.err.startswith("bonecast: passed over: ")
    assert str(bad) in called.err
    assert "1 of 2 people" in called.out
    with open(tmp_path / "c" / "cohort.csv", encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["id"], row["strategy"]) == ("example-late-dose", "on time")
    assert (tmp_path / "c" / "cohort.parquet").is_file()
    again = call(*words)
    assert "2 results kept from before" in again.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((EXAMPLE, "--best-by", "luck"), "luck"),
        ((EXAMPLE, "--loss", "0"), "loss"),
        ((EXAMPLE, EXAMPLE), "named twice"),
        ((EXAMPLE, "other.toml", "--optimise"), "--optimise"),
        ((EXAMPLE, "other.toml", "--draws", "0"), "draws"),
        (("nobody.csv",), "no such file"),
    ],
)
def test_a_wrong_choice_or_cohort_is_one_sentence_and_leaves_no_folder(
    refused, words, said, tmp_path: Path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert said in refused("forecast", *words)
    assert list(tmp_path.iterdir()) == []
