"""Many people: one row for each person and strategy, in parallel, resumable, with the bad records listed apart.

A run keeps a journal, one line for each person who is done; a run that was stopped goes on behind it. A line serves
again only for the same record, the same settings and the same cards of the model.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bonecast.core import Progress, atomic_write
from bonecast.decisions import find_aim
from bonecast.errors import BonecastError, InputError
from bonecast.forecasts.cohort_rows import COLUMNS, rows_of
from bonecast.forecasts.forecast import forecast
from bonecast.forecasts.prepared import no_progress
from bonecast.forecasts.request import check_request
from bonecast.interop import read_patient
from bonecast.models import DEFAULT_MODEL, load_model
from bonecast.records import Patient, patient_in_row, read_people_table
from bonecast.regimens import parse_regimen, parse_span

JOURNAL = "cohort.jsonl"
AHEAD = 4  # people handed to each worker ahead of time
Row = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Where one person is to be read: a record file, or a row of a table (then `row` is set)."""

    place: str
    row: tuple[tuple[str, str], ...] | None = None

    def __repr__(self) -> str:
        return "<Person, in a file>" if self.row is None else "<Person, in a row of a table>"

    def read(self) -> Patient:
        """The record, checked."""
        return read_patient(self.place) if self.row is None else patient_in_row(dict(self.row), self.place)

    def content(self) -> bytes:
        """What the record says, for telling whether it has changed."""
        if self.row is not None:
            return repr(self.row).encode()
        try:
            return Path(self.place).read_bytes()
        except OSError:
            return b""  # reading it will say what is wrong


@dataclass(frozen=True)
class CohortSettings:
    """What is asked of every person.

    Parameters
    ----------
    strategies : tuple of tuple of (str, str)
        Name and regimen of each; empty for the usual ones of each person.
    horizon : str
        As `forecast` takes it.
    draws : int
        As `forecast` takes them.
    seed : int
        As `forecast` takes it.
    model : str
        As `forecast` takes it.
    best_by : str
        As `forecast` takes it.
    every_way : bool
        As `forecast` takes it.
    jurisdiction : str, optional
        As `forecast` takes it.
    """

    strategies: tuple[tuple[str, str], ...] = ()
    horizon: str = "5 years"
    draws: int = 100
    seed: int = 1
    model: str = DEFAULT_MODEL
    best_by: str = "vertebral"
    every_way: bool = False
    jurisdiction: str | None = None


