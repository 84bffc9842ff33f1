"""Centres that are allocated as a whole, plans after the stop, antibodies: what they do, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import scipy.stats

from bonecast.core import RecordError
from bonecast.trials import design_of, play, power, simulated, trial_icc
from bonecast.trials.endpoints.clustered import intracluster, of_centres
from bonecast.trials.power_pool import Pool, draw

DESIGN = """\
name = "reminders"
title = "Reminders of clinics"
model = "bonecast-2"
analysis = "bone"
people = 240
centres = 24
length = "12 months"
[population]
preset = "postmenopausal-osteoporosis"
[allocation]
unit = "centre"
[[arm]]
name = "reminder"
share = 1
plan = "denosumab 60 mg every 6 months x 2"
adherence = { process = "on-time", clinic_icc = 0.3 }
[[arm]]
name = "usual"
share = 1
plan = "denosumab 60 mg every 6 months x 2"
[[visit]]
name = "m0"
month = 0
[[visit]]
name = "m12"
month = 12
[adherence]
process = "published"
clinic_icc = 0.3
[[endpoint]]
name = "late injections"
kind = "doses"
quantity = "late_doses"
visit = "m12"
method = "cluster"
primary = true
"""


@pytest.fixture(scope="module")
def design():
    return design_of(DESIGN, "reminders")


@pytest.fixture(scope="module")
def outcomes(design):
    return play(design, 0, 1)


def test_all_people_of_a_centre_are_in_one_arm_and_arms_have_as_many_centres(outcomes):
    arms = outcomes.group_by("centre").agg(pl.col("arm").unique())
    assert all(len(one) == 1 for one in arms["arm"])
    assert sorted(one[0] for one in arms["arm"]).count("usual") == 12


def test_with_reminders_nobody_is_late_and_as_many_stop(outcomes):
    by = {arm: outcomes.filter(arm=arm) for arm in ("reminder", "usual")}
    assert by["reminder"]["late_doses"].sum() == 0
    assert by["usual"]["late_doses"].sum() > 0
    assert by["reminder"]["stopped_d"].drop_nulls().len() > 0


def test_the_analysis_is_the_t_test_of_centre_means(design):
    rng = np.random.default_rng(3)
    centre = rng.integers(0, 12, 300)
    treated, y = centre % 2 == 0, rng.normal(size=300) + 0.5 * rng.normal(size=12)[centre]
    found = of_centres(y, treated, np.empty((300, 0)), centre)
    means = [[y[centre == c].mean() for c in range(12) if (c % 2 == 0) is arm] for arm in (True, False)]
    expected = scipy.stats.ttest_ind(*means)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.value == pytest.approx(np.mean(means[0]) - np.mean(means[1]))


def test_the_intracluster_correlation_is_found_again():
    rng = np.random.default_rng(1)
    centre = np.repeat(np.arange(2000), 10)
    y = np.sqrt(0.2) * rng.normal(size=2000)[centre] + np.sqrt(0.8) * rng.normal(size=20000)
    found = intracluster("y", y, centre % 2, centre)
    assert found.icc == pytest.approx(0.2, abs=0.02)
    assert found.design_effect == pytest.approx(1 + 9 * found.icc)


def test_people_of_a_clinic_are_alike_in_lateness_only_where_the_design_says_so(design):
    usual = replace(design.arms[1], adherence=None)
    both = replace(design, arms=(replace(usual, name="reminder"), usual), people=1200)
    endpoint = replace(design.endpoints[0], quantity="stopped")
    alike, apart = (
        trial_icc(one, play(one, 0, 1))
        for one in (
            replace(both, endpoints=(endpoint,)),
            replace(both, endpoints=(endpoint,), taking=replace(design.taking, clinic_icc=0.0)),
        )
    )
    assert alike.icc > 0.05 > abs(apart.icc)
    assert alike.design_effect > 2


def test_trials_are_drawn_from_a_pool_by_whole_centres(design):
    pool = Pool(design, simulated(design, design.endpoints[0], 480))
    one = draw(pool, pool.rows, 240, 1, 0)
    assert one.group_by("centre").n_unique()["arm"].max() == 1
    assert one["centre"].n_unique() == 24
    assert 0 < power(design, design.endpoints[0], pool, 20).share <= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('method = "cluster"', 'method = "difference"'), "difference takes people of one centre as independent"),
        (("centres = 24", "centres = 3"), "write centres = 4 or more"),
        (('unit = "centre"', 'unit = "centre"\nblocks = [4]'), "blocks: centres are allocated"),
        (('unit = "centre"', "blocks = [4]"), "centre means are compared where centres are allocated"),
        (("[adherence]", "[[interim]]\nshare = 0.5\n[adherence]"), "interim: it is not combined"),
        (("clinic_icc = 0.3 }", "clinic_icc = 1.3 }"), "adherence: a number cannot stand here"),
        (("clinic_icc = 0.3 }", 'clinic_icc = 0.3 }\nafter_stop = { plan = "zoledrnate 5 mg once" }'), "zoledrnate"),
        (("clinic_icc = 0.3 }", "clinic_icc = 0.3 }\nantibodies = { share = 0.1, factors = { CLL = 2.0 } }"), "CLL"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_in_a_sentence(change, said):
    with pytest.raises(RecordError) as caught:
        design_of(DESIGN.replace(*change), "reminders")
    assert said in str(caught.value)


def test_who_has_stopped_goes_onto_the_plan_after_the_stop(design):
    after = 'clinic_icc = 0.3 }\nafter_stop = { plan = "zoledronate 5 mg once", after = "1 month" }'
    other = design_of(DESIGN.replace("clinic_icc = 0.3 }", after), "reminders")
    seen = play(other, 0, 1).filter(arm="reminder")
    stopped = seen["stopped_d"].is_not_null() & (seen["stopped_d"] + 31 <= seen["followed_d"])
    assert stopped.sum() > 0
    assert (seen["crossed_d"].is_not_null() == stopped).all()
    later = seen.filter(stopped)
    assert set((later["crossed_d"] - later["stopped_d"]).to_list()) == {31}


def test_antibodies_change_the_share_of_an_arm_that_has_them():
    read = '[[reading]]\nquantity = "denosumab"\nvisits = ["m4"]\n[[visit]]\nname = "m4"\nmonth = 4\n'
    read += '[[visit]]\nname = "m12"'
    text = DESIGN.replace('[[visit]]\nname = "m12"', read)
    plain = play(design_of(text, "d"), 0, 1)
    against = "clinic_icc = 0.3 }\nantibodies = { share = 0.5, factors = { CL = 4.0 } }"
    turned = play(design_of(text.replace("clinic_icc = 0.3 }", against), "d"), 0, 1)
    lower = (turned["denosumab_m4"] < 0.9 * plain["denosumab_m4"]).fill_null(False)
    assert 0.3 < lower.filter(plain["arm"] == "reminder").mean() < 0.7
    assert not lower.filter(plain["arm"] == "usual").any()
