"""Tables of somebody's own: encodings, separators, columns, days, and what is asked before anything is kept."""

from __future__ import annotations

import io
import re

import clinic
import pytest
from openpyxl import Workbook

from bonecast.errors import InputError
from bonecast.interop import TableMapping, guess_mapping, read_sheet, records_in, targets_of
from bonecast.web.importing import ImportBoard
from bonecast.web.store import people
from bonecast.web.store.merge import with_keys
from bonecast.web.store.uniting import unite

DOSES = "NHC;Medicamento;Dosis;Fecha;Lote\nA-1;Prolia;60 mg;20/09/2026;X1\nB-2;Prolia;60 mg;14/09/2026;\n"


@pytest.fixture
def opened(tmp_path):
    with clinic.open_clinic(tmp_path) as found:
        yield found


def send(opened, name, data):
    """The page that names the columns of this file, and its word."""
    answer = opened.post("/people/import", files={"files": (name, data)})
    word = re.search(r'name="file" value="([\w-]+)"', answer.text)
    assert word is not None, answer.text
    return answer.text, word[1]


def mapped(text, word, **changes):
    """The form of that page as a browser sends it back."""
    form = {"file": word, "kind": re.search(r'<option value="(\w+)" selected', text)[1], "known": "update"}
    for at, choices in enumerate(re.findall(r'<select name="column-\d+".*?</select>', text, re.S)):
        chosen = re.search(r'<option value="([^"]*)" selected', choices)
        form[f"column-{at}"] = chosen[1] if chosen else ""
        form[f"unit-{at}"] = re.search(rf'name="unit-{at}" value="([^"]*)"', text)[1]
    return form | changes


def doses(opened, id=1):
    return opened.get(f"/api/v1/people/{id}").json()["record"]["doses"]


@pytest.mark.parametrize(
    ("data", "read_as"),
    [
        ("id;größe\nA;1,60 m\n".encode("latin-1"), "Latin-1, semicolons"),
        ("id\tgröße\nA\t1,60 m\n".encode("utf-16"), "UTF-16, tabs"),
        ("\ufeffid,größe\nA,1.60 m\n".encode(), "UTF-8, commas"),
    ],
)
def test_every_usual_encoding_and_separator_is_read(data, read_as):
    found = read_sheet(data, "t.csv")
    assert (found.heads, found.read_as) == (("id", "größe"), read_as)
    assert guess_mapping(found).targets == ("id", "height")


def test_a_workbook_is_read_with_its_days():
    import datetime as dt

    book = Workbook()
    for row in (("id", "drug", "amount", "date"), ("A", "Prolia", "60 mg", dt.datetime(2026, 3, 16))):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    found = read_sheet(data.getvalue(), "t.xlsx")
    (read,) = records_in(found, guess_mapping(found))
    assert read.tables["doses"] == [{"drug": "Prolia", "amount": "60 mg", "date": "2026-03-16"}]


@pytest.mark.parametrize(
    "data", [b"", b"id;drug\n", b"\0\0\0", b"PK\x03\x04broken", b'id;drug\nA;"open\n', b"\xff\xfeA"]
)
def test_what_is_no_table_is_refused_in_a_sentence(data):
    with pytest.raises(InputError):
        read_sheet(data, "t.csv")


def test_columns_are_guessed_named_and_read():
    found = read_sheet(b"who,what,how much,CTX (ng/L)\nA,Prolia,60,310\n", "t.csv")
    assert guess_mapping(found).targets == ("", "", "", "test CTX")
    named = TableMapping("doses", ("id", "drug", "amount", ""), ("", "", "mg", ""))
    assert records_in(found, named)[0].tables["doses"] == [{"drug": "Prolia", "amount": "60 mg"}]
    with pytest.raises(InputError, match="no column holds the id"):
        records_in(found, TableMapping("doses", ("", "drug", "amount", ""), ("",) * 4))
    assert "test CTX" in targets_of("results")


