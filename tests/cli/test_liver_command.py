"""`bonecast liver`: one case, a table of cases, a cohort, and what it refuses before it starts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "examples" / "liver-case.toml")
CASES = ROOT / "tests" / "data" / "liver" / "cases.csv"


def test_a_case_prints_its_results_its_items_and_its_findings(call):
    called = call("liver", EXAMPLE)
    assert called.code == 0, called.err
    for words in ("Hy's law range", "4, possible", "E* as published; D by recount", "LI-05 warn", "recalled"):
        assert words in called.out
    assert "not a medical device; the clinician decides" in called.out


def test_a_folder_gets_the_results_and_the_pictures_with_their_tables(call, tmp_path: Path):
    found = call("liver", EXAMPLE, "--out", str(tmp_path / "made"), "--json").json
    names = {Path(file).name for file in found["files"]}
    assert names == {"liver.json", "timeline.png", "timeline.csv", "edish.png", "edish.csv"}
    assert names == {path.name for path in (tmp_path / "made").iterdir()}
    written = json.loads((tmp_path / "made" / "liver.json").read_text("utf-8"))
    assert written == {key: value for key, value in found.items() if key != "files"}


def test_a_table_of_cases_is_written_in_columns_named_after_what_is_expected(call, tmp_path: Path):
    out = tmp_path / "out.csv"
    assert call("liver", "--cases", str(CASES), "--out", str(out)).code == 0
    with CASES.open(encoding="utf-8", newline="") as asked, out.open(encoding="utf-8", newline="") as given:
        for row, found in zip(csv.DictReader(asked), csv.DictReader(given), strict=True):
            expected = {name[4:]: cell for name, cell in row.items() if name.startswith("exp_")}
            assert {"id": row["id"], **expected} == {name: found[name] for name in ("id", *expected)}


def people(n: int) -> pl.DataFrame:
    """So many people with ten panels of five tests each."""
    tests = {"ALT": ("U/L", 40.0), "AST": ("U/L", 40.0), "ALP": ("U/L", 120.0), "GGT": ("U/L", 45.0),
             "bilirubin": ("mg/dL", 1.2)}  # fmt: skip
    person = pl.DataFrame({"person": [f"P{i}" for i in range(n)], "i": range(n)})
    panel = pl.DataFrame({"panel": range(10)})
    listed = [(name, unit, uln) for name, (unit, uln) in tests.items()]
    test = pl.DataFrame(listed, schema=["test", "unit", "uln"], orient="row")
    rows = person.join(panel, how="cross").join(test, how="cross")
    day = pl.date(2026, 1, 1) + pl.duration(days=pl.col("panel") * 21)
    multiple = 0.5 + ((pl.col("i") * 7 + pl.col("panel") * 3) % 97) / 12
    return rows.select("person", "test", "unit", "uln", date=day, value=(multiple * pl.col("uln")).round(3))


def test_a_cohort_of_ten_thousand_people_has_one_row_each_and_a_picture(call, tmp_path: Path):
    people(10_000).write_csv(tmp_path / "cohort.csv")
    words = ("--cohort", str(tmp_path / "cohort.csv"), "--out", str(tmp_path / "out.parquet"))
    found = call("liver", *words, "--picture", str(tmp_path / "edish.png"), "--json").json
    assert found["counts"]["people"] == 10_000 == pl.read_parquet(tmp_path / "out.parquet").height
    assert (tmp_path / "edish.png").read_bytes().startswith(b"\x89PNG")
    places = [count for name, count in found["counts"].items() if name.startswith("eDISH")]
    assert sum(places) == 10_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to assess"),
        ((EXAMPLE, "--cases", str(CASES)), "more than one input"),
        (("nobody.toml",), "no such file"),
        (("--cases", "nobody.csv"), "no such file"),
        (("--cohort", "nobody.csv", "--out", "out.csv"), "no such file"),
        (("--cohort", str(CASES)), "a cohort needs a file"),
        (("--cohort", str(CASES), "--out", "out.txt"), "unknown suffix"),
        (("--cases", str(CASES), "--out", "out.json"), "unknown suffix"),
        ((EXAMPLE, "--picture", "a.png"), "of a cohort only"),
    ],
)
def test_wrong_use_is_one_sentence(refused, words, said, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused("liver", *words)
    assert list(tmp_path.iterdir()) == []
