"""The queue of long work: a user's jobs wait for each other, and nobody waits for all of another's."""

from __future__ import annotations

import pytest

from bonecast.errors import InputError
from bonecast.web.store import jobs, open_store


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    yield opened
    opened.close()


def put(store, *users, kind="forecast"):
    with store.session() as s:
        return [jobs.submit(s, kind, None, {}, by).id for by in users]


def done_in_order(store, count):
    """Whose jobs are done one after the other, as the worker does them."""
    order, served = [], []
    for _ in range(count):
        with store.session() as s:
            job = jobs.take(s, served=served)
            if job is None:
                break
            jobs.finish(s, job.id)
        order.append(job.by)
        served = [*(by for by in served if by != job.by), job.by]
    return order


def test_users_take_turns_however_many_jobs_one_has(store):
    put(store, *["ann"] * 5, "bob", "eve", "bob")
    assert done_in_order(store, 9) == ["ann", "bob", "eve", "ann", "bob", "ann", "ann", "ann"]


def test_of_one_user_the_oldest_job_comes_first(store):
    first, second = put(store, "ann", "ann")
    with store.session() as s:
        assert jobs.take(s).id == first
        jobs.finish(s, first)
        assert jobs.take(s).id == second


def test_the_jobs_of_one_user_wait_for_each_other_and_others_do_not(store):
    first, second, third = put(store, "ann", "ann", "bob")
    with store.session() as s:
        assert jobs.take(s).id == first
        assert jobs.take(s).id == third
        assert jobs.take(s) is None
        jobs.fail(s, first, "why")
        assert jobs.take(s).id == second


def test_work_of_another_desk_keeps_nobody_waiting(store):
    (trial,) = put(store, "ann", kind="trial")
    (forecast,) = put(store, "ann")
    with store.session() as s:
        assert jobs.take(s, kinds=["trial"]).id == trial
        assert jobs.take(s, besides=["trial"]).id == forecast


@pytest.mark.parametrize("state", ["queued", "running"])
def test_one_user_has_a_limited_number_of_jobs_in_the_queue(store, monkeypatch, state):
    monkeypatch.setattr(jobs, "MOST_OPEN", 3)
    ids = put(store, "ann", "ann", "ann")
    put(store, "bob")
    with store.session() as s:
        if state == "running":
            jobs.take(s)
    with pytest.raises(
        InputError, match="3 computations of yours are waiting; wait for them, or cancel some"
    ):
        put(store, "ann")
    with store.session() as s:
        jobs.cancel(s, ids[0])
    put(store, "ann")
