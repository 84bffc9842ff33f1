"""Trials drawn from a pool: many people are simulated once, and each trial takes its own at random from them.

A trial of 7,800 people takes longer to play than to analyse. A pool of the same design, several times as large, gives
thousands of trials in seconds. People are drawn with replacement within their arm; what the pool itself is off by
chance is an error that more trials do not remove, and `pool_error` says how large it is.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import stats

from bonecast.core import Progress
from bonecast.errors import InputError, printable
from bonecast.trials.bone.design import CENTRE, BoneArm, BoneDesign
from bonecast.trials.endpoints import TrialEndpoint, arm_names, columns_of

PIECE = 1_000  # people played at a time
FEWEST = 50  # people of an arm in a pool


@dataclass(frozen=True)
class Pool:
    """Outcomes of many people of one design, from which trials are drawn.

    Parameters
    ----------
    design : object
        The design.
    frame : polars.DataFrame
        One row for each person.
    null : bool
        Whether all people are drawn from the reference arm, whatever their label.
    """

    design: BoneDesign
    frame: pl.DataFrame
    null: bool = False

    def __post_init__(self) -> None:
        for arm, rows in self.rows.items():
            if len(rows) < FEWEST:
                cause = f"the pool has {len(rows)} people of '{arm}'"
                raise InputError("pool", cause, f"make it larger; each arm needs {FEWEST}")

    @property
    def rows(self) -> dict[str, np.ndarray]:
        """Rows of the frame for each arm: those of all arms that are treated alike, or of the reference."""
        arms, (_, reference) = self.frame["arm"].to_numpy(), arm_names(self.design)
        if self.null:
            own = np.flatnonzero(arms == reference)
            return {arm.name: own for arm in self.design.arms}
        return {
            arm.name: np.flatnonzero(np.isin(arms, [one.name for one in self.design.arms if alike(arm, one)]))
            for arm in self.design.arms
        }

    @property
    def same(self) -> bool:
        """Whether both arms of the comparison are drawn from the same people, so that the pool adds no difference."""
        (treated, *_), reference = arm_names(self.design)
        named = {arm.name: arm for arm in self.design.arms}
        return self.null or alike(named[treated], named[reference])


def alike(one: BoneArm, other: BoneArm) -> bool:
    """Whether two arms are treated in the same way, whatever they are called."""
    return replace(one, name="", share=1) == replace(other, name="", share=1)


def simulated(
    design: BoneDesign,
    endpoint: TrialEndpoint | Sequence[TrialEndpoint],
    people: int,
    workers: int = 1,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Simulate the pool of outcomes of a bone design.

    Parameters
    ----------
    design : object
        The design.
    endpoint : TrialEndpoint or sequence of them
        Endpoints whose columns are needed.
    people : int
        People of the pool.
    workers : int
        Parts that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    polars.DataFrame
        One row for each person.
    """
    from bonecast.trials.bone import play_people

    asked = [endpoint] if isinstance(endpoint, TrialEndpoint) else endpoint
    whole, report = replace(design, people=people, trials=1), progress or (lambda share, what: None)
    if design.unit == CENTRE:  # centres as large as in the trial
        whole = replace(whole, centres=max(design.centres, round(design.centres * people / design.people)))

    def piece(first: int) -> pl.DataFrame:
        part = play_people(whole, first, min(PIECE, people - first))
        return part.select(columns_of_all(asked, design.strata, part.columns))

    play_people(
        whole, 0, 1
    )  # the kernel is compiled and the people are enrolled before the workers ask for them
    parts = []
    with ThreadPoolExecutor(workers) as threads:
        for i, part in enumerate(threads.map(piece, range(0, people, PIECE)), 1):
            parts.append(part)
            report(min(1.0, i * PIECE / people), f"{min(i * PIECE, people):,} people of the pool")
    return pl.concat(parts)


def of_run(
    design: BoneDesign, folder: str | os.PathLike[str], endpoint: TrialEndpoint | Sequence[TrialEndpoint]
) -> pl.DataFrame:
    """Take a pool of outcomes from a finished run of a design, of any size and seed.

    Parameters
    ----------
    design : object
        The design.
    folder : str or path
        Folder of the run.
    endpoint : TrialEndpoint or sequence of them
        Endpoints whose columns are needed.

    Returns
    -------
    polars.DataFrame
        One row for each person.

    Raises
    ------
    InputError
        If it is the run of another design.
    """
    from bonecast.trials.report_source import source_of
    from bonecast.trials.run_files import find_run

    played, files = find_run(folder)
    alike = played.analysis == design.analysis and (
        replace(played, people=design.people, seed=design.seed).hash == design.hash
    )
    if not alike:
        cause = f"'{printable(os.fspath(folder), 120)}' holds the run of another design"
        raise InputError("pool", cause, "name a run of this one, of any size")
    source = source_of(files)
    asked = [endpoint] if isinstance(endpoint, TrialEndpoint) else endpoint
    return source.take(columns_of_all(asked, design.strata, source.columns))


