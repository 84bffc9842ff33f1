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
