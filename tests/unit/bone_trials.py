"""A small bone trial for tests: 24 women, two arms, 18 months, everything read."""

from __future__ import annotations

from bonecast.core import parse_toml
from bonecast.trials.bone import BoneDesign
from bonecast.trials.bone.reader import bone_design_of

TEXT = """
name = "small"
title = "A small trial"
model = "bonecast-1"
analysis = "bone"
people = 24
seed = 3
length = "18 months"

[population]
preset = "postmenopausal-osteoporosis"
eligible = ["age >= 60", "LS_T_score < -2"]

[allocation]
blocks = [4]
strata = ["age >= 70"]

[[arm]]
name = "denosumab"
share = 1
plan = "denosumab 60 mg every 6 months x 3"

[[arm]]
name = "placebo"
share = 1
plan = "placebo 60 mg every 6 months x 3"

[[visit]]
name = "m0"
month = 0

[[visit]]
name = "m6"
month = 6
window_d = 14

[[visit]]
name = "m9"
month = 9
window_d = 14

[[visit]]
name = "m18"
month = 18
window_d = 14

[[reading]]
quantity = "LS_BMD"
visits = ["m0", "m9", "m18"]

[[reading]]
quantity = "CTX"
visits = ["m0", "m6", "m9", "m18"]

[[reading]]
quantity = "spine_film"
visits = ["m0", "m18"]

[[endpoint]]
name = "spine"
kind = "bmd-change"
quantity = "LS_BMD"
visit = "m18"
primary = true
"""


def small(*changes: tuple[str, str]) -> BoneDesign:
    """The design with parts of its text replaced; each must be there."""
    return bone_design_of(parse_toml(changed(*changes), "small.toml"), "small.toml")


def changed(*changes: tuple[str, str]) -> str:
    """Its text with parts replaced."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
