"""Designs of bone trials: the presets, their hash, and what a wrong one is refused for before anything runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bone_trials import small

from bonecast.core import RecordError
from bonecast.errors import InputError
from bonecast.trials import preset, presets
from bonecast.trials.bone import BoneDesign, outcome_columns

FAULTS = [
    (("blocks = [4]", "blocks = [3]"), "a block of 3 does not hold 1:1; use multiples of 2"),
    (
        ('kind = "bmd-change"', 'kind = "bmd-chang"'),
        "no kind of endpoint called 'bmd-chang'; did you mean bmd-change",
    ),
    (("month = 18\n", "month = 19\n"), "day 578 lies after the end of the trial, day 548"),
    (("denosumab 60 mg every 6 months x 3", "denosumb 60 mg every 6 months x 3"), "'denosumb'"),
    (('"age >= 60"', '"agee >= 60"'), "no covariate called 'agee'; did you mean age"),
    (('"age >= 70"', '"region"'), "no covariate called 'region'"),
    (('quantity = "CTX"', 'quantity = "CTXX"'), "no quantity called 'CTXX'; did you mean CTX"),
    (('["m0", "m6", "m9", "m18"]', '["m0", "m6", "m9", "m17"]'), "no visit called 'm17'"),
    (("LS_T_score < -2", "LS_T_score < -5.9"), "candidates 0 are eligible"),
    (('name = "m6"', 'name = "m9"'), "two called 'm9'"),
    (("month = 6\n", "month = 10\n"), "visits are not in order of time"),
    (('model = "bonecast-1"', 'model = "bonecast-9"'), "bonecast-1"),
    (("people = 24", "people = 24\npeopel = 3"), "no key called 'peopel'"),
    (("month = 9\n", "month = 9\nweek = 3\n"), "it has month and week"),
    (
        ("placebo 60 mg every 6 months x 3", "6 months after the last dose zoledronate 5 mg once"),
        "after a last dose",
    ),
]


@pytest.mark.parametrize(("change", "said"), FAULTS, ids=[said[:40] for _, said in FAULTS])
def test_a_wrong_design_is_refused_in_one_sentence(change: tuple[str, str], said: str):
    with pytest.raises(InputError) as caught:
        small(change)
    answer = str(caught.value)
    assert said in answer
    assert answer.startswith("small.toml")
    assert answer.endswith(".")


def test_all_faults_are_stated_together():
    with pytest.raises(RecordError) as caught:
        small(FAULTS[0][0], FAULTS[3][0], FAULTS[2][0], FAULTS[7][0])
    assert len(caught.value.faults) >= 4


def test_published_delays_are_refused_for_injections_weeks_apart():
    with pytest.raises(InputError, match="injections 28 days apart"):
        small(
            ("denosumab 60 mg every 6 months x 3", "denosumab 120 mg every 4 weeks x 3"),
            ("[population]", '[adherence]\nprocess = "published"\n\n[population]'),
        )


def test_a_rescue_asks_for_what_is_read_and_at_visits_that_are():
    line = 'plan = "placebo 60 mg every 6 months x 3"'
    plan = line + '\nrescue = { when = "%s", plan = "zoledronate 5 mg once", visits = ["%s"] }'
    assert small((line, plan % ("LS_BMD_pct_change < -3 or CTX > 1", "m9"))).arms[1].rescue
    with pytest.raises(InputError, match="no reading called 'LSBMD'; did you mean LS_BMD"):
        small((line, plan % ("LSBMD < 3", "m9")))
    with pytest.raises(InputError, match="no visit called 'm10'"):
        small((line, plan % ("CTX > 1", "m10")))


@pytest.mark.parametrize("name", [name for name in presets() if name != "window"])
def test_presets_can_be_read_and_name_their_columns_once(name: str):
    design = preset(name)
    assert isinstance(design, BoneDesign)
    columns = outcome_columns(design)
    assert len(columns) == len(set(columns))
    for endpoint in design.endpoints:
        read = {f"{endpoint.quantity}_{visit}" for visit in endpoint.samples}
        assert read <= set(columns)
        assert not endpoint.of_course or read


def test_the_hash_follows_what_decides_outcomes_and_not_what_is_asked_of_them():
    design = small()
    same = replace(design, endpoints=(), title="another", trials=7, interims=())
    assert same.hash == design.hash
    for other in (replace(design, seed=4), replace(design, people=28), replace(design, missed=0.1)):
        assert other.hash != design.hash
