"""What a forecast says in sentences: each strategy's account, what would change the choice, what is left out."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from report_example import example_forecast
from unjudged import unjudged

from bonecast.decisions import find_aim, rank
from bonecast.drugs import all_drugs, find_drug
from bonecast.errors import UnknownName
from bonecast.forecasts import Driver, Forecast, forecast
from bonecast.forecasts.references import references
from bonecast.inference import Diagnostics
from bonecast.interop import read_patient
from bonecast.models import load_model
from bonecast.outcomes import ENDPOINTS, DateRange, QuantileRange, TimeToThreshold, TreatmentGap
from bonecast.regimens import history_of, parse_regimen, place_strategy
from bonecast.reports import content
from bonecast.reports.accounts import wording

HER = read_patient("examples/late-dose.toml")
PEOPLE = np.linspace(20.0, 40.0, 60)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days(early: str, median: str, late: str) -> DateRange:
    return DateRange(day(early), day(median), day(late))


GAP = TreatmentGap(
    begins=day("2026-09-15"),
    ends=None,
    observed_until=day("2028-09-15"),
    peak=QuantileRange(1.6, 1.4, 1.8),
    before=QuantileRange(0.4, 0.2, 0.6),
    peak_days=days("2027-01-03", "2027-02-02", "2027-03-09"),
    gained=QuantileRange(6.9, 4.6, 10.0),
    lost=QuantileRange(6.6, 3.7, 9.7),
    share_of_gain_lost=QuantileRange(1.01, 0.68, 1.41),
    loss_begins=days("2026-10-10", "2026-10-20", "2026-11-04"),
    loss_ends=days("2027-02-25", "2027-06-04", "2028-03-03"),
)


@pytest.fixture(scope="module")
def made() -> Forecast:
    """An invented forecast of bonecast-1: 'stop' has a treatment gap, the others are ranked beside it."""
    plain = example_forecast()
    values = {"on time": PEOPLE, "3 months late": PEOPLE + 9, "stop": PEOPLE + 215}
    rows = [
        dataclasses.replace(
            s,
            fractures={
                ("vertebral", 60): QuantileRange(31.0 + 9 * i, 14.0, 61.0),
                ("hip", 60): QuantileRange(9.0 - 4 * i, 5.0, 15.0),
            },
            turnover_threshold={"CTX": TimeToThreshold(0.67, 0.02, None, None, None)},
        )
        for i, s in enumerate(plain.summaries)
    ]
    passes = TimeToThreshold(0.67, 0.8, day("2026-11-10"), day("2026-12-29"), None)
    rows[2] = dataclasses.replace(rows[2], treatment_gap=GAP, turnover_threshold={"CTX": passes})
    return dataclasses.replace(
        plain,
        models=("bonecast-1",),
        summaries=tuple(rows),
        patient=HER,
        ranking=rank(values, find_aim("vertebral"), 60),
        drivers=(Driver("turnover", "turnover of all bone", "assumption", -0.62),),
    )


def account(made: Forecast, name: str):
    return next(a for a in made.accounts() if a.strategy == name)


def test_stopping_is_described_with_what_drives_it_when_and_how_much_is_lost(made):
    answer = account(made, "stop")
    assert answer.reason.startswith("The cover of denosumab ends on 2026-09-15. Nothing binds RANKL any more")
    assert "rises from 0.4 to 1.6 (1.4 to 1.8) times what it was before treatment" in answer.reason
    assert "reached in 2027-01 to 2027-03" in answer.reason
    assert "loses 6.6 % (3.7 to 9.7), as much as it had gained (101 %, 68 to 141)" in answer.reason
    assert "most of it from 2026-10 to 2027-06 (range 2026-10 to 2028-03)" in answer.reason
    assert "215 more (215 to 215) than under 'on time'" in answer.outcome
    assert (
        "leaves the range before the menopause by 2026-12 in half of people (1 in 20 by 2026-11"
        in answer.outcome
    )


def test_the_first_is_said_to_be_the_first_and_its_drug_to_act(made):
    answer = account(made, "on time")
    assert "expected to be the fewest." in answer.outcome
    assert "stays within the range before the menopause in at least 19 of 20 people" in answer.outcome
    assert answer.begins == ""
    assert answer.mechanism == (find_drug("denosumab").mechanism("bonecast-1") + ".",)


def test_a_drug_that_meets_the_end_of_cover_is_said_instead_of_nothing_and_its_evidence_is_cited(made):
    rows = [
        dataclasses.replace(s, treatment_gap=GAP) if s.strategy == "switch to alendronate" else s
        for s in made.summaries
    ]
    answer = account(dataclasses.replace(made, summaries=tuple(rows)), "switch to alendronate")
    assert answer.mechanism == (find_drug("alendronate").mechanism("bonecast-1") + ".",)
    assert (
        answer.evidence
        == "Evidence: alendronate after denosumab, the advice of experts (recalled, unverified)."
    )
    assert any("ECTS" in source for source in answer.sources)


def test_a_gap_that_the_next_injection_ends_says_until_when_rankl_is_free(made):
    ends = dataclasses.replace(GAP, ends=day("2026-12-15"), observed_until=day("2026-12-15"))
    rows = [
        dataclasses.replace(s, treatment_gap=ends) if s.strategy == "3 months late" else s
        for s in made.summaries
    ]
    answer = account(dataclasses.replace(made, summaries=tuple(rows)), "3 months late")
    assert "RANKL is free until the next injection on 2026-12-15" in answer.begins


def test_a_published_model_gives_numbers_but_no_mechanism_and_a_gap_says_why_there_are_none(made):
    other = dataclasses.replace(made, models=("joerg-2022",))
    assert account(other, "stop").mechanism == ()
    empty = dataclasses.replace(
        made, bands={n: b for n, b in made.bands.items() if n != "switch to alendronate"}
    )
    answer = account(empty, "switch to alendronate")
    assert answer.outcome == "There is no forecast of it. no-such-model does not carry alendronate."
    assert any("switch to alendronate" in sentence for sentence in empty.not_considered())


def test_every_drug_of_the_model_has_its_mechanism_and_no_other_has_one():
    spoken = {drug.generic for drug in all_drugs() if drug.mechanism("bonecast-1")}
    assert spoken == set(load_model("bonecast-1").drugs) - {"calcium", "calcitriol"}
    units = {name.rpartition(".")[2] for name in load_model("bonecast-1").equations}
    answer = [mechanism.unit for drug in all_drugs() for mechanism in drug.mechanisms]
    assert {wording()["bonecast-1"]["nothing"]["unit"], *answer} <= units


def test_what_would_change_it_names_certainty_other_aims_traits_and_what_fits_badly(made):
    answer = made.would_change()
    assert "'on time' comes first: it is the best for more than 95 of 100" in answer[0]
    assert "'3 months late', +9.0 of 1,000" in answer[1]
    # hip fractures fall from strategy to strategy in this invented forecast
    assert any(s == "By hip fractures 'stop' would come first." for s in answer)
    assert any(
        "depends most on: turnover of all bone (rank correlation −0.6, assumption)" in s for s in answer
    )


def test_strategies_that_cannot_be_distinguished_are_left_to_the_clinician(made):
    values = {"on time": PEOPLE, "stop": PEOPLE + 1.0}
    close = dataclasses.replace(made, ranking=rank(values, find_aim("vertebral"), 60), drivers=())
    assert any(
        "cannot tell it apart from 'stop'" in s and "does not decide" in s for s in close.would_change()
    )


def test_what_is_missing_on_record_is_named_with_what_it_would_move(made):
    assert not any("Not on record" in s for s in made.would_change())  # her record is whole
    bare = dataclasses.replace(HER, facts=(), measurements=(), menopause_age=None)
    (answer,) = [s for s in dataclasses.replace(made, patient=bare).would_change() if "Not on record" in s]
    for title in (
        "a spine scan",
        "CTX or P1NP",
        "vertebral fractures so far",
        "age at menopause",
        "25-OH vitamin D",
    ):
        assert title in answer
    man = dataclasses.replace(bare, sex="male")
    assert not any("age at menopause" in s for s in dataclasses.replace(made, patient=man).would_change())


def test_what_is_on_record_and_in_no_number_is_said_and_what_is_used_is_not(made):
    answer = made.not_considered()[0]
    assert "vitamin D" in answer
    assert "800 IU/day" in answer
    for used in ("900 mg/day", "vertebral", "glucocorticoid"):
        assert used not in answer
    other = dataclasses.replace(made, models=("joerg-2022",))
    assert "900 mg/day" in other.not_considered()[0]  # a model that does not read it


def test_no_sentence_promises_anything(made):
    said = [a.outcome + a.reason for a in made.accounts()] + [*made.would_change(), *made.not_considered()]
    for sentence in said:
        assert " will " not in sentence
        assert sentence.rstrip().endswith(".")


def test_the_json_has_the_sentences_and_the_treatment_gap(made):
    found = content(made)
    assert [a["strategy"] for a in found["accounts"]] == [s.name for s in made.strategies]
    assert found["accounts"][2]["reason"] == account(made, "stop").reason
    assert found["would_change"] == list(made.would_change())
    assert found["not_considered"] == list(made.not_considered())
    lapse = found["summaries"][2]["lapse"]
    assert lapse["begins"] == "2026-09-15"
    assert lapse["nine_tenths_lost"] == {"p05": "2027-02-25", "p50": "2027-06-04", "p95": "2028-03-03"}
    assert found["summaries"][0]["lapse"] is None


def test_explain_says_where_the_numbers_of_a_quantity_come_from(made):
    answer = made.explain("ctx")
    assert answer.startswith("CTX, ng/mL")
    assert "output CTX_pct_of_baseline" in answer
    assert "SHIP" in answer
    assert "no value was learned from" in answer
    assert "osteoclasts" in answer
    with pytest.raises(UnknownName, match="CTX"):
        made.explain("CTXX")


def test_a_forecast_made_by_the_model_explains_each_measurement_and_writes_one_table(tmp_path):
    import polars as pl

    plans = {"on": "denosumab 60 mg every 6 months x 4", "off": "nothing for 2 years"}
    with unjudged():
        real = forecast(HER, plans, "2 years", 60)
    assert isinstance(real.diagnostics, Diagnostics)
    assert "Measured: CTX of 2026-03-12 (0.62 ng/mL); expected" in real.explain("CTX")
    gap = real.summaries[1].treatment_gap
    assert gap is not None
    assert gap.peak.median > 1.2
    assert gap.begins == real.due
    assert real.summaries[0].treatment_gap is None
    real.to_parquet(tmp_path / "f.parquet")
    assert pl.read_parquet(tmp_path / "f.parquet").equals(real.table())
    assert real.cite() == real.references


def test_sources_of_drugs_that_are_neither_given_nor_planned_are_not_cited():
    model, history = load_model("bonecast-1"), history_of(HER)
    carried = [e for e in ENDPOINTS if e.output in model.system.output_names]

    def cited(text: str) -> str:
        way = place_strategy("way", parse_regimen(text), history, 1826.0)
        return "\n".join(references(model, carried, history, [way]))

    off = cited("nothing for 2 years")
    assert "Choi" in off
    assert "Alendronate kinetics" not in off
    assert "Evenity" not in off
    switched = cited("alendronate 70 mg weekly for 2 years")
    assert "Alendronate kinetics" in switched
    assert "Zometa" not in switched
    assert "ECTS position statement" in switched
    assert "Evenity" in cited("romosozumab 210 mg monthly x 12, then alendronate 70 mg weekly for 1 year")
