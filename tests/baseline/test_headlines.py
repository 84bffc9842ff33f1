"""The headline numbers stay as they were, unless somebody changed them with a reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from headlines import headlines

HERE = Path(__file__).parent

KEPT = tomllib.loads((HERE / "headlines.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def now() -> dict[str, dict[str, list[float]]]:
    return headlines()


def test_the_list_of_headlines_is_unchanged(now):
    assert {k: list(v) for k, v in now.items()} == {k: list(v) for k, v in KEPT.items()}


@pytest.mark.parametrize("what", list(KEPT))
def test_headline_numbers_are_as_kept(now, what):
    for output, values in KEPT[what].items():
        # processors differ in the last digits of a step; a change of a model is far larger
        assert now[what][output] == pytest.approx(values, rel=2e-3, abs=5e-3), f"{what}: {output}"
