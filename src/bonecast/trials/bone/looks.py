"""The data cut of an interim look: outcomes as they stood when everybody had reached a visit."""

from __future__ import annotations

import polars as pl

from bonecast.trials.bone.columns import FRACTURES, is_list
from bonecast.trials.bone.design import FILM, BoneDesign

EVENTS = (*(name for name in FRACTURES if name.endswith("_d")), "skeletal_event_d")
COURSE = ("stopped_d", "rescued_d", "crossed_d")


def at_look(frame: pl.DataFrame, design: BoneDesign, visit: str) -> pl.DataFrame:
    """The outcomes that were known when the last person had been seen at `visit`.

    Everybody is taken to enter on one day, so the cut is that visit's day and its window. What lies later is null:
    visits, readings, events; who left later is still in the trial. Doses, `vertebral_count` and
    `calcium_min` are counts and figures of the whole trial and are left out.
    """
    cut = design.visit(visit).day + design.visit(visit).window_d
    later = [v.name for v in design.visits if v.day > design.visit(visit).day]
    gone = {f"day_{v}" for v in later}
    gone |= {
        f"{r.quantity}_{v}" for r in design.readings if r.quantity != FILM for v in r.visits if v in later
    }
    whole = ("doses", "late_doses", "missed_doses", "vertebral_count", "calcium_min")
    known = set(frame.columns)
    seen = frame.drop([name for name in whole if name in known])
    kept = [name for name in (*EVENTS, *COURSE) if name in known]
    changed = [pl.when(pl.col(name) <= cut).then(pl.col(name)).alias(name) for name in kept]
    changed += [pl.lit(None, frame.schema[name]).alias(name) for name in sorted(gone & known)]
    changed.append(
        pl.when(pl.col("followed_d") > cut).then(pl.lit("")).otherwise(pl.col("left")).alias("left")
    )
    for name in [name for name in frame.columns if is_list(name)]:
        changed.append(pl.col(name).list.eval(pl.element().filter(pl.element() <= cut)).alias(name))
    return seen.with_columns(*changed).with_columns(pl.min_horizontal("followed_d", pl.lit(cut, pl.Int32)))
