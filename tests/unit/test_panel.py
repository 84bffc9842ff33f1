"""Answers of two releases on the panel: what changed is counted and listed, and nothing else."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from typer.testing import CliRunner

from bonecast.cli.app import app
from bonecast.errors import InputError
from bonecast.trust import compare_answers, count_changes, panel, panel_answers, read_answers


@pytest.fixture(scope="module")
def made():
    return panel_answers(panel()[:2])


def test_the_same_answers_have_no_change(made):
    assert compare_answers(made, deepcopy(made)) == []


def test_a_state_a_rank_and_a_range_that_changed_are_named_with_old_and_new(made):
    new = deepcopy(made)
    name = next(iter(new["answers"]))
    of = new["answers"][name]
    of["check"]["state"] = "elsewhere"
    of["forecast"]["ranks"] = ["other"]
    of["forecast"]["last"][0]["p50"] += 1
    found = compare_answers(made, new)
    assert [(one.record, one.what.partition(":")[0]) for one in found] == [
        (name, "state"),
        (name, "ranks"),
        (name, "range"),
    ]
    assert (found[0].new, found[1].new) == ("elsewhere", "other")
    assert count_changes(found) == {"range": 1, "ranks": 1, "state": 1}


def test_a_record_of_one_release_only_is_a_change(made):
    new = deepcopy(made)
    name = next(iter(new["answers"]))
    del new["answers"][name]
    assert {(one.record, one.new) for one in compare_answers(made, new)} == {(name, "none")}


def test_the_command_compares_two_files(made, tmp_path):
    new = deepcopy(made)
    name = next(iter(new["answers"]))
    new["answers"][name]["check"]["state"] = "elsewhere"
    paths = [tmp_path / "old.json", tmp_path / "new.json"]
    for path, of in zip(paths, (made, new), strict=True):
        path.write_text(json.dumps(of), encoding="utf-8")
    done = CliRunner().invoke(app, ["diff-release", *map(str, paths)])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "1 of 2 records have another answer."


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": 2, "answers": {}}'])
def test_a_file_without_answers_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="bonecast panel FILE"):
        read_answers(path)
