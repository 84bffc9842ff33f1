"""The model library, its pages, and the curves that follow the settings in an address."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import parse_qsl

import clinic
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bonecast as bc
from bonecast.evidence import calibration_rows
from bonecast.models import load_model, model_names
from bonecast.models.summary import page as page_of
from bonecast.web.jobs.curves import curves, published
from bonecast.web.pages.tuning import OF_PARAMETER, read_tuning, sliders, usual

PLAN = "denosumab 60 mg every 6 months x 2, then nothing for 12 months"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    with clinic.open_clinic(tmp_path_factory.mktemp("models")) as made:
        yield made


@pytest.mark.parametrize("name", model_names())
def test_a_model_page_shows_every_parameter_with_unit_mark_and_source(opened, name):
    text = opened.get(f"/models/{name}").text
    shown = opened.get(f"/api/v1/models/{name}").json()
    assert shown["parameters"] == [{**c, "range": list(c["range"]) if c["range"] else None}
                                   for c in page_of(load_model(name))["parameters"]]  # fmt: skip
    for card in shown["parameters"]:
        assert f'id="p-{card["name"]}"' in text
    for source in shown["sources"]:
        assert f'id="source-{source["key"]}"' in text
    assert text.count('class="code"') == len(shown["equations"])
    assert "recalled, unverified" in text or all(c["mark"] != "recalled" for c in shown["parameters"])


def test_an_unknown_model_is_no_page_and_the_nearest_name_is_stated(opened):
    answer = opened.get("/models/choi-2024")
    assert answer.status_code == 404
    assert "choi-2025" in answer.text


@pytest.mark.parametrize("name", model_names())
def test_every_model_can_be_tried_and_only_cards_with_a_range_have_a_field(opened, name):
    model = load_model(name)
    text = opened.get(f"/models/{name}/try").text
    assert "figure class" in text, "the curves stand in the page"
    for card in model.parameter_set.parameters.values():
        assert (f'name="{OF_PARAMETER}{card.name}"' in text) == (card.range is not None)


def test_a_changed_parameter_changes_the_curves_and_is_stated(opened):
    own = opened.get("/models/bonecast-1/curves", params={"plan": PLAN, "show": "calcium_mmol_L"}).text
    low = opened.get(
        "/models/bonecast-1/curves", params={"plan": PLAN, "show": "calcium_mmol_L", "p.D25": "20"}
    ).text
    assert "Dotted" not in own
    assert "Changed: <code>D25</code> 20" in low
    assert "as set here" in low


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("p.D25", "1e9", "is no number from"),
        ("p.D25", "nan", "is no number from"),
        ("plan", "denosumb 60 mg once", "denosumab"),
        ("plan", "blosozumab 180 mg once", "does not carry blosozumab"),
        ("plan", "6 months after the last dose denosumab 60 mg once", "last dose"),
        ("until", "40 years", "over 30 years"),
    ],
)
def test_a_setting_that_cannot_be_used_is_stated_beside_its_field_and_nothing_is_computed(
    opened, field, value, found
):
    text = opened.get("/models/bonecast-1/try", params={field: value}).text
    assert found in text
    assert f'id="{field}-fault"' in text
    assert "figure class" not in text


@given(st.data())
def test_an_address_brings_back_the_settings_that_made_it(data):
    model = load_model(data.draw(st.sampled_from(model_names())))
    cards = [one.card for _, group in sliders(model) for one in group]
    chosen = data.draw(st.lists(st.sampled_from(cards), unique=True, max_size=3))
    given_ = [
        (OF_PARAMETER + card.name, f"{data.draw(st.floats(*card.range)):.6g}")
        for card in chosen
        if card.range
    ]
    first = read_tuning(model, given_)
    again = read_tuning(model, parse_qsl(first.query))
    assert (again.changed, again.plan, again.until, again.show) == (
        first.changed, first.plan, first.until, first.show,
    )  # fmt: skip
    assert usual(model).query == ""


def test_the_table_that_is_downloaded_is_the_simulation(opened):
    text = opened.get("/models/choi-2025/try.csv", params={"plan": PLAN, "p.weight": "80"}).text
    rows = list(csv.reader(io.StringIO(text)))
    run = bc.simulate("choi-2025", PLAN, every=f"{730.5 / 200} days", set={"weight": 80.0})
    assert rows[0] == list(run.columns)
    assert [float(x) for x in rows[-1]] == pytest.approx(run.rows()[-1], rel=1e-6)


def test_the_api_refuses_a_parameter_without_a_range_and_says_the_place_of_a_plan_that_cannot_be_read(opened):
    assert opened.get("/api/v1/models/bonecast-1/curves?set=kG=2").status_code == 422
    found = opened.get("/api/v1/models/bonecast-1/curves?plan=denosumb+60+mg+once").json()
    assert "character 1" in found["cause"]


def test_kept_runs_of_other_models_lie_over_the_run_of_the_page_with_what_was_published():
    asked = [
        ("keep", "peterson-riggs-2010?plan=denosumab+60+mg+once"),
        ("keep", "nobody?"),
        ("until", "1 year"),
    ]
    tuning = read_tuning(load_model("choi-2025"), [*asked, ("show", "LS_BMD_pct_change")])
    assert [one.model.name for one in tuning.kept] == ["peterson-riggs-2010"], "what is no model is left out"
    again = read_tuning(load_model("choi-2025"), parse_qsl(tuning.keeping))
    assert [one.model.name for one in again.kept] == ["peterson-riggs-2010", "choi-2025"]
    assert parse_qsl(again.without(0))[-1][1].startswith("choi-2025?")
    made = curves(tuning.asked, None, lambda share, what: None)
    data = json.loads(made["charts"][0]["spec"])["datasets"]
    assert {"series-0", "series-1"} <= set(data)
    assert len(data["series-1"]) > 100


def test_published_means_of_the_same_plan_are_points_on_the_curve():
    plan = usual(load_model("choi-2025")).plan
    run = bc.simulate("choi-2025", plan, until="4 years", every="30 days")
    points = published(load_model("choi-2025").output("LS_BMD_pct_change"), run)
    rows = [
        row
        for row in calibration_rows()
        if row.plan is not None and str(row.plan) == run.plan and row.endpoint == "LS_BMD_pct"
    ]
    means = [row for row in rows if row.statistic == "mean" and not row.change_from_month]
    assert {one.y for one in points} == {row.value for row in means if row.comparator_plan is None}
    assert points
