"""Long work beside the pages: a queue in the database, and processes that compute so that pages stay quick.

This room owns which kinds of work there are and what their results hold, as plain JSON; the processes that do it; and
the worker that takes jobs from the queue, tells how far they are, and ends them. Nothing is pickled. What the pages
need of a forecast at once is asked of `WorkerPool.ask`; what takes longer is submitted to the queue.
"""

from bonecast.web.jobs.kinds import KINDS
from bonecast.web.jobs.process import Ended, Refused
from bonecast.web.jobs.worker_pool import WorkerPool, working

__all__ = ["KINDS", "Ended", "Refused", "WorkerPool", "working"]
