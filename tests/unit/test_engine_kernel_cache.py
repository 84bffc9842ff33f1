"""Kernels on disk: where they are kept, what decides them, and that a second start compiles and traces nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from engine_systems import GROWTH

from bonecast.engine import kernel as kernels
from bonecast.engine import notices, simulate

pytestmark = pytest.mark.slow


@pytest.fixture
def notes():
    heard: list[str] = []
    before = notices._listener
    notices.listen(heard.append)
    yield heard
    notices.listen(before)


def test_a_second_load_neither_traces_nor_compiles(tmp_path, monkeypatch, notes):
    monkeypatch.setenv("BONECAST_CACHE", str(tmp_path))
    first = simulate(replace(GROWTH), [], [1.0], lanes=1)
    (kept,) = (tmp_path / "kernels").iterdir()
    assert kept.name.startswith("test-growth-1-")
    assert [n.split()[0] for n in notes] == ["compiling", "compiled"]
    notes.clear()

    def refuse(system):
        raise AssertionError("traced again")

    monkeypatch.setattr(kernels, "trace", refuse)
    again = simulate(replace(GROWTH), [], [1.0], lanes=1)  # another object: not the one in memory
    assert again.values.tolist() == first.values.tolist()
    assert notes == []


def test_the_folder_is_the_one_that_the_environment_names(tmp_path, monkeypatch):
    monkeypatch.setenv("BONECAST_CACHE", str(tmp_path / "deep" / "down"))
    assert kernels.cache_folder() == tmp_path / "deep" / "down" / "kernels"
    assert kernels.cache_folder().is_dir()


def test_a_folder_that_cannot_be_written_is_replaced_by_a_private_one(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BONECAST_CACHE", str(tmp_path / "file" / "cache"))
    folder = kernels.cache_folder()
    assert not folder.is_relative_to(tmp_path)
    assert folder.is_dir()
    assert folder == kernels.cache_folder(), "one for the whole process"
    (folder / "probe").write_text("it can be written")


def test_the_key_follows_the_model_s_files(tmp_path):
    source = tmp_path / "equations.py"
    source.write_text("k = 1")
    system = replace(GROWTH, sources=(source,))
    before = kernels.key(system, 1)
    assert before == kernels.key(replace(system), 1)
    source.write_text("k = 2")
    assert kernels.key(system, 1) != before


def test_the_key_follows_lanes_name_states_and_parameters():
    variants = [
        replace(GROWTH, name="test-growth-2"),
        replace(GROWTH, states=("argument", "size")),
        replace(GROWTH, parameters={**GROWTH.parameters, "more": 1.0}),
    ]
    keys = {kernels.key(GROWTH, 1), kernels.key(GROWTH, 2), *(kernels.key(v, 1) for v in variants)}
    assert len(keys) == 5


def test_the_key_does_not_follow_default_values():
    other = replace(GROWTH, parameters=dict.fromkeys(GROWTH.parameters, 9.0))
    assert kernels.key(other, 1) == kernels.key(GROWTH, 1)


def test_every_engine_file_that_makes_code_is_in_the_key():
    engine = Path(kernels.__file__).parent
    aside = {
        "__init__.py", "emit_python.py", "ensemble.py", "notices.py", "quantiles.py", "reference.py",
        "status.py", "streams.py", "system.py", "threads.py",
    }  # fmt: skip
    assert {f.name for f in engine.glob("*.py")} - aside == set(kernels._ENGINE_FILES)


def test_the_kernel_in_memory_is_used_for_the_same_system():
    assert kernels.kernel(GROWTH, 1) is kernels.kernel(GROWTH, 1)
