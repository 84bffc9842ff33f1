"""How many lines a page of a list has: one more than fits leads to a second page."""

from __future__ import annotations

import clinic
import pytest

from bonecast.web.store import audit, people


@pytest.mark.parametrize(("count", "shown"), [(50, 50), (51, 50)])
def test_fifty_people_stand_on_a_page_of_the_list(tmp_path, count, shown):
    with clinic.open_clinic(tmp_path) as opened:
        with opened.store.session() as s:
            for i in range(count):
                people.add(s, clinic.record(id=f"P-{i:03}", name=f"Person {i:03}"), "ann")
        page = opened.get("/people?by=name").text
        assert sum(f"Person {i:03}" in page for i in range(count)) == shown
        assert ('rel="next"' in page) is (count > shown)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (1, 1), (199, 199), (200, 200), (201, 200)])
def test_a_page_of_the_store_has_one_to_200_people(tmp_path, asked, given):
    with clinic.open_clinic(tmp_path) as opened, opened.store.reading() as s:
        assert people.find(s, limit=asked).limit == given


@pytest.mark.parametrize(("count", "shown"), [(99, 99), (100, 100), (101, 100)])
def test_a_hundred_lines_stand_on_a_page_of_the_audit_log(tmp_path, count, shown):
    with clinic.open_clinic(tmp_path, accounts=True, names=("clinic.example",)) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("administrator")
        with opened.store.session() as s:
            before = len(audit.latest(s, limit=1000))
            for i in range(count - before):
                audit.note(s, "administrator", "looked", detail=f"line {i:03}")
        page = opened.get("/accounts/audit").text
        assert page.count("<tr") - 1 == shown  # and the head of the table
        assert (">Older</a>" in page) is (shown == 100)
