"""People of one's own in a trial, and how long enrolment takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonecast.core import RecordError
from bonecast.errors import InputError
from bonecast.trials import CentreRates, design_enrolment, play, preset, preset_text, read_design

CSV = "id,age,female,LS_T_score,prior_bisphosphonate\n" + "".join(
    f"P{i},{60 + i},yes,{-2.6 - i / 20},{'yes' if i % 3 == 0 else 'no'}\n" for i in range(12)
)


def written(tmp_path, csv=CSV, group=""):
    (tmp_path / "people.csv").write_text(csv, encoding="utf-8")
    before, _, after = preset_text("biosimilar").partition("[population]")
    own = f'[population]\npreset = "postmenopausal-osteoporosis"\ntable = "people.csv"  # ours\n{group}\n'
    file = tmp_path / "design.toml"
    file.write_text(before + own + "[allocation]" + after.partition("[allocation]")[2], encoding="utf-8")
    return file


def test_candidates_are_rows_of_the_table_kept_together(tmp_path):
    design = replace(read_design(written(tmp_path)), people=40)
    seen = play(design, 0, 1)
    assert set(seen["age"].to_list()) <= set(range(60, 72))
    assert seen["LS_T_score"].to_numpy() == pytest.approx(-2.6 - (seen["age"].to_numpy() - 60) / 20)
    assert (seen["prior_bisphosphonate"].to_numpy() == (seen["age"].to_numpy() % 3 == 0)).all()
    assert seen["weight_kg"].n_unique() == 40  # not in the table: drawn from the population


def test_a_target_is_met_by_weights_of_the_rows(tmp_path):
    design = read_design(written(tmp_path, group='target = { age = { mean = 68.0 } }\nby = "weights"'))
    seen = play(replace(design, people=400), 0, 1)
    assert np.average(seen["age"].to_numpy(), weights=seen["weight"].to_numpy()) == pytest.approx(
        68, abs=0.35
    )
    assert seen["age"].mean() == pytest.approx(65.5, abs=0.6)


def test_the_run_of_a_design_keeps_its_people(tmp_path):
    file = written(tmp_path)
    hash_before = read_design(file).hash
    (tmp_path / "people.csv").write_text(CSV.replace(",60,", ",61,"), encoding="utf-8")
    assert read_design(file).hash != hash_before


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        (CSV.replace("id,age", "id,years"), "years"),
        (CSV.replace("P3,63", "P3,163"), "column age, row 4: 163 is outside 18 to 110"),
        (CSV.replace("P3,63,yes", "P3,63,maybe"), "column female, row 4: 'maybe' is not a finite number"),
        ("age\n70\n71\n", "it has 2 people and 1 covariates"),
    ],
)
def test_a_fault_of_the_table_is_one_sentence_with_its_row(tmp_path, csv, said):
    with pytest.raises((RecordError, InputError)) as caught:
        read_design(written(tmp_path, csv))
    assert said in str(caught.value)


def test_a_table_is_refused_where_the_design_is_no_file():
    from bonecast.trials import design_of

    text = preset_text("biosimilar").replace("[population]", '[population]\ntable = "people.csv"')
    with pytest.raises(RecordError, match="lies beside no design file"):
        design_of(text, "posted")


def test_enrolment_takes_as_long_as_rates_say():
    design = replace(preset("biosimilar"), people=600, centres=50, enrolment=CentreRates(1.0, 0.0, 0.0))
    found = design_enrolment(design, runs=300)
    assert found.months[1] == pytest.approx(600 / 50, abs=0.3)
    # with centres that open over a year the mean one has half a year less
    later = design_enrolment(replace(design, enrolment=CentreRates(1.0, 0.0, 12.0)), runs=300)
    assert later.months[1] == pytest.approx(12 + 6, abs=0.4)
    assert later.end_months[1] - later.months[1] == pytest.approx(design.end_d / 30.4375)
    spread = design_enrolment(replace(design, enrolment=CentreRates(1.0, 1.0, 0.0)), runs=300)
    assert spread.months[2] - spread.months[0] > 2 * (found.months[2] - found.months[0])
    assert spread.centres_without > found.centres_without
    assert found.table()["enrolled_p50"][-1] == 600


def test_enrolment_without_rates_or_end_is_refused():
    with pytest.raises(InputError, match="add \\[enrolment\\] with per_centre_month"):
        design_enrolment("biosimilar")
    slow = replace(preset("biosimilar"), enrolment=CentreRates(0.001, 0.0, 0.0))
    with pytest.raises(InputError, match="in 30 years not all of"):
        design_enrolment(slow, runs=100)
