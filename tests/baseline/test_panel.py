"""Checks of the panel of 200 records: a change needs a reason (`python tests/baseline/update.py "why"`)."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from panel import panel_states

KEPT = tomllib.loads((Path(__file__).parent / "panel.toml").read_text(encoding="utf-8"))


def test_the_checks_of_the_panel_are_those_of_the_baseline():
    found = {name: {key: text.strip('"') for key, text in of.items()} for name, of in panel_states().items()}
    assert len(found) == 200
    assert {name for name in found if found[name] != KEPT.get(name)} == set()


def test_the_panel_has_every_state():
    states = Counter(of["answer"].split(", ")[1].split(":")[0] for of in KEPT.values())
    assert set(states) == {"not_complete", "do_not_give", "caution", "clear"}
    assert min(states.values()) >= 10
