"""Kernels: the integrator's text bound to one model and one number of lanes, compiled once and kept on disk.

The cache folder holds, for each key, copies of the loop's texts with numba's machine code beside them. The key is a
hash of everything that decides the code: the model's files, the engine's, the versions of Python, numba and llvmlite,
the processor and the number of lanes. A second start loads the machine code and does not even trace the model.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bonecast.engine.emit_python import program_text
from bonecast.engine.events import EventTable
from bonecast.engine.notices import notify
from bonecast.engine.program import Program, kernel_parameters, trace
from bonecast.engine.system import System
from bonecast.engine.workspace import workspace

_HERE = Path(__file__).parent
_ENGINE_FILES = (
    "graph.py", "maths.py", "derivative.py", "elimination.py", "program.py", "emit_vector.py", "vector_maths.py",
    "rodas4.py", "emit_step.py", "bindings.py", "workspace.py", "events.py", "loop_parts.py", "loop.py", "kernel.py",
)  # fmt: skip
_TEXTS = ("loop_parts.py", "loop.py")  # run in this order, in one module
_kernels: dict[tuple[str, int], Kernel] = {}
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

    jumps: tuple[bool, ...]
    constants: int
    factors: int
    route_slots: tuple[int, ...]
    run_in_slot: int


@dataclass(frozen=True)
class Kernel:
    """A compiled model. `run` integrates the persons of a block and fills its output arrays."""

    system: System
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
    ) -> None:
        """Integrate; releases the interpreter lock, so that several threads may run blocks of their own."""
        names = kernel_parameters(self.system)
        states = [self.system.states.index(r.state) for r in self.system.routes.values()]
        rates = range(len(self.system.parameters), len(names))
        events = block.events
        self.integrate(
            block.parameters, block.begin, block.resumed, block.given_states, block.given_starts, block.given_modes,
            events.first, events.last, events.time, events.kind, events.index, events.value,
            np.array(states, np.int64), np.array(self.layout.route_slots, np.int64), np.array(rates, np.int64),
            self.layout.run_in_slot, out_time, out_after, chosen, rtol, atol, max_steps,
            block.out, block.status, block.counts, block.final_states, block.final_starts, block.final_modes,
        )  # fmt: skip


def kernel(system: System, lanes: int) -> Kernel:
    """The kernel of a system, from memory, from the disk cache, or compiled now (which is told)."""
    with _building:
        found = _kernels.get((system.name, lanes))
        if found is None or found.system is not system:
            found = _kernels[system.name, lanes] = _load(system, lanes)
        return found


@cache
def simd_lanes() -> int:
    """Doubles in one vector register: 8 with AVX-512, 4 with AVX2, else 2."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    if features.get("avx512f") and features.get("avx512dq"):
        return 8
    return 4 if features.get("avx2") else 2


def cache_folder() -> Path:
    """Where kernels are kept: $BONECAST_CACHE, else the user's cache folder, else a private temporary one."""
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
    import llvmlite
    import numba
    from llvmlite import binding

    digest = hashlib.sha256()
    versions = (
        platform.python_version(),
        numba.__version__,
        llvmlite.__version__,
        binding.get_host_cpu_name(),
    )
    digest.update(repr((versions, system.name, lanes, tuple(system.parameters), system.states)).encode())
    for path in [*(_HERE / f for f in _ENGINE_FILES), *system.sources]:
        digest.update(path.read_bytes())
    if not system.sources:  # a system typed in a notebook: its equations themselves are the key
        digest.update(program_text(trace(system)).encode())
    return digest.hexdigest()[:20]


def _load(system: System, lanes: int) -> Kernel:
    import json

    from bonecast.engine.bindings import intrinsics

    folder = cache_folder() / f"{system.name}-{lanes}-{key(system, lanes)}"
    texts, notes = [folder / name for name in _TEXTS], folder / "layout.json"
    traced: list[Program] = []

    def program() -> Program:
        if not traced:
            traced.append(trace(system))
        return traced[0]

    kept = notes.exists() and any(folder.glob("__pycache__/*.nbi"))
    if kept:
        data = json.loads(notes.read_text())
        layout = Layout(**{**data, "jumps": tuple(data["jumps"]), "route_slots": tuple(data["route_slots"])})
    else:
        folder.mkdir(parents=True, exist_ok=True)
        made = program()
        layout = Layout(
            made.jumps,
            len(made.constants),
            len(made.factors),
            tuple(made.amount_slots),
            made.run_in_slot,
        )
        for text in texts:
            # numba's cache goes by the time of the file, and another process may be at it too
            if not text.exists():
                _write(text, (_HERE / text.name).read_text(encoding="utf-8"))
        _write(notes, json.dumps(vars(layout)))
        wide = f"{lanes} people at a time" if lanes > 1 else "one person at a time"
        notify(f"compiling {system.name} for {wide} (once on this machine; takes several seconds)")

    began = time.perf_counter()
    module = ModuleType(f"bonecast_kernel_{folder.name.replace('-', '_')}")
    parameters = len(kernel_parameters(system))
    outputs, states = len(system.output_names), len(system.states)
    space = workspace(lanes, states, parameters, layout.constants, outputs, len(layout.jumps), layout.factors)
    bound = {
        "__file__": str(texts[-1]),
        "LANES": lanes,
        "STATES": states,
        "PARAMETERS": parameters,
        "SWITCHES": len(layout.jumps),
        "JUMPS": layout.jumps or (False,),
        "SPACE": space.total,
        "PLACES": tuple(space.place.values()),
        **{f"AT_{name.upper()}": place for name, place in space.place.items()},
        **intrinsics(system.name.replace("-", "_"), lanes, parameters, program),
    }
    vars(module).update(bound)
    sys.modules[module.__name__] = module  # numba looks the module up when it loads machine code
    for text in texts:
        exec(compile(text.read_text(encoding="utf-8"), str(text), "exec"), vars(module))
    if not kept:
        notify(f"compiled {system.name} in {time.perf_counter() - began:.1f} s; kept in {folder}")
    return Kernel(system, lanes, layout, vars(module)["integrate"])


def _write(path: Path, text: str) -> None:
    """Write beside, then rename: another process never sees half a file."""
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    shutil.move(beside, path)
