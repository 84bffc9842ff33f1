"""Candidates: the same person whatever else is drawn, margins and correlations as the cards say, facts and ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import truncnorm

from bonecast.cohorts import (
    Eligibility,
    columns,
    correlations,
    draw_baselines,
    draw_cohort,
    facts_of,
    person_parameters,
    population,
    presets,
    summary,
    typical_people,
)
from bonecast.cohorts.copula import TRAITS, draw_traits, pairs
from bonecast.cohorts.margin import margin_of, margins
from bonecast.errors import UnknownName
from bonecast.models import load_model

pytestmark = pytest.mark.slow

MANY = 40_000
WOMEN = "postmenopausal-osteoporosis"


def same(a, b) -> bool:
    """Are all columns equal, bit for bit?"""
    return list(a) == list(b) and all(np.array_equal(a[name], b[name]) for name in a)


@given(first=st.integers(0, 5000), count=st.integers(1, 60), seed=st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_a_person_is_the_same_in_whatever_chunk_is_drawn(first, count, seed):
    people = population(WOMEN)
    whole = people.draw(seed, max(first - 7, 0), count + 20)
    part = people.draw(seed, first, count)
    places = part.number - whole.number[0]
    assert same(whole.select(places), part)
    assert whole.select(places).ids == part.ids


def test_another_seed_gives_other_people_under_the_same_ids():
    a, b = (population("men").draw(seed, 0, 50) for seed in (1, 2))
    assert a.ids == b.ids
    assert not np.any(a["weight_kg"] == b["weight_kg"])


def test_ids_are_distinguished_between_populations_and_keep_their_number():
    assert len({population(name).prefix for name in presets()}) == len(presets())
    assert population("ckd").draw(1, 2_000_000, 2).ids == ["ckd-2000000", "ckd-2000001"]


@pytest.mark.parametrize("name", presets())
def test_a_population_has_the_margins_and_shares_of_its_cards(name):
    people = population(name)
    drawn = people.draw(3, 0, MANY)
    for column in ("age", "LS_T_score", "TH_T_score", "FN_T_score", "calcium_intake_mg_d"):
        card = people.margins[column.removesuffix("_mg_d")]
        ends = [(end - card.typical) / card.spread for end in (card.low, card.high)]
        law = truncnorm(*ends, loc=card.typical, scale=card.spread)
        assert drawn[column].mean() == pytest.approx(law.mean(), abs=5 * law.std() / np.sqrt(MANY))
        assert drawn[column].std() == pytest.approx(law.std(), rel=0.02)
        assert card.low <= drawn[column].min() <= drawn[column].max() <= card.high
    for marker in ("CTX_ng_mL", "P1NP_ug_L", "BSAP_ug_L", "uNTX_nmol_mmol"):
        card = people.margins[marker.split("_")[0]]
        assert np.median(drawn[marker]) == pytest.approx(card.typical, rel=0.03)
        assert np.log(drawn[marker]).std() == pytest.approx(np.sqrt(np.log1p(card.spread**2)), rel=0.02)
    for share, tolerance in (("female", 0.011), ("prior_vertebral", 0.015), ("prior_nonvertebral", 0.015)):
        assert drawn[share].mean() == pytest.approx(people.shares[share].value, abs=tolerance)


@pytest.mark.parametrize("name", presets())
def test_every_covariate_is_there_in_its_range_and_without_gaps(name):
    drawn = population(name).draw(5, 0, 5000)
    assert list(drawn) == list(columns())
    for key, column in columns().items():
        assert drawn[key].shape == (5000,)
        if column.is_number:
            assert column.low <= drawn[key].min() <= drawn[key].max() <= column.high
        else:
            assert drawn[key].dtype == bool


def test_traits_have_the_documented_correlations():
    z = draw_traits(9, 0, MANY)
    found = np.corrcoef([z[name] for name in TRAITS])
    assert np.abs(found - correlations()).max() < 5 / np.sqrt(MANY)


def test_the_correlations_are_those_of_the_file_and_can_be():
    for pair in pairs():
        a, b = (TRAITS.index(name) for name in pair["traits"])
        assert correlations()[a, b] == correlations()[b, a] == pair["r"]
    assert np.linalg.eigvalsh(correlations()).min() > 0.05


def test_correlations_of_covariates_follow_those_of_the_traits():
    drawn = population(WOMEN).draw(4, 0, MANY)

    def r(a: str, b: str) -> float:
        return float(np.corrcoef(drawn[a], drawn[b])[0, 1])

    assert r("weight_kg", "height_cm") == pytest.approx(0.35, abs=0.02)
    assert r("weight_kg", "TH_T_score") == pytest.approx(0.35, abs=0.02)
    assert r("LS_T_score", "TH_T_score") == pytest.approx(0.6, abs=0.02)
    logs = {name: np.log(drawn[name]) for name in ("CTX_ng_mL", "P1NP_ug_L")}
    assert np.corrcoef(*logs.values())[0, 1] == pytest.approx(0.7, abs=0.02)
    assert r("age", "eGFR") < -0.2


def test_markers_belong_to_the_turnover_that_the_model_gives_the_same_person():
    drawn = population(WOMEN).draw(2, 0, MANY)
    turnover = draw_cohort(load_model("bonecast-1"), MANY, seed=2).parameters["turnover"]
    assert np.corrcoef(np.log(turnover), np.log(drawn["CTX_ng_mL"]))[0, 1] == pytest.approx(0.5, abs=0.02)


def test_markers_are_those_that_a_forecast_draws():
    drawn, baselines = population(WOMEN).draw(2, 0, 500), draw_baselines(500, 2)
    for marker, column in (("CTX", "CTX_ng_mL"), ("P1NP", "P1NP_ug_L"), ("BSAP", "BSAP_ug_L")):
        assert drawn[column] == pytest.approx(baselines[marker], rel=1e-9)


def test_older_women_with_a_lower_spine_have_had_more_vertebral_fractures():
    drawn = population(WOMEN).draw(6, 0, MANY)
    had = drawn["prior_vertebral"]
    old, low = drawn["age"] > 75, drawn["LS_T_score"] < -3.5
    assert had[old].mean() > had[~old].mean() + 0.05
    assert had[low].mean() > had[~low].mean() + 0.15


def test_t_scores_and_bmd_say_the_same():
    drawn = population("glucocorticoid").draw(1, 0, 100)
    assert drawn["TH_BMD_g_cm2"] == pytest.approx(0.942 + 0.122 * drawn["TH_T_score"])


def test_facts_become_the_parameters_of_a_model():
    model = load_model("bonecast-2")
    drawn = population("aromatase-inhibitor").draw(1, 0, 7)
    parameters = person_parameters(model, facts_of(drawn))
    assert np.array_equal(parameters["age"], drawn["age"])
    assert np.array_equal(parameters["T_LS"], drawn["LS_T_score"])
    assert set(parameters["aromatase_inhibitor"]) == {1.0}
    assert set(parameters["sex"]) == {0.0}
    assert set(facts_of(drawn)) <= set(model.covariates)


@pytest.mark.parametrize(
    ("name", "fact", "values"),
    [
        ("androgen-deprivation", "hypogonadism", {0.5}),
        ("glucocorticoid", "glucocorticoid", {1.0}),
        ("bone-metastases", "bone metastases", {1.0, 2.0}),
        ("men", "sex", {1.0}),
        (WOMEN, "bone metastases", {0.0}),
    ],
)
def test_people_are_in_the_state_of_their_population(name, fact, values):
    assert set(facts_of(population(name).draw(1, 0, 300))[fact].tolist()) == values


def test_women_screened_and_chosen_by_t_score_are_those_of_the_preset_that_was_chosen_already():
    # two sets of cards held against each other: nothing recalled decides
    screened, chosen = population("postmenopausal-women").draw(8, 0, 150_000), population(WOMEN)
    asked = ["age >= 60 and age <= 90", "LS_T_score < -2.5 or TH_T_score < -2.5"]
    asked += ["LS_T_score > -4 and TH_T_score > -4"]
    women = screened.select(Eligibility.of(asked).holds(screened))
    for column in ("LS_T_score", "TH_T_score", "FN_T_score"):
        card = chosen.margins[column]
        assert women[column].mean() == pytest.approx(card.typical, abs=0.05)
        assert women[column].std() == pytest.approx(card.spread, rel=0.05)
    share = chosen.shares["prior_vertebral"].value
    assert women["prior_vertebral"].mean() == pytest.approx(share, abs=0.02)


def test_a_preset_takes_from_typical_people_what_it_does_not_say_itself():
    men, usual = population("men"), typical_people()["MALE_OP"]
    assert men.margins["TH_T_score"].typical == usual.t_scores["TH"]
    assert men.shares["prior_vertebral"].value == usual.prevalent_vfx


def test_a_population_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean glucocorticoid"):
        population("glucocorticoids")


def test_a_covariate_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="CTX_ng_mL"):
        population("men").draw(1, 0, 3)["CTX_ng_ml"]


@pytest.mark.parametrize("fault", [{"law": "gamma"}, {"mark": "guessed"}, {"source": ""}])
def test_a_margin_without_law_mark_or_source_is_our_fault(fault):
    row = {
        "law": "normal",
        "unit": "y",
        "typical": 1.0,
        "spread": 1.0,
        "mark": "assumption",
        "source": "ours",
    }
    with pytest.raises(ValueError, match="margin x"):
        margin_of("x", row | fault)


@given(z=st.floats(-6, 6), step=st.floats(0.01, 2))
def test_a_margin_keeps_the_rank_of_people(z, step):
    low, high = margins()["vitamin_D"].at(np.array([z, z + step]))
    assert 30 <= low <= high


def test_a_summary_gives_means_and_weighted_means():
    drawn = population("ckd").draw(1, 0, 400)
    weights = np.where(drawn["female"], 2.0, 1.0)
    plain, weighted = ({r["covariate"]: r for r in summary(drawn, w)} for w in (None, weights))
    assert plain["age"]["mean"] == pytest.approx(drawn["age"].mean())
    assert plain["adherence"]["sd"] == 0.0
    assert weighted["female"]["mean"] > plain["female"]["mean"]
    assert weighted["age"]["p50"] is None


def test_a_frame_has_the_id_and_every_covariate():
    frame = population("men").draw(1, 5, 3).table()
    assert frame.columns == ["id", *columns()]
    assert frame["id"].to_list() == ["men-000005", "men-000006", "men-000007"]
