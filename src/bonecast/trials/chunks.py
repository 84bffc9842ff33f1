"""The pieces of a run: which trials each holds, what its file is called, and how it is written once and whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bonecast.destination import written_beside
from bonecast.trials.design import Design
from bonecast.trials.play import play

MOST_ROWS = 10_000  # of one chunk, so that memory depends on its size and not on the length of the run


@dataclass(frozen=True)
class Chunk:
    """Trials `first` to `last` of a design, both included, and the name of their file.

    >>> Chunk("0123456789ab", 0, 54).name
    '0123456789ab-trials-000000-000054.parquet'
    """

    hash: str
    first: int
    last: int

    @property
    def name(self) -> str:
        """The file of this chunk."""
        return f"{self.hash}-trials-{self.first:06d}-{self.last:06d}.parquet"


def chunks(design: Design) -> tuple[Chunk, ...]:
    """All chunks of a run, in order; the cut depends on the design alone.

    >>> from bonecast.trials import preset
    >>> [chunk.last for chunk in chunks(preset("window"))][:2]
    [54, 109]
    """
    size = max(1, MOST_ROWS // (design.people * len(design.truths)))
    starts = range(0, design.trials, size)
    return tuple(Chunk(design.hash, i, min(i + size, design.trials) - 1) for i in starts)


def write_chunk(design: Design, chunk: Chunk, folder: Path) -> int:
    """Play the chunk and write its file, unless it lies there already; how many people were followed."""
    target = folder / chunk.name
    count = chunk.last - chunk.first + 1
    if target.exists():
        return 0
    outcomes = play(design, chunk.first, count)
    with written_beside(target) as beside:
        outcomes.write_parquet(beside, compression="zstd", statistics=False)
    return count * design.people * len(design.truths)
