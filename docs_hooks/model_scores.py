"""The score of every model side by side, from the figures that the tests keep."""

from __future__ import annotations

import tomllib
from pathlib import Path

KEPT = Path(__file__).parents[1] / "tests/baseline/scores.toml"
CLASSES = ("BMD", "marker", "exposure", "fracture")


def scores(kind: str) -> str:
    """A table of hits among the rows that each model predicts: `{{ scores classes }}` or `{{ scores endpoints }}`.

    In bold where a model meets the most rows; an error in points where the rows are of BMD or a marker.
    """
    kept = tomllib.loads(KEPT.read_text(encoding="utf-8"))
    names = dict.fromkeys(
        key.removesuffix(" predicted")
        for table in kept.values()
        for key in table
        if key.endswith(" predicted")
    )
    if kind not in ("classes", "endpoints"):
        raise KeyError(kind)
    shown = [name for name in names if (name in CLASSES) == (kind == "classes")]
    lines = [f"| {kind.rstrip('s')} | {' | '.join(kept)} |", "| --- |" + " --- |" * len(kept)]
    for name in shown:
        most = max(table.get(f"{name} hits", 0) for table in kept.values())
        lines.append(f"| {name} | " + " | ".join(_cell(table, name, most) for table in kept.values()) + " |")
    return "\n".join(lines)


def _cell(table: dict[str, float], name: str, most: float) -> str:
    if f"{name} predicted" not in table:
        return ""
    hits, predicted = table[f"{name} hits"], table[f"{name} predicted"]
    error = table.get(f"{name} mean error")
    text = f"{hits:g} of {predicted:g}" + ("" if error is None else f" ({error:.1f})")
    return f"**{text}**" if hits == most and hits > 0 else text
