"""The strategies that are compared when nobody names any (`strategies.toml`)."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.core import gettext
from bonecast.forecasts.oncology import plans_120
from bonecast.regimens import DAYS_IN, History


def default_strategies(
    history: History, horizon_d: float, every: bool = False, indication: str | None = None
) -> dict[str, str]:
    """Name the strategies that are compared when nobody names any.

    On denosumab: on time, three months late, stop, and a switch to a bisphosphonate; without treatment, start or not.
    For 120 mg by indication: every 4 weeks, every 12 weeks, stop with zoledronate, stop.

    Parameters
    ----------
    history : History
        What was given last decides.
    horizon_d : float
        Days that the plans last at least.
    every : bool
        Every strategy that fits, not the usual ones only.
    indication : str, optional
        Of a person whose denosumab is 120 mg ("BONE_METS" ...): all strategies are then of 120 mg.

    Returns
    -------
    dict
        Name, in the language of `bonecast.core.speaking`, to plan.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> history = history_of(read_patient("examples/late-dose.toml"))
    >>> list(default_strategies(history, 365.25))
    ['on time', '3 months late', 'stop', 'switch to alendronate', 'switch to zoledronate']
    >>> len(default_strategies(history, 365.25, every=True))
    16
    """
    months = math.ceil(horizon_d / DAYS_IN["months"])
    numbers: dict[str, int | str] = {
        "months": months,
        "doses": months // 6 + 1,
        "years": months // 12 + 1,
        "rest12": max(1, months - 12),
        "rest24": max(1, months - 24),
    }
    last = history.doses[-1].drug if history.doses else None
    kind = "nothing" if last is None else last if last == "denosumab" else "other"
    if indication is not None:
        kind = "120 mg" if kind == "denosumab" else "start of 120 mg"
        numbers |= plans_120(history, horizon_d, indication)
    return {
        gettext(row["name"]): row["plan"].format(**numbers)
        for row in _rows()
        if row["for"] == kind
        and (every or row.get("usual"))
        and (indication is None or indication in row.get("indications", (indication,)))
    }


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    text = (files("bonecast.forecasts") / "strategies.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["strategy"])
