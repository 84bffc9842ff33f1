"""`bonecast models`, `bonecast drugs`, `bonecast doctor`: the tables and their JSON."""

from __future__ import annotations

import math
import re

from bonecast.bench import BenchTiming
from bonecast.models import load_model, model_names


def test_models_lists_every_model_of_the_library(call):
    rows = call("models", "--json").json
    assert [row["name"] for row in rows] == model_names()
    assert "denosumab" in rows[0]["drugs"]
    printed = call("models")
    assert printed.code == 0
    assert all(name in printed.out for name in model_names())


def test_a_model_is_shown_with_value_unit_mark_and_source_of_every_parameter(call):
    shown = call("models", "show", "choi-2025", "--json").json
    cards = load_model("choi-2025").parameter_set.parameters
    assert {card["name"]: card["value"] for card in shown["parameters"]} == {
        name: card.value for name, card in cards.items()
    }
    sources = {source["key"] for source in shown["sources"]}
    for card in shown["parameters"]:
        assert card["unit"]
        assert card["mark"]
        assert card["source"] in sources


def test_a_model_is_shown_with_the_text_of_its_equation_files_in_reading_order(call):
    shown = call("models", "show", "peterson-riggs-2010", "--json").json
    assert [equation["module"] for equation in shown["equations"]] == list(
        load_model("peterson-riggs-2010").equations
    )
    printed = call("models", "show", "peterson-riggs-2010").out
    for equation in shown["equations"]:
        assert "def " in equation["text"]
        assert equation["text"].rstrip() in printed


def test_a_model_is_shown_with_its_states_outputs_limits_and_spread(call):
    model = load_model("joerg-2022")
    shown = call("models", "show", "joerg-2022", "--json").json
    assert [state["name"] for state in shown["states"]] == list(model.system.states)
    assert [output["name"] for output in shown["outputs"]] == list(model.system.output_names)
    assert shown["limits"] == list(model.limits)
    assert len(shown["spread"]["factors"]) == len(model.variability.factors)
    printed = call("models", "show", "joerg-2022").out
    assert all(limit in printed for limit in model.limits)


def test_json_asked_for_before_show_is_json_too(call):
    assert call("models", "--json", "show", "choi-2025").json["name"] == "choi-2025"


def test_an_unknown_model_is_refused_with_the_nearest_name(refused):
    assert "peterson-riggs-2010" in refused("models", "show", "petersen-riggs")


def test_drugs_lists_the_catalogue_with_the_models_that_carry_each(call):
    rows = {row["drug"]: row for row in call("drugs", "--json").json}
    assert rows["teriparatide"]["models"] == ["bonecast-2", "bonecast-1", "peterson-riggs-2010", "joerg-2022"]
    assert rows["placebo"]["models"] == []
    assert "Prolia" in rows["denosumab"]["products"]
    assert "denosumab" in call("drugs").out


def test_a_drug_is_found_by_product_name_and_unverified_entries_are_named_as_such(call):
    assert call("drugs", "prolia", "--json").json["generic"] == "denosumab"
    printed = call("drugs", "Zometa").out
    assert printed.startswith("zoledronate")
    assert "recalled" in printed
    assert "unverified" in printed


def test_an_unknown_drug_is_refused_with_the_nearest_name(refused):
    assert "Prolia" in refused("drugs", "prolja")


def test_doctor_says_versions_cache_and_a_measured_time(call):
    found = call("doctor", "--json").json
    assert found["versions"]["numba"] != "missing"
    assert found["threads"] >= 1
    assert found["simd_lanes"] in (2, 4, 8)
    # lanes and the hash of the program; a kernel has no model's name
    assert any(re.fullmatch(r"[0-9]+-[0-9a-f]{32}", name) for name in found["kernels"])
    assert 0 < found["seconds_per_1000_people"] < 1000
    assert "kernel cache" in call("doctor").out


def test_the_benchmark_gives_every_column_and_null_for_what_was_not_measured(call, monkeypatch):
    rows = [
        BenchTiming("bonecast", "ten years", 200, 1, 1e-5, 4.0, 1e-4),
        BenchTiming("own reference", "ten years", 2, 1, 1e-10, math.nan),
    ]
    monkeypatch.setattr("bonecast.bench.run_bench", lambda quick, tell: rows)
    first, second = call("bench", "--quick", "--json").json
    assert {"engine", "problem", "patients", "threads", "rtol", "worst_error", "peak_mb"} <= set(first)
    assert first["ms_per_patient_decade"] == 4.0
    assert second["ms_per_patient_decade"] is None
    assert "own reference" in call("bench").out


def test_a_model_is_exported_to_the_screen_or_a_file(call, tmp_path):
    shown = call("models", "export", "choi-2025", "--format", "mrgsolve")
    assert shown.code == 0
    assert "$CMT A Ac P Rtot BMD" in shown.out
    file = tmp_path / "choi.cpp"
    assert call("models", "export", "choi-2025", "--format", "mrgsolve", "--out", str(file)).code == 0
    assert file.read_text(encoding="utf-8").strip() == shown.out.strip()
    assert call("models", "export", "choi-2025", "--format", "mrg").code == 2
