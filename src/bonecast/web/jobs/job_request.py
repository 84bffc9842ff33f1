"""Asking for long work from a page: the same question about the same record is one job, however often it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bonecast.forecasts import code_version
from bonecast.web.jobs.worker_pool import WorkerPool, in_language, unpacked
from bonecast.web.store import Later, StoredPerson, jobs
from bonecast.web.store.jobs import OPEN, Job


class JobWaits(Exception):
    """The job was not put into the queue yet, because others write into the database; it will be by itself."""


@dataclass(frozen=True)
class JobRequest:
    """A job and its result, where it is done."""

    job: Job
    result: dict[str, Any] | None

    @property
    def open(self) -> bool:
        """Is it waiting or being done?"""
        return self.job.state in OPEN


def known_result(
    later: Later, kind: str, person: StoredPerson, asked: dict[str, Any] | None = None
) -> dict[str, Any] | None:
    """The result of such a job where it is done already; nothing is put into the queue."""
    payload = _payload(person, asked)
    with later.store.reading() as reading:
        found = next((job for job in jobs.of(reading, person.id, kind) if job.payload == payload), None)
        kept = jobs.result(reading, found.id) if found is not None and found.state == "done" else None
    return unpacked(kept) if kept else None


def _payload(person: StoredPerson, asked: dict[str, Any] | None) -> dict[str, Any]:
    return {**in_language(asked or {}), "version": person.version, "code": code_version()[:16]}


def request_job(
    later: Later,
    workshop: WorkerPool | None,
    kind: str,
    person: StoredPerson,
    by: str,
    asked: dict[str, Any] | None = None,
    again: bool = False,
    s: Session | None = None,
) -> JobRequest:
    """The job of this kind for the person's record as it is, put into the queue if it was not asked for before.

    again : put it in again although one failed, was cancelled or is done. s : a session that writes already, such as
        that of a posted form: a second one would wait for it. Raises JobWaits where others hold the write lock.
    """
    payload = _payload(person, asked)

    def known(reading: Session) -> Job | None:
        found = next((job for job in jobs.of(reading, person.id, kind) if job.payload == payload), None)
        return None if found is None or (again and found.state not in OPEN) else found

    with later.store.reading() as reading:
        if (found := known(reading)) is not None:
            kept = jobs.result(reading, found.id) if found.state == "done" else None
            return JobRequest(found, unpacked(kept) if kept else None)
    made: list[Job] = []

    def submit(writing: Session) -> None:
        made.append(known(writing) or jobs.submit(writing, kind, person.id, payload, by))

    if s is not None:
        submit(s)
    elif not later.write(f"job {by} {kind} {person.id}", submit):
        raise JobWaits
    if workshop is not None:
        workshop.call()
    return JobRequest(made[-1], None)
