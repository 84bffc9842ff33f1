"""What `bonecast trial report` says of a run: shares of trials by truth, or the endpoints of a trial on bone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bonecast.cli.output import echo, table
from bonecast.core import DISCLAIMER

if TYPE_CHECKING:
    from bonecast.trials import Characteristic, EffectRow


def found_json(
    found: Sequence[Characteristic] | Sequence[EffectRow], paths: Mapping[str, Path], key: str
) -> dict[str, Any]:
    """The findings under `key` and the files, as JSON can hold them."""
    return {"files": [str(path) for path in paths.values()], key: [plain(vars(one)) for one in found]}


def plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """With null for what JSON has no number for.

    >>> plain({"arm": "placebo", "z": float("inf")})
    {'arm': 'placebo', 'z': None}
    """
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in found.items()
    }


def say_characteristics(found: Sequence[Characteristic]) -> None:
    """How often each analysis found something, by truth."""
    truths = list(dict.fromkeys(one.truth for one in found))
    names = list(dict.fromkeys(one.name for one in found if one.kind == "share"))
    at = {(one.name, one.truth): one for one in found}
    table(
        ["share of trials, %", *truths],
        [[name, *(_cell(at[name, truth]) for truth in truths)] for name in names],
    )
    echo(f"\n± Monte Carlo standard error. Nobody in it is real.\n{DISCLAIMER}")


def say_rows(found: Sequence[EffectRow]) -> None:
    """The decisive comparison of each endpoint of the first trial."""
    table(
        ["endpoint", "arm", "against", "measure", "estimate", "low", "high", "p", "met"],
        [
            [
                one.endpoint,
                one.arm,
                one.reference,
                one.measure,
                *map(_number, (one.estimate, one.low, one.high)),
                _p(one.p),
                one.success,
            ]
            for one in found
        ],
    )
    echo(f"\nOf many trials this is the first; the report has all. Nobody in it is real.\n{DISCLAIMER}")


def _cell(one: Characteristic) -> str:
    return f"{100 * one.value:.1f} ± {100 * one.error:.1f}"


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else ""


def _p(value: float) -> str:
    return "" if not math.isfinite(value) else "<0.0001" if value < 1e-4 else f"{value:.4f}"
