"""Where a report takes its outcomes from: the chunks of a run, column by column, so that a million people fit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bonecast.errors import InputError

WORDS = pl.Categorical()  # a word that many people share is kept once


@dataclass(frozen=True)
class RunOutcomes:
    """The files of a run, or a table that is in memory already. columns : what they hold."""

    files: tuple[Path, ...]
    columns: tuple[str, ...]
    table: pl.DataFrame | None = None

    def take(self, names: Iterable[str], trial: int | None = None) -> pl.DataFrame:
        """These columns (those that there are) of everybody, or of one trial.

        Raises InputError where a chunk cannot be read.
        """
        return self._where(("trial", *names), True if trial is None else pl.col("trial") == trial)

    def person(self, number: int, names: Iterable[str]) -> pl.DataFrame:
        """The same of one person of every trial, by the place in order of enrolment."""
        return self._where(("trial", "person", *names), pl.col("person") == number)

    def _where(self, names: Iterable[str], kept: pl.Expr | bool) -> pl.DataFrame:
        asked = [name for name in dict.fromkeys(names) if name in self.columns]
        words = [name for name in ("arm", "left") if name in asked]
        parts = []
        for one in [self.table] if self.table is not None else self.files:
            part = one.select(asked) if isinstance(one, pl.DataFrame) else _read(one, asked)
            parts.append(part.with_columns(pl.col(name).cast(WORDS) for name in words).filter(kept))
        return pl.concat(parts)

    @property
    def people(self) -> int:
        """Rows in all."""
        return self.take([]).height


def source_of(files: Sequence[Path]) -> RunOutcomes:
    """A run's files; the first tells the columns."""
    return RunOutcomes(tuple(files), tuple(_schema(files[0])))


def source_in(table: pl.DataFrame) -> RunOutcomes:
    """A table of outcomes."""
    return RunOutcomes((), tuple(table.columns), table)


def _schema(path: Path) -> Iterable[str]:
    try:
        return pl.read_parquet_schema(path)
    except (OSError, pl.exceptions.PolarsError):
        raise _unreadable(path) from None


def _read(path: Path, asked: list[str]) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, columns=asked)
    except (OSError, pl.exceptions.PolarsError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> InputError:
    return InputError(os.fspath(path.parent), f"{path.name} cannot be read", "delete it and run again")