@dataclass(frozen=True)
class CohortForecasts:
    """The result of a run.

    Parameters
    ----------
    rows : tuple of dict
        One for each person and strategy, in the order of the people.
    done : int
        People who have rows.
    kept : int
        People whose rows were taken from an earlier run.
    failed : tuple of (str, str)
        Place of each record that cannot be used, and why.
    """

    rows: tuple[Row, ...]
    done: int
    kept: int
    failed: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"<CohortForecasts: {len(self.rows)} rows, {len(self.failed)} people failed>"

    def _repr_html_(self) -> str:
        from bonecast.forecasts.notebook import cohort_html

        return cohort_html(self)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table, in order."""
        return COLUMNS


def check_settings(settings: CohortSettings) -> None:
    """Refuse settings that would fail for everybody.

    Parameters
    ----------
    settings : CohortSettings
        What is asked of every person.

    Raises
    ------
    InputError
        If a model, aim, regimen or time span cannot be used.
    """
    load_model(settings.model)
    find_aim(settings.best_by)
    check_request(settings.draws, parse_span(settings.horizon, place="horizon"), settings.seed)
    for name, text in settings.strategies:
        parse_regimen(text, place=f"strategy {name}")


def people_of(paths: Sequence[str]) -> list[Person]:
    """List the people in these files. Records are read later, one by one.

    Parameters
    ----------
    paths : sequence of str
        Records, and tables (.csv) with a row for each person.

    Returns
    -------
    list of Person
        Where each is to be read.

    Raises
    ------
    InputError
        Where a table cannot be read, or a file is named twice.
    """
    found: list[Person] = []
    for path in paths:
        if Path(path).suffix.casefold() == ".csv":
            rows = read_people_table(Path(path), path)
            found += [Person(place, tuple(sorted(row.items()))) for place, row in rows]
        else:
            found.append(Person(path))
    for place, count in Counter(person.place for person in found).items():
        if count > 1:
            raise InputError(place, "it is named twice", "name each file once")
    return found


def run_cohort(
    people: Sequence[Person],
    settings: CohortSettings,
    folder: Path,
    workers: int | None = None,
    progress: Progress | None = None,
) -> CohortForecasts:
    """Forecast each person, as rows; a person whose record cannot be used is reported and left out.

    Parameters
    ----------
    people : sequence of Person
        From `people_of`.
    settings : CohortSettings
        What is asked of every person.
    folder : Path
        Keeps the journal; it exists.
    workers : int, optional
        Processes; the cores of the machine by default.
    progress : callable, optional
        Called with the share done and how many people are done.

    Returns
    -------
    CohortForecasts
        The rows, and who failed.
    """
    report = progress or no_progress
    journal = folder / JOURNAL
    keys = [_key(person, settings) for person in people]
    lines = _read_journal(journal)
    kept = sum(key in lines for key in keys)
    todo = [(key, person) for key, person in zip(keys, people, strict=True) if key not in lines]
    # The lines that are kept are written again, so that a line that was cut off in the middle is gone.
    with atomic_write(journal) as beside:
        beside.write_text("".join(_line(key, lines[key]) for key in keys if key in lines), "utf-8")
    with journal.open("a", encoding="utf-8") as out:
        for count, (key, found) in enumerate(_all(todo, settings, workers), start=1):
            lines[key] = found
            out.write(_line(key, found))
            out.flush()
            report((kept + count) / len(people), f"{kept + count} of {len(people)} people")
    failed = [(p.place, lines[k]["failed"]) for k, p in zip(keys, people, strict=True) if lines[k]["failed"]]
    rows = [row for key in keys for row in lines[key]["rows"]]
    return CohortForecasts(tuple(rows), len(people) - len(failed), kept, tuple(failed))


def _all(
    todo: list[tuple[str, Person]], settings: CohortSettings, workers: int | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each person's result as it comes; one process is this one, more are workers with one thread each."""
    count = min(workers or os.cpu_count() or 1, len(todo))
    if count <= 1:
        yield from ((key, one_person(person, settings)) for key, person in todo)
        return
    waiting = iter(todo)
    running: dict[Future, str] = {}
    # spawned, not forked: a fork would copy threads that hold locks
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_single_thread) as pool:

        def hand_out(people: Iterable[tuple[str, Person]], most: int) -> None:
            for _, (key, person) in zip(range(most), people, strict=False):
                running[pool.submit(one_person, person, settings)] = key

        hand_out(waiting, count * AHEAD)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()
            hand_out(waiting, len(done))


def one_person(person: Person, settings: CohortSettings) -> dict[str, Any]:
    """The rows of one person, or why there are none."""
    try:
        made = forecast(
            patient=person.read(),
            strategies=dict(settings.strategies) or None,
            horizon=settings.horizon,
            draws=settings.draws,
            seed=settings.seed,
            model=settings.model,
            best_by=settings.best_by,
            every_way=settings.every_way,
            jurisdiction=settings.jurisdiction,
        )
    except BonecastError as error:
        return {"rows": [], "failed": str(error)}
    return {"rows": list(rows_of(made, person.place)), "failed": ""}


def _single_thread() -> None:
    """As many processes as cores are at work: more threads would only wait for one another."""
    os.environ["BONECAST_THREADS"] = "1"


def _key(person: Person, settings: CohortSettings) -> str:
    """What makes a person's result what it is: the record, the settings, the version and the cards."""
    from bonecast import __version__

    cards = sorted(load_model(settings.model).parameter_set.values().items())
    parts = (person.place, person.content(), sorted(asdict(settings).items()), __version__, cards)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _read_journal(path: Path) -> dict[str, dict[str, Any]]:
    """{key: result} of the people done so far; a last line that was cut off counts for nothing."""
    found: dict[str, dict[str, Any]] = {}
    if path.is_file():
        for text in path.read_text("utf-8").splitlines():
            try:
                line = json.loads(text)
                found[line["key"]] = {"rows": line["rows"], "failed": line["failed"]}
            except (ValueError, KeyError, TypeError):
                continue
    return found


def _line(key: str, found: Mapping[str, Any]) -> str:
    return json.dumps({"key": key, **found}, ensure_ascii=False, allow_nan=False) + "\n"
