"""`bonecast value`: what it prints, and what it writes."""

from __future__ import annotations


def test_value_writes_a_report_and_says_what_lateness_costs(call, tmp_path):
    answer = call("value", "examples/value/rates.toml", "--out", str(tmp_path / "v"), "--json").json
    assert [row["strategy"] for row in answer["strategies"]] == ["no drug", "tablets", "injections"]
    late = [row for row in answer["losses"] if row["of"] == "lateness"]
    assert [row["strategy"] for row in late] == ["injections"]
    assert late[0]["qalys_lost_per_1000"] > 0
    assert (tmp_path / "v" / "report.html").is_file()
