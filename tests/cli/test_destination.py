"""Where results go: refused before the work, replaced whole after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonecast.core import atomic_write, check_file, check_folder
from bonecast.errors import InputError


def test_a_folder_that_is_not_there_yet_is_accepted_and_not_made(tmp_path: Path):
    assert check_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_under_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("text")
    with pytest.raises(InputError, match="is a file, not a folder"):
        check_folder(tmp_path / "file" / "deeper")


@pytest.mark.parametrize("name", ["a" * 300 + ".csv", "nul\0.csv", "missing/run.csv"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str):
    with pytest.raises(InputError):
        check_file(tmp_path / name, (".csv",))


def test_a_suffix_counts_in_any_case(tmp_path: Path):
    assert check_file(tmp_path / "RUN.CSV", (".csv",)).name == "RUN.CSV"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    target = tmp_path / "run.csv"
    target.write_text("old")

    def write_half() -> None:
        with atomic_write(target) as beside:
            beside.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
