"""The evidence as work: what a model says of every published figure of the project's table, and how near it comes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bonecast.core import Progress
from bonecast.evidence import Row, calibration_rows, evidence_score, open_calibration
from bonecast.models import load_model
from bonecast.reports import bonecast_version
from bonecast.trials import design_hash

PEOPLE, SEED = 240, 1


def asked_of(model: str) -> dict[str, Any]:
    """What is asked of this model: its name, and a key that changes with its numbers, the table and the version."""
    with open_calibration() as file:
        table = hashlib.sha256(file.read().encode()).hexdigest()
    found = load_model(model)
    calibrated = found.posterior is not None
    settings = {
        "people": PEOPLE,
        "seed": SEED,
        "table": table,
        "version": bonecast_version(),
        "interval": calibrated,
    }
    return {"model": found.name, "key": design_hash(settings, found)}


def scoreboard(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Predictions for the whole table, scored."""
    rows = calibration_rows()
    card = evidence_score(
        asked["model"], rows, PEOPLE, SEED, progress=lambda share, what: progress(share or 0.0, what)
    ).plain()
    published = {row.id: _published(row) for row in rows}
    return {
        "model": asked["model"],
        "people": PEOPLE,
        "seed": SEED,
        **card,
        "rows": [{**published[one["id"]], **one} for one in card["rows"]],
    }


def _published(row: Row) -> dict[str, Any]:
    """What the table says of a row, in JSON's terms."""
    wanted = (
        "study",
        "arm",
        "n",
        "month",
        "change_from_month",
        "ci_low",
        "ci_high",
        "ci_type",
        "seen",
        "citation",
        "doi",
    )
    cells = asdict(row)
    return {
        **{name: cells[name] for name in wanted},
        "plan": str(row.plan) if row.plan else "",
        "comparator_plan": str(row.comparator_plan) if row.comparator_plan else "",
        "ratio": row.is_ratio,
    }
