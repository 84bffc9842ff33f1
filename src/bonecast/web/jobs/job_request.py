"""Asking for long work from a page: the same question about the same record is one job, however often it is asked."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bonecast.forecasts import code_version
from bonecast.web.jobs.worker_pool import WorkerPool, in_language, unpacked
from bonecast.web.store import Store, StoredPerson, jobs
from bonecast.web.store.jobs import OPEN, Job


@dataclass(frozen=True)
class JobRequest:
    """A job and its result, where it is done."""

    job: Job
    result: dict[str, Any] | None

    @property
    def open(self) -> bool:
        """Is it waiting or being done?"""
        return self.job.state in OPEN


def request_job(
    store: Store,
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
        that of a posted form: a second one would wait for it.
    """
    payload = {**in_language(asked or {}), "version": person.version, "code": code_version()[:16]}
    with store.reading() as reading:
        found = next((job for job in jobs.of(reading, person.id, kind) if job.payload == payload), None)
        if found is not None and (not again or found.state in OPEN):
            kept = jobs.result(reading, found.id) if found.state == "done" else None
            return JobRequest(found, unpacked(kept) if kept else None)
    with nullcontext(s) if s is not None else store.session() as writing:
        made = jobs.submit(writing, kind, person.id, payload, by)
    if workshop is not None:
        workshop.call()
    return JobRequest(made, None)
