"""The economic evaluation against cases that can be reckoned by hand, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonecast.core import RecordError
from bonecast.economics import InputRow, evaluate, input_table, read_value_design, report_value
from bonecast.trials import preset, strategy_events

DESIGN = """\
name = "hand"
title = "By hand"
analysis = "value"
country = "nowhere"
currency = "XTS"
price_year = 2026
inputs = ["inputs.csv"]
reference = "none"
strategies = ["none", "drug"]
start_age = 70
horizon = "10 years"
discount_costs = 0.0
discount_qalys = 0.0
thresholds = [1000, 10000]
draws = 200
"""
HEAD = "item,of,fracture,at,value,low,high,law,unit,mark,source\n"
ROWS = (
    "mortality,,,70,1e-12,,,,per year",
    "utility,,,70,1,,,,share",
    "utility_first_year,,hip,,1,,,,share",
    "fracture_cost,,hip,,1000,,,,XTS",
    'incidence,,hip,70,20,,,,"per 1,000 person-years"',
    "relative_risk,drug,hip,,0.5,,,,ratio",
    "drug_cost,drug,,,30,,,,XTS per year",
)
AGAIN = "rebound_risk,drug,hip,,3,,,,ratio"


def design(tmp_path, change=(), add=(), top=""):
    """A design in a folder; `change` replaces the row that begins alike, None leaves it out."""
    rows = [row for row in ROWS if not any(row.startswith(start) for start, _ in change)]
    rows += [row for _, row in change if row] + list(add)
    text = HEAD + "".join(f"{row},assumption,by hand\n" for row in rows)
    (tmp_path / "inputs.csv").write_text(text, encoding="utf-8")
    lines = DESIGN
    for line in filter(None, top.splitlines()):
        key = line.partition(" =")[0]
        lines = "\n".join(one for one in lines.splitlines() if not one.startswith(f"{key} ="))
        lines = f"{line}\n{lines}"
    (tmp_path / "d.toml").write_text(lines, encoding="utf-8")
    return tmp_path / "d.toml"


def test_without_death_costs_and_years_are_the_sums_reckoned_by_hand(tmp_path):
    none, drug = evaluate(design(tmp_path)).base
    assert none.life_years == pytest.approx(10)
    assert none.qalys == pytest.approx(10)
    assert none.fractures["hip"] == pytest.approx(0.2)
    assert drug.fractures["hip"] == pytest.approx(0.1)
    assert none.cost == pytest.approx(200)
    assert drug.cost == pytest.approx(100 + 300)


def test_the_ratio_is_the_difference_in_cost_over_the_years_gained(tmp_path):
    found = evaluate(design(tmp_path, [("utility_first", "utility_first_year,,hip,,0.6,,,,share")]))
    none, drug = found.base
    # a first year counts 0.6 from the period of the fracture on: half a period, one whole, and half of the next
    assert none.qalys < 10 - 0.2 * 0.4 * 0.9
    assert none.qalys > 10 - 0.2 * 0.4 * 1.1
    row = found.table().rows(named=True)[1]
    assert row["icer"] == pytest.approx(200 / float(drug.qalys[0] - none.qalys[0]))
    assert row["verdict"] == "gains at a cost"


def test_discounting_takes_the_middle_of_each_period(tmp_path):
    found = evaluate(design(tmp_path, top="discount_qalys = 0.03\ncycle_months = 12"))
    assert found.base[0].qalys == pytest.approx(sum(1.03 ** -(t + 0.5) for t in range(10)))


def test_death_follows_the_mortality_of_the_table(tmp_path):
    found = evaluate(design(tmp_path, [("mortality", "mortality,,,70,0.1,,,,per year")]))
    assert found.base[0].life_years == pytest.approx((1 - np.exp(-1)) / 0.1, rel=2e-3)


def test_a_hip_fracture_raises_mortality_in_its_first_year_only(tmp_path):
    rows = ["mortality_first_year,,hip,,10,,,,ratio"]
    much = [("mortality", "mortality,,,70,0.02,,,,per year")]
    plain, raised = (evaluate(design(tmp_path, much, add)).base[0].life_years[0] for add in ((), rows))
    later = (
        evaluate(design(tmp_path, much, [*rows, "mortality_later,,hip,,10,,,,ratio"])).base[0].life_years[0]
    )
    assert later < raised < plain


def test_the_effect_fades_over_the_offset(tmp_path):
    add = ["treatment,drug,,,2,,,,years", "offset,drug,,,4,,,,years"]
    found = evaluate(design(tmp_path, add=add, top="cycle_months = 3"))
    # half of the risk is saved for two years, and half of that on average over the four that follow
    assert found.base[1].fractures["hip"] == pytest.approx(0.2 - 0.02 * 0.5 * (2 + 2), rel=0.02)


@pytest.mark.parametrize(
    ("name", "rows", "more"),
    [
        ("rebound", [f"{one},,,,years" for one in ("treatment,drug,,,2", "rebound,drug,,,1")] + [AGAIN], 0.04),
        ("lateness", ["uncovered,drug,,,0.1,,,,share"], 0.01),
        ("exits", ["persistence,drug,,1e-9,0.5,,,,share"], 0.05),
    ],
)  # fmt: skip
def test_what_is_left_out_says_what_it_costs(tmp_path, name, rows, more):
    found = evaluate(design(tmp_path, add=rows, top="cycle_months = 3"))
    losses = found.losses().filter(of=name, strategy="drug")
    assert losses["hip_fractures_per_1000"][0] == pytest.approx(1000 * more, rel=0.05)
    without = evaluate(design(tmp_path, add=rows, top=f'cycle_months = 3\nwithout = ["{name}"]'))
    assert without.base[1].fractures["hip"] == pytest.approx(found.left_out[name][1].fractures["hip"])
    assert name not in without.left_out


def test_a_refracture_is_as_much_more_frequent_as_the_table_says(tmp_path):
    found = evaluate(design(tmp_path, add=["refracture,,hip,,3,,,,ratio"], top="cycle_months = 3"))
    h, t = 0.02, 10
    assert found.base[0].fractures["hip"] == pytest.approx(3 * h * t - 2 * (1 - np.exp(-h * t)), rel=0.01)


@pytest.mark.parametrize("law", ["normal", "lognormal", "gamma", "beta", "uniform"])
def test_draws_of_a_law_keep_to_the_range_that_was_given(law):
    row = InputRow("utility", "", "", 70.0, 0.5, 0.4, 0.6, law, "share", "assumption", "by hand")
    if law == "lognormal":
        row = replace(row, low=0.4, high=0.625)
    drawn = row.draw(1, 4000)
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
    share = np.mean((drawn > row.low) & (drawn < row.high))
    assert share == (1.0 if law == "uniform" else pytest.approx(0.95, abs=0.012))


def test_the_cheapest_is_the_best_where_a_year_is_worth_nothing(tmp_path):
    rows = [
        ("drug_cost", "drug_cost,drug,,,30,10,50,normal,XTS per year"),
        ("utility_first", "utility_first_year,,hip,,0.1,,,,share"),
    ]
    found = evaluate(design(tmp_path, rows))
    curve = found.acceptability()
    shares = curve.filter(threshold=0.0)
    cheaper = np.mean(found.drawn[1].cost < found.drawn[0].cost)
    assert shares["share"].to_list() == pytest.approx([1 - cheaper, cheaper])
    assert curve["evpi"].min() >= 0
    assert curve.filter(threshold=1000.0)["share"].sum() == pytest.approx(1)


def test_a_mixture_that_is_better_for_less_takes_a_strategy_off_the_frontier(tmp_path):
    rows = ["relative_risk,half,hip,,0.9,,,,ratio", "drug_cost,half,,,18,,,,XTS per year"]
    low = [("utility_first", "utility_first_year,,hip,,0.1,,,,share")]
    found = evaluate(design(tmp_path, low, rows, 'strategies = ["none", "half", "drug"]'))
    status = dict(found.frontier().select("strategy", "status").rows())
    assert status == {"none": "first", "half": "extendedly dominated", "drug": "on the frontier"}


def test_a_budget_adds_up_those_who_began_in_each_year(tmp_path):
    path = design(tmp_path)
    path.write_text(
        path.read_text() + "[budget]\npeople = 10\nyears = 2\nnow = { none = 1.0 }\nthen = { drug = 1.0 }\n"
    )
    budget = evaluate(path).budget()
    assert budget["now"].to_list() == pytest.approx([200, 400])
    assert budget["difference"].to_list() == pytest.approx([200, 400])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("drug_cost", None), "'drug_cost' of drug is missing; add your price"),
        (("fracture_cost", None), "no kind of fracture has a cost"),
        (("utility,", None), "'utility' is missing"),
        (("drug_cost", "drug_cost,drug,,,30,,,,USD per year"), "'USD per year' is no unit of 'drug_cost'"),
        (("drug_cost", "drug_cost,drug,,,30,,,,XTS per dose"), "rates of a table know no doses"),
        (("utility,", "utility,,,70,1.2,,,,share"), "1.2 is no share"),
        (("utility,", "utility,,,70,0.5,0.6,0.7,beta,share"), "value does not lie between low and high"),
        (("relative_risk", "relative_risk,drugs,hip,,0.5,,,,ratio"), "drugs"),
        (("relative_risk", "relativ_risk,drug,hip,,0.5,,,,ratio"), "relativ_risk"),
        (("incidence", 'incidence,,hip,,20,,,,"per 1,000 person-years"'), "it is empty for 'incidence'"),
    ],
)
def test_a_fault_of_an_input_is_one_sentence(tmp_path, change, said):
    with pytest.raises(RecordError) as caught:
        read_value_design(design(tmp_path, [change]))
    assert said in str(caught.value)


def test_a_number_without_a_source_is_refused(tmp_path):
    file = tmp_path / "x.csv"
    file.write_text(HEAD + "utility,,,70,1,,,,share,assumption,\n", encoding="utf-8")
    with pytest.raises(RecordError, match="line 2, source: the number has none"):
        input_table([file], "XTS")


def test_rows_that_a_simulated_trial_says_itself_are_refused(tmp_path):
    path = design(tmp_path)
    path.write_text(path.read_text().replace("10 years", "3 years") + '[simulation]\ntrial = "freedom"\n')
    with pytest.raises(RecordError) as caught:
        read_value_design(path)
    assert "strategies: the simulated trial says it; leave it out" in str(caught.value.faults[0])


@pytest.fixture(scope="module")
def stopping():
    late = preset("late-dose")
    arms = [replace(late.arms[0], name=name, plan=plan) for name, plan in
            (("stop", "nothing for 3 years"), ("go on", "denosumab 60 mg every 6 months x 6"))]  # fmt: skip
    return replace(late, arms=tuple(arms), end_d=1095)


def test_the_same_people_have_more_fractures_with_the_rebound(stopping):
    with_it, without = (
        strategy_events(one, 150, 182.625) for one in (stopping, replace(stopping, rebound=False))
    )
    many, few = (found[0].fractures["vertebral"].sum(axis=1) for found in (with_it, without))
    assert many.sum() > few.sum()
    assert with_it[1].doses["denosumab"].sum(axis=0).tolist() == [150] * 6
    assert not with_it[0].treated.any()
    assert with_it[1].treated.all()


def test_the_report_has_a_file_for_every_table(tmp_path):
    files = report_value(evaluate(design(tmp_path)), tmp_path / "out")
    assert {"report.html", "value.json", "strategies.csv", "inputs.csv"} <= set(files)
    page = files["report.html"].read_text("utf-8")
    assert "7 of 7 inputs are assumptions or recalled" in page
    assert "reference" in page
