"""The pieces of a run: which trials each holds, what its file is called, and how it is written once and whole."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from bonecast.core import atomic_write
from bonecast.errors import InputError
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.play import play_people
from bonecast.trials.design import Design
from bonecast.trials.play import play

MOST_ROWS = 10_000  # of one chunk, so that memory depends on its size and not on the length of the run
MOST_PEOPLE = 1_500  # of a bone trial in one chunk: seconds of work, a few hundred kilobytes


@dataclass(frozen=True)
class Chunk:
    """A piece of a run, `first` to `last`, both included: trials of a window design, people of a bone design.

    People are numbered through all trials (trial * people + person).

    >>> Chunk("0123456789ab", 0, 54).name
    '0123456789ab-trials-000000-000054.parquet'
    """

    hash: str
    first: int
    last: int
    of: str = "trials"

    @property
    def name(self) -> str:
        """The file of this chunk."""
        digits = 6 if self.of == "trials" else 11
        return f"{self.hash}-{self.of}-{self.first:0{digits}d}-{self.last:0{digits}d}.parquet"


def chunks(design: Design | BoneDesign) -> tuple[Chunk, ...]:
    """All chunks of a run, in order; the cut depends on the design alone.

    >>> from bonecast.trials import preset
    >>> [chunk.last for chunk in chunks(preset("window"))][:2]
    [54, 109]
    """
    if isinstance(design, BoneDesign):
        whole, size, of = design.trials * design.people, MOST_PEOPLE, "people"
    else:
        whole, of = design.trials, "trials"
        size = max(1, MOST_ROWS // (design.people * len(design.truths)))
    return tuple(Chunk(design.hash, i, min(i + size, whole) - 1, of) for i in range(0, whole, size))


def write_chunk(design: Design | BoneDesign, chunk: Chunk, folder: Path) -> int:
    """Play the chunk and write its file, unless it lies there already; how many people were followed."""
    if (folder / chunk.name).exists():
        return 0
    content, people = chunk_bytes(design, chunk)
    keep(content, chunk, folder)
    return people


def chunk_bytes(design: Design | BoneDesign, chunk: Chunk) -> tuple[bytes, int]:
    """Play the chunk: the bytes of its file, and how many people were followed."""
    outcomes = chunk_outcomes(design, chunk)
    made = (
        BytesIO()
    )  # and not into the file: what the disk refuses would be reported as a fault of the format
    outcomes.write_parquet(made, compression="zstd", statistics=False)
    return made.getvalue(), outcomes.height


def chunk_outcomes(design: Design | BoneDesign, chunk: Chunk) -> pl.DataFrame:
    """Play the chunk: one row for each person, of a window trial for each person and scenario."""
    count = chunk.last - chunk.first + 1
    if isinstance(design, BoneDesign):
        return play_people(design, chunk.first, count)
    return play(design, chunk.first, count)


def keep(content: bytes, chunk: Chunk, folder: Path) -> None:
    """Write the file of a chunk, whole or not at all. Raises InputError where the disk refuses it."""
    try:
        with atomic_write(folder / chunk.name) as beside:
            beside.write_bytes(content)
    except InputError as error:
        hint = "make room and give the command again: finished chunks are kept"
        raise InputError(error.place, error.cause, hint) from None


def prepare(design: Design | BoneDesign) -> None:
    """What all chunks share, made once before workers ask for it together: the kernel, and who is enrolled."""
    play_people(design, 0, 1) if isinstance(design, BoneDesign) else play(design, 0, 1)
