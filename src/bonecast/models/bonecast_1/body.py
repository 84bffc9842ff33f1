"""The whole body, in the order in which the signal runs: plug-ins, RANKL, cells, bone, markers, minerals.

Time is in days; cells and bone are relative to the untreated person, minerals in mmol. The plug-ins are given, so that
an extension of the model is the same body with more of them.
"""

from __future__ import annotations

from typing import Any

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1 import (
    ageing,
    markers,
    mineral,
    osteoblasts,
    osteoclasts,
    rankl,
    sites,
)
from bonecast.models.bonecast_1.action import Action, together
from bonecast.models.bonecast_1.plugin import Bone, Plugin

Plugins = tuple[Plugin, ...]


def initial(p: Values, plugins: Plugins, mineral: Any = mineral) -> dict[str, Number]:
    """Where does a person start, in every state? `mineral` is this module's, or that of another model."""
    start = {
        **osteoclasts.initial(p),
        **osteoblasts.initial(p),
        **sites.initial(p),
        **ageing.initial(p),
        **mineral.initial(p),
    }
    for plugin in plugins:
        start |= plugin.initial(p)
    return start


def action(y: Values, p: Values, plugins: Plugins) -> Action:
    """What do all drugs and states of this person do at this moment?"""
    return together(plugin.action(y, p) for plugin in plugins)


def rates(
    y: Values, p: Values, plugins: Plugins, act: Action | None = None, mineral: Any = mineral
) -> dict[str, Number]:
    """All rates, per day; `act` where more is known of what the plug-ins do together than their sum."""
    act = act or action(y, p, plugins)
    pth = mineral.pth(y, p)
    activity = pth + act.pth_activity
    bone = Bone(
        resorption=osteoclasts.resorption(y, act),
        formation=osteoblasts.remodelling(y, act, p.trabecular_body),
        GFR=p.GFR,
    )
    change = {
        **osteoclasts.rates(y, p, act, rankl.free(p, act, pth), 1 + act.turnover),
        **osteoblasts.rates(y, p, act),
        **sites.rates(y, p, act),
        **ageing.rates(),
        **mineral.rates(y, p, act, activity),
    }
    for plugin in plugins:
        change |= plugin.rates(y, p, bone)
        for state, per_day in plugin.adds(y, p).items():
            change[state] = change[state] + per_day
    return change


def outputs(
    y: Values, p: Values, start: Values, plugins: Plugins, act: Action | None = None, mineral: Any = mineral
) -> dict[str, Number]:
    """What is measured, and what the fracture outcome needs; `act` and `mineral` as in `rates`."""
    act = act or action(y, p, plugins)
    pth = mineral.pth(y, p)
    values = {
        **markers.outputs(y, p, act),
        **sites.outputs(y, p, start),
        **{
            f"{name}_BMD_untreated_pct_change": 100 * (ageing.volume(y, p, name) - 1) for name in ("LS", "TH")
        },
        **{
            f"{name}_matrix_pct_change": 100 * (sites.matrix(y, name) / sites.matrix(start, name) - 1)
            for name in ("LS", "TH")
        },
        "resorption_pct_of_baseline": 100 * osteoclasts.resorption(y, act),
        "formation_pct_of_baseline": 100 * osteoblasts.whole(y, p, act),
        "calcium_mmol_L": y.ca,
        "phosphate_mmol_L": y.ph,
        "PTH_pg_mL": mineral.pth_at_rest(p) * pth,
        "calcitriol_pmol_L": y.D,
        "free_RANKL_pct_of_baseline": 100 * rankl.free(p, act, pth),
        "waiting_cells_pct_of_baseline": 100 * y.W,
        "activation_sites_pct_of_baseline": 100 * y.U,
        "age_y": y.age,
    }
    for plugin in plugins:
        values |= plugin.outputs(y, p)
    return values
