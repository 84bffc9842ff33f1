"""Where the work is done while the application runs: the worker of the queue, and a process that answers at once."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bonecast.core import ENGLISH, current_language, current_practice
from bonecast.errors import BonecastError
from bonecast.web.jobs.kinds import MODELLING
from bonecast.web.jobs.process import Ended, Process, Refused
from bonecast.web.settings import Settings, folder_beside
from bonecast.web.store import Store, delays, jobs, people
from bonecast.web.store.jobs import Job

TELL_S = 0.25  # least time between two notes of how far a job is
TRIES = 60  # of writing the end of a job
MOST_SERVED = 1_000  # users whose last turns are remembered
LOOK_S = 1.0  # how often the queue is looked at without being called
ANSWER_S = 60.0  # longest wait for what is asked at once
WAITING_S = 30.0  # longest wait for one's turn
PATIENT = 10  # niceness of long work, so that pages and redraws come first


class Desk:
    """Two processes: one answers what a page asks at once, a patient one does the jobs of the queue.

    kinds, besides : which jobs it takes; None for all but those besides.
    """

    def __init__(
        self,
        takes: Callable[[Desk], None],
        kinds: Collection[str] | None = None,
        besides: Collection[str] = (),
    ) -> None:
        self.kinds, self.besides = kinds, besides
        self.quick, self.patient = Process(), Process(PATIENT)
        self.turn, self.called = threading.Lock(), threading.Event()
        self.served: list[str] = []  # whose jobs were done, the last one last
        self.thread = threading.Thread(target=takes, args=(self,), name="jobs", daemon=True)


class WorkerPool:
    """The processes that compute, at two desks: the clinic's and the modeller's."""

    def __init__(self, store: Store, folder: Path | None, takes_jobs: bool = True) -> None:
        self._store, self.folder, self._takes_jobs = store, folder, takes_jobs
        self._ending = threading.Event()
        self._clinic = Desk(self._work, besides=MODELLING)
        self._bench = Desk(self._work, MODELLING)
        self._desks = (self._clinic, self._bench)

    def open(self) -> None:
        """Put back what was running when the server stopped, and begin."""
        if self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._takes_jobs:
            return
        with self._store.session() as s:
            jobs.requeue(s)
        for desk in self._desks:
            desk.thread.start()
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        """Let the quick process load what the first question would wait for."""
        with suppress(Ended, Refused):
            self.ask("warm", {})

    def close(self) -> None:
        """Stop. The job in hand goes back into the queue, for the next start."""
        self._ending.set()
        self.call()
        for desk in self._desks:
            if desk.thread.is_alive():
                desk.thread.join(10)
            desk.quick.end()
            desk.patient.end()

    def call(self) -> None:
        """Something was put into the queue: look now."""
        for desk in self._desks:
            desk.called.set()

    def ask(self, do: str, asked: dict[str, Any]) -> Any:
        """Do this now, in the order of asking, and give its result. Raises Refused and Ended."""
        desk = self._bench if do in MODELLING else self._clinic
        if not desk.turn.acquire(timeout=WAITING_S):
            raise Ended("Too many ask at once; ask again in a moment.")
        try:
            return desk.quick.ask(do, in_language(asked), self.folder, timeout_s=ANSWER_S)
        finally:
            desk.turn.release()

    def _work(self, desk: Desk) -> None:
        while not self._ending.is_set():
            try:
                with self._store.session() as s:
                    job = jobs.take(s, desk.kinds, desk.besides, desk.served)
                if job is not None:
                    desk.served = [*(by for by in desk.served if by != job.by), job.by][-MOST_SERVED:]
                    self._do(job, desk.patient)
                    continue
            except SQLAlchemyError:  # a database that is away for a moment: the queue waits
                self._ending.wait(LOOK_S)
            desk.called.wait(LOOK_S)
            desk.called.clear()

    def _do(self, job: Job, patient: Process) -> None:
        """Do one job, from taking it to its end; whatever happens, it ends."""
        course = _Course(self._store, job.id, self._ending)
        try:
            done = patient.ask(job.kind, self._asked(job), self.folder, course.progress, course.stopped)
            kept = packed(done)
        except (Refused, Ended, BonecastError) as error:
            said = str(error)
        except Exception as error:
            patient.end()
            said = f"The computation failed ({type(error).__name__}): this is our failure, not yours."
        else:
            self._write(lambda s: self._finish(s, job, done, kept))
            return
        stopping = self._ending.is_set()
        self._write(lambda s: jobs.requeue(s) if stopping else jobs.fail(s, job.id, said))

    def _finish(self, s: Session, job: Job, done: Any, kept: bytes) -> None:
        """Keep the result, and remove those that it supersedes; what a list asked for goes on with its next people."""
        if not jobs.finish(s, job.id, kept):
            return
        if job.kind == delays.KIND:
            delays.keep(s, done, job.payload)
            delays.submit(s, job.by, job.payload)
        if job.person_id is not None or job.kind == delays.KIND:
            jobs.supersede(s, job.person_id, job.kind)

    def _write(self, change: Callable[[Session], object]) -> None:
        """Write the end of a job; a database that is held by others, or away, is asked again for a while."""
        for _ in range(TRIES):
            try:
                with self._store.session() as s:
                    change(s)
                return
            except SQLAlchemyError:
                if self._ending.wait(LOOK_S):
                    return  # the next start puts the job back

    def _asked(self, job: Job) -> dict[str, Any]:
        """The request with the record as it is now."""
        if job.kind == delays.KIND:
            return {**job.payload, "records": self._records(job.payload["people"])}
        if job.person_id is None:
            return job.payload
        with self._store.reading() as s:
            stored = people.get(s, job.person_id)
        if stored is None or stored.deleted:
            raise Refused("The person was deleted meanwhile.")
        return {**job.payload, "record": stored.record, "version": stored.version}

    def _records(self, ids: list[int]) -> dict[str, dict[str, Any]]:
        """The records of these people as they are now; who was deleted is not among them."""
        with self._store.reading() as s:
            found = [one for id_ in ids if (one := people.get(s, id_)) is not None and not one.deleted]
        return {str(one.id): {"record": one.record, "version": one.version} for one in found}


class _Course:
    """How far a job is: reported to the database now and then, which says whether it was cancelled."""

    def __init__(self, store: Store, id: int, ending: threading.Event) -> None:
        self._store, self._id, self._ending = store, id, ending
        self._last = 0.0

    def progress(self, share: float, what: str) -> None:
        """Write it down, if the last time is a while ago; a busy database goes without."""
        if time.monotonic() - self._last < TELL_S:
            return
        self._last = time.monotonic()
        with suppress(SQLAlchemyError), self._store.session() as s:
            jobs.tell(s, self._id, share, what)

    def stopped(self) -> bool:
        """Was it cancelled, or does the server stop?"""
        if self._ending.is_set():
            return True
        with suppress(SQLAlchemyError), self._store.reading() as s:
            now = jobs.get(s, self._id)
            return now is None or now.state != "running"
        return False


@contextmanager
def working(store: Store, settings: Settings) -> Iterator[WorkerPool]:
    """The workshop of an application, open for as long as the block lasts."""
    workshop = WorkerPool(store, folder_beside(store.path), settings.worker)
    workshop.open()
    try:
        yield workshop
    finally:
        workshop.close()


def in_language(asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked, with the language of its sentences where it is not English, and what the clinic has set."""
    code, practice = current_language().code, current_practice().as_dict()
    language = {} if code == ENGLISH else {"language": code}
    return {**asked, **language, **({"practice": json.loads(json.dumps(practice))} if practice else {})}


def packed(result: Any) -> bytes:
    """A result as it is kept: JSON, compressed."""
    return gzip.compress(json.dumps(result, allow_nan=False).encode(), 6, mtime=0)


def unpacked(kept: bytes) -> Any:
    """What `packed` packed."""
    return json.loads(gzip.decompress(kept))
