"""Chunks on a Dask cluster: the same pieces, made wherever a worker is free, and handed back as the bytes of a file.

Workers need no common disk: they read the design from its text and send each chunk back. A worker that dies takes
nothing with it, since Dask gives its chunk to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bonecast.errors import ComputeError, InputError, printable
from bonecast.trials.bone import RosterPart, given_people, roster_part
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.chunks import Chunk, chunk_bytes
from bonecast.trials.design import Design
from bonecast.trials.reader import design_of

if TYPE_CHECKING:
    from distributed import Client

TRIES = 3  # of one chunk that fails on a worker which stays alive
AHEAD = 4  # chunks that wait for each thread of the cluster: enough to keep it busy, few enough to hold
CONNECT_S = 20


def on_cluster(
    scheduler: str, text: str, design: Design | BoneDesign, pieces: Sequence[Chunk]
) -> Iterator[tuple[Chunk, bytes, int]]:
    """Each chunk, the bytes of its file, and how many people were followed, in the order in which they are ready.

    scheduler : address of a Dask scheduler (tcp://host:8786), or the scheduler file that one writes (.json). text :
    the design as it was given; `design` itself says trials and seed. Raises InputError where no scheduler answers or
    the extra is missing, ComputeError where a chunk cannot be made.
    """
    with _client(scheduler) as client:
        from distributed import as_completed

        threads: Any = client.nthreads()
        width = AHEAD * sum(threads.values())
        rest = iter(pieces)
        keyed: dict[str, Chunk] = {}

        def handed() -> Any:
            """The next chunk, on its way; None where there is none left."""
            piece = next(rest, None)
            if piece is None:
                return None
            keyed[piece.name] = piece
            people = _people(design, piece)
            return client.submit(
                chunk_file, text, design.trials, design.seed, piece, people, key=piece.name, retries=TRIES
            )

        first = [future for _ in range(width) if (future := handed()) is not None]
        running = as_completed(first)
        for future in running:
            made, people = _result(future)
            if (following := handed()) is not None:
                running.add(following)
            yield keyed.pop(future.key), made, people


def _people(design: Design | BoneDesign, piece: Chunk) -> RosterPart | None:
    """Who is enrolled in a chunk, so that a worker need not make the list of a whole trial."""
    return roster_part(design, piece.first, piece.last) if isinstance(design, BoneDesign) else None


def chunk_file(
    text: str, trials: int, seed: int, chunk: Chunk, people: RosterPart | None = None
) -> tuple[bytes, int]:
    """On a worker: the bytes of the chunk's file, and the people followed. The design is read again from its text.

    Raises ComputeError where this worker's code gives the design another hash: its numbers could differ.
    """
    design = replace(design_of(text, "design"), trials=trials, seed=seed)
    if design.hash != chunk.hash:
        raise ComputeError("A worker of the cluster runs another version of Bonecast or of the model.")
    if not isinstance(design, BoneDesign):
        return chunk_bytes(design, chunk)
    with given_people(design, people):
        return chunk_bytes(design, chunk)


@contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    """A connection to the scheduler; what was handed out and is not done is called back at its end."""
    try:
        from distributed import Client
    except ImportError:
        cause = "Dask is not installed"
        raise InputError("--scheduler", cause, "pip install 'bonecast[cluster]'") from None
    by_file = scheduler.endswith(".json")
    try:
        client = (
            Client(scheduler_file=scheduler, timeout=CONNECT_S)
            if by_file
            else Client(scheduler, timeout=CONNECT_S)
        )
    except (OSError, ValueError, TimeoutError):
        cause = f"no Dask scheduler answers at '{printable(scheduler, 120)}'"
        raise InputError("--scheduler", cause, "start one with 'dask scheduler', and workers") from None
    try:
        _wait_for_workers(client, scheduler)
        yield client
    finally:
        client.close()


def _wait_for_workers(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        where = printable(scheduler, 120)
        cause = f"the scheduler at '{where}' has no workers"
        raise InputError("--scheduler", cause, f"start some with 'dask worker {where}'") from None


def _result(future: Any) -> tuple[bytes, int]:
    """What a worker sent back. Its own words if Bonecast spoke them there; else what Dask says of the failure."""
    from distributed import CancelledError
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except (InputError, ComputeError):
        raise
    except KilledWorker:
        cause = "Several workers died over the same chunk; they may lack memory."
        raise ComputeError(f"{cause} Finished chunks are kept.") from None
    except CancelledError:
        raise ComputeError("The scheduler was lost. Finished chunks are kept.") from None
