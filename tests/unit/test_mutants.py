"""The list of mutants does not rot: every text to change stands in its file once, and its tests are there."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    found = importlib.util.spec_from_file_location("mutants", ROOT / "tools" / "mutants.py")
    assert found is not None
    assert found.loader is not None
    made = importlib.util.module_from_spec(found)
    sys.modules["mutants"] = made  # a dataclass looks its own module up
    found.loader.exec_module(made)
    yield made
    del sys.modules["mutants"]


def test_every_mutant_changes_a_text_that_stands_once_and_names_tests_that_are_there(tool):
    every = tool.mutants()
    assert len(every) >= 60
    assert len({one.name for one in every}) == len(every)
    rooms = {path.parent.name for path in tool.PACKAGE.glob("*/__init__.py")}
    assert len(rooms) > 20
    few = rooms - {room for room, count in Counter(one.room for one in every).items() if count >= 2}
    assert few == set()
    for one in every:
        assert one.old != one.new, one.name
        assert (tool.PACKAGE / one.file).read_text("utf-8").count(one.old) == 1, one.name
        assert one.tests, one.name
        for test in one.tests:
            assert (ROOT / test.partition("::")[0]).is_file(), (one.name, test)


def test_a_change_is_made_in_the_copy_and_a_text_that_is_gone_is_an_error(tool, tmp_path):
    (tmp_path / "a.py").write_text("LIMIT = 3\nOTHER = 3\n")
    tool.Mutant("one", "a.py", "LIMIT = 3", "LIMIT = 4", ("t",)).apply(tmp_path)
    assert (tmp_path / "a.py").read_text() == "LIMIT = 4\nOTHER = 3\n"
    for old in ("LIMIT = 3", " = "):
        with pytest.raises(ValueError, match="give a text that stands there once"):
            tool.Mutant("one", "a.py", old, "x", ("t",)).apply(tmp_path)
