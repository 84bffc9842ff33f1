"""The folder of one assessment: the results, and the pictures with the tables behind them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from bonecast.charts import Table, png
from bonecast.charts.scatter import Scatter, scatter_table
from bonecast.charts.traces import Traces, traces_table
from bonecast.core import atomic_write
from bonecast.liver.assessment import Assessment
from bonecast.liver.content import content
from bonecast.liver.edish import edish_of_one
from bonecast.liver.timeline import timeline


def write_assessment(made: Assessment, folder: Path) -> dict[str, Path]:
    """Write liver.json, timeline.png and, where the person has a place, edish.png, each with its table as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    with atomic_write(folder / "liver.json") as beside:
        text = json.dumps(content(made), indent=2, ensure_ascii=False, allow_nan=False)
        beside.write_text(text + "\n", encoding="utf-8")
    paths["liver.json"] = folder / "liver.json"
    pictures = {"timeline": timeline(made), "edish": edish_of_one(made)}
    for name, picture in pictures.items():
        target = folder / f"{name}.png"
        if picture is None:
            target.unlink(missing_ok=True)  # one of an earlier run would be of other values
            continue
        paths[target.name] = write_picture(picture, target)
        table = traces_table(picture) if isinstance(picture, Traces) else scatter_table(picture)
        paths[f"{name}.csv"] = _write_table(table, folder / f"{name}.csv")
    return paths


def write_picture(picture: Scatter | Traces, target: Path) -> Path:
    """Write a picture as PNG."""
    drawn = png(picture)
    with atomic_write(target) as beside:
        beside.write_bytes(drawn)
    return target


def _write_table(table: Table, target: Path) -> Path:
    with atomic_write(target) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([table.columns, *table.rows])
    return target
