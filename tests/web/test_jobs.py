"""The queue and its processes: progress, cancelling, crashes, restarts; results that stay."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bonecast.interop import read_tables
from bonecast.web.jobs import Ended, Refused, WorkerPool, forecasts
from bonecast.web.jobs.process import Process
from bonecast.web.jobs.worker_pool import unpacked
from bonecast.web.store import Store, jobs, open_store, people
from bonecast.web.store.merge import with_keys

PLANS = {"on time": "denosumab 60 mg every 6 months x 4"}


@pytest.fixture
def store(tmp_path: Path):
    opened = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    yield opened
    opened.close()


@pytest.fixture
def workshop(store: Store, tmp_path: Path):
    made = WorkerPool(store, tmp_path / "results")
    made.open()
    yield made
    made.close()


def record() -> dict:
    path = Path("examples/late-dose.toml")
    return dict(read_tables(path.read_bytes(), path.name)[0].tables)


def submitted(store: Store, kind: str, payload: dict, person_id: int | None = None) -> int:
    with store.session() as s:
        return jobs.submit(s, kind, person_id, payload, "test").id


def until(store: Store, id: int, wanted: Callable[[jobs.Job], bool], seconds: float = 60.0) -> jobs.Job:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with store.reading() as s:
            job = jobs.get(s, id)
        assert job is not None
        if wanted(job):
            return job
        time.sleep(0.05)
    raise AssertionError(f"job {job.id} is {job.state}, {job.what}")


def test_a_job_tells_how_far_it_is_and_its_result_stays(store, workshop, tmp_path):
    id = submitted(store, "wait", {"seconds": 1.5})
    seen = until(store, id, lambda job: 0 < job.share < 1)
    assert "waiting, step" in seen.what
    until(store, id, lambda job: job.state == "done")
    workshop.close()
    again = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    with again.reading() as s:
        kept = jobs.result(s, id)
    again.close()
    assert kept is not None
    assert unpacked(kept) == {"waited": 1.5}


def test_a_cancelled_job_stops_at_once_and_the_next_one_runs(store, workshop):
    long, short = submitted(store, "wait", {"seconds": 60}), submitted(store, "wait", {"seconds": 0.1})
    until(store, long, lambda job: job.share > 0)
    with store.session() as s:
        assert jobs.cancel(s, long)
    until(store, short, lambda job: job.state == "done")  # long before the sixty seconds of the other
    assert until(store, long, lambda job: True).state == "cancelled"


def test_a_process_that_is_killed_fails_its_job_with_a_sentence_and_the_next_one_runs(store, workshop):
    first = submitted(store, "wait", {"seconds": 60})
    until(store, first, lambda job: job.share > 0)
    os.kill(workshop._clinic.patient.id, signal.SIGKILL)
    failed = until(store, first, lambda job: job.state == "failed")
    assert "signal 9" in failed.what
    assert "nothing is lost" in failed.what
    until(store, submitted(store, "wait", {"seconds": 0.1}), lambda job: job.state == "done")


def test_what_was_running_when_the_server_stopped_is_done_after_its_restart(store, workshop, tmp_path):
    id = submitted(store, "wait", {"seconds": 2})
    until(store, id, lambda job: job.share > 0)
    workshop.close()
    assert until(store, id, lambda job: True).state == "queued"
    with store.session() as s:
        jobs.take(s)  # as after a stop without a word: it still says running
    again = WorkerPool(store, tmp_path / "results")
    again.open()
    until(store, id, lambda job: job.state == "done")
    again.close()


def test_what_cannot_be_done_fails_with_the_reason_of_the_room_that_refused(store, workshop):
    with store.session() as s:
        person = people.add(s, record(), "test")
    id = submitted(store, "forecast", {"plans": {"x": "denosumb 60 mg once"}}, person.id)
    failed = until(store, id, lambda job: job.state == "failed")
    assert "denosumab" in failed.what
    with store.session() as s:
        people.delete(s, person.id, "test")
    gone = until(store, submitted(store, "forecast", {}, person.id), lambda job: job.state == "failed")
    assert "deleted" in gone.what


def test_an_unknown_kind_is_our_failure_and_names_no_data(store, workshop):
    failed = until(store, submitted(store, "no such", {}), lambda job: job.state == "failed")
    assert "our failure" in failed.what
    assert "KeyError" in failed.what


def test_a_forecast_is_a_job_and_its_redraw_then_knows_the_person(store, workshop):
    with store.session() as s:
        person = people.add(s, record(), "test")
    asked = {"record": person.record, "dates": ["2026-10-08", "2027-04-08"]}
    before = workshop.ask("redraw", asked)
    assert before["learned"] is False
    id = submitted(store, "forecast", {"plans": PLANS}, person.id)
    until(store, id, lambda job: job.state == "done")
    with store.reading() as s:
        result = unpacked(jobs.result(s, id) or b"")
    assert result["version"] == person.version
    assert [c["key"] for c in result["charts"]][:2] == ["doses", "LS_BMD"]
    after = workshop.ask("redraw", asked)
    assert after["learned"] is True
    assert [s["name"] for s in after["forecast"]["strategies"]] == [
        "on time",
        "these dates",
        "no further dose",
    ]
    assert [d["date"] for d in after["forecast"]["strategies"][1]["doses"]] == asked["dates"]
    given = workshop.ask("redraw", {**asked, "given": {"3": "2026-06-16"}})
    assert any("not learned again" in note for note in given["forecast"]["notes"])
    with pytest.raises(Refused, match="one day"):
        workshop.ask("redraw", {**asked, "given": {"3": "2025-06-16"}})


def test_a_process_answers_again_after_it_was_killed():
    process = Process()
    assert process.ask("wait", {"seconds": 0.1}) == {"waited": 0.1}
    assert process.id is not None
    os.kill(process.id, signal.SIGKILL)
    time.sleep(0.3)
    with contextlib.suppress(Ended):
        process.ask("wait", {"seconds": 0.1})
    assert process.ask("wait", {"seconds": 0.1}) == {"waited": 0.1}
    process.end()


def test_a_question_that_takes_too_long_is_ended():
    process = Process()
    with pytest.raises(Ended, match="too long"):
        process.ask("wait", {"seconds": 30}, timeout_s=1.5)
    assert process.id is None


def asked(version: int, code: str = "c", **more: object) -> dict:
    return {"version": version, "code": code, **more}


def finished(store: Store, person_id: int, kind: str, payload: dict) -> int:
    with store.session() as s:
        id = jobs.submit(s, kind, person_id, payload, "test").id
        assert jobs.take(s, [kind]) is not None
        jobs.finish(s, id, b"result")
    return id


def there(store: Store, person_id: int, kind: str) -> list[int]:
    with store.reading() as s:
        return [job.id for job in jobs.of(s, person_id, kind, limit=100)]


@pytest.fixture
def two(store):
    """The numbers of two people."""
    with store.session() as s:
        first, second = record(), record()
        second["person"] = {**second["person"], "id": "another"}
        return people.add(s, first, "test").id, people.add(s, second, "test").id


def test_a_result_supersedes_those_of_an_earlier_record_or_code_of_that_person_and_kind_alone(store, two):
    one, other = two
    finished(store, one, "forecast", asked(1))
    finished(store, one, "forecast", asked(2, "earlier"))
    same = finished(store, one, "forecast", asked(2, dates=["2026-12-01"]))
    kept = {"late": finished(store, one, "late", asked(1))}
    others = finished(store, other, "forecast", asked(1))
    newest = finished(store, one, "forecast", asked(2))
    with store.session() as s:
        assert jobs.supersede(s, one, "forecast") == 2
    assert there(store, one, "forecast") == [newest, same]
    assert there(store, one, "late") == [kept["late"]]
    assert there(store, other, "forecast") == [others]


def test_of_many_questions_about_one_record_the_last_few_stay(store, two):
    ids = [finished(store, two[0], "late", asked(1, on=f"2026-10-{day:02}")) for day in range(1, 10)]
    with store.session() as s:
        jobs.supersede(s, two[0], "late")
    assert there(store, two[0], "late") == ids[: -jobs.MOST_KEPT - 1 : -1]


def test_what_waits_runs_or_is_newer_is_never_superseded(store, two):
    waiting = submitted(store, "late", asked(1), two[0])
    with store.session() as s:
        jobs.take(s, ["late"])
        running = waiting  # of another user: the jobs of one wait for each other
        waiting = jobs.submit(s, "late", two[0], asked(1, on="x"), "other").id
        done = jobs.submit(s, "late", two[0], asked(3), "other").id
        newer = jobs.submit(s, "late", two[0], asked(2), "other").id
        jobs.cancel(s, newer)
    with store.session() as s:
        jobs.cancel(s, waiting)  # an ended job with a lower number, of another version: superseded
        while (taken := jobs.take(s, ["late"])) is not None:
            jobs.finish(s, taken.id, b"result")
    with store.session() as s:
        jobs.supersede(s, two[0], "late")
    assert there(store, two[0], "late") == [newer, done, running]


def test_the_worker_removes_what_a_new_result_supersedes(store, workshop, two):
    old = submitted(store, "wait", {"seconds": 0, "version": 1}, two[0])
    until(store, old, lambda job: job.state == "done")
    new = submitted(store, "wait", {"seconds": 0, "version": 2}, two[0])
    until(store, new, lambda job: job.state == "done")
    assert there(store, two[0], "wait") == [new]


def test_the_report_prints_the_forecast_that_was_made_last_and_no_other(monkeypatch):
    ready = SimpleNamespace(case=SimpleNamespace(patient=None), known=None)
    made: list[dict] = []
    monkeypatch.setattr(forecasts, "_last_whole", {})
    monkeypatch.setattr(forecasts, "_prepared", lambda *_: ready)
    monkeypatch.setattr(forecasts, "forecast", lambda *_, **how: made.append(how) or len(made))
    asked = {"record": with_keys(record()), "plans": PLANS}
    heavier = {**asked["record"], "person": {**asked["record"]["person"], "weight": "62 kg"}}
    others = (
        {**asked, "record": heavier},
        {**asked, "plans": {"stop": "nothing for 2 years"}},
        {**asked, "jurisdiction": "UK"},
    )
    for number, other in enumerate((asked, *others), start=1):
        assert forecasts._whole(other, None, lambda *_: None) == number
        assert forecasts._whole({**other, "version": 7}, None, lambda *_: None) == number
