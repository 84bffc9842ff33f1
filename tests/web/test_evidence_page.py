"""The scoreboard: computed once, kept until the model or the table changes, filtered, each row with its source."""

from __future__ import annotations

import tomllib
from pathlib import Path

import clinic
import pytest

from bonecast.evidence import calibration_rows
from bonecast.web.jobs.bench import last
from bonecast.web.jobs.scoreboard import asked_of, scoreboard
from bonecast.web.jobs.worker_pool import packed
from bonecast.web.store import jobs

MODEL = "choi-2025"
KEPT = Path(__file__).parents[1] / "baseline/scores.toml"


@pytest.fixture(scope="module")
def made():
    return scoreboard(asked_of(MODEL), None, lambda share, what: None)


@pytest.fixture(scope="module")
def opened(tmp_path_factory, made):
    with clinic.open_clinic(tmp_path_factory.mktemp("evidence")) as opened:
        opened.post(f"/evidence/{MODEL}", page="/evidence")
        with opened.store.session() as s:
            job = jobs.take(s)
            assert job.kind == "evidence"
            jobs.finish(s, job.id, packed(made))
        yield opened


def test_it_counts_what_the_command_counts(made):
    kept = tomllib.loads(KEPT.read_text("utf-8"))[MODEL]
    for found in made["classes"]:
        if f"{found['name']} predicted" in kept:
            assert found["predicted"] == kept[f"{found['name']} predicted"]
            assert found["hits"] == kept[f"{found['name']} hits"]


def test_each_row_stands_with_its_source(opened, made):
    text = opened.get(f"/evidence?model={MODEL}").text
    assert f"{len(made['rows'])} of {len(calibration_rows())} figures" in text
    for row in calibration_rows():
        assert clinic_text(row.citation) in text
    recalled = sum(row.seen == "memory" for row in calibration_rows())
    assert text.count("recalled, unverified") == recalled


def clinic_text(text: str) -> str:
    """As a page writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")


def test_filters_keep_what_they_name(opened, made):
    text = opened.get(f"/evidence?model={MODEL}&kind=BMD&drug=denosumab&study=FREEDOM").text
    wanted = [
        row
        for row in made["rows"]
        if row["endpoint_class"] == "BMD" and "denosumab" in row["plan"] and row["study"] == "FREEDOM"
    ]
    assert wanted
    assert f"{len(wanted)} of {len(made['rows'])} figures" in text
    assert 'data-key="against-BMD"' in text
    assert 'data-key="against-fracture"' not in text


def test_the_pictures_hold_every_predicted_figure(opened, made):
    text = opened.get(f"/evidence?model={MODEL}").text
    predicted = [row for row in made["rows"] if row["hit"] is not None and row["endpoint_class"] != "other"]
    tables = text.split('class="specs"')[0]
    assert all(f'<th scope="row">{row["id"]}</th>' in tables for row in predicted)


def test_a_result_is_kept_under_the_hash_of_the_model(opened, monkeypatch):
    with opened.store.reading() as s:
        assert last(s, "evidence", **asked_of(MODEL)).state == "done"
        assert last(s, "evidence", **{**asked_of(MODEL), "key": "another"}) is None
    assert asked_of("bonecast-1")["key"] != asked_of(MODEL)["key"]


def test_asking_twice_is_one_job(opened):
    for _ in range(2):
        answer = opened.post("/evidence/joerg-2022", page="/evidence")
        assert answer.headers["location"] == "/evidence?model=joerg-2022"
    with opened.store.reading() as s:
        assert [j.payload["model"] for j in jobs.of(s, None, "evidence")].count("joerg-2022") == 1
    assert opened.get("/api/v1/evidence/joerg-2022").json()["state"] == "queued"
