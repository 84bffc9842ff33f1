"""Models and drugs of other packages: registered at run time or announced by entry point, and then used everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from bone_trials import TEXT

import bonecast as bc
from bonecast.care import act_giving, check
from bonecast.drugs import read_drug_folder
from bonecast.engine.kernel import key
from bonecast.forecasts import sequences
from bonecast.models import read_parameters
from bonecast.models.bonecast_1 import MODEL, Action, Plugin, extended
from bonecast.trials import read_run, run_trials

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "plugins"
FOLDERS = ("denosumab_depot", "cathepsin_k")
MOST_LINES = 60


def mine(name: str = "mine") -> bc.Model:
    choi = bc.load_model("choi-2025")
    return replace(choi, name=name, system=replace(choi.system, name=name))


def of_package(*lines: str, tmp_path: Path) -> dict[str, str]:
    """An environment in which a package with these entry points is installed."""
    info = tmp_path / "other-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n")
    (info / "entry_points.txt").write_text("\n".join(lines))
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(EXAMPLES)))}


def in_process(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What this code prints in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )


def announced() -> list[str]:
    """The entry points of the examples, as an installation writes them."""
    groups = tomllib.loads((EXAMPLES / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    assert set(groups) == {"bonecast.drugs", "bonecast.models"}
    return [
        line
        for group, rows in groups.items()
        for line in (f"[{group}]", *(f"{k} = {v}" for k, v in rows.items()))
    ]


# At run time


def test_a_registered_model_is_found_by_name_and_listed_last():
    model = bc.register_model(mine())
    assert bc.load_model(" Mine ") is model
    assert bc.model_names()[-1] == "mine"
    assert "mine" in bc.models_supporting("denosumab")
    assert bc.register_model(model) is model


def test_what_one_test_registers_is_gone_before_the_next():
    assert "mine" not in bc.model_names()
    with pytest.raises(bc.UnknownName, match="no model called 'mine'"):
        bc.load_model("mine")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda: "mine", "an object of type str is no model; give a bonecast.Model."),
        (lambda: mine("bonecast-1"), "there is already a model called bonecast-1; give yours another name."),
        (
            lambda: mine("Mine"),
            "the name 'Mine' cannot be looked up; use lower case without spaces at the ends.",
        ),
        (lambda: mine(""), "the name '' cannot be looked up"),
    ],
)
def test_a_model_that_cannot_be_registered_is_refused_in_one_sentence(model, said):
    with pytest.raises(bc.InputError) as refused:
        bc.register_model(model())
    assert str(refused.value).startswith("register_model: ")
    assert said in str(refused.value)


def test_a_second_model_of_one_name_is_refused():
    bc.register_model(mine())
    with pytest.raises(bc.InputError, match="already a model called mine"):
        bc.register_model(mine())


def test_a_registered_drug_is_read_in_plans_checks_and_sequences():
    before = set(bc.all_drugs())
    drug = bc.register_drug(EXAMPLES / "denosumab_depot")
    assert set(bc.all_drugs()) - before == {drug}
    assert bc.parse_regimen("Denosumab-Depot 240 mg once").drugs == ("denosumab-depot",)
    assert bc.register_drug(replace(drug)) == drug
    switched = bc.register_drug(
        replace(drug, generic="depot-two", treatments=bc.find_drug("romosozumab").treatments)
    )
    assert act_giving(switched.generic) == ("switch_romosozumab", {"target_drug": "romosozumab"})
    assert act_giving("denosumab-depot") == ("start_other", {"target_drug": "denosumab-depot"})
    assert sequences()["denosumab", "denosumab-depot"].mark == "assumption"


@pytest.mark.parametrize(
    ("drug", "said"),
    [
        (lambda folder: 3, "an object of type int is no drug"),
        (lambda folder: folder, "drug.toml: "),
        (
            lambda folder: replace(bc.find_drug("placebo"), generic="Prolia"),
            "'Prolia' already belongs to denosumab",
        ),
    ],
)
def test_a_drug_that_cannot_be_registered_is_refused_in_one_sentence(drug, said, tmp_path):
    with pytest.raises(bc.InputError) as refused:
        bc.register_drug(drug(tmp_path))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[agent]\ngeneric = "a"', "the key 'class' is missing; add it."),
        ("[agent", "drug.toml: "),
        ('[agent]\ngeneric = "a"\nclass = "c"\nstatus = "s"\n[none]\ncolour = "x"', "names colour, which"),
        ('[agent]\ngeneric = "a"\nclass = "c"\nstatus = "s"\n[[after]]\ndrug = "b"\nevidence = "sure"\n'
         'mark = "recalled"\nsource = "s"', "evidence, mark or source is wrong"),
    ],
)  # fmt: skip
def test_a_folder_that_breaks_the_form_says_which_file_and_what(text, said, tmp_path):
    (tmp_path / "drug.toml").write_text(text)
    with pytest.raises(bc.InputError) as refused:
        read_drug_folder(tmp_path)
    assert str(refused.value).startswith(str(tmp_path / "drug.toml"))
    assert said in str(refused.value)


# By entry point


def test_the_examples_announce_two_drugs_and_two_models_that_everything_finds(tmp_path):
    code = (
        "import json, bonecast as bc;"
        "plan = bc.parse_regimen('cathepsin-k-inhibitor 50 mg weekly for 2 years');"
        "print(json.dumps([plan.drugs, bc.model_names()[-2:], len(bc.all_drugs()),"
        " bc.models_supporting('denosumab-depot'), bc.load_model('bonecast-1-cathepsin-k').extends]))"
    )
    done = in_process(code, of_package(*announced(), tmp_path=tmp_path))
    assert done.stderr == ""
    assert json.loads(done.stdout) == [
        ["cathepsin-k-inhibitor"],
        ["bonecast-1-cathepsin-k", "bonecast-1-denosumab-depot"],
        len(bc.all_drugs()) + 2,
        ["bonecast-1-denosumab-depot"],
        "bonecast-1",
    ]


def test_a_broken_plugin_is_named_in_one_warning_and_costs_nothing_else(tmp_path):
    code = (
        "import bonecast as bc; print(bc.model_names()[6:]); print(bc.model_names()[6:]);"
        "print(bc.find_drug('cathepsin-k-inhibitor').generic)"
    )
    lines = (
        *announced(),
        "[bonecast.models]",
        "a-broken-one = nowhere.model:MODEL",
        "[bonecast.drugs]",
        "no-drug = math:pi",
    )
    done = in_process(code, of_package(*lines, tmp_path=tmp_path))
    names = "['bonecast-1-cathepsin-k', 'bonecast-1-denosumab-depot']"
    assert done.stdout.split("\n")[:3] == [names, names, "cathepsin-k-inhibitor"]
    warnings = [line for line in done.stderr.splitlines() if "was left out" in line]
    assert len(warnings) == 2
    assert "plug-in 'a-broken-one' (nowhere.model:MODEL, group bonecast.models)" in warnings[0]
    assert "plug-in 'no-drug' (math:pi, group bonecast.drugs) was left out: InputError" in warnings[1]


def test_a_name_of_our_own_is_found_without_looking_for_plugins(tmp_path):
    code = (
        "import bonecast as bc, sys; bc.load_model('choi-2025'); bc.find_drug('Prolia');"
        "print('cathepsin_k' in sys.modules)"
    )
    assert in_process(code, of_package(*announced(), tmp_path=tmp_path)).stdout.strip() == "False"


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_example_has_at_most_sixty_lines_and_claims_no_evidence(folder):
    files = [path for path in (EXAMPLES / folder).iterdir() if path.suffix in (".py", ".toml")]
    assert len(files) >= 3
    assert sum(len(path.read_text("utf-8").splitlines()) for path in files) <= MOST_LINES
    drug = read_drug_folder(EXAMPLES / folder)
    assert {row.mark for row in drug.predecessors} == {"assumption"}
    parameters = read_parameters(EXAMPLES / folder / "parameters.toml").parameters.values()
    assert {parameter.mark for parameter in parameters} == {"assumption"}


RUN = """
import json
import bonecast as bc
from bonecast.reports import accounts, render
catk = bc.simulate("bonecast-1-cathepsin-k", "cathepsin-k-inhibitor 50 mg weekly for 2 years")
plan = "denosumab-depot 240 mg every 24 months x 1, then nothing for 2 years"
depot = bc.simulate("bonecast-1-denosumab-depot", plan)
her = bc.read_patient("examples/late-dose.toml")
ways = {"on time": "denosumab 60 mg every 6 months x 4", "depot": "denosumab-depot 240 mg every 24 months x 1"}
forecast = bc.forecast(her, ways, model="bonecast-1-denosumab-depot", horizon="2 years", draws=100)
print(json.dumps({
    "time": catk["time_d"].tolist(),
    "CTX": catk["CTX_pct_of_baseline"].tolist(),
    "TRACP": catk["TRACP5b_pct_of_baseline"].tolist(),
    "depot_time": depot["time_d"].tolist(),
    "depot_CTX": depot["CTX_pct_of_baseline"].tolist(),
    "mechanism": [list(account.mechanism) for account in accounts(forecast)],
    "evidence": [account.evidence for account in accounts(forecast)],
    "page": len(render(forecast)),
}))
"""


@pytest.mark.slow
def test_both_examples_run_in_simulate_and_a_forecast_and_only_cathepsin_k_leaves_tracp_5b(tmp_path):
    done = in_process(RUN, of_package(*announced(), tmp_path=tmp_path))
    got = json.loads(done.stdout)
    treated = np.array(got["time"]) > 60
    assert np.all(np.array(got["CTX"])[treated & (np.array(got["time"]) < 700)] < 70)
    assert np.all(np.array(got["TRACP"]) > 99)
    days, CTX = np.array(got["depot_time"]), np.array(got["depot_CTX"])
    assert np.all(CTX[(days > 30) & (days < 720)] < 20)
    assert CTX[-1] > 100
    assert got["mechanism"][0][0].startswith("Denosumab binds RANKL")  # words of the model that it extends
    assert got["mechanism"][1][0].startswith("The depot releases denosumab")
    assert "denosumab-depot after denosumab" in got["evidence"][1]
    assert got["page"] > 10_000


@pytest.mark.slow
def test_an_own_drug_and_model_run_in_a_trial(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    HERE, inhibited = EXAMPLES / "cathepsin_k", import_module("cathepsin_k.model").MODEL
    bc.register_drug(HERE)
    bc.register_model(inhibited)
    design = tmp_path / "design.toml"
    design.write_text(
        TEXT.replace('"bonecast-1"', '"bonecast-1-cathepsin-k"').replace(
            "denosumab 60 mg every 6 months x 3", "cathepsin-k-inhibitor 50 mg weekly for 18 months"
        )
    )
    run = run_trials(design, tmp_path / "out", workers=2)
    assert run.design.model is inhibited
    _, people = read_run(tmp_path / "out")
    median = {arm: people.filter(pl.col("arm") == arm)["CTX_m6"].median() for arm in ("denosumab", "placebo")}
    assert median["denosumab"] < 0.8 * median["placebo"]  # the arm keeps the name of the small trial


def test_the_three_state_model_of_the_page_has_at_most_forty_lines():
    block = (ROOT / "docs" / "plugins.md").read_text("utf-8").split("```python\n")[1].split("```")[0]
    assert 'model="three-states"' in block
    assert len(block.splitlines()) <= 40


# The body with further plug-ins


def test_an_extension_is_a_new_model_and_leaves_ours_as_it_is():
    before, digest = MODEL.plugins, key(MODEL.system, 8)
    rest = Plugin(name="bed rest", action=lambda y, p: Action(turnover=0.2))
    first = extended(MODEL, rest, name="bonecast-1-bed-rest", limits=("Bed rest is invented.",))
    second = extended(first, Plugin(name="idle"), name="bonecast-1-two")
    assert (second.extends, len(second.plugins)) == ("bonecast-1", len(before) + 2)
    assert second.limits[-1] == "Bed rest is invented."
    assert MODEL.plugins == before
    assert key(MODEL.system, 8) == digest != key(first.system, 8)


def test_a_plugin_that_does_nothing_changes_no_machine_code():
    assert key(extended(MODEL, Plugin(name="idle"), name="idle").system, 8) == key(MODEL.system, 8)


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        (Plugin(name="denosumab"), "there is already a plug-in called denosumab"),
        (Plugin(name="a", initial=lambda p: {"C": 1.0}), "there is already a state called C"),
        (
            Plugin(name="a", routes={"denosumab": bc.Route("Dd", "mg")}),
            "there is already a route called denosumab",
        ),
        (Plugin(name="a", initial=lambda p: {"a": 1.0}), "states and rates differ in a"),
        (
            Plugin(name="a", outputs=lambda y, p: {"a_mg": 1.0}),
            "outputs and what the plug-ins measure differ in a_mg",
        ),
    ],
)
def test_a_plugin_that_does_not_fit_is_refused_with_the_name_that_clashes(plugin, said):
    with pytest.raises(bc.InputError, match=said):
        extended(MODEL, plugin, name="mine")


def test_a_model_of_one_piece_cannot_be_extended():
    with pytest.raises(bc.InputError, match="choi-2025 is not made of plug-ins; extend bonecast-1"):
        extended(bc.load_model("choi-2025"), Plugin(name="a"), name="mine")


def test_the_check_of_an_unruled_drug_still_runs():
    bc.register_drug(EXAMPLES / "denosumab_depot")
    assert (
        check(bc.read_patient(ROOT / "examples" / "late-dose.toml"), "next dose", "UK").action
        == "continue_60"
    )
