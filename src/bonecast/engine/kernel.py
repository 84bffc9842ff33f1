"""Kernels: the integrator's text bound to one program and one number of lanes, compiled once and kept on disk.

The key of a kernel is a hash of everything that decides its code and of nothing else: the traced program (rates,
outputs, initial state, run-in, routes, switches), the engine's own texts, the versions of Python, numba and llvmlite,
the processor and the number of lanes. Names, files and times decide nothing, so two systems that compute the same
share a kernel, and an edited one gets its own. What a folder of the cache holds is checked against its own list of
hashes before it is loaded; whatever does not agree is made again.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bonecast.engine.events import EventTable
from bonecast.engine.notices import notify
from bonecast.engine.outline import outline_of
from bonecast.engine.program import Program, trace
from bonecast.engine.system import System
from bonecast.engine.workspace import workspace

_HERE = Path(__file__).parent
_ENGINE_FILES = (
    "graph.py", "maths.py", "derivative.py", "elimination.py", "program.py", "emit_vector.py", "vector_maths.py",
    "rodas4.py", "emit_step.py", "bindings.py", "workspace.py", "events.py", "loop_parts.py", "loop.py", "kernel.py",
)  # fmt: skip
_TEXTS = ("loop_parts.py", "loop.py")  # run in this order, in one module
_ENGINE = {
    name: (_HERE / name).read_bytes() for name in _ENGINE_FILES
}  # as they are when the engine is loaded
_CONTENTS = "contents.json"  # layout and the hash of every other file; written last
_TEXT_TIME = 946_684_800  # numba asks when a text was changed: always in the first second of 2000
_kernels: dict[str, Kernel] = {}
_building = threading.RLock()


@dataclass(frozen=True)
class Block:
    """Input and output arrays of one call, for some persons. Shapes: persons first; see `loop.integrate`."""

    parameters: np.ndarray
    begin: np.ndarray
    resumed: bool
    given_states: np.ndarray
    given_starts: np.ndarray
    given_modes: np.ndarray
    events: EventTable
    out: np.ndarray
    status: np.ndarray
    counts: np.ndarray
    final_states: np.ndarray
    final_starts: np.ndarray
    final_modes: np.ndarray

    def part(self, persons: slice) -> Block:
        """The arrays of some of the persons (views)."""
        return Block(
            self.parameters[persons], self.begin[persons], self.resumed, self.given_states[persons],
            self.given_starts[persons], self.given_modes[persons], self.events.part(persons), self.out[persons],
            self.status[persons], self.counts[persons], self.final_states[persons], self.final_starts[persons],
            self.final_modes[persons],
        )  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Sizes and places that the kernel and its callers agree on; kept beside the machine code."""

    states: int
    parameters: int
    outputs: int
    jumps: tuple[bool, ...]
    constants: int
    factors: int
    base: int
    route_states: tuple[int, ...]
    route_slots: tuple[int, ...]
    run_in_slot: int


@dataclass(frozen=True)
class Kernel:
    """A compiled program. `run` integrates the persons of a block and fills its output arrays."""

    lanes: int
    layout: Layout
    integrate: Any

    def run(
        self,
        block: Block,
        out_time: np.ndarray,
        out_after: np.ndarray,
        chosen: np.ndarray,
        rtol: float,
        atol: np.ndarray,
        max_steps: int,
        stop: np.ndarray,
    ) -> None:
        """Integrate; releases the interpreter lock, so that several threads may run blocks of their own.

        stop : one number; once it is not zero the call returns soon, and what it has not filled means nothing.
        """
        routes = len(self.layout.route_states)
        rates = range(self.layout.parameters - routes, self.layout.parameters)
        events = block.events
        self.integrate(
            block.parameters, block.begin, block.resumed, block.given_states, block.given_starts, block.given_modes,
            events.first, events.last, events.time, events.kind, events.index, events.value,
            np.array(self.layout.route_states, np.int64), np.array(self.layout.route_slots, np.int64),
            np.array(rates, np.int64), self.layout.run_in_slot, out_time, out_after, chosen, rtol, atol, max_steps,
            stop,
            block.out, block.status, block.counts, block.final_states, block.final_starts, block.final_modes,
        )  # fmt: skip


def kernel(system: System, lanes: int) -> Kernel:
    """Compile the kernel of a system, or take it from memory or the disk cache.

    Parameters
    ----------
    system : System
        Equations.
    lanes : int
        Persons in one vector.

    Returns
    -------
    Kernel
        The machine code.
    """
    digest = key(system, lanes)
    if digest not in _kernels:
        with _building:
            if digest not in _kernels:
                _kernels[digest] = _load(system, lanes, digest)
    return _kernels[digest]


@cache
def simd_lanes() -> int:
    """Return how many doubles a vector register of this machine holds.

    Returns
    -------
    int
        8 with AVX-512, 4 with AVX2, else 2.
    """
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    if features.get("avx512f") and features.get("avx512dq"):
        return 8
    return 4 if features.get("avx2") else 2


def cache_folder() -> Path:
    """Return the folder in which compiled kernels are kept.

    Returns
    -------
    Path
        $BONECAST_CACHE, else the user's cache folder, else a private temporary one.
    """
    chosen = os.environ.get("BONECAST_CACHE")
    if not chosen:
        from platformdirs import user_cache_dir

        chosen = user_cache_dir("bonecast", appauthor=False)
    folder = Path(chosen) / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return _temporary_folder()


@cache
def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="bonecast-kernels-"))


def key(system: System, lanes: int) -> str:
    """The hash of everything that decides the machine code."""
    return hashlib.sha256(f"{outline_of(system).digest} {lanes} {_surroundings()}".encode()).hexdigest()[:32]


