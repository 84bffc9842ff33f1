"""Virtual trials by form: designs checked, runs in the background that stop and go on, their reports and tables."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from pathlib import Path

import clinic
import pytest

from bonecast.trials import preset, report_trials, run_trials
from bonecast.trials.reader import preset_text
from bonecast.web import trial_runs
from bonecast.web.pages.trials import results_table
from bonecast.web.store import jobs
from bonecast.web.trial_runs import checked, with_numbers

SMALL = {"people": "30", "trials": "60", "seed": "3"}
STOPPED = {"people": "240", "trials": "130"}  # ten parts, and few trials to analyse


@pytest.fixture
def opened(tmp_path):
    with clinic.open_clinic(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def working(tmp_path_factory):
    """A clinic that does what is queued."""
    with clinic.open_clinic(tmp_path_factory.mktemp("trials"), worker=True) as made:
        yield made


def ask(opened, do="run", toml=None, **numbers):
    form = {"toml": preset_text("window") if toml is None else toml, "do": do, **numbers}
    return opened.post("/trials/new", form, page="/trials")


def until(opened, key: str, wanted: Callable[[trial_runs.TrialRun], bool], seconds: float = 90.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with opened.store.reading() as s:
            run = trial_runs.find(s, key)
        if wanted(run):
            return run
        time.sleep(0.05)
    raise AssertionError(f"run {key} is {run.job.state}, {run.job.what}")


def key_of(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/trials/runs/")


def test_every_design_of_the_package_stands_on_the_list_and_opens_in_the_form(opened):
    listed = opened.get("/trials").text
    for line in opened.get("/api/v1/trials/designs").json():
        assert f"/trials/new?design={line['name']}" in listed
        form = opened.get(f"/trials/new?design={line['name']}").text
        assert line["title"].split("'")[0].split("&")[0] in form


def test_numbers_of_the_form_stand_in_place_of_those_of_the_design():
    for name in ("window", "freedom", "biosimilar"):
        design = checked(with_numbers(preset_text(name), SMALL))
        assert (design.people, design.trials, design.seed) == (30, 60, 3)
        assert design.arms == preset(name).arms


@pytest.mark.parametrize(
    ("toml", "numbers", "found"),
    [
        ("name = ", {}, "design"),
        ("", {}, "design"),
        (None, {"people": "many"}, "whole number"),
        (None, {"trials": "0"}, "trials"),
        ("x" * 300_000, {}, "longer than"),
    ],
)
def test_a_design_that_cannot_be_run_comes_back_with_its_faults_and_nothing_starts(
    opened, toml, numbers, found
):
    answer = ask(opened, toml=toml, **numbers)
    assert answer.status_code == 422
    assert found in answer.text.split('class="faults"')[1]
    assert opened.get("/api/v1/trials/runs").json() == []


FORM = {
    "title": 'Ours & "theirs"', "population": "postmenopausal-osteoporosis", "people": "200", "months": "12",
    "adherence": "published", "quantity": "LS_BMD", "arm_1": "drug", "plan_1": "denosumab 60 mg every 6 months x 2",
    "plan_2": "nothing for 12 months",
}  # fmt: skip


def by_form(opened, do="write", **changes):
    answers = {f"form_{name}": value for name, value in (FORM | changes).items()}
    return opened.post("/trials/new", answers | {"do": do}, page="/trials")


def test_the_form_writes_the_design_as_text_that_can_be_run(opened):
    answer = by_form(opened)
    assert answer.status_code == 200
    assert "200 people in 2 arms" in answer.text
    text = html.unescape(answer.text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    design = checked(text)
    assert (design.title, design.taking.process, design.arms[1].name) == (FORM["title"], "published", "arm 2")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"months": "x"}, "form, months: it is no whole number in range"),
        ({"plan_1": "denosumb 60 mg once"}, "denosumb"),
        ({"objective": "equivalence"}, "equivalence needs its limits"),
        ({"margin": "wide", "objective": "equivalence"}, "form, margin: it is no number"),
    ],
)
def test_a_fault_of_the_form_is_one_sentence(opened, changes, said):
    answer = by_form(opened, **changes)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text).split('class="faults"')[1]


def test_the_power_of_a_design_is_drawn_by_size(opened):
    text = preset_text("biosimilar").replace("people = 500", "people = 60")
    answer = opened.post("/trials/new", {"toml": text, "do": "power"}, page="/trials")
    assert answer.status_code == 200
    assert "<svg" in answer.text.split('id="figure-power"')[1]
    window = opened.post("/trials/new", {"toml": preset_text("window"), "do": "power"}, page="/trials")
    assert "is no bone trial" in window.text


def test_all_faults_are_stated_together(opened):
    text = preset_text("window").replace("denosumab 120 mg weekly", "denosumb 120 mg weekly")
    text = text.replace("nothing for 4 weeks", "nothing at all")
    answer = ask(opened, toml=text)
    assert answer.text.split('class="faults"')[1].split("</ul>")[0].count("<li>") >= 2


def test_an_uploaded_design_takes_the_place_of_the_text(opened):
    files = {"file": ("d.toml", preset_text("window").replace("people = 60", "people = 36").encode())}
    answer = opened.post("/trials/new", {"toml": "", "do": "check"}, page="/trials", files=files)
    assert answer.status_code == 200
    assert "36 people in 2 arms" in answer.text
    files = {"file": ("d.toml", b"\xff\xfe\x00")}
    answer = opened.post("/trials/new", {"toml": "", "do": "check"}, page="/trials", files=files)
    assert "not UTF-8" in answer.text


def test_asking_twice_is_one_run(opened):
    assert key_of(ask(opened, **SMALL)) == key_of(ask(opened, **SMALL))
    with opened.store.reading() as s:
        assert len(jobs.of(s, None, "trial")) == 1


def test_a_run_ends_with_its_report_and_tables(working):
    key = key_of(ask(working, **SMALL))
    until(working, key, lambda run: run.job.state == "done")
    shown = working.get(f"/trials/runs/{key}").text
    assert "share of trials, %" in shown.lower()
    report = working.get(f"/trials/runs/{key}/report")
    assert "<html" in report.text
    policy = report.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy, "nothing of it may run"
    assert "sandbox" in policy
    found = working.get(f"/api/v1/trials/runs/{key}").json()
    for name in (name for name in found["files"] if name.endswith(".csv")):
        answer = working.get(f"/trials/runs/{key}/{name}")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.count("\n") > 1
    for name in ("run.csv", "..%2f..%2fclinic.csv", "nothing.csv"):
        assert working.get(f"/trials/runs/{key}/{name}").status_code == 404


def test_a_stopped_run_goes_on_and_ends_as_one_that_was_never_stopped(working, tmp_path):
    key = key_of(ask(working, **STOPPED))
    until(working, key, lambda run: "people per second" in run.job.what and run.job.share > 0)
    working.post(f"/trials/runs/{key}/stop", page="/trials")
    stopped = until(working, key, lambda run: run.job.state == "cancelled")
    assert 0 < stopped.job.share < 1
    assert "what is finished is kept" in working.get(f"/trials/runs/{key}").text
    home = Path(working.app.state.workshop.folder) / "trials" / key
    time.sleep(0.5)
    kept = {path.name for path in home.glob("[!.]*.parquet")}
    assert kept
    working.post(f"/trials/runs/{key}/resume", page="/trials")
    run = until(working, key, lambda run: run.job.state == "done")
    with working.store.reading() as s:
        made = trial_runs.result(s, run)
    assert made["found"] >= len(kept)
    alone = tmp_path / "alone"
    design = tmp_path / "window.toml"
    design.write_text(with_numbers(preset_text("window"), STOPPED), encoding="utf-8")
    run_trials(design, alone)
    report_trials(alone)
    for name in made["files"]:
        assert (home / name).read_bytes() == (alone / name).read_bytes(), name


def test_a_trial_keeps_no_forecast_waiting(working):
    key = key_of(ask(working, people="240", trials="2000"))
    until(working, key, lambda run: run.job.state == "running")
    with working.store.session() as s:
        id = jobs.submit(s, "wait", None, {"seconds": 0.1}, "test").id
    working.app.state.workshop.call()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with working.store.reading() as s:
            if jobs.get(s, id).state == "done":
                break
        time.sleep(0.05)
    else:
        raise AssertionError("the forecast's place in the queue lies behind the trial")
    working.client.patch(f"/api/v1/trials/runs/{key}", json={"running": False})
    assert until(working, key, lambda run: not run.open).job.state == "cancelled"


def test_a_reader_looks_and_starts_or_stops_nothing(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        key = key_of(ask(opened, **SMALL))
        opened.sign_in("reader")
        assert "queued" in opened.get("/trials").text
        assert "Run or change" not in opened.get("/trials").text
        assert opened.get("/trials/new").status_code == 403
        assert ask(opened, seed="9").status_code == 403
        assert opened.post(f"/trials/runs/{key}/stop", page="/trials").status_code == 403
        assert opened.post(f"/trials/runs/{key}/resume", page="/trials").status_code == 403
        assert opened.client.patch(f"/api/v1/trials/runs/{key}", json={"running": False}).status_code == 403
        with opened.store.reading() as s:
            assert [job.state for job in jobs.of(s, None, "trial")] == ["queued"]


def test_the_decisive_comparison_of_a_bone_trial_is_stated_in_words():
    row = {"endpoint": "spine BMD", "measure": "difference, points", "at": "m12", "arm": "denosumab",
           "reference": "placebo", "estimate": 5.31, "low": 5.0, "high": 5.6, "p": 1e-9, "success": True}  # fmt: skip
    found = results_table([row, {**row, "estimate": None, "low": None, "p": None, "success": None}])
    assert found["rows"][0] == [
        "spine BMD", "denosumab against placebo, m12", "difference, points", "5.31 (5 to 5.6)", "below 0.001", "yes",
    ]  # fmt: skip
    assert found["rows"][1][3:] == ["–", "", ""]
