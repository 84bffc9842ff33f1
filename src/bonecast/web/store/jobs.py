"""The queue of long work: put in, taken up, reporting its progress, finished, cancelled; it survives a restart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.web.store.tables import LARGEST_ID, JobTable

State = Literal["queued", "running", "done", "failed", "cancelled"]
OPEN: tuple[State, ...] = ("queued", "running")
MOST_OPEN = 200  # jobs of one user that wait or run
MOST_KEPT = 6  # ended jobs of one person and kind: as many questions about one record


@dataclass(frozen=True)
class Job:
    """One piece of long work. `share` is how much is done (0 to 1) and `what` what is being done, or why it failed.

    `result_path` names a file in the application's folder; a small result is kept in the table (`result`).
    """

    id: int
    kind: str
    person_id: int | None
    payload: dict[str, Any]
    by: str
    state: str
    share: float
    what: str
    result_path: str | None
    created: dt.datetime
    finished: dt.datetime | None


def submit(s: Session, kind: str, person_id: int | None, payload: dict[str, Any], by: str) -> Job:
    """Put work into the queue. Raises InputError where this user has too much in it."""
    open_ = select(func.count()).select_from(JobTable).where(JobTable.by == by, JobTable.state.in_(OPEN))
    if (s.scalar(open_) or 0) >= MOST_OPEN:
        cause = gettext("{most_open} computations of yours are waiting", most_open=MOST_OPEN)
        raise InputError("jobs", cause, gettext("wait for them, or cancel some"))
    row = JobTable(
        kind=kind,
        person_id=person_id,
        payload=payload,
        by=by,
        state="queued",
        share=0.0,
        what="",
        created=_now(),
    )
    s.add(row)
    s.flush()
    return _job(row)


def get(s: Session, id: int) -> Job | None:
    """The job with this number; None where there is none."""
    row = s.get(JobTable, id) if 0 < id <= LARGEST_ID else None
    return None if row is None else _job(row)


def of(s: Session, person_id: int | None, kind: str | None = None, limit: int = 20) -> list[Job]:
    """The jobs of a person, or those of nobody, the newest first."""
    which = select(JobTable).where(JobTable.person_id == person_id)
    if kind is not None:
        which = which.where(JobTable.kind == kind)
    return [_job(row) for row in s.scalars(which.order_by(JobTable.id.desc()).limit(limit))]


def result(s: Session, id: int) -> bytes | None:
    """The small result of a job; None where there is none."""
    return s.scalar(select(JobTable.result).where(JobTable.id == id))


def take(
    s: Session,
    kinds: Collection[str] | None = None,
    besides: Collection[str] = (),
    served: Sequence[str] = (),
) -> Job | None:
    """A queued job (of these kinds, or besides those), marked as running; None where nothing waits.

    The jobs of one user wait for each other. Of the users who wait, the one comes first who was not served yet, or
    whose turn is the longest ago (`served` : users in the order of their last turns); of that user the oldest job. Two
    workers never take the same.
    """
    group = [JobTable.kind.in_(kinds)] if kinds is not None else []
    group += [JobTable.kind.not_in(besides)] if besides else []
    busy = select(JobTable.by).where(JobTable.state == "running", *group)
    heads = select(JobTable.by, func.min(JobTable.id)).where(JobTable.state == "queued", *group)
    waiting = s.execute(heads.where(JobTable.by.not_in(busy)).group_by(JobTable.by)).all()
    if not waiting:
        return None
    turns = {by: place for place, by in enumerate(served)}
    head = min(waiting, key=lambda row: (turns.get(row[0], -1), row[1]))[1]
    which = select(JobTable).where(JobTable.id == head, JobTable.state == "queued")
    row = s.scalars(which.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    row.state = "running"
    s.flush()
    return _job(row)


def tell(s: Session, id: int, share: float, what: str) -> bool:
    """Say how far a running job is. False where it was cancelled meanwhile: the worker then stops."""
    return _change(s, id, ("running",), share=min(max(share, 0.0), 1.0), what=what)


def finish(s: Session, id: int, result: bytes | None = None, result_path: str | None = None) -> bool:
    """A running job is done. False where it was cancelled meanwhile."""
    return _change(
        s,
        id,
        ("running",),
        state="done",
        share=1.0,
        what="",
        result=result,
        result_path=result_path,
        finished=_now(),
    )


def fail(s: Session, id: int, why: str) -> bool:
    """A running job failed, for this reason."""
    return _change(s, id, ("running",), state="failed", what=why, finished=_now())


def cancel(s: Session, id: int) -> bool:
    """Stop a job that is queued or running. False where it had ended before."""
    return _change(s, id, OPEN, state="cancelled", finished=_now())


def supersede(s: Session, person_id: int | None, kind: str) -> int:
    """Remove the ended jobs of this person and kind that a newer result supersedes; how many were there?

    Superseded is what was asked of another version of the record, or of another version of the code, than the newest
    result, and all but the last few questions about the same. What waits or runs stays, and what is newer.
    """
    ended = [job for job in of(s, person_id, kind, limit=1000) if job.state not in OPEN]
    newest = next((job for job in ended if job.state == "done"), None)
    if newest is None:
        return 0
    older = [job for job in ended if job.id < newest.id]
    same = [job.id for job in older if _about(job) == _about(newest)][: MOST_KEPT - 1]
    gone = [job.id for job in older if job.id not in same]
    s.execute(delete(JobTable).where(JobTable.id.in_(gone)).execution_options(synchronize_session=False))
    return len(gone)


def requeue(s: Session) -> int:
    """Put back the jobs that were running when the server stopped; how many were there?"""
    changed = s.execute(
        update(JobTable).where(JobTable.state == "running").values(state="queued", share=0.0, what="")
    )
    return changed.rowcount  # pyright: ignore[reportAttributeAccessIssue]


def _change(s: Session, id: int, states: tuple[State, ...], **values: Any) -> bool:
    which = update(JobTable).where(JobTable.id == id, JobTable.state.in_(states))
    changed = s.execute(which.values(**values).execution_options(synchronize_session=False))
    return changed.rowcount == 1  # pyright: ignore[reportAttributeAccessIssue]


def _about(job: Job) -> tuple[Any, Any]:
    return job.payload.get("version"), job.payload.get("code")


def _job(row: JobTable) -> Job:
    return Job(
        row.id,
        row.kind,
        row.person_id,
        row.payload,
        row.by,
        row.state,
        row.share,
        row.what,
        row.result_path,
        row.created,
        row.finished,
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
