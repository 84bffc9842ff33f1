"""Virtual trials as the application keeps them: a folder for each run, and the jobs that ran it and ran on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.trials import BoneDesign, Design, design_of
from bonecast.web.jobs import WorkerPool
from bonecast.web.jobs.bench import put, result_of
from bonecast.web.jobs.trials import FOLDER
from bonecast.web.store import Store, jobs
from bonecast.web.store.jobs import OPEN, Job

KIND = "trial"
MOST_JOBS = 500  # of trials that are looked through
LONGEST = 200_000  # characters of a design
KEY = re.compile(r"[0-9a-f]{12}-[0-9]{1,8}")
FILES = re.compile(r"[\w.-]+\.csv")
TOP = re.compile(r"^\s*\[", re.MULTILINE)
NUMBERS = ("people", "trials", "seed")


@dataclass(frozen=True)
class TrialRun:
    """A run with its newest job. key : the name of its folder, from the design's hash and how often it is simulated."""

    key: str
    job: Job

    @property
    def about(self) -> dict[str, Any]:
        """Name, title, people, trials and seed of the design, as it was asked."""
        return self.job.payload["about"]

    @property
    def toml(self) -> str:
        """The design."""
        return self.job.payload["toml"]

    @property
    def open(self) -> bool:
        """Is it waiting or running?"""
        return self.job.state in OPEN


def checked(text: str) -> Design | BoneDesign:
    """The design in this text. Raises InputError, with all faults where there are several."""
    if len(text) > LONGEST:
        raise InputError(
            "design",
            gettext("it is longer than {longest:,} characters", longest=LONGEST),
            gettext("leave out what is not needed"),
        )
    return design_of(text.replace("\r\n", "\n"), "design")


def with_numbers(text: str, numbers: dict[str, str]) -> str:
    """The design with other numbers of people, trials or seed; blank ones stay. Raises InputError.

    >>> with_numbers('people = 60\\n[[arm]]\\n', {"people": "20", "trials": " 5", "seed": ""})
    'trials = 5\\npeople = 20\\n[[arm]]\\n'
    """
    text = text.replace("\r\n", "\n")
    for name in NUMBERS:
        value = numbers.get(name, "").strip()
        if not value:
            continue
        if not value.isdecimal() or len(value) > 9:
            raise InputError(
                name, gettext("it is not a whole number"), gettext("write digits only, or leave it blank")
            )
        found = TOP.search(text)
        head, rest = (text[: found.start()], text[found.start() :]) if found else (text, "")
        line = re.compile(rf"^{name}[ \t]*=[ \t]*[0-9_]+", re.MULTILINE)
        head = line.sub(f"{name} = {value}", head, 1) if line.search(head) else f"{name} = {value}\n{head}"
        text = head + rest
    return text


def start(store: Store, workshop: WorkerPool | None, text: str, by: str) -> str:
    """Put a run of this design into the queue, or let a stopped one go on; the key of the run. Raises InputError."""
    text = text.replace("\r\n", "\n")
    design = checked(text)
    key = f"{design.hash}-{design.trials}"
    about = {
        "name": design.name,
        "title": design.title,
        "people": design.people,
        "trials": design.trials,
        "seed": design.seed,
        "model": design.model_name,
    }
    put(store, workshop, KIND, {"run": key, "toml": text, "about": about}, by, run=key)
    return key


def go_on(store: Store, workshop: WorkerPool | None, run: TrialRun, by: str) -> None:
    """Let a stopped or failed run go on where it was."""
    put(store, workshop, KIND, run.job.payload, by, run=run.key)


def runs(s: Session) -> list[TrialRun]:
    """Every run, the newest first."""
    found: dict[str, TrialRun] = {}
    for job in jobs.of(s, None, KIND, MOST_JOBS):
        found.setdefault(job.payload["run"], TrialRun(job.payload["run"], job))
    return list(found.values())


def find(s: Session, key: str) -> TrialRun | None:
    """The run with this key."""
    return next((run for run in runs(s) if run.key == key), None)


def result(s: Session, run: TrialRun) -> dict[str, Any] | None:
    """What came out of it; None where it has not ended."""
    return result_of(s, run.job)


def file_of(folder: Path | None, run: TrialRun, name: str) -> Path | None:
    """A file of the report, which must be one of its own; None where there is none of this name."""
    if folder is None or not KEY.fullmatch(run.key) or not (name == "report.html" or FILES.fullmatch(name)):
        return None
    path = folder / FOLDER / run.key / name
    return path if path.is_file() else None
