"""Asking for a modeller's long work, which is about no person: the same question is one job, however often asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bonecast.web.jobs.job_request import JobRequest
from bonecast.web.jobs.worker_pool import WorkerPool, unpacked
from bonecast.web.store import Store, jobs
from bonecast.web.store.jobs import OPEN, Job

MOST = 500  # jobs of one kind that are looked through


def last(s: Session, kind: str, **wanted: Any) -> Job | None:
    """The newest job of this kind whose payload holds these values; None where there is none."""
    return next(
        (job for job in jobs.of(s, None, kind, MOST) if wanted.items() <= _flat(job.payload).items()), None
    )


def result_of(s: Session, job: Job | None) -> dict[str, Any] | None:
    """What came out of a job that is done."""
    kept = jobs.result(s, job.id) if job is not None and job.state == "done" else None
    return unpacked(kept) if kept else None


def put(
    store: Store, workshop: WorkerPool | None, kind: str, payload: dict[str, Any], by: str, **same: Any
) -> JobRequest:
    """Put this work into the queue, unless a job with the same values of its payload waits or runs."""
    with store.session() as s:
        found = last(s, kind, **same)
        if found is None or found.state not in OPEN:
            found = jobs.submit(s, kind, None, payload, by)
    if workshop is not None:
        workshop.call()
    return JobRequest(found, None)


def _flat(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if isinstance(value, str | int | float)}
