"""Kernels on disk: what decides them, what survives in a cache, and that a second start compiles and traces nothing."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import edited_systems
import numpy as np
import pytest
from edited_systems import BASE, EDITED, SYSTEMS
from engine_systems import GROWTH

from bonecast.engine import Route, kernel_cache, notices, simulate

kernels = import_module("bonecast.engine.kernel")  # the room exports a function of that name
loops = import_module("bonecast.engine.compiled_loop")

SCRIPT = Path(edited_systems.__file__)
LOOP = kernels._surroundings()[:32]

pytestmark = pytest.mark.slow


@pytest.fixture
def notes():
    heard: list[str] = []
    before = notices._listener
    notices.listen(heard.append)
    yield heard
    notices.listen(before)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and nothing in memory."""
    monkeypatch.setenv("BONECAST_CACHE", str(tmp_path))
    monkeypatch.setattr(kernels, "_kernels", {})
    return tmp_path / "kernels"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A cache that holds one kernel, and what that kernel says."""
    size()  # the loop is in memory: not in the cache
    home = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BONECAST_CACHE", str(home))
        patch.setattr(kernels, "_kernels", {})
        return home / "kernels", size()


@pytest.fixture(scope="module")
def loop_home(tmp_path_factory):
    """A cache that holds the loop as it is compiled for the first time."""
    home = tmp_path_factory.mktemp("loop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BONECAST_CACHE", str(home))
        patch.setattr(loops, "_loops", {})
        loops.compiled_loop(LOOP, kernels._ENGINE)
    return home / "kernels" / f"loop-{LOOP}"


@pytest.fixture
def copied_loop(loop_home, cache, monkeypatch):
    """A copy of it, with new times, and no loop in memory; a kernel is there."""
    size()
    monkeypatch.setattr(loops, "_loops", {})
    shutil.copytree(loop_home, cache / loop_home.name, copy_function=shutil.copyfile)
    return cache / loop_home.name


@pytest.fixture
def copied(compiled, cache):
    """A copy of that cache, with new times; the folder of its kernel, and what it says."""
    shutil.copytree(compiled[0], cache, copy_function=shutil.copyfile)
    (kept,) = cache.iterdir()
    return kept, compiled[1]


def size(system=GROWTH):
    return simulate(system, [], [1.0], {"decay": 0.5}, lanes=1).output("size")[0, 0]


def again(system=GROWTH):
    """The same, as a new process would have it: nothing in memory."""
    kernels._kernels.clear()
    return size(system)


def test_six_edited_systems_of_one_name_agree_with_the_reference_in_one_process_and_in_the_next(
    tmp_path, loop_home
):
    environment = {**os.environ, "BONECAST_CACHE": str(tmp_path)}
    shutil.copytree(loop_home, tmp_path / "kernels" / loop_home.name)
    first, second = (
        json.loads(
            subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, check=True).stdout
        )
        for _ in range(2)
    )
    assert max(first["worst"].values()) < 1e-4
    assert second["levels"] == first["levels"]
    assert [note.split()[0] for note in first["notices"]] == ["compiling", "compiled"] * len(SYSTEMS)
    assert second["notices"] == []


def test_two_processes_that_compile_the_same_kernel_at_once_leave_one_that_is_whole(cache, loop_home, notes):
    shutil.copytree(loop_home, cache / loop_home.name)
    code = (
        f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r})\n"
        "from engine_systems import GROWTH\nfrom bonecast.engine import simulate\n"
        "print(simulate(GROWTH, [], [1.0], {'decay': 0.5}, lanes=1).output('size')[0, 0])"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = [float(process.communicate()[0]) for process in started]
    assert sorted(path.name.split("-")[0] for path in cache.iterdir()) == ["1", "loop"]
    assert [size()] * 2 == answers
    assert notes == []


def test_a_second_load_neither_compiles_nor_derives(compiled, monkeypatch, notes):
    home, first = compiled
    monkeypatch.setenv("BONECAST_CACHE", str(home.parent))
    monkeypatch.setattr(kernels, "_kernels", {})
    monkeypatch.setattr(kernels, "trace", lambda system: pytest.fail("traced in full again"))
    assert [path.name for path in home.iterdir()] == [f"1-{kernels.key(GROWTH, 1)}"]
    assert again() == first
    assert notes == []


def damage(kept, fault):
    code, contents = next(p for p in kept.rglob("*") if p.suffix in (".o", ".nbc")), kept / "contents.json"
    if fault == "truncated":
        code.write_bytes(code.read_bytes()[:1000])
    elif fault == "a bit":
        data = bytearray(code.read_bytes())
        data[len(data) // 2] ^= 1
        code.write_bytes(data)
    elif fault == "missing":
        code.unlink()
    elif fault == "another file":
        (code.parent / "more").write_bytes(b"")
    elif fault == "empty list":
        contents.write_text("{}")
    elif fault == "a list of another kind":
        contents.write_text('{"layout": 3, "files": []}')
    else:
        contents.write_bytes(b"\xff half wri")


@pytest.mark.parametrize(
    "fault",
    ["truncated", "a bit", "missing", "another file", "empty list", "a list of another kind", "no list"],
)
def test_a_cache_entry_that_is_not_as_it_was_written_is_not_trusted(copied, fault):
    kept, _ = copied
    assert kernels._kept_layout(kept) is not None
    damage(kept, fault)
    assert kernels._kept_layout(kept) is None


def test_a_damaged_entry_is_made_again_and_takes_its_place(copied, notes):
    kept, first = copied
    damage(kept, "a bit")
    assert again() == first
    assert [n.split()[0] for n in notes] == ["compiling", "compiled"]
    assert list(kept.parent.iterdir()) == [kept]
    notes.clear()
    assert again() == first
    assert notes == []


def test_a_cache_that_is_copied_elsewhere_works_there(copied, monkeypatch, notes):
    _, first = copied
    monkeypatch.setattr(kernels, "trace", lambda system: pytest.fail("compiled again"))
    assert again() == first
    assert notes == []


def test_a_loop_that_is_copied_elsewhere_works_there_wherever_numba_keeps_its_own(
    copied_loop, tmp_path, monkeypatch
):
    from numba.core import config

    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(loops, "filling", lambda home: pytest.fail("compiled again"))
    before = size()
    loop = loops.compiled_loop(LOOP, kernels._ENGINE)
    assert loop is loops.compiled_loop(LOOP, kernels._ENGINE)
    built = kernels.kernel(GROWTH, 1)
    monkeypatch.setitem(kernels._kernels, kernels.key(GROWTH, 1), replace(built, integrate=loop))
    assert size() == before
    assert str(tmp_path / "elsewhere") == config.CACHE_DIR


@pytest.mark.parametrize("fault", ["truncated", "a bit", "missing", "another file", "empty list", "no list"])
def test_a_loop_that_is_not_as_it_was_written_is_not_trusted(copied_loop, fault, monkeypatch):
    assert kernel_cache.contents_of(copied_loop) is not None
    damage(copied_loop, fault)
    assert kernel_cache.contents_of(copied_loop) is None
    monkeypatch.setattr(loops, "_run", lambda home, *_: home)
    assert loops.compiled_loop(LOOP, kernels._ENGINE).suffix == ".part"
    assert {path.name for path in copied_loop.iterdir()} == {"contents.json", *loops.TEXTS}


def test_the_folder_is_the_one_that_the_environment_names(tmp_path, monkeypatch):
    monkeypatch.setenv("BONECAST_CACHE", str(tmp_path / "deep" / "down"))
    assert kernel_cache.cache_folder() == tmp_path / "deep" / "down" / "kernels"
    assert kernel_cache.cache_folder().is_dir()


def test_a_folder_that_cannot_be_written_is_replaced_by_a_private_one(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BONECAST_CACHE", str(tmp_path / "file" / "cache"))
    folder = kernel_cache.cache_folder()
    assert not folder.is_relative_to(tmp_path)
    assert folder.is_dir()
    assert folder == kernel_cache.cache_folder(), "one for the whole process"
    (folder / "probe").write_text("it can be written")


def test_the_key_follows_every_part_of_the_program():
    more = {
        "lag": replace(BASE, routes={"oral": Route("depot", "mg", lambda p: p.F, lag=lambda p: p.k)}),
        "run-in": replace(BASE, run_in=lambda p: p.k),
        "where a route goes": replace(BASE, routes={"oral": Route("central", "mg", lambda p: p.F)}),
        "order of states": replace(BASE, states=("central", "depot")),
        "a parameter more": replace(BASE, parameters={"first": 0.0, **BASE.parameters}),
    }
    systems = [BASE, *EDITED.values(), *more.values()]
    assert len({kernels.key(system, lanes) for system in systems for lanes in (1, 8)}) == 2 * len(systems)


def test_the_key_does_not_follow_names_values_files_or_times(tmp_path):
    source = tmp_path / "equations.py"
    source.write_text("k = 1")
    same = [
        replace(BASE, name="another"),
        replace(BASE, parameters=dict.fromkeys(BASE.parameters, 9.0)),
        replace(BASE, sources=(source,)),
        replace(BASE, scales={"depot": 7.0}),
    ]
    keys = [kernels.key(system, 1) for system in same]
    assert keys == [kernels.key(BASE, 1)] * 4
    source.write_text("k = 2")
    assert kernels.key(same[2], 1) == keys[2]


def test_every_engine_file_that_makes_code_is_in_the_key():
    engine = Path(kernels.__file__).parent
    aside = {
        "__init__.py", "asked.py", "emit_python.py", "ensemble.py", "equation_text.py", "foreign.py", "notebook.py",
        "notices.py", "outline.py", "quantiles.py", "reference.py", "status.py", "steady_state.py",
        "streams.py", "system.py", "tangent.py", "threads.py", "watch.py",
    }  # fmt: skip
    assert {f.name for f in engine.glob("*.py")} - aside == set(kernels._ENGINE_FILES)
    assert {name: (engine / name).read_bytes() for name in kernels._ENGINE_FILES} == kernels._ENGINE


def test_the_key_follows_the_engine_s_own_texts(monkeypatch):
    before = kernels.key(BASE, 1)
    kernels._surroundings.cache_clear()
    monkeypatch.setitem(kernels._ENGINE, "loop.py", kernels._ENGINE["loop.py"] + b"#")
    assert kernels.key(BASE, 1) != before
    kernels._surroundings.cache_clear()


def test_systems_of_one_program_share_a_kernel_and_others_have_their_own():
    assert kernels.kernel(GROWTH, 1) is kernels.kernel(replace(GROWTH, name="another"), 1)
    assert np.isfinite(size())


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_is_as_it_was_after_compiling_and_after_a_failure_of_it(collecting):
    before = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        with loops.without_collecting():
            assert not gc.isenabled()
        assert gc.isenabled() == collecting
        with pytest.raises(ZeroDivisionError), loops.without_collecting():
            raise ZeroDivisionError
        assert gc.isenabled() == collecting
    finally:
        (gc.enable if before else gc.disable)()
