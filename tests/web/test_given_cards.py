"""Cards that CDS Hooks clients were given: in the database, for as long as feedback may come."""

from __future__ import annotations

import datetime as dt

import clinic
import pytest
from sqlalchemy import func, select

from bonecast.web.store import given_cards, open_store
from bonecast.web.store.tables import CardTable

CALL = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/p", "patientId": "A-17"},
    "prefetch": {
        "patient": {
            "resourceType": "Patient",
            "id": "A-17",
            "gender": "female",
            "birthDate": "1955-03-09",
        }
    },
}


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'clinic.db'}")
    yield opened
    opened.close()


def kept(store):
    with store.reading() as s:
        return sorted(s.scalars(select(CardTable.uuid)))


def test_feedback_on_a_card_is_taken_after_a_restart_and_no_file_is_left(tmp_path):
    with clinic.open_clinic(tmp_path, cds_sandbox=True) as opened:
        given = opened.client.post("/cds-services/bonecast-patient-view", json=CALL).json()["cards"]
        card = next(one["uuid"] for one in given if "uuid" in one)
        assert card in kept(opened.store)
    assert not list(tmp_path.glob("*.jsonl"))
    feedback = {"card": card, "outcome": "overridden", "overrideReason": {"userComment": "z"}}
    feedback["outcomeTimestamp"] = "2026-11-28T10:00:00Z"
    with clinic.open_clinic(tmp_path, cds_sandbox=True) as again:
        path = "/cds-services/bonecast-patient-view/feedback"
        assert again.client.post(path, json={"feedback": [feedback]}).status_code == 200
        other = {**feedback, "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719"}
        assert again.client.post(path, json={"feedback": [other]}).status_code == 400


def test_the_file_of_an_earlier_version_is_taken_in_and_removed(tmp_path):
    file = tmp_path / "cds-hooks-cards.jsonl"
    file.write_text('["c1", "A-17", "DC-01"]\n["c2", "A-17", ""]\n["cut off', encoding="utf-8")
    with clinic.open_clinic(tmp_path) as opened, opened.store.reading() as s:
        assert given_cards.read(s, "c1") == ("A-17", "DC-01")
        assert given_cards.read(s, "c2") == ("A-17", "")
        assert given_cards.read(s, "cut off") is None
    assert not file.exists()


@pytest.mark.parametrize(("days", "known"), [(89, True), (91, False)])
def test_a_card_is_kept_for_ninety_days_after_it_was_last_given(store, days, known):
    with store.session() as s:
        given_cards.write(s, "A-17", {"c1": "DC-01"})
        s.get_one(CardTable, "c1").at = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    with store.reading() as s:
        assert (given_cards.read(s, "c1") is not None) is known
    with store.session() as s:
        given_cards.write(s, "B-2", {"c2": "DC-02"})
    assert kept(store) == (["c1", "c2"] if known else ["c2"])


def test_a_card_that_is_given_again_is_kept_from_then_on(store):
    with store.session() as s:
        given_cards.write(s, "A-17", {"c1": "DC-01"})
        s.get_one(CardTable, "c1").at = dt.datetime.now(dt.UTC) - dt.timedelta(days=89)
    with store.session() as s:
        given_cards.write(s, "A-17", {"c1": "DC-01"})
        assert s.get_one(CardTable, "c1").at > dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        assert s.scalar(select(func.count()).select_from(CardTable)) == 1


def test_beyond_the_most_that_are_kept_the_oldest_cards_go(store, monkeypatch):
    monkeypatch.setattr(given_cards, "MOST", 3)
    for number in range(5):
        with store.session() as s:
            given_cards.write(s, "A-17", {f"c{number}": "DC-01"})
            s.get_one(CardTable, f"c{number}").at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=9 - number)
    assert kept(store) == ["c2", "c3", "c4"]
