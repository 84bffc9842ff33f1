"""Limits of weights to a target table and of the commands on many people: just below, at and just above."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from bonecast import forecasts
from bonecast.cli import cohort as cohort_command
from bonecast.cli.populations import populations
from bonecast.cohorts import Tilting, effective_size, population, tilting
from bonecast.errors import InputError, UnknownName
from bonecast.forecasts import CohortSettings


def effective_share(share: float, wanted: float) -> float:
    """Kish's size, of people of whom a `share` says yes, once `wanted` of their weight does; as a share of them."""
    return 1 / (wanted**2 / share + (1 - wanted) ** 2 / (1 - share))


@pytest.mark.parametrize(("wanted", "fits"), [(0.94, True), (0.945, True), (0.953, False), (0.96, False)])
def test_weights_are_refused_below_an_effective_share_of_2_percent(wanted, fits):
    people = {"prior_vertebral": np.arange(1000) < 18}
    assert (effective_share(0.018, wanted) >= 0.02) is fits
    assert effective_share(0.018, wanted) == pytest.approx(0.02, abs=5e-4)
    target = {"prior_vertebral": {"share": wanted}}
    if fits:
        found = Tilting.fit(people, target)
        assert found.effective == pytest.approx(effective_share(0.018, wanted), rel=1e-3)
        assert effective_size(found.weights(people)) == pytest.approx(1000 * found.effective, rel=1e-3)
    else:
        with pytest.raises(InputError, match="of the people's worth"):
            Tilting.fit(people, target)


@pytest.mark.parametrize(("eligible", "fits"), [(199, False), (200, True), (201, True)])
def test_a_reference_of_fewer_than_200_eligible_people_is_refused(eligible, fits):
    drawn = population("men").draw(1, 0, eligible)
    none = drawn.select(np.arange(0))
    source = SimpleNamespace(draw=lambda seed, first, count: none if first else drawn)
    if fits:
        assert tilting(source, {}).effective == pytest.approx(1.0)  # type: ignore[arg-type]
    else:
        with pytest.raises(InputError, match=f"{eligible} are eligible"):
            tilting(source, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failed", "named", "more"), [(9, 9, ""), (10, 10, ""), (11, 10, "and 1 more"), (30, 10, "and 20 more")]
)
def test_ten_people_who_failed_are_named_and_the_others_counted(
    monkeypatch, tmp_path, capsys, failed, named, more
):
    places = [f"person {i}" for i in range(failed)]
    done = SimpleNamespace(
        rows=(), columns=("id",), failed=[(p, "no weight") for p in places], done=0, kept=0
    )
    monkeypatch.setattr(forecasts, "people_of", lambda paths: places)
    monkeypatch.setattr(forecasts, "run_cohort", lambda *_: done)
    with pytest.raises(typer.Exit):
        cohort_command.cohort(["a.csv"], CohortSettings(()), str(tmp_path), 1, as_json=False)
    said = capsys.readouterr().err
    assert said.count("no weight") == named
    assert (more in said) if more else ("more" not in said)


@pytest.mark.parametrize(
    ("count", "fits"), [("0", False), ("1", True), ("2000000", True), ("2000001", False)]
)
def test_one_to_two_million_people_are_drawn_at_once(count, fits):
    """The number is checked before the name: a name that is not there is refused next, and nothing is drawn."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(populations)
    called = CliRunner().invoke(app, ["nobody", "--draw", count])
    assert isinstance(called.exception, UnknownName if fits else SystemExit)
