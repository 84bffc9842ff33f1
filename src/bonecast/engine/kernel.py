"""Kernels: the machine code of one program for one number of lanes, compiled once and kept on disk.

A kernel is the integrator's loop, which is the same for all programs, with the vector functions of one program.

The key of a kernel is a hash of everything that decides its code and of nothing else: the traced program (rates,
outputs, initial state, run-in, routes, switches), the engine's own texts, the versions of Python, numba and llvmlite,
the processor and the number of lanes. Names, files and times decide nothing, so two systems that compute the same
share a kernel, and an edited one gets its own.
"""

from __future__ import annotations

import hashlib
import platform
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.engine.compiled_loop import compiled_loop, without_collecting
from bonecast.engine.events import EventTable
from bonecast.engine.kernel_cache import cache_folder, contents_of, filling
from bonecast.engine.notices import notify
from bonecast.engine.outline import outline_of
from bonecast.engine.program import trace
from bonecast.engine.system import System
from bonecast.engine.workspace import Workspace, workspace

if TYPE_CHECKING:
    from bonecast.engine.machine_code import MachineCode

_HERE = Path(__file__).parent
_ENGINE_FILES = (
    "graph.py", "maths.py", "derivative.py", "elimination.py", "program.py", "emit_vector.py", "vector_maths.py",
    "rodas4.py", "emit_step.py", "bindings.py", "machine_code.py", "workspace.py", "events.py", "loop_parts.py",
    "loop.py", "compiled_loop.py", "kernel_cache.py", "kernel.py",
)  # fmt: skip
_ENGINE = {
    name: (_HERE / name).read_bytes() for name in _ENGINE_FILES
}  # as they are when the engine is loaded
_CODE = "model.o"
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

    def space(self, lanes: int) -> Workspace:
        """The working arrays for so many lanes."""
        return workspace(
            lanes, self.states, self.parameters, self.constants, self.outputs, len(self.jumps), self.factors
        )


@dataclass(frozen=True)
class Kernel:
    """A compiled program. `run` integrates the persons of a block and fills its output arrays."""

    lanes: int
    layout: Layout
    code: MachineCode
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
        layout, events = self.layout, block.events
        rates = range(layout.parameters - len(layout.route_states), layout.parameters)
        switches = len(layout.jumps)
        moves = layout.outputs - 2 * switches  # where the outputs begin that say how crossings move
        sizes = (self.lanes, layout.states, layout.parameters, switches, layout.base, moves)
        working = layout.space(self.lanes).arrays(self.code.addresses)
        self.integrate(
            np.array(sizes, np.int64), np.array(layout.jumps, np.bool_), *working.arguments,
            block.parameters, block.begin, block.resumed, block.given_states, block.given_starts, block.given_modes,
            events.first, events.last, events.time, events.kind, events.index, events.value,
            np.array(layout.route_states, np.int64), np.array(layout.route_slots, np.int64),
            np.array(rates, np.int64), layout.run_in_slot, out_time, out_after, chosen, rtol, atol, max_steps,
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
            return _bound(lanes, layout, (home / _CODE).read_bytes())
    return _build(home, system, lanes)


def _kept_layout(home: Path) -> Layout | None:
    """The layout of a kernel on disk, if every file of it is there and as it was written."""
    contents = contents_of(home)
    try:
        given: dict[str, Any] = {} if contents is None else contents["layout"]
        kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
        return Layout(**kept)
    except (KeyError, TypeError, AttributeError):
        return None


def _build(home: Path, system: System, lanes: int) -> Kernel:
    wide = f"{lanes} people at a time" if lanes > 1 else "one person at a time"
    notify(f"compiling {system.name} for {wide} (once on this machine; takes a second or two)")
    began = time.perf_counter()
    from bonecast.engine.bindings import model_code
    from bonecast.engine.machine_code import compiled

    with without_collecting():
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
        code = compiled(model_code(lanes, made))
        with suppress(OSError), filling(home, layout=asdict(layout)) as beside:  # a full disk costs time only
            (beside / _CODE).write_bytes(code)
        built = _bound(lanes, layout, code)
    notify(f"compiled {system.name} in {time.perf_counter() - began:.1f} s; kept in {home}")
    return built


def _bound(lanes: int, layout: Layout, code: bytes) -> Kernel:
    from bonecast.engine.bindings import FUNCTIONS
    from bonecast.engine.machine_code import loaded

    return Kernel(lanes, layout, loaded(code, FUNCTIONS), compiled_loop(_surroundings()[:32], _ENGINE))
