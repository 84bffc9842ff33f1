"""What a delay of the next injection costs the people of a list."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bonecast.core import Progress, gettext
from bonecast.errors import BonecastError
from bonecast.forecasts import delay_cost
from bonecast.records import patient_of_tables
from bonecast.web.store.merge import Record, without_keys


def delays(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The cost of each person by number; empty where no number is given.

    asked : "day", "records" with the record and the version of each person, and the clinic's "jurisdiction".
    """
    made, records = {}, asked["records"]
    for place, (id_, one) in enumerate(records.items()):
        progress(
            place / len(records), gettext("{number} of {total} people", number=place + 1, total=len(records))
        )
        made[id_] = {"version": one["version"], "cost": _cost(one["record"], asked)}
    return made


def _cost(record: Record, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        patient = patient_of_tables(without_keys(record), "record")
        usual = None if patient.fact("jurisdiction") else asked.get("jurisdiction")
        cost = delay_cost(patient, dt.date.fromisoformat(asked["day"]), usual)
    except BonecastError:  # a record that cannot be used, or one whom no forecast is made for
        return {}
    return asdict(cost) if cost else {}
