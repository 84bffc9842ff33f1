"""The whole benchmark: every engine, every problem, and the ratios at matched error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bonecast.bench import own, problem, scipy_peer, start
from bonecast.bench.body import body
from bonecast.bench.cvode_peer import cvode
from bonecast.bench.forecasts import forecasts
from bonecast.bench.roadrunner_peer import roadrunner
from bonecast.bench.timing import BenchTiming

_CHECK = "bonecast at rtol 1e-10, against LSODA"
MATCHED = 5e-4  # the error at which engines are compared
_PEER_RTOLS = (1e-4, 1e-5, 1e-6, 1e-7)


def run_bench(quick: bool = False, tell: Callable[[str], None] | None = None) -> list[BenchTiming]:
    """Run the benchmark.

    Parameters
    ----------
    quick : bool
        Leave out the largest and the slowest.
    tell : callable, optional
        Called with what is being measured.

    Returns
    -------
    list of BenchTiming
        What was measured.

    Notes
    -----
    Errors of the typical person are against LSODA at rtol 1e-10. Errors of many people are against our own engine at
    rtol 1e-10, which is itself compared with LSODA on some of them (the first row).
    """
    say = tell or (lambda what: None)
    count = 200 if quick else 1000
    say("the reference (LSODA, rtol 1e-10)")
    exact = scipy_peer.reference(0)
    say(f"our reference for {count} people (rtol 1e-10)")
    reference = own.own_reference(count)
    rows = [_own_reference(reference, 2 if quick else 8)]

    for rtol in (1e-4, 1e-5):
        say(f"one person, rtol {rtol:g}")
        rows.append(own.one(rtol, exact))
    for rtol in (1e-4, 1e-5, 5e-6):
        say(f"{count} people, rtol {rtol:g}")
        rows.append(own.many(count, rtol, 1, reference))
    say("our own model")
    rows += body(count, (1e-4, 1e-5))
    say("two threads")
    rows.append(own.many(count, 1e-4, 2, None))
    if not quick:
        say("100,000 people to quantiles")
        rows.append(own.quantiles(100_000, 1e-4))
    say("process starts")
    rows += start.starts(3 if quick else 7)
    say("forecasts")
    rows += forecasts(quick)

    say("SciPy LSODA")
    rows += [scipy_peer.lsoda(rtol, exact) for rtol in ((1e-4,) if quick else (1e-4, 1e-5))]
    say("CVODE")
    rows += cvode(_PEER_RTOLS, exact)
    say("libroadrunner")
    rows += roadrunner(_PEER_RTOLS, exact)
    return rows


def ratios(rows: list[BenchTiming]) -> dict[str, float]:
    """Compare each peer with our engine for many people, both within the matched error.

    Parameters
    ----------
    rows : list of BenchTiming
        What was measured.

    Returns
    -------
    dict of str to float
        Peer to how many times longer it takes.
    """
    decade = [r for r in rows if r.problem == problem.TITLE and r.threads == 1 and r.worst_error is not None]
    within = [r for r in decade if (r.worst_error or 0) <= MATCHED]
    ours = min(
        (r.ms_per_patient_decade for r in within if r.engine == own.ENGINE and r.patients > 1), default=None
    )
    if ours is None:
        return {}
    peers = {r.engine for r in within} - {own.ENGINE, _CHECK}
    return {
        peer: min(r.ms_per_patient_decade for r in within if r.engine == peer) / ours
        for peer in sorted(peers)
    }


def _own_reference(reference: np.ndarray, checked: int) -> BenchTiming:
    errors = [
        problem.worst_error(reference[i], scipy_peer.reference(i))
        for i in range(min(checked, len(reference)))
    ]
    note = f"our reference at rtol 1e-10 against LSODA at 1e-10 on {len(errors)} of them"
    return BenchTiming(_CHECK, problem.TITLE, len(reference), 1, 1e-10, float("nan"), max(errors), note=note)