@cache
def _surroundings() -> str:
    """The hash of the engine's texts, with versions and processor."""
    import llvmlite
    import numba
    from llvmlite import binding

    processor = (
        binding.get_process_triple(),
        binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
    )
    versions = platform.python_version(), numba.__version__, llvmlite.__version__, *processor
    return hashlib.sha256(repr((versions, _ENGINE)).encode()).hexdigest()


def _load(system: System, lanes: int, digest: str) -> Kernel:
    home = cache_folder() / f"{lanes}-{digest}"
    layout = _kept_layout(home)
    if layout is not None:
        with suppress(Exception):  # whatever is wrong with it, it can be made again
            return _bind(home, system, lanes, digest, layout)
    return _build(home, system, lanes, digest)


def _kept_layout(home: Path) -> Layout | None:
    """The layout of a kernel on disk, if every file of it is there and as it was written."""
    try:
        contents = json.loads((home / _CONTENTS).read_text("utf-8"))
        kept: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in contents["layout"].items()
        }
        layout = Layout(**kept)
        if contents["files"] != _hashes(home):
            return None
        for name in _TEXTS:  # a copy of the folder may have other times
            if (home / name).stat().st_mtime != _TEXT_TIME:
                os.utime(home / name, (_TEXT_TIME, _TEXT_TIME))
        return layout
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _hashes(home: Path) -> dict[str, str]:
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path.name != _CONTENTS]
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def _build(home: Path, system: System, lanes: int, digest: str) -> Kernel:
    """Compile beside the place, then put the whole folder there in one move: nobody sees half a kernel."""
    wide = f"{lanes} people at a time" if lanes > 1 else "one person at a time"
    notify(f"compiling {system.name} for {wide} (once on this machine; takes several seconds)")
    began = time.perf_counter()
    made = trace(system)
    layout = Layout(
        len(system.states),
        len(made.parameters),
        len(system.output_names),
        made.jumps,
        len(made.constants),
        len(made.factors),
        system.base,
        tuple(system.states.index(route.state) for route in system.routes.values()),
        tuple(made.amount_slots),
        made.run_in_slot,
    )
    beside = Path(tempfile.mkdtemp(prefix=f"{home.name}.", suffix=".part", dir=home.parent))
    try:
        for name in _TEXTS:
            (beside / name).write_bytes(_ENGINE[name])
            os.utime(beside / name, (_TEXT_TIME, _TEXT_TIME))
        with _without_collecting():
            built = _bind(beside, system, lanes, digest, layout, made)
        contents = {"layout": asdict(layout), "files": _hashes(beside)}
        (beside / _CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
        _put(beside, home)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    notify(f"compiled {system.name} in {time.perf_counter() - began:.1f} s; kept in {home}")
    return built


def _put(beside: Path, home: Path) -> None:
    """Move a finished kernel to its place; one that is whole already stays, one that is not gives way."""
    with suppress(OSError):  # the kernel is in memory: a cache that cannot be written costs time only
        if home.exists() and _kept_layout(home) is None:
            old = tempfile.mkdtemp(prefix=f"{home.name}.", suffix=".part", dir=home.parent)
            home.rename(Path(old) / home.name)
            shutil.rmtree(old, ignore_errors=True)
        if not home.exists():
            beside.rename(home)


def _bind(
    home: Path, system: System, lanes: int, digest: str, layout: Layout, program: Program | None = None
) -> Kernel:
    """Run the texts of a folder with everything that they name; numba loads machine code, or makes it."""
    _load_numba_without_blas()
    from bonecast.engine.bindings import intrinsics

    module = ModuleType(f"bonecast_kernel_{lanes}_{digest}")
    space = workspace(
        lanes,
        layout.states,
        layout.parameters,
        layout.constants,
        layout.outputs,
        len(layout.jumps),
        layout.factors,
    )
    text = home / _TEXTS[-1]
    bound = {
        "__file__": str(text),
        "LANES": lanes,
        "STATES": layout.states,
        "PARAMETERS": layout.parameters,
        "SWITCHES": len(layout.jumps),
        "JUMPS": layout.jumps or (False,),
        "BASE": layout.base,
        "MOVES": layout.outputs - 2 * len(layout.jumps),
        "SPACE": space.total,
        "PLACES": tuple(space.place.values()),
        **{f"AT_{name.upper()}": place for name, place in space.place.items()},
        **intrinsics(f"k{digest}", lanes, layout.parameters, lambda: program or trace(system)),
    }
    vars(module).update(bound)
    sys.modules[module.__name__] = module  # numba looks the module up when it loads machine code
    with _numba_cache_beside_the_text():
        for name in _TEXTS:
            exec(compile(_ENGINE[name], str(home / name), "exec"), vars(module))
    return Kernel(lanes, layout, vars(module)["integrate"])


def _load_numba_without_blas() -> None:
    """Spare every first kernel the 0.2 s in which numba loads SciPy's linear algebra to see whether it is there.

    numba needs it to compile `np.dot` and the like, which no kernel has. The mark is taken away at once, so that numba
    and SciPy itself can load it later. Where other threads run, one of them may be loading SciPy: then all is loaded.
    """
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules or "numba.np.arraymath" in sys.modules or threading.active_count() > 1:
        return
    sys.modules[blas] = None  # type: ignore[assignment]  # an import of it fails, as where SciPy is missing
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[blas]


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Compiling makes many objects that stay: looking through them again and again takes a fifth of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _numba_cache_beside_the_text() -> Iterator[None]:
    """Whatever NUMBA_CACHE_DIR says, a kernel's machine code lies in the kernel's folder."""
    from numba.core import config

    settings: Any = config  # its names are made when it is loaded
    chosen, settings.CACHE_DIR = settings.CACHE_DIR, ""
    try:
        yield
    finally:
        settings.CACHE_DIR = chosen