def test_a_row_a_result_and_a_row_a_day_say_the_same():
    long = read_sheet(
        b"id;test;result;unit;date\nA;s-CTX;0,31;ng/mL;2026-09-10\nA;Calcium;2,31;mmol/L;2026-09-10\n",
        "long.csv",
    )
    wide = read_sheet(b"id;date;CTX (ng/mL);calcium [mmol/L]\nA;2026-09-10;0,31;2,31\n", "wide.csv")
    one, two = (records_in(table, guess_mapping(table))[0].tables["measurements"] for table in (long, wide))
    assert [(m["value"], m["date"]) for m in one] == [(m["value"], m["date"]) for m in two]
    assert [m["value"] for m in one] == ["0.31 ng/mL", "2.31 mmol/L"]


def test_days_that_can_be_read_in_two_ways_are_asked_about_once(opened):
    opened.add(clinic.record())
    text, word = send(opened, "d.csv", b"id,drug,amount,date\nA-1,Prolia,60 mg,03/09/2026\n")
    assert "Its days can be read in two ways" in text
    refused = opened.post("/people/import/columns", mapped(text, word) | {"import": "yes"})
    assert (refused.status_code, "day or the month" in refused.text) == (422, True)
    opened.post("/people/import/columns", mapped(text, word, dates="dmy") | {"import": "yes"})
    assert [one["date"] for one in doses(opened)][-1] == "2026-09-03"


def test_a_day_above_twelve_answers_the_question_for_the_whole_table(opened):
    found = read_sheet(
        b"id,drug,amount,date\nA,Prolia,60 mg,03/09/2026\nA,Prolia,60 mg,03/28/2026\n", "t.csv"
    )
    mapping = guess_mapping(found)
    assert mapping.dates == "mdy"
    assert [dose["date"] for dose in records_in(found, mapping)[0].tables["doses"]] == [
        "2026-03-09",
        "2026-03-28",
    ]


def test_a_table_of_doses_is_previewed_and_then_brought_in(opened):
    opened.add(clinic.record())
    text, word = send(opened, "dosis.csv", DOSES.encode("latin-1"))
    for part in ("semicolons", "Prolia", "2026-09-20"):
        assert part in text
    assert len(doses(opened)) == 2, "nothing is kept before it is imported"
    done = opened.post("/people/import/columns", mapped(text, word) | {"import": "yes"}).text
    assert [one["date"] for one in doses(opened)] == ["2025-09-10", "2026-03-16", "2026-09-20"]
    assert "nobody on the list has the id B-2" in done
    again = opened.post("/people/import/columns", mapped(text, word) | {"import": "yes"})
    assert "waited too long" in again.text, "the file is gone once it was brought in"


def test_a_dose_is_known_by_its_agent_and_day_and_not_by_its_product():
    known = with_keys(clinic.record())
    file = {
        "person": {"id": "A-1"},
        "doses": [{"drug": "Prolia", "amount": "60mg", "date": "2026-03-16", "lot": "L"}],
    }
    united = unite(known, file)
    assert len(united.record["doses"]) == 2
    assert united.record["doses"][1]["lot"] == "L", "what was lacking is filled in"
    assert united.conflicts == ()


def test_a_result_in_another_unit_is_the_same_and_another_value_is_a_conflict():
    known = with_keys(clinic.record())
    same = {"person": {}, "measurements": [{"test": "s-CTX", "value": "310 ng/L", "date": "2026-09-10"}]}
    assert unite(known, same).conflicts == ()
    other = {"person": {}, "measurements": [{"test": "CTX", "value": "0.35 ng/mL", "date": "2026-09-10"}]}
    (conflict,) = unite(known, other).conflicts
    assert (conflict.here, conflict.file) == ("0.31 ng/mL", "0.35 ng/mL")
    assert unite(known, other).record["measurements"] == known["measurements"], "the record stays"