def columns_of_all(asked: Sequence[TrialEndpoint], strata: Sequence[str], known: Sequence[str]) -> list[str]:
    """The columns that any of these endpoints reads."""
    return list(dict.fromkeys(name for one in asked for name in columns_of(one, strata, known)))


def sizes(design: BoneDesign, people: int) -> dict[str, int]:
    """People of each arm: by the shares, the remainder to the first arms.

    >>> from collections import namedtuple
    >>> A, D = namedtuple("A", "name share"), namedtuple("D", "arms")
    >>> sizes(D((A("drug", 2), A("placebo", 1))), 61)
    {'drug': 41, 'placebo': 20}
    """
    shares = np.array([arm.share for arm in design.arms])
    found = people * shares // shares.sum()
    found[: people - found.sum()] += 1
    return {arm.name: int(count) for arm, count in zip(design.arms, found, strict=True)}


def draw(pool: Pool, rows: dict[str, np.ndarray], people: int, seed: int, number: int) -> pl.DataFrame:
    """One trial of so many people; `rows` are `pool.rows`. The same seed, number and size give the same trial."""
    rng = np.random.default_rng([seed, number, people])
    if pool.design.unit == CENTRE:
        return _centres(pool, rows, people, rng)
    taken, names = [], []
    for name, count in sizes(pool.design, people).items():
        taken.append(rng.choice(rows[name], count))
        names += [name] * count
    return pool.frame[np.concatenate(taken)].with_columns(arm=pl.Series(names))


def _centres(pool: Pool, rows: dict[str, np.ndarray], people: int, rng: np.random.Generator) -> pl.DataFrame:
    """One trial of whole centres; as many of them for each arm as its people are worth, and two at least."""
    centre = pool.frame["centre"].to_numpy()
    taken, names, numbers, size = [], [], [], pool.design.people / pool.design.centres
    for name, count in sizes(pool.design, people).items():
        mine = rows[name][np.argsort(centre[rows[name]], kind="stable")]
        parts = np.split(mine, np.flatnonzero(np.diff(centre[mine])) + 1)
        for k in rng.choice(len(parts), max(2, round(count / size))):
            taken.append(parts[k])
            names += [name] * len(parts[k])
            numbers += [len(taken)] * len(parts[k])
    return pool.frame[np.concatenate(taken)].with_columns(arm=pl.Series(names), centre=pl.Series(numbers))


def at_margin(endpoint: TrialEndpoint, one: pl.DataFrame, design: BoneDesign) -> pl.DataFrame:
    """The trial with its treated arm at a limit of the margin: the truth at which the test is hardest.

    Raises InputError for events and shares, whose people cannot be moved to a limit.
    """
    assert endpoint.margin is not None  # asked of such endpoints only
    if endpoint.method not in ("ancova", "mmrm"):
        cause = f"'{printable(endpoint.name)}' is of events or shares, which are not moved to a margin"
        raise InputError("null", cause, "ask for the type I error of a measured endpoint")
    low, high = endpoint.margin
    return displaced(endpoint, one, design, low if math.isfinite(low) and low != 0 else high)


def displaced(endpoint: TrialEndpoint, one: pl.DataFrame, design: BoneDesign, by: float) -> pl.DataFrame:
    """The trial with its treated arm moved: by points of % of baseline, or for a ratio by this factor."""
    treated = pl.col("arm").is_in(arm_names(design)[0])
    first, moved = f"{endpoint.quantity}_{endpoint.baseline}", []
    for visit in dict.fromkeys((*endpoint.visits, endpoint.visit)):
        name = endpoint.column(visit)
        if name not in one.columns:
            continue
        value = pl.col(name)
        shifted = value + pl.col(first) * (by / 100) if endpoint.statistic == "change" else value * by
        moved.append(pl.when(treated).then(shifted).otherwise(value).alias(name))
    return one.with_columns(moved)


def pool_error(power: float, people: int, pool: int, same: bool) -> float:
    """Standard error of the power because the pool is finite.

    Its own estimate of the effect is off by one standard error of a trial times sqrt(people / pool), and the power by
    phi(Phi^-1(power)) times that. None where both arms are drawn from the same people, which are alike by construction.

    >>> round(pool_error(0.9, 400, 10_000, False), 4)
    0.0351
    """
    if same or not 0 < power < 1:
        return 0.0
    return float(stats.norm.pdf(stats.norm.ppf(power)) * math.sqrt(people / pool))
