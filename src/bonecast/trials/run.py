"""A run: all chunks of a design played side by side into one folder, which a stopped run finds again.

The folder holds `design.toml` as it was given, `run.json` (design, hash, trials, versions) and the chunks. It takes
its final shape chunk by chunk, and is the same byte for byte whether the run was stopped on the way or not.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from bonecast.charts import stack
from bonecast.core import Progress, TableResult, atomic_write, check_folder
from bonecast.engine import stop_all
from bonecast.errors import InputError, printable
from bonecast.trials.analysis import TrialAnalysis, analyse_run
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.chunks import Chunk, chunk_outcomes, chunks, keep, prepare, write_chunk
from bonecast.trials.cluster import on_cluster
from bonecast.trials.design import Design
from bonecast.trials.pictures import pictures
from bonecast.trials.reader import design_of, design_text, read_design
from bonecast.trials.report_curves import curves
from bonecast.trials.report_source import source_in
from bonecast.trials.run_files import DESIGN, RUN, find_run, read_run

HALF = re.compile(r"\.[a-z0-9_]{8}\.parquet")
MOST_WORKERS = 64
MOST_IN_MEMORY = 1_000_000  # people of all trials


@dataclass(frozen=True)
class Run(TableResult):
    """A run of a design in a folder.

    Parameters
    ----------
    design : Design or BoneDesign
        The design.
    folder : Path or None
        Folder of the outcomes; None where they are in memory.
    chunks : int
        Parts of the run.
    found : int
        Parts that were there already.
    people : int
        People followed by this call.
    seconds : float
        How long this call took.
    outcomes : polars.DataFrame or None
        Outcomes of everybody, of a run without a folder.
    """

    design: Design | BoneDesign
    folder: Path | None
    chunks: int
    found: int
    people: int
    seconds: float
    outcomes: pl.DataFrame | None = None

    def __repr__(self) -> str:
        return f"<Run of {self.design.name}: {self.chunks} chunks, {self.people} people followed>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import run_html

        return run_html(self)

    def table(self) -> pl.DataFrame:
        """Return the outcomes of everybody, in order of trial, truth and person.

        Returns
        -------
        polars.DataFrame
            One row for each person, of a window trial for each person and truth.

        Raises
        ------
        InputError
            If chunks of the run are missing or cannot be read.
        """
        if self.outcomes is not None:
            return self.outcomes
        assert self.folder is not None
        return read_run(self.folder)[1]

    def analyse(self, progress: Progress | None = None) -> TrialAnalysis:
        """Analyse the run: the endpoints of a bone trial, or the operating characteristics of a window trial.

        Parameters
        ----------
        progress : callable, optional
            Called with the share done and what is being done.

        Returns
        -------
        TrialAnalysis
            Its `table()` has one row for each result.

        Raises
        ------
        InputError
            If chunks of the run are missing or cannot be read.

        Examples
        --------
        >>> run_trials("window", trials=2).analyse().table().columns[:3]
        ['name', 'truth', 'kind']
        """
        return analyse_run(self.design, self.table(), progress)

    def plot(self) -> Any:
        """Draw the curves of the trial by arm, with the 50 and 90 % range of people.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.

        Raises
        ------
        InputError
            If chunks of the run are missing or cannot be read.
        """
        from bonecast.trials.pictures import pictures_of_run

        if self.folder is None:
            assert self.outcomes is not None
            if isinstance(self.design, BoneDesign):
                return stack([one for one, _ in curves(self.design, source_in(self.outcomes))])
            return stack(pictures(self.design))
        return stack(pictures_of_run(*find_run(self.folder)))


def run_trials(
    design: str | os.PathLike[str] | Design | BoneDesign,
    folder: str | os.PathLike[str] | None = None,
    workers: int = 1,
    trials: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
) -> Run:
    """Simulate a trial design, in memory or into a folder, where finished parts are kept.

    Parameters
    ----------
    design : str, path, Design or BoneDesign
        Design file, the name of a design that comes with the package ("biosimilar"), or a design.
    folder : str or path, optional
        Folder of the outcomes, which need not exist. Without one the outcomes stay in memory; a design that is no file
        needs none.
    workers : int
        Parts that are simulated in parallel, 1 to 64.
    trials : int, optional
        Trials, in place of those of the design.
    seed : int, optional
        Seed, in place of that of the design.
    progress : callable, optional
        Called with the share done, people per second and the time left.
    scheduler : str, optional
        A Dask cluster that does the work: address of its scheduler, or the file that it writes.

    Returns
    -------
    Run
        What was done; its `table()` has the outcomes.

    Raises
    ------
    InputError
        If the design, the folder or a number cannot be used, before anything runs; or if the disk refuses a part.

    Examples
    --------
    >>> import tempfile
    >>> run = run_trials("window", tempfile.mkdtemp(), trials=1)
    >>> run.table().columns[:3]
    ['trial', 'person', 'arm']
    """
    if not 1 <= workers <= MOST_WORKERS:
        raise InputError("workers", f"{workers} is outside 1 to {MOST_WORKERS}", "as many as there are cores")
    if isinstance(design, Design | BoneDesign) or folder is None:
        return _in_memory(design, folder, workers, trials, seed, progress, scheduler)
    text, report = design_text(design), progress or (lambda share, what: None)
    asked = _changed(design_of(text, printable(os.fspath(design), 120)), trials, seed)
    pieces = chunks(asked)
    read = (design,) if scheduler is None else (design, scheduler)
    home = check_folder(folder, inputs=read, writes=(RUN, *(piece.name for piece in pieces)))
    _refuse_another(asked, home)
    home.mkdir(parents=True, exist_ok=True)
    _clear(home)
    _write(home / DESIGN, text)
    _write(home / RUN, json.dumps(_plain(asked, len(pieces)), indent=2) + "\n")
    found = sum((home / piece.name).exists() for piece in pieces)
    people, began = 0, time.perf_counter()
    report(0.0, f"{len(pieces)} chunks, {found} there already")
    left = [piece for piece in pieces if not (home / piece.name).exists()]
    made = (
        _here(asked, left, home, workers) if scheduler is None else _there(scheduler, text, asked, left, home)
    )
    for done, followed in enumerate(made, start=1):
        people += followed
        seconds = time.perf_counter() - began
        report((found + done) / len(pieces), _speed(people, seconds, done, len(left) - done))
    return Run(asked, home, len(pieces), found, people, time.perf_counter() - began)


def _in_memory(
    design: str | os.PathLike[str] | Design | BoneDesign,
    folder: str | os.PathLike[str] | None,
    workers: int,
    trials: int | None,
    seed: int | None,
    progress: Progress | None,
    scheduler: str | None,
) -> Run:
    """Play all chunks and keep their outcomes."""
    if folder is not None:
        hint = "leave the folder out, or give the file of the design"
        raise InputError("design", "a design that is in memory has no text to keep in a folder", hint)
    if scheduler is not None:
        raise InputError("scheduler", "a cluster needs a folder for what it makes", "name a folder")
    known = design if isinstance(design, Design | BoneDesign) else read_design(design)
    asked = _changed(known, trials, seed)
    if asked.people * asked.trials > MOST_IN_MEMORY:
        cause = f"{asked.people * asked.trials:,} people do not stay in memory"
        raise InputError("folder", cause, f"name a folder; {MOST_IN_MEMORY:,} fit without one")
    pieces, report = chunks(asked), progress or (lambda share, what: None)
    began, parts = time.perf_counter(), []
    prepare(asked)
    with ThreadPoolExecutor(workers) as pool:
        for part in pool.map(lambda piece: chunk_outcomes(asked, piece), pieces):
            parts.append(part)
            report(len(parts) / len(pieces), f"{len(parts):,} of {len(pieces):,} parts")
    outcomes = pl.concat(parts)
    return Run(asked, None, len(pieces), 0, outcomes.height, time.perf_counter() - began, outcomes)


def _here(design: Design | BoneDesign, pieces: Sequence[Chunk], home: Path, workers: int) -> Iterator[int]:
    """Play chunks side by side on this machine; the people of each, as it is written."""
    if pieces:
        prepare(design)
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(write_chunk, design, piece, home) for piece in pieces]
        try:
            for one in as_completed(waiting):
                yield one.result()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            while any(
                one.running() for one in waiting
            ):  # left half played, with no file; files that are there stay
                stop_all()
                time.sleep(0.02)
            raise
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)  # what is being written is finished, the rest left
            raise


def _there(
    scheduler: str, text: str, design: Design | BoneDesign, pieces: Sequence[Chunk], home: Path
) -> Iterator[int]:
    """Have chunks played on a cluster; the people of each, as it is written here."""
    for piece, content, people in on_cluster(scheduler, text, design, pieces):
        keep(content, piece, home)
        yield people


def _changed(design: Design | BoneDesign, trials: int | None, seed: int | None) -> Design | BoneDesign:
    if trials is not None and not 1 <= trials <= 10_000_000:
        raise InputError("trials", f"{trials} is outside 1 to 10,000,000", "1000 is usual")
    if seed is not None and not 0 <= seed <= 2**31:
        raise InputError("seed", f"{seed} is negative or too large", "give zero or a positive whole number")
    return replace(
        design, trials=design.trials if trials is None else trials, seed=design.seed if seed is None else seed
    )


def _refuse_another(design: Design | BoneDesign, home: Path) -> None:
    """A folder belongs to one design; files of another would be mixed up with its own."""
    try:
        was = json.loads((home / RUN).read_text("utf-8"))["hash"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        was = None
    if was != design.hash:
        cause = f"'{printable(home, 120)}' holds the run of another design"
        raise InputError("out", cause, "name another folder")


def _clear(home: Path) -> None:
    """Take away what a killed run left half written; only in the folder of a run, and only by the names it gives."""
    if (home / RUN).exists():
        for path in home.glob(".*.parquet"):
            if HALF.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _plain(design: Design | BoneDesign, pieces: int) -> dict[str, object]:
    from bonecast import __version__

    return {
        "design": design.name,
        "hash": design.hash,
        "model": design.model_name,
        "trials": design.trials,
        "seed": design.seed,
        "people_in_each": design.people,
        **({"truths": [truth.name for truth in design.truths]} if isinstance(design, Design) else {}),
        "chunks": pieces,
        "bonecast": __version__,
    }


def _write(target: Path, text: str) -> None:
    with atomic_write(target) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def _speed(people: int, seconds: float, done: int, left: int) -> str:
    """What the bar says.

    >>> _speed(9900, 1.1, 1, 4)
    '9,000 people per second, 4 s left'
    """
    if not people:
        return "found"
    return f"{people / seconds:,.0f} people per second, {seconds / max(done, 1) * left:.0f} s left"
