"""Power and sample size of a design by its name: the endpoint is found and the pool of virtual people simulated."""

from __future__ import annotations

import os

from bonecast.core import Progress
from bonecast.errors import InputError
from bonecast.trials.assurance import Assurance, assurance
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import TrialEndpoint
from bonecast.trials.power import Power, named, power
from bonecast.trials.power_joint import JointPower, joint_power
from bonecast.trials.power_pool import Pool, of_run, simulated
from bonecast.trials.power_size import Size, sample_size
from bonecast.trials.reader import read_design

POOL = 20_000
FEWEST, MOST = 200, 10_000_000  # people of a pool


def design_power(
    design: str | os.PathLike[str] | BoneDesign,
    endpoint: str | None = None,
    *,
    people: int | None = None,
    trials: int = 1000,
    null: bool = False,
    pool: str | os.PathLike[str] | int = POOL,
    workers: int = 1,
    progress: Progress | None = None,
) -> Power:
    """Estimate the power of a bone trial: the share of simulated trials that meet an endpoint.

    A pool of virtual people is simulated once, and trials are drawn from it.

    Parameters
    ----------
    design : str, path or BoneDesign
        A design file, the name of a design that comes with the package ("biosimilar"), or a design.
    endpoint : str, optional
        Name of the endpoint; the first primary one by default.
    people : int, optional
        People of one trial, 6 to 1,000,000; as in the design by default.
    trials : int
        Trials that are drawn, 10 to 1,000,000.
    null : bool
        Estimate the type I error: arms alike, or in equivalence a difference at the margin.
    pool : str, path or int
        Folder of a finished run of this design whose people are drawn from, or how many people to simulate
        (200 to 10,000,000).
    workers : int
        Parts of the pool that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Power
        The share of trials that succeed, with its standard error.

    Raises
    ------
    InputError
        If the design is no bone trial, or a number is out of range.
    UnknownName
        If there is no such endpoint.

    Examples
    --------
    >>> found = design_power("biosimilar", trials=20, people=200, pool=300)
    >>> found.endpoint, 0.0 <= found.share <= 1.0, found.pool
    ('spine BMD at a year', True, 300)
    """
    known, judged, drawn = _ready(design, endpoint, pool, workers, null, progress)
    return power(known, judged, drawn, trials, people, progress)


def design_size(
    design: str | os.PathLike[str] | BoneDesign,
    endpoint: str | None = None,
    *,
    power: float = 0.9,
    precision: float = 0.02,
    pool: str | os.PathLike[str] | int = POOL,
    workers: int = 1,
    progress: Progress | None = None,
) -> Size:
    """Find how many people a bone trial needs, by simulation.

    Parameters
    ----------
    design : str, path or BoneDesign
        A design file, the name of a design that comes with the package ("biosimilar"), or a design.
    endpoint : str, optional
        Name of the endpoint; the first primary one by default.
    power : float
        Share of trials that should succeed, 0.5 to 0.99.
    precision : float
        Half of the 95 % interval of the size, as a share of it, 0.005 to 0.5.
    pool : str, path or int
        Folder of a finished run of this design whose people are drawn from, or how many people to simulate
        (200 to 10,000,000).
    workers : int
        Parts of the pool that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Size
        People needed, with the 95 % interval.

    Raises
    ------
    InputError
        If the design is no bone trial, or a number is out of range.
    UnknownName
        If there is no such endpoint.
    ComputeError
        If no size up to 500,000 people reaches the power.

    Examples
    --------
    >>> found = design_size("biosimilar", precision=0.4, pool=400)
    >>> found.low <= found.people <= found.high
    True
    """
    known, judged, drawn = _ready(design, endpoint, pool, workers, False, progress)
    return sample_size(known, judged, drawn, power, precision, progress=progress)


def design_joint_power(
    design: str | os.PathLike[str] | BoneDesign,
    *,
    people: int | None = None,
    trials: int = 1000,
    null: bool = False,
    pool: str | os.PathLike[str] | int = POOL,
    workers: int = 1,
    progress: Progress | None = None,
) -> JointPower:
    """Estimate the power of all endpoints that share the level of a bone trial.

    Parameters
    ----------
    design : str, path or BoneDesign
        A design file, the name of a design that comes with the package, or a design; it needs [multiplicity].
    people : int, optional
        People of one trial, 6 to 1,000,000; as in the design by default.
    trials : int
        Trials that are drawn, 10 to 1,000,000.
    null : bool
        Estimate the familywise error: arms alike.
    pool : str, path or int
        Folder of a finished run of this design whose people are drawn from, or how many people to simulate.
    workers : int
        Parts of the pool that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    JointPower
        Shares of trials in which each endpoint succeeds, alone and under the shared level.

    Raises
    ------
    InputError
        If the design is no bone trial or shares no level, or a number is out of range.
    """
    known = bone_design(design)
    if known.multiplicity is None:
        raise InputError("design", "its endpoints share no level", "add [multiplicity] with a method")
    known, _, drawn = _ready(known, None, pool, workers, null, progress, whole=True)
    return joint_power(known, drawn, trials, people, progress)


def design_assurance(
    design: str | os.PathLike[str] | BoneDesign,
    endpoint: str | None = None,
    *,
    draws: int = 20,
    trials: int = 50,
    people: int | None = None,
    pool: int = 1000,
    workers: int = 1,
    progress: Progress | None = None,
) -> Assurance:
    """Estimate the assurance of a bone trial: its power averaged over the model's posterior and discrepancy.

    Parameters
    ----------
    design : str, path or BoneDesign
        A design file, the name of a design that comes with the package, or a design.
    endpoint : str, optional
        Name of the endpoint; the first primary one by default.
    draws : int
        Draws of the posterior, 2 to 10,000.
    trials : int
        Trials of each draw, 10 to 1,000,000.
    people : int, optional
        People of one trial; as in the design by default.
    pool : int
        People simulated for each draw, 200 to 10,000,000.
    workers : int
        Parts of a pool that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Assurance
        The share of trials that succeed, with its standard error.

    Raises
    ------
    InputError
        If the design is no bone trial, its model has no posterior, or a number is out of range.
    """
    known = bone_design(design)
    _within_pool(pool)
    return assurance(known, named(known, endpoint), draws, trials, people, pool, workers, progress)


def _ready(
    design: str | os.PathLike[str] | BoneDesign,
    endpoint: str | None,
    pool: str | os.PathLike[str] | int,
    workers: int,
    null: bool,
    progress: Progress | None,
    whole: bool = False,
) -> tuple[BoneDesign, TrialEndpoint, Pool]:
    """The design, the endpoint and the pool: of a finished run, or simulated now; `whole` for all endpoints."""
    known = bone_design(design)
    judged = named(known, endpoint)
    asked = known.endpoints if whole else judged
    if not isinstance(pool, int):
        return known, judged, Pool(known, of_run(known, pool, asked), null)
    _within_pool(pool)
    return known, judged, Pool(known, simulated(known, asked, pool, workers, progress), null)


def bone_design(design: str | os.PathLike[str] | BoneDesign) -> BoneDesign:
    """The bone design of a file, a name or itself; InputError for one of another kind."""
    known = design if isinstance(design, BoneDesign) else read_design(design)
    if not isinstance(known, BoneDesign):
        hint = "bonecast trial report tells its error rates"
        raise InputError("design", f"'{known.name}' is no bone trial", hint)
    return known


def _within_pool(pool: int) -> None:
    if not FEWEST <= pool <= MOST:
        cause = f"{pool} is outside {FEWEST} to {MOST:,}"
        raise InputError("pool-people", cause, f"{POOL} is usual")
