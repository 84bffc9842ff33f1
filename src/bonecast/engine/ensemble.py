"""Runs of one person or of very many: the same call, on one kernel, in threads and in chunks.

`simulate` keeps everything and returns it; `stream` yields chunk after chunk, so that memory depends on the size
of a chunk and not on the number of persons.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bonecast.engine.asked import (
    event_lists,
    is_number,
    one_word_each,
    output_names,
    output_times,
    parameter_values,
    require_whole,
)
from bonecast.engine.events import Event, EventTable, on_one_time, own_lists, table
from bonecast.engine.kernel import Block, Kernel, kernel, simd_lanes
from bonecast.engine.program import kernel_parameters
from bonecast.engine.status import failures
from bonecast.engine.system import System
from bonecast.engine.threads import usual_threads
from bonecast.errors import InputError, UnknownName, printable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DEFAULT_RTOL = 1e-5
SCALAR_BELOW = 4  # persons: fewer run faster one at a time
FAST_CACHE = 32 * 1024  # bytes of the first-level cache of the smallest processors in use
_CHUNK_BYTES = 32 * 2**20
_BLOCK = 128  # persons that a thread takes at a time
_marks: dict[int, np.ndarray] = {}  # of the ensembles that run: one that is set makes its kernel return
AtDose = Literal["before", "after"]
Parameters = Mapping[str, float | np.ndarray]


@dataclass(frozen=True)
class End:
    """The end of a run, from which another can go on.

    Events at `time` itself are left to the run that goes on.

    Parameters
    ----------
    time : float
        In the system's time unit from time zero.
    parameters : ndarray, shape (person, parameter)
        Parameters at that time.
    states : ndarray, shape (person, state)
        States at that time.
    starts : ndarray, shape (person, state)
        States at time zero.
    modes : ndarray of int
        Side of each switch, for each person.
    """

    time: float
    parameters: np.ndarray
    states: np.ndarray
    starts: np.ndarray
    modes: np.ndarray

    def __repr__(self) -> str:
        return f"<End: {len(self.states)} persons at time {self.time:g}>"

    def _repr_html_(self) -> str:
        from bonecast.engine.notebook import end_html

        return end_html(self)


@dataclass(frozen=True)
class Runs:
    """Trajectories of an ensemble.

    Parameters
    ----------
    times : ndarray, shape (time,)
        In the system's time unit.
    outputs : tuple of str
        Names of the outputs that were kept.
    values : ndarray, shape (person, time, output)
        In the unit of each output; NaN where a run failed.
    status : ndarray of int, shape (person,)
        How each run ended, see `Status`.
    steps : ndarray of int, shape (person,)
        Steps that were taken.
    rejected : ndarray of int, shape (person,)
        Steps that were tried again smaller.
    end : End
        Where another run can go on from.
    first : int
        Number of the first person within all chunks.
    """

    times: np.ndarray
    outputs: tuple[str, ...]
    values: np.ndarray
    status: np.ndarray
    steps: np.ndarray
    rejected: np.ndarray
    end: End
    first: int = 0

    def __repr__(self) -> str:
        return f"<Runs: {len(self.status)} persons, {len(self.times)} times, {len(self.outputs)} outputs>"

    def _repr_html_(self) -> str:
        from bonecast.engine.notebook import runs_html

        return runs_html(self)

    def output(self, name: str) -> np.ndarray:
        """values[person, time] of one output."""
        if name not in self.outputs:
            raise UnknownName("result", "output", name, self.outputs)
        return self.values[:, :, self.outputs.index(name)]

    def failed(self) -> list[str]:
        """One sentence for each way in which runs failed; empty if all is well."""
        return failures(self.status)


def simulate(
    system: System,
    events: Sequence[Event] | Sequence[Sequence[Event]],
    times: ArrayLike,
    parameters: Parameters | None = None,
    *,
    outputs: str | Sequence[str] | None = None,
    at_dose: AtDose | Sequence[AtDose] = "before",
    rtol: float = DEFAULT_RTOL,
    threads: int | None = None,
    lanes: int | None = None,
    begin: End | None = None,
    max_steps: int = 1_000_000,
) -> Runs:
    """Follow an ensemble of persons under events.

    Ctrl-C ends a run at once (KeyboardInterrupt).

    Parameters
    ----------
    system : System
        Equations; `times` and the times of events are in its time unit, from time zero.
    events : sequence of Event or sequence of sequence of Event
        One list for all persons, or one for each.
    times : array_like
        Times at which outputs are kept, in order.
    parameters : mapping of str to float or ndarray, optional
        Changes to the defaults: numbers, or arrays with one value for each person.
    outputs : str or sequence of str, optional
        Names of the outputs to keep; all by default.
    at_dose : {"before", "after"} or sequence of these
        Whether an output at the time of an event is taken before or after it: one word for all times, or one for each.
        Equal times may have different words.
    rtol : float
        Relative tolerance of one step; absolute tolerances are rtol/100 of the scale of each state.
    threads : int, optional
        Threads; `usual_threads` by default.
    lanes : int, optional
        Persons in one vector: the machine's width by default, one below four persons.
    begin : End, optional
        End of an earlier run of the same persons, to go on from. Give the same events again and new ones: those before
        the end have happened, an infusion that runs goes on.
    max_steps : int
        Most steps of one person.

    Returns
    -------
    Runs
        Values of every person; NaN where a run failed.

    Raises
    ------
    InputError
        If an event, time, name or number cannot be used.

    Examples
    --------
    >>> from bonecast.engine import Bolus, Route, System
    >>> system = System(
    ...     name="decay", time_unit="d", states=("A",), parameters={"k": 0.1}, initial=lambda p: {"A": 0.0},
    ...     rates=lambda y, p: {"A": -p.k * y.A}, outputs=lambda y, p, start: {"A_mg": y.A}, output_names=("A_mg",),
    ...     routes={"drug": Route("A", "mg")}, scales={"A": 1.0},
    ... )
    >>> run = simulate(system, [Bolus(0.0, "drug", 10.0)], [1.0, 10.0])
    >>> [round(value, 3) for value in run.output("A_mg")[0].tolist()]
    [9.048, 3.679]
    """
    events, parameters = _given(system, events, parameters, threads=threads, lanes=lanes, max_steps=max_steps)
    if begin is not None and parameters:
        raise InputError(
            "parameters", "a run that goes on keeps the parameters it had", "use a Change event instead"
        )
    persons = _count(parameters, events, begin)
    plan = _plan(system, times, outputs, at_dose, rtol, max_steps, begin)
    matrix = begin.parameters.copy() if begin else _matrix(system, parameters, 0, persons)
    events_ = table(system, events, persons, begin.time if begin else None, matrix)
    machine = kernel(system, lanes or usual_lanes(persons, len(system.states)))
    block = _block(system, machine, matrix, events_, plan, begin)
    _run(machine, block, plan, threads)
    return _runs(plan, block, 0)


def stream(
    system: System,
    events: Sequence[Event] | Sequence[Sequence[Event]],
    times: ArrayLike,
    parameters: Parameters,
    *,
    outputs: str | Sequence[str] | None = None,
    at_dose: AtDose | Sequence[AtDose] = "before",
    rtol: float = DEFAULT_RTOL,
    threads: int | None = None,
    chunk: int | None = None,
    max_steps: int = 1_000_000,
) -> Iterator[Runs]:
    """Follow an ensemble in chunks of persons; nothing is kept between chunks.

    Wrong input is refused at once, before the first chunk is asked for. Ctrl-C ends the chunk that runs.

    Parameters
    ----------
    system : System
        Equations.
    events : sequence of Event or sequence of sequence of Event
        One list for all persons, or one for each.
    times : array_like
        Times at which outputs are kept, in order.
    parameters : mapping of str to float or ndarray
        Changes to the defaults: numbers, or arrays with one value for each person.
    outputs : str or sequence of str, optional
        Names of the outputs to keep; all by default.
    at_dose : {"before", "after"} or sequence of these
        Whether an output at the time of an event is taken before or after it.
    rtol : float
        Relative tolerance of one step.
    threads : int, optional
        Threads; `usual_threads` by default.
    chunk : int, optional
        Persons in one chunk; by default as memory allows.
    max_steps : int
        Most steps of one person.

    Returns
    -------
    iterator of Runs
        One chunk after the other.

    Raises
    ------
    InputError
        If an event, time, name or number cannot be used.
    """
    events, parameters = _given(system, events, parameters, threads=threads, chunk=chunk, max_steps=max_steps)
    persons = _count(parameters, events, None)
    plan = _plan(system, times, outputs, at_dose, rtol, max_steps, None)
    size = chunk or max(256, _CHUNK_BYTES // (8 * len(plan.times) * len(plan.chosen)))
    pieces = [slice(i, min(i + size, persons)) for i in range(0, persons, size)]
    shared = None if own_lists(events) else events
    tables = [
        table(system, events[piece] if shared is None else shared, piece.stop - piece.start, None, matrix)
        for piece in pieces
        for matrix in [_matrix(system, parameters, piece.start, piece.stop)]
    ]
    machine = kernel(system, usual_lanes(persons, len(system.states)))

    def chunks() -> Iterator[Runs]:
        for piece, events_ in zip(pieces, tables, strict=True):
            matrix = _matrix(system, parameters, piece.start, piece.stop)
            block = _block(system, machine, matrix, events_, plan, None)
            _run(machine, block, plan, threads)
            yield _runs(plan, block, piece.start)

    return chunks()


@dataclass(frozen=True)
class _Plan:
    """What is asked of the kernel. order : of the times as the kernel meets them, "before" first in one time."""

    times: np.ndarray
    after: np.ndarray
    order: np.ndarray
    names: tuple[str, ...]
    chosen: np.ndarray
    rtol: float
    atol: np.ndarray
    max_steps: int


def tolerances(system: System, rtol: float) -> np.ndarray:
    """Return the absolute tolerance of each state.

    Parameters
    ----------
    system : System
        Equations.
    rtol : float
        Relative tolerance of one step.

    Returns
    -------
    ndarray, shape (state,)
        rtol/100 of the scale of the state: declared, or its initial value.
    """
    stated = [system.scales.get(s) for s in system.states]
    initial = {} if all(stated) else system.initial(system.named_parameters())
    sizes = [size or abs(float(initial[s])) for s, size in zip(system.states, stated, strict=True)]
    missing = [s for s, size in zip(system.states, sizes, strict=True) if not size]
    if missing:
        raise ValueError(f"{system.name}: states that start at zero need a scale: {', '.join(missing)}")
    return rtol * 1e-2 * np.array(sizes, np.float64)


def _plan(
    system: System,
    times: ArrayLike,
    outputs: str | Sequence[str] | None,
    at_dose: AtDose | Sequence[AtDose],
    rtol: float,
    max_steps: int,
    begin: End | None,
) -> _Plan:
    asked = output_times(times, begin.time if begin else 0.0)
    if not is_number(rtol) or not 1e-12 <= rtol <= 0.1:
        raise InputError("rtol", f"{printable(rtol)} is outside 1e-12 to 0.1", "1e-5 is the default")
    asked, after = one_word_each(asked, at_dose)
    order = np.arange(after.size)
    if np.any(after != after[0]):
        order = np.lexsort((after, np.array(on_one_time(asked.tolist()))))
    names = output_names(system, outputs)
    chosen = np.array([system.output_names.index(n) for n in names], np.int64)
    return _Plan(asked, after, order, names, chosen, float(rtol), tolerances(system, rtol), max_steps)


def _given(
    system: System, events: Any, parameters: Parameters | None, **counts: int | None
) -> tuple[Sequence, Parameters]:
    """Events and parameters made plain, with every word and number of the call checked."""
    if not isinstance(system, System):
        cause = f"a {type(system).__name__} is no System"
        raise InputError("system", cause, "give the system of a model, such as load(name).system")
    for name, count in counts.items():
        require_whole(name, count)
    return event_lists(events), parameter_values(system, parameters)


def _count(parameters: Parameters | None, events: Sequence, begin: End | None) -> int:
    sizes = {np.size(v) for v in (parameters or {}).values() if np.ndim(v) == 1}
    if begin is not None:
        sizes.add(len(begin.states))
    if own_lists(events):
        sizes.add(len(events))
    if len(sizes) > 1:
        raise InputError(
            "persons", f"arrays of different lengths {sorted(sizes)}", "give one value per person"
        )
    if 0 in sizes:
        raise InputError("persons", "there are none", "give at least one")
    return sizes.pop() if sizes else 1


def _matrix(system: System, parameters: Parameters | None, first: int, last: int) -> np.ndarray:
    names = kernel_parameters(system)
    matrix = np.zeros((last - first, len(names)))
    matrix[:, : len(system.parameters)] = list(system.parameters.values())
    for name, value in (parameters or {}).items():
        values = np.asarray(value)
        matrix[:, names.index(name)] = values[first:last] if values.ndim else values
    return matrix


def _block(
    system: System, machine: Kernel, matrix: np.ndarray, events: EventTable, plan: _Plan, begin: End | None
) -> Block:
    n, size, switches = len(matrix), len(system.states), len(machine.layout.jumps)
    none = np.zeros((n, size))
    return Block(
        parameters=matrix,
        begin=np.full(n, begin.time if begin else 0.0),
        resumed=begin is not None,
        given_states=begin.states if begin else none,
        given_starts=begin.starts if begin else none,
        given_modes=begin.modes if begin else np.zeros((n, switches)),
        events=events,
        out=np.empty((n, len(plan.times), len(plan.chosen))),
        status=np.zeros(n, np.int64),
        counts=np.zeros((n, 2), np.int64),
        final_states=np.zeros((n, size)),
        final_starts=np.zeros((n, size)),
        final_modes=np.zeros((n, switches)),
    )


def _run(machine: Kernel, block: Block, plan: _Plan, threads: int | None) -> None:
    """Fill the block, in threads; the main thread only waits, so that Ctrl-C reaches it."""
    persons = len(block.status)
    workers = min(threads or usual_threads(), -(-persons // machine.lanes))
    size = max(machine.lanes, min(_BLOCK, -(-persons // workers)))
    size = -(-size // machine.lanes) * machine.lanes  # no vector that is nearly empty
    parts = [block.part(slice(i, i + size)) for i in range(0, persons, size)] if workers > 1 else [block]
    times, after = plan.times[plan.order], plan.after[plan.order]
    stop = np.zeros(1, np.int64)

    def one(part: Block) -> None:
        machine.run(part, times, after, plan.chosen, plan.rtol, plan.atol, plan.max_steps, stop)

    _marks[id(stop)] = stop
    try:
        if workers == 1 and threading.current_thread() is not threading.main_thread():
            one(block)
        else:
            _in_threads(workers, one, parts, stop)
    finally:
        del _marks[id(stop)]
    if stop[0]:
        raise KeyboardInterrupt


def _in_threads(workers: int, one: Any, parts: list[Block], stop: np.ndarray) -> None:
    with ThreadPoolExecutor(workers) as pool:
        try:
            for running in [pool.submit(one, part) for part in parts]:
                running.result()
        except BaseException:
            stop[0] = 1
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def stop_all() -> None:
    """End every ensemble that runs in this process, in whatever thread; each of them raises KeyboardInterrupt."""
    for stop in list(_marks.values()):
        stop[0] = 1


def _runs(plan: _Plan, block: Block, first: int) -> Runs:
    as_asked = np.argsort(plan.order)
    return Runs(
        plan.times,
        plan.names,
        block.out if np.all(np.diff(as_asked) == 1) else block.out[:, as_asked],
        block.status,
        block.counts[:, 0],
        block.counts[:, 1],
        End(
            float(plan.times[-1]), block.parameters, block.final_states, block.final_starts, block.final_modes
        ),
        first,
    )


def usual_lanes(persons: int, states: int) -> int:
    """Return how many persons are followed side by side: one of a few, half a vector where the stages would not fit.

    The six stages of a step are read again and again; beyond the first-level cache four lanes cost less than eight.
    """
    if persons < SCALAR_BELOW:
        return 1
    return min(simd_lanes(), 4) if 6 * 8 * states * simd_lanes() > FAST_CACHE else simd_lanes()