@pytest.mark.parametrize(("side", "kept"), [("here", "60 mg"), ("file", "120 mg")])
def test_a_conflict_is_shown_side_by_side_and_decided(opened, side, kept):
    opened.add(clinic.record())
    table = b"id,drug,amount,date\nA-1,Prolia,120 mg,2026-03-16\n"
    text, word = send(opened, "d.csv", table)
    page = opened.post("/people/import/columns", mapped(text, word) | {"import": "yes"}).text
    assert "Which of the two is right?" in page
    from html import unescape

    asked = unescape(re.search(r'name="asked" value="([^"]*)"', page)[1])
    opened.post("/people/import/decide", {"asked": asked, "choice-0-0": side})
    assert doses(opened)[1]["amount"] == kept


def test_somebody_else_with_the_same_id_is_asked_about_and_never_merged(opened):
    opened.add(clinic.record())
    table = b"id,sex,birth_date,drug,amount,date\nA-1,male,1950-01-01,Prolia,60 mg,2026-09-14\n"
    text, word = send(opened, "d.csv", table)
    page = opened.post("/people/import/columns", mapped(text, word) | {"import": "yes"}).text
    assert "asks who it is" in page
    assert len(doses(opened)) == 2
    from html import unescape

    asked = unescape(re.search(r'name="asked" value="([^"]*)"', page)[1])
    opened.post("/people/import/decide", {"asked": asked, "other-0": "skip", "new-0": "A-9"})
    assert opened.get("/api/v1/people").json()["total"] == 1
    opened.post("/people/import/decide", {"asked": asked, "other-0": "add", "new-0": "A-9"})
    added = opened.get("/api/v1/people/2").json()["record"]
    assert (added["person"]["id"], added["person"]["sex"]) == ("A-9", "male")
    assert len(doses(opened)) == 2


@pytest.mark.parametrize("asked", ["", "[", "3", '[{"id": "x"}]', '[{"id": 1, "conflicts": [{}]}]'])
def test_what_the_page_did_not_ask_is_refused(opened, asked):
    assert opened.post("/people/import/decide", {"asked": asked}).status_code == 422


def test_the_templates_are_read_as_they_are(opened):
    for kind in ("people", "doses", "results"):
        for form in ("csv", "xlsx"):
            data = opened.get(f"/people/import/template?kind={kind}&format={form}").content
            table = read_sheet(data, f"t.{form}")
            mapping = guess_mapping(table)
            assert mapping.kind == kind
            assert "" not in mapping.targets, mapping
            assert records_in(table, mapping)[0].faults == ()


def test_a_file_waits_for_its_owner_alone_and_not_for_ever():
    now = [0.0]
    board = ImportBoard(lambda: now[0])
    word = board.hold("ann", "t.csv", b"x")
    assert board.held("ben", word) is None
    assert board.held("ann", word) == ("t.csv", b"x")
    now[0] = 1801.0
    assert board.held("ann", word) is None


def test_a_program_brings_a_table_by_its_heads(opened):
    opened.add(clinic.record())
    binary = {"content-type": "application/octet-stream"}
    address = "/api/v1/import?name=d.csv&update=true&kind=doses"
    table = b"id,drug,amount,date\nA-1,Prolia,60 mg,03/09/2026\n"
    refused = opened.client.post(address, content=table, headers=binary)
    assert refused.status_code == 422
    (line,) = opened.client.post(f"{address}&dates=dmy", content=table, headers=binary).json()
    assert line["fate"] == "updated"
    other = opened.client.post(address.replace("kind=doses", "kind=results"), content=table, headers=binary)
    assert other.status_code == 422


def test_a_reader_names_no_columns(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("reader")
        for path in ("/people/import/columns", "/people/import/decide"):
            assert opened.post(path, {"file": "x", "asked": "[]"}).status_code == 403
        assert opened.get("/people/import/template").status_code == 403


def test_a_wrong_row_costs_its_person_only(opened):
    opened.add(clinic.record())
    table = b"id,drug,amount,date\nA-1,Prolia,60 mg,2026-09-14\nB,Prolia,60 mg,soon\n"
    text, word = send(opened, "d.csv", table)
    assert "These people would be refused" in text
    opened.post("/people/import/columns", mapped(text, word) | {"import": "yes"})
    assert len(doses(opened)) == 3
    with opened.store.reading() as s:
        assert people.with_record_id(s, "B") is None
