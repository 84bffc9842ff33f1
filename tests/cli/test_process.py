"""The command as a process: exit codes, streams, what a start imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bonecast

PEOPLE_WAIT_FOR = ("simulate", "choi-2025", "denosumab 60 mg every 6 months x 2")


def bonecast_process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with pipes for its streams."""
    return subprocess.run(
        [sys.executable, "-m", "bonecast.cli", *words],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(bonecast.__file__).parents[1]), **environment},
        check=False,
    )


def test_a_cached_simulation_imports_no_heavy_library():
    listing = "import sys; from bonecast.cli import run; assert run({words}) == 0; print(*sys.modules, file=sys.stderr)"
    bonecast_process(*PEOPLE_WAIT_FOR)
    called = subprocess.run(
        [sys.executable, "-c", listing.format(words=list(PEOPLE_WAIT_FOR))],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(bonecast.__file__).parents[1])},
        check=True,
    )
    loaded = set(called.stderr.split())
    assert "numba" in loaded
    assert not loaded & {"scipy.linalg", "scipy.integrate", "pint", "polars", "altair", "rich", "jinja2"}


def test_a_simulation_from_python_loads_no_linear_algebra_and_numba_has_it_for_others():
    code = (
        "import sys, numpy as np, bonecast as bc\n"
        f"bc.simulate({PEOPLE_WAIT_FOR[1]!r}, {PEOPLE_WAIT_FOR[2]!r})\n"
        "assert 'scipy.linalg' not in sys.modules\n"
        "import numba\n"
        "print(numba.njit(lambda a: np.dot(a, a))(np.array([3.0, 4.0])))\n"
    )
    bonecast_process(*PEOPLE_WAIT_FOR)  # the kernel is in the cache then
    called = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert (called.stdout, called.stderr) == ("25.0\n", "")


def test_the_help_of_a_command_loads_no_library_that_only_its_work_needs():
    code = "import sys; from bonecast.cli import run; run(['simulate', '--help']); print(*sys.modules, file=sys.stderr)"
    called = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--after-dose" in called.stdout
    loaded = set(called.stderr.split())
    assert "bonecast.cli.simulate" in loaded
    assert not loaded & {"polars", "altair", "fastapi", "numba", "numpy", "scipy", "pint"}


def test_importing_bonecast_imports_no_room():
    code = "import bonecast, sys; print([m for m in sys.modules if m.startswith(('bonecast.', 'numpy'))])"
    called = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert called.stdout == "['bonecast.presentation']\n"  # the table of who presents a result, of ten lines


def test_json_in_a_pipe_is_nothing_but_json_and_notices_go_to_stderr(tmp_path: Path):
    called = bonecast_process(*PEOPLE_WAIT_FOR, "--json", BONECAST_CACHE=str(tmp_path))
    assert called.returncode == 0
    assert json.loads(called.stdout)["model"] == "choi-2025"
    assert "bonecast: compiling choi-2025" in called.stderr
    assert "\x1b" not in called.stdout + called.stderr


def test_a_wrong_input_ends_with_code_2_and_no_traceback():
    called = bonecast_process("simulate", "choi-2025", "denosumab 60 mg")
    assert called.returncode == 2
    assert called.stdout == ""
    assert "Traceback" not in called.stderr
    assert called.stderr.startswith("bonecast: plan, character 16: expected")


@pytest.mark.parametrize(
    "words", [(), ("modles",), ("simulate",), ("models", "--yaml"), ("simulate", "a", "b", "--rtol", "x")]
)
def test_a_wrong_use_of_the_command_ends_with_code_2(words):
    assert bonecast_process(*words).returncode == 2


def test_a_fault_of_ours_ends_with_code_1_and_shows_its_traceback_only_on_request(monkeypatch, capsys):
    def broken() -> list[str]:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("bonecast.models.model_names", broken)
    monkeypatch.delenv("BONECAST_DEBUG", raising=False)
    assert bonecast_cli("models") == 1
    quiet = capsys.readouterr().err
    assert quiet.count("\n") == 1
    assert "BONECAST_DEBUG=1" in quiet
    monkeypatch.setenv("BONECAST_DEBUG", "1")
    assert bonecast_cli("models") == 1
    assert "Traceback" in capsys.readouterr().err


def bonecast_cli(*words: str) -> int:
    """Run the command in this process."""
    from bonecast.cli import run

    return run(list(words))


def test_a_reader_that_stops_early_is_no_failure():
    code = "set -o pipefail; {python} -m bonecast.cli models show peterson-riggs-2010 | head -n 1 >/dev/null"
    called = subprocess.run(
        ["bash", "-c", code.format(python=sys.executable)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(bonecast.__file__).parents[1])},
        check=False,
    )
    assert (called.returncode, called.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("words", [("--version",), ("models", "show", "peterson-riggs-2010")])
def test_an_output_that_cannot_be_written_is_one_sentence(words):
    with open("/dev/full", "w") as full:
        called = subprocess.run(
            [sys.executable, "-m", "bonecast.cli", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            env={**os.environ, "PYTHONPATH": str(Path(bonecast.__file__).parents[1])},
            check=False,
        )
    assert called.returncode == 2
    assert called.stderr.startswith("bonecast: stdout: it cannot be written")
    assert called.stderr.count("\n") == 1


def test_the_version_is_the_one_of_the_package():
    from importlib.metadata import version

    assert bonecast_process("--version").stdout == f"bonecast {bonecast.__version__}\n"
    assert bonecast.__version__ == version("bonecast")


def test_every_public_name_can_be_had():
    for name in bonecast.__all__:
        assert getattr(bonecast, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'forcast'"):
        bonecast.forcast  # noqa: B018
