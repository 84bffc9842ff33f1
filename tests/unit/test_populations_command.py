"""`bonecast populations`: the list, one population, people drawn and written."""

from __future__ import annotations

import json

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from bonecast.cli.populations import populations
from bonecast.cohorts import population, presets
from bonecast.errors import InputError

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(populations)


def called(*words: str) -> str:
    """What the command printed; its errors are raised."""
    return CliRunner().invoke(APP, list(words), catch_exceptions=False).stdout


def test_the_list_names_every_population():
    assert [row["population"] for row in json.loads(called("--json"))] == presets()
    assert all(name in called() for name in presets())


def test_one_population_is_shown_with_mark_and_source_of_every_number():
    page = json.loads(called("ckd", "--json"))
    people = population("ckd")
    assert {row["name"] for row in page["margins"]} == set(people.margins)
    assert all(row["mark"] and row["source"] for row in (*page["margins"], *page["shares"]))
    assert people.margins["eGFR"].source in called("ckd")


@pytest.mark.parametrize(("suffix", "read"), [(".csv", pl.read_csv), (".parquet", pl.read_parquet)])
def test_the_people_drawn_are_written(tmp_path, suffix, read):
    target = tmp_path / f"people{suffix}"
    words = ("men", "--draw", "40", "--seed", "3", "--eligible", "age >= 60", "--out", str(target))
    printed = called(*words)
    frame = read(target)
    drawn = population("men").draw(3, 0, 40)
    kept = drawn.select(drawn["age"] >= 60)
    assert frame["id"].to_list() == kept.ids
    assert frame["age"].to_list() == pytest.approx(kept["age"], rel=1e-9)
    assert f"{kept.count} people: {target}" in printed
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mem",), "did you mean men"),
        (("--draw", "3"), "name one"),
        (("men", "--out", "people.csv"), "nothing is drawn; add --draw N"),
        (("men", "--draw", "3", "--out", "people.txt"), "unknown suffix"),
        (("men", "--draw", "3", "--eligible", "agee > 3"), "--eligible 1, agee"),
        (("men", "--draw", "3", "--eligible", "female"), "none of 3 candidates is eligible"),
    ],
)
def test_a_wrong_use_is_refused_with_the_hint(words, said):
    with pytest.raises(InputError) as refused:
        called(*words)
    assert said in str(refused.value)
