"""`bonecast schedule`, `bonecast leaflet`, `bonecast monograph`."""

from __future__ import annotations

from pathlib import Path

import icalendar

LONG = Path(__file__).parents[2] / "examples" / "long-denosumab.toml"


def test_the_schedule_is_a_table_with_the_exit_plan_and_a_calendar(call, tmp_path):
    out = tmp_path / "plan.ics"
    found = call("schedule", str(LONG), "--jurisdiction", "UK", "--out", str(out))
    assert found.code == 0
    assert "next injection 2026-09-08" in found.out
    assert "never without an exit" in found.out
    events = icalendar.Calendar.from_ical(out.read_bytes()).walk("VEVENT")
    assert "Denosumab 60 mg injection" in [str(event["SUMMARY"]) for event in events]


def test_the_schedule_in_json_has_dates_rules_and_sources(call):
    page = call("schedule", str(LONG), "--last-dose", "--json").json
    assert page["ending"] is True
    first = next(entry for entry in page["entries"] if entry["what"].startswith("Zoledronate"))
    assert (first["date"], first["part"]) == ("2026-09-08", "exit")
    assert first["sources"][0]["text"]


def test_the_leaflet_is_printed_or_written(call, tmp_path):
    assert "8 September 2026" in call("leaflet", str(LONG), "--jurisdiction", "UK").out
    out = tmp_path / "leaflet.html"
    assert call("leaflet", str(LONG), "--jurisdiction", "US", "--out", str(out)).code == 0
    assert "1-800-FDA-1088" in out.read_text("utf-8")
    page = call("leaflet", str(LONG), "--jurisdiction", "EU", "--json").json
    assert page["sections"][0]["key"] == "date"


def test_the_monograph_is_whole_or_one_section(call):
    whole = call("monograph")
    assert whole.code == 0
    for said in ("RANK ligand", "Adverse reactions", "one fixed dose", "Zgeva", "recalled: unverified"):
        assert said in whole.out
    part = call("monograph", "stopping").out
    assert "7.1 per 100 person-years" in part
    assert "Adverse reactions" not in part
    page = call("monograph", "claims", "--json").json
    assert set(page) == {"claims", "standing"}
    assert len(page["claims"]) == 71
    assert len(call("monograph", "--json").json["reactions"]) > 15


def ill(tmp_path) -> str:
    """The example with osteonecrosis of the jaw."""
    path = tmp_path / "ill.toml"
    text = LONG.read_text("utf-8")
    assert 'dental_status = "good"' in text
    path.write_text(text.replace('dental_status = "good"', 'dental_status = "ONJ_active"'), encoding="utf-8")
    return str(path)


def test_what_the_rules_block_is_not_dated_and_no_calendar_is_written(call, tmp_path):
    out = tmp_path / "plan.ics"
    found = call("schedule", ill(tmp_path), "--jurisdiction", "UK")
    assert found.code == 0
    assert "no injection is dated (day " in found.out
    assert "withheld: Active" in found.out
    assert "next injection" not in found.out
    page = call("schedule", ill(tmp_path), "--json").json
    assert (page["injection"], page["situation"], page["exit_plan"]) == (None, "blocked", [])
    assert page["withheld"]
    assert set(page["clock"]) == {"last_injection", "day", "limit"}
    assert "next" not in {entry["part"] for entry in page["entries"]}
    refused = call("schedule", ill(tmp_path), "--out", str(out))
    assert (refused.code, out.exists()) == (2, False)
    assert "nothing may be dated now" in refused.err


def test_a_calendar_in_its_place_rises_only_where_something_changed(call, tmp_path):
    out = tmp_path / "plan.ics"
    record = tmp_path / "her.toml"
    record.write_text(LONG.read_text("utf-8"), encoding="utf-8")
    assert call("schedule", str(record), "--out", str(out)).code == 0
    first = out.read_bytes()
    assert call("schedule", str(record), "--out", str(out)).code == 0
    assert out.read_bytes() == first
    text = record.read_text("utf-8")
    assert "date = 2026-03-09" in text
    record.write_text(text.replace("date = 2026-03-09", "date = 2026-03-10"), encoding="utf-8")
    assert call("schedule", str(record), "--out", str(out)).code == 0
    before, after = (
        {
            str(e["UID"]): (int(e["SEQUENCE"]), e["DTSTAMP"].dt)
            for e in icalendar.Calendar.from_ical(c).walk("VEVENT")
        }
        for c in (first, out.read_bytes())
    )
    assert set(before) == set(after)
    assert all(after[uid][0] > before[uid][0] and after[uid][1] > before[uid][1] for uid in before)


def test_the_leaflet_takes_exit_reason_brand_and_phone(call, tmp_path):
    asked = ("leaflet", str(LONG), "--jurisdiction", "UK")
    assert "do not stop yet" in call(*asked, "--last-dose").out
    page = call(*asked, "--last-dose", "--exit", "alendronate", "--phone", "01 234 567")
    assert "a weekly tablet of alendronate" in page.out
    assert "Our phone: 01 234 567" in page.out
    assert call(*asked, "--last-dose", "--reason", "wish", "--json").json["situation"] == "stopping"
    assert "Only the name changes" in call(*asked, "--brand", "Jubbonti").out
    assert "not today" in call(*asked, "--brand", "Wyost").out
    blocked = call("leaflet", ill(tmp_path), "--jurisdiction", "UK", "--json").json
    assert (blocked["situation"], blocked["withheld"]) == ("blocked", ["jaw"])
    refused = call(*asked, "--exit", "alendronate")
    assert (refused.code, "--last-dose" in refused.err) == (2, True)


def test_a_window_that_has_ended_is_not_offered(call, tmp_path):
    record = tmp_path / "late.toml"
    text = LONG.read_text("utf-8").replace("record_date = 2026-09-01", "record_date = 2026-11-20")
    assert "2026-11-20" in text
    record.write_text(text, encoding="utf-8")
    found = call("schedule", str(record), "--jurisdiction", "US")
    assert "closed on 2026-10-06" in found.out
    assert " to 2026-10-06" not in found.out
    assert "You can have it from" not in call("leaflet", str(record), "--jurisdiction", "US").out
