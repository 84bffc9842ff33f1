"""All data of one person: exported in one file, and erased so that nothing but the audit log knows of them."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import clinic
import pytest
from sqlalchemy import text

from bonecast.care import Override
from bonecast.web.jobs.worker_pool import packed
from bonecast.web.store import audit, drafts, jobs, overrides

MARK = "Wilhelmina Unmistakable"


@pytest.fixture
def shared(tmp_path):
    """An administrator is signed in; one person has a job, an override, a draft and two versions."""
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("administrator")
        made = opened.add(clinic.record(name=MARK))
        made["record"]["person"]["weight"] = "62 kg"
        opened.client.put("/api/v1/people/1", json={"record": made["record"], "version": 1})
        with opened.store.session() as s:
            jobs.submit(s, "compare", 1, {"who": MARK}, "clinician")
            assert jobs.take(s) is not None
            jobs.finish(s, 1, packed({"of": MARK}))
            when = dt.datetime.now(dt.UTC)
            overrides.record(s, 1, Override("VX-01", f"{MARK} was vaccinated", "ann", when, "continue_60"))
            overrides.record_fed_back(s, [Override("VX-01", MARK, "ann", when, "continue_60")], "A-1")
            drafts.keep(s, "clinician", 1, {"person-name": MARK})
        yield opened


def test_an_export_holds_every_table_that_knows_the_person(shared):
    answer = shared.get("/people/1/export.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    for name in ("record.toml", "versions.json", "overrides.json", "jobs.json", "drafts.json"):
        assert MARK in texts[name], name
    assert len(json.loads(texts["versions.json"])) == 2
    assert "changed" in texts["audit.csv"]


def test_an_erasure_leaves_nothing_in_the_database_but_its_line_in_the_log(shared):
    folder = shared.store.path.parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / "learned.npz").write_bytes(b"x")
    assert shared.post("/people/1/erase", {"confirm": "A-2"}).status_code == 422
    assert shared.get("/people/1/record").status_code == 200
    assert shared.post("/people/1/erase", {"confirm": "A-1"}).headers["location"] == "/people?said=erased"
    assert shared.get("/people/1/record").status_code == 404
    assert not (folder / "learned.npz").exists()
    files = shared.store.path.parent.glob("clinic.db*")
    assert all(MARK.encode() not in file.read_bytes() for file in files), "not even in pages that were freed"
    with shared.store.reading() as s:
        lines = [(one.by, one.action, one.person_id) for one in audit.latest(s)]
    assert ("administrator", "erased", 1) in lines


def test_after_an_erasure_the_triggers_stand_again_and_the_number_is_nobodys(shared):
    shared.add(clinic.record(id="A-2"))
    shared.post("/people/2/erase", {"confirm": "A-2"})
    assert shared.add(clinic.record(id="A-3"))["id"] == 3
    for statement in ("DELETE FROM versions", "UPDATE overrides SET reason = ''", "DELETE FROM erasures"):
        with pytest.raises(Exception, match="only added to"), shared.store.session() as s:
            s.execute(text(statement))


def test_another_person_keeps_everything_when_one_is_erased(shared):
    shared.add(clinic.record(id="A-2"))
    with shared.store.session() as s:
        made = Override("VX-01", "elsewhere", "ann", dt.datetime.now(dt.UTC), "continue_60")
        overrides.record(s, 2, made)
    shared.post("/people/1/erase", {"confirm": "A-1"})
    assert shared.get("/people/2/record").status_code == 200
    with shared.store.reading() as s:
        assert [one.override.reason for one in overrides.of(s, 2)] == ["elsewhere"]


def test_a_deleted_person_can_be_erased_and_backups_are_named(shared):
    with shared.store.session() as s:
        audit.note(s, "administrator", "backup", detail="clinic-2026.db")
    shared.post("/people/1/delete")
    page = shared.get("/people/1/data").text
    assert "clinic-2026.db" in page
    assert shared.post("/people/1/erase", {"confirm": "A-1"}).status_code == 303


@pytest.mark.parametrize("role", ["reader", "clinician"])
def test_only_an_administrator_exports_and_erases(shared, role):
    shared.sign_in(role)
    assert [shared.get(path).status_code for path in ("/people/1/data", "/people/1/export.zip")] == [403, 403]
    assert shared.post("/people/1/erase", {"confirm": "A-1"}).status_code == 403
    assert shared.get("/people/1/record").status_code == 200
