"""The worklist: tiles, filters, owners and statuses, files; and that nothing which the judge keeps back is dated."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import clinic
import pytest

from bonecast.care import Override
from bonecast.forecasts import code_version
from bonecast.web.jobs.delays import delays as run_delays
from bonecast.web.pages.judging import judged
from bonecast.web.pages.worklist import COST_HEAD
from bonecast.web.store import delays, overrides, people, worklist
from bonecast.web.store.folding import folded
from bonecast.web.store.tables import DelayCostTable, PersonTable

TODAY = dt.date.today()


def her(id: str, since: int, calcium: float | None = 2.35, doses: int = 4, **changes) -> dict:
    """A woman whose last injection lies so many days back; her calcium and kidneys were seen a week ago."""
    name = changes.pop("name", id)
    tables = clinic.record(**{"id": id, "name": name, "menopause_age": 50, "jurisdiction": "UK", **changes})
    tables["person"]["record_date"] = TODAY.isoformat()
    last = TODAY - dt.timedelta(since)
    tables["doses"] = [
        {"drug": "denosumab", "amount": "60 mg", "date": (last - dt.timedelta(183 * back)).isoformat()}
        for back in range(doses)
    ][::-1]
    week = (TODAY - dt.timedelta(7)).isoformat()
    tables["measurements"] = [{"test": "eGFR", "value": "75 mL/min/1.73m2", "date": week}]
    if calcium is not None:
        tables["measurements"].append(
            {"test": "corrected calcium", "value": f"{calcium} mmol/L", "date": week}
        )
    return tables


@pytest.fixture
def opened(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "bonecast.web.pages.worklist.LOOK_S", 600
    )  # on a busy machine too, all are judged at once
    with clinic.open_clinic(tmp_path, jurisdiction="UK") as made:
        for tables in (
            her("due", 170, name="Zoë Łukasiewicz"),
            her("late", 200),
            her("later", 250),
            her("no calcium", 190, calcium=None),
            her("low calcium", 175, calcium=2.05),
            her("fine", 30),
        ):
            made.add(tables)
        yield made


def names(opened, query: str) -> list[str]:
    page = opened.get(f"/worklist?{query}").text
    return re.findall(r'<a href="/people/\d+/check">([^<]+)</a>', page)


def line(opened, name: str, language: str = "en") -> str:
    page = opened.get("/worklist", headers={"accept-language": language}).text
    return next(row for row in page.split("<tr>") if f">{name}</a>" in row)


def test_the_worklist_is_the_first_page(opened):
    assert opened.get("/", follow_redirects=False).headers["location"] == "/worklist"


@pytest.mark.parametrize(
    ("tile", "who"),
    [
        ("due", {"Zoë Łukasiewicz", "low calcium"}),
        ("overdue", {"late", "no calcium"}),
        ("longer", {"later"}),
        ("blocked", {"no calcium", "low calcium"}),
        ("stopped", {"later"}),
        ("everyone", {"Zoë Łukasiewicz", "late", "later", "no calcium", "low calcium", "fine"}),
    ],
)
def test_a_tile_shows_its_people_and_how_many_they_are(opened, tile, who):
    assert set(names(opened, f"tile={tile}")) == who
    page = opened.get("/worklist").text
    assert re.search(rf'tile is-{tile}".*?<strong>(\d+)</strong>', page)[1] == str(len(who))


@pytest.mark.parametrize(
    ("days", "tile"), [(155, "due"), (183, "due"), (184, "overdue"), (211, "overdue"), (212, "longer")]
)
def test_the_limits_of_the_tiles_are_days_after_the_last_injection(opened, days, tile):
    opened.add(her("edge", days))
    assert [one for one in ("due", "overdue", "longer") if "edge" in names(opened, f"tile={one}")] == [tile]


@pytest.mark.parametrize(("days", "stopped"), [(239, False), (240, True)])
def test_from_day_240_on_without_another_drug_somebody_has_stopped(opened, days, stopped):
    opened.add(her("edge", days))
    assert ("edge" in names(opened, "tile=stopped")) is stopped


def test_who_was_given_another_drug_has_not_stopped_without_one(opened):
    tables = her("changed", 300)
    drip = {"drug": "zoledronic acid", "amount": "5 mg", "date": (TODAY - dt.timedelta(60)).isoformat()}
    tables["doses"].append(drip)
    opened.add(tables)
    assert "changed" not in names(opened, "tile=stopped")


def test_what_the_judge_keeps_back_has_no_date_and_says_what_comes_first(opened):
    due = (TODAY - dt.timedelta(190) + dt.timedelta(183)).isoformat()
    row = line(opened, "no calcium")
    cell = re.search(r'data-head="Due">(.*?)</td>', row)[1]
    assert due not in cell
    assert "not yet" in cell
    assert "Obtain albumin-corrected calcium" in row
    assert (TODAY - dt.timedelta(200) + dt.timedelta(183)).isoformat() in line(opened, "late")
    cells = {row["Name"]: row for row in csv.DictReader(io.StringIO(_file(opened).decode("utf-8-sig")))}
    assert cells["no calcium"]["Due"] == cells["low calcium"]["Due"] == ""
    assert cells["late"]["Due"] != ""


def test_the_state_is_that_of_the_check_page(opened):
    for number, name in enumerate(("due", "late", "later", "no calcium", "low calcium"), start=1):
        with opened.store.reading() as s:
            kept = judged(people.get(s, number), (), "UK", TODAY)
        shown = opened.get(f"/people/{number}/check?on={TODAY}").text
        assert f"outcome is-{kept['state']}" in shown, name


def test_a_new_result_lifts_the_block_on_the_list(opened):
    with opened.store.session() as s:
        kept = people.with_record_id(s, "no calcium")
        record = her("no calcium", 190)
        people.save(s, kept.id, {**kept.record, "measurements": record["measurements"]}, kept.version, "ann")
    assert "no calcium" not in names(opened, "tile=blocked")
    assert "not yet" not in line(opened, "no calcium")


def test_an_override_is_seen_by_the_list(opened):
    opened.get("/worklist")
    with opened.store.session() as s:
        kept = people.with_record_id(s, "no calcium")
        made = Override(
            "PD-02",
            "result by phone",
            "ann",
            dt.datetime.now(dt.UTC),
            "continue_60",
            (("albumin_corrected_calcium_mmol_L", None),),
        )
        overrides.record(s, kept.id, made)
    with opened.store.reading() as s:
        assert [one.id for one in worklist.stale(s, TODAY, 10)] == [kept.id]


def test_who_was_not_judged_today_has_no_date(opened):
    opened.get("/worklist")
    with opened.store.reading() as s:
        tomorrow = TODAY + dt.timedelta(1)
        rows = {row.name: row for row in worklist.find(s, worklist.WorklistFilter(), tomorrow).rows}
    assert (rows["late"].due, rows["late"].blocked, rows["late"].judged) == (None, True, False)
    assert rows["fine"].judged
    assert rows["fine"].due is not None


@pytest.mark.parametrize(
    "search", ["zoe", "LUKASIEWICZ", "Łukasiewicz", "due", "zoe 1955-03-09", "9.3.1955 zoë", "03/09/1955 zoe"]
)
def test_a_person_is_found_without_accents_by_id_and_by_birth_date(opened, search):
    assert names(opened, f"search={search}") == ["Zoë Łukasiewicz"]


def test_a_birth_date_that_nobody_has_finds_nobody(opened):
    assert names(opened, "search=1955-03-10") == []


def test_names_that_were_kept_before_are_found_without_accents_too(opened):
    with opened.store.reading() as s:
        assert s.get(PersonTable, 1).sought == folded(s.get(PersonTable, 1).sought)


def test_owner_status_and_site_are_set_for_those_ticked_and_are_in_the_audit_log(opened):
    opened.post(
        "/worklist/do", {"id": ["1", "2"], "set-owner": "ben", "set-status": "booked", "set-site": "North"}
    )
    assert set(names(opened, "owner=ben&status=booked&site=North")) == {"Zoë Łukasiewicz", "late"}
    assert "fine" in names(opened, "owner=nobody")
    assert "Appointment is booked" in line(opened, "Zoë Łukasiewicz")


def test_a_change_can_be_made_for_all_of_a_list(opened):
    opened.get("/worklist")
    opened.post("/worklist/do", {"query": "tile=blocked", "whom": "all", "set-owner": "ann"})
    assert set(names(opened, "owner=ann")) == {"no calcium", "low calcium"}


@pytest.mark.parametrize(
    "form",
    [
        {"id": "1"},
        {"set-owner": "ann"},
        {"id": "1", "set-status": "gone"},
        {"id": "1", "set-owner": "a" * 101},
    ],
)
def test_a_change_that_cannot_be_made_is_refused_with_a_sentence(opened, form):
    assert opened.post("/worklist/do", form).status_code == 422


@pytest.mark.parametrize("status", ["declined", "stopped with plan"])
def test_who_has_stopped_is_called_for_a_follow_on_and_for_no_injection(opened, status):
    opened.post("/worklist/do", {"id": "2", "set-status": status})
    assert "late" not in names(opened, "tile=overdue")
    assert "late" in names(opened, "tile=stopped")
    assert "Plan the follow-on treatment" in line(opened, "late")


def test_a_new_injection_begins_a_new_round_of_calls(opened):
    opened.get("/worklist")
    opened.post("/worklist/do", {"id": "2", "set-status": "booked"})
    with opened.store.session() as s:
        kept = people.get(s, 2)
        record = {**kept.record, "doses": her("late", 0)["doses"]}
        people.save(s, 2, record, kept.version, "ann")
    assert "to call" in line(opened, "late")


def test_a_view_is_kept_for_its_user_and_deleted(opened):
    opened.post("/worklist/views", {"query": "tile=blocked&owner=ben", "name": "Mine"})
    page = opened.get("/worklist?tile=blocked&owner=ben").text
    assert 'href="/worklist?tile=blocked&amp;owner=ben" aria-current="true">Mine</a>' in page
    opened.post("/worklist/views/1/delete")
    assert ">Mine</a>" not in opened.get("/worklist").text


def _file(opened, form: str = "csv", query: str = "") -> bytes:
    answer = opened.get(f"/worklist/export?{query}&form={form}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_the_list_is_exported_as_csv_and_as_xlsx_with_the_same_cells(opened):
    openpyxl = pytest.importorskip("openpyxl")
    rows = [*csv.reader(io.StringIO(_file(opened, query="tile=due").decode("utf-8-sig")))]
    page = openpyxl.load_workbook(io.BytesIO(_file(opened, "xlsx", "tile=due"))).active
    cells = [
        [
            cell.date().isoformat() if isinstance(cell, dt.datetime) else "" if cell is None else str(cell)
            for cell in row
        ]
        for row in page.iter_rows(values_only=True)
    ]
    assert len(rows) == 3
    assert cells == rows


def test_a_name_is_no_formula_in_a_file(opened):
    opened.add(her("evil", 170, name="=1+1"))
    assert "'=1+1" in _file(opened).decode("utf-8-sig")


def test_a_reader_sees_the_list_and_changes_nothing(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True, names=("clinic.example",)) as shared:
        clinic.add_accounts(shared)
        shared.sign_in("clinician")
        shared.add(her("late", 200))
        shared.sign_in("reader")
        assert "Change them" not in shared.get("/worklist").text
        assert shared.post("/worklist/do", {"id": "1", "set-owner": "x"}, page="/worklist").status_code == 403


def test_a_page_that_has_no_time_to_judge_all_says_so_and_the_rest_is_judged_in_steps(opened, monkeypatch):
    monkeypatch.setattr("bonecast.web.pages.worklist.LOOK_S", -1)
    page = opened.get("/worklist").text
    assert "6 people have still to be checked for today" in page
    assert page.count("not checked") == 5  # who is not due for months is dated all the same
    steps = [opened.get("/worklist/judging") for _ in range(7)]
    assert steps[-1].headers["hx-trigger"] == "judged"
    assert "still to be checked" not in opened.get("/worklist").text


@pytest.mark.parametrize("by", ["all", "month", "owner", "site"])
def test_the_figures_of_the_service_are_a_page_and_a_file_with_the_same_numbers(opened, by, monkeypatch):
    monkeypatch.setattr("bonecast.web.pages.service.LOOK_S", 600)
    monkeypatch.setattr("bonecast.web.pages.judging.FILE_S", 600)
    page = opened.get(f"/service?by={by}&months=36")
    assert page.status_code == 200
    rows = [
        *csv.DictReader(
            io.StringIO(opened.get(f"/service/export?by={by}&months=36").content.decode("utf-8-sig"))
        )
    ]
    on_time = [row for row in rows if row["Measure"] == "On time"]
    assert on_time
    assert all(f"{row['Numerator']} of {row['Denominator']}" in page.text for row in on_time)
    # three pairs of each of six people, and one injection that is late today
    assert sum(int(row["Denominator"]) for row in on_time) == 19
    assert "not in the record" in page.text


def _on_time(opened) -> int:
    """The pairs of injections that the file of the service counts."""
    text = opened.get("/service/export?months=36").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    return sum(int(row["Denominator"]) for row in rows if row["Measure"] == "On time")


def test_the_file_of_the_service_counts_everybody_however_few_are_judged_at_once(opened, monkeypatch):
    monkeypatch.setattr("bonecast.web.pages.judging.AT_ONCE", 1)
    monkeypatch.setattr("bonecast.web.pages.judging.FILE_S", 600)
    assert _on_time(opened) == 19


def test_who_could_not_be_judged_in_time_is_counted_in_the_last_row_of_the_file(opened, monkeypatch):
    monkeypatch.setattr("bonecast.web.pages.judging.AT_ONCE", 1)
    monkeypatch.setattr("bonecast.web.pages.judging.FILE_S", -1)
    last = opened.get("/service/export").content.decode("utf-8-sig").strip().splitlines()[-1]
    assert last.startswith("People who are not counted yet,,5")


def test_only_people_who_changed_are_counted_again(opened, monkeypatch):
    monkeypatch.setattr("bonecast.web.pages.judging.FILE_S", 600)
    assert _on_time(opened) == 19
    asked, histories = [], worklist.histories
    monkeypatch.setattr(worklist, "histories", lambda s, ids: asked.append(ids) or histories(s, ids))
    assert (_on_time(opened), asked) == (19, [])
    with opened.store.session() as s:
        worklist.assign(s, [1], "status", "moved")  # an injection that is late today is no more counted
        worklist.assign(s, [5], "site", "North")
    assert (_on_time(opened), [*map(sorted, asked)]) == (19, [[1, 5]])
    opened.client.delete("/api/v1/people/2")
    assert _on_time(opened) == 16


def test_another_language_has_its_own_words_for_what_was_kept(opened):
    assert "Obtain albumin-corrected calcium" in line(opened, "no calcium")
    assert "not yet" in line(opened, "no calcium")
    said = line(opened, "no calcium", language="es")
    assert "Obtain" not in said
    assert "not yet" not in said
    assert "Obtener" in said
    assert "todavía no" in said


@pytest.mark.parametrize(("since", "act"), [(365, "continue"), (366, "restart")])
def test_the_check_page_asks_about_the_act_that_the_list_judged(tmp_path, since, act):
    """DD-06: more than a year after the last injection it is a new start, on the list and on the page."""
    with clinic.open_clinic(tmp_path, jurisdiction="UK") as made:
        made.add(her("long ago", since))
        with made.store.reading() as s:
            state = judged(people.get(s, 1), (), "UK", TODAY)["state"]
        page = made.get("/people/1/check").text
        assert f"({act} 60 mg)" in page
        assert f"outcome is-{state}" in page


MORE = [0.0, 1.5, 3.0, 4.5, 6.0, 7.5, 9.0]
COST = {
    "per_1000": [20.0 + one for one in MORE],
    "more": MORE,
    "low": MORE,
    "high": [2 * one for one in MORE],
}


@pytest.fixture
def with_costs(opened):
    """Everybody on the list has a number, whatever the judge says of them."""
    opened.get("/worklist")
    with opened.store.session() as s:
        people_there = s.query(PersonTable).all()
        made = {str(one.id): {"version": one.version, "cost": COST} for one in people_there}
        delays.keep(s, made, {"day": TODAY.isoformat(), "code": code_version()[:16]})
    return opened


def delay_of(opened, name: str) -> str:
    page = opened.get("/worklist?delay=shown").text
    row = next(row for row in page.split("<tr>") if f">{name}</a>" in row)
    return re.search(r'data-head="A month of delay, per 1,000">(.*?)</td>', row)[1]


def test_the_list_shows_what_a_month_of_delay_costs_to_who_asks_for_it(with_costs):
    assert "+1.5" in delay_of(with_costs, "late")
    assert "A month of delay, per 1,000" not in with_costs.get("/worklist").text
    file = with_costs.get("/worklist/export?delay=shown").content.decode("utf-8-sig")
    cells = {row["Name"]: row for row in csv.DictReader(io.StringIO(file))}
    assert cells["late"][COST_HEAD] == "1.5"
    assert cells["low calcium"][COST_HEAD] == ""


def test_no_cost_of_a_delay_is_shown_of_who_is_kept_back_or_not_due(with_costs):
    shown = {name: delay_of(with_costs, name) for name in ("no calcium", "low calcium", "fine", "late")}
    assert {name for name, cell in shown.items() if cell} == {"late"}


def test_a_cost_of_a_delay_is_gone_with_what_it_was_worked_out_for(with_costs):
    with with_costs.store.session() as s:
        at = {s.get(PersonTable, row.person_id).record_id: row for row in s.query(DelayCostTable)}
        at["due"].version += 1
        at["late"].day = TODAY - dt.timedelta(7)
        at["later"].month, at["later"].cost = None, {}
    assert [delay_of(with_costs, name) for name in ("Zoë Łukasiewicz", "late", "later")] == ["", "", ""]
    assert "0 people counted, 2 without a number yet, 2 kept back by the check, 1 without a forecast." in (
        with_costs.get("/service").text
    )


def test_a_cost_of_a_delay_is_of_this_code_and_of_who_is_still_called(with_costs):
    with with_costs.store.session() as s:
        at = {s.get(PersonTable, row.person_id).record_id: row for row in s.query(DelayCostTable)}
        at["due"].code = "another"
        worklist.assign(s, [at["late"].person_id], "status", "declined")
    assert [bool(delay_of(with_costs, name)) for name in ("Zoë Łukasiewicz", "late", "later")] == [
        False,
        False,
        True,
    ]


def test_the_costliest_delay_can_come_first(with_costs):
    with with_costs.store.session() as s:
        for row in s.query(DelayCostTable):
            row.month = {"later": 9.0, "late": 3.0}.get(s.get(PersonTable, row.person_id).record_id, 1.0)
    assert names(with_costs, "sort=delay")[:3] == ["later", "late", "Zoë Łukasiewicz"]


def test_the_service_page_adds_what_lateness_costs_over_who_may_be_given_it(with_costs):
    page = with_costs.get("/service").text
    assert "3 people counted, 0 without a number yet, 2 kept back by the check, 0 without a forecast." in page
    assert '<td data-head="Expected">0.087</td>' in page  # 3 people, 29 of 1,000 at 6 months


def test_the_cost_of_a_delay_is_forecast_by_a_job_for_who_may_be_given_it(opened):
    opened.get("/worklist")
    assert opened.post("/service/delays", page="/service").status_code == 303
    with opened.store.session() as s:
        job = delays.latest_job(s)
        assert sorted(people.get(s, id_).record["person"]["id"] for id_ in job.payload["people"]) == [
            "due",
            "late",
            "later",
        ]
        asked = {**job.payload, "records": {"1": {"version": 4, "record": her("late", 200)}}}
        made = run_delays(asked, None, lambda share, what: None)
        assert made["1"]["version"] == 4
        assert made["1"]["cost"]["more"][0] == 0 < made["1"]["cost"]["more"][1] < made["1"]["cost"]["more"][6]
        asked["records"]["1"]["record"] = her("low calcium", 200, calcium=1.9)
        assert run_delays(asked, None, lambda share, what: None)["1"]["cost"] == {}
