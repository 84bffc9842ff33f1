"""`bonecast value` in its own process."""

from __future__ import annotations

import json


def test_value_writes_a_report_and_says_what_lateness_costs(bonecast, tmp_path):
    answer = json.loads(
        bonecast("value", "examples/value/rates.toml", "--out", str(tmp_path / "v"), "--json")
    )
    assert [row["strategy"] for row in answer["strategies"]] == ["no drug", "tablets", "injections"]
    late = [row for row in answer["losses"] if row["of"] == "lateness"]
    assert [row["strategy"] for row in late] == ["injections"]
    assert late[0]["qalys_lost_per_1000"] > 0
    assert (tmp_path / "v" / "report.html").is_file()
