"""What was learned of a person, kept in a file: plain arrays and a text, never code (no pickle)."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from bonecast.core import ENGLISH, atomic_write, current_language, current_practice
from bonecast.forecasts.case import Case
from bonecast.forecasts.request import record_hash
from bonecast.inference import (
    Diagnostics,
    Method,
    Observation,
    Posterior,
    PredictiveCheck,
    TemperingStep,
    observations_of,
)
from bonecast.regimens import supported_doses

_PARTS = ("people", "levels", "prior_people", "prior_levels", "calibration")
_TEXT = "answer"
# What cannot change what is learned.
_ABOVE = ("charts", "cli", "papers", "reports", "trials", "web")


def key_of(case: Case, draws: int, seed: int, method: Method = "fast") -> str:
    """The name of what is learned: a hash of the record, the settings and the code; a name of a person is no part."""
    practice = current_practice()
    own, language = practice.precision or practice.cross_calibration, current_language().code
    asked = f"{record_hash(case.patient)}|{case.model.name}|{case.rtol!r}|{draws}|{seed}|{method}|{code_version()}"
    asked += f"|{practice.precision}|{practice.cross_calibration}" if own else ""
    asked += f"|{language}" if language != ENGLISH else ""  # the notes that are kept with it are sentences
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


@cache
def code_version() -> str:
    """A hash of every file that decides what is learned, and of the versions of the libraries beneath.

    Returns
    -------
    str
    """
    import scipy

    home = Path(str(files("bonecast")))
    found = hashlib.sha256(f"{np.__version__} {scipy.__version__}".encode())
    for path in sorted(home.rglob("*")):
        if path.suffix in (".py", ".toml", ".csv") and path.relative_to(home).parts[0] not in _ABOVE:
            found.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def save_learned(path: Path, known: Posterior) -> None:
    """Write what was learned; the file takes its name when it is complete."""
    arrays = {f"{part} {name}": values for part in _PARTS for name, values in getattr(known, part).items()}
    answer = np.frombuffer(json.dumps(_as_json(known)).encode(), np.uint8)
    with atomic_write(path) as beside, beside.open("wb") as stream:
        np.savez(stream, **{_TEXT: answer}, **arrays)


def load_learned(path: Path, case: Case, draws: int) -> Posterior | None:
    """What was learned of this person before; None where nothing is kept, or the file is not a whole one of ours."""
    try:
        with np.load(path, allow_pickle=False) as found:
            text = json.loads(found[_TEXT].tobytes())
            parts = {part: dict(_arrays(found, part, draws)) for part in _PARTS}
        followed = supported_doses(case.model, case.history) is not None
        seen = observations_of(case.patient, case.model, case.history) if followed else ()
        return Posterior(**parts, **_from_json(text, seen))
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _arrays(found: Mapping[str, np.ndarray], part: str, draws: int) -> Iterator[tuple[str, np.ndarray]]:
    for name in found:
        if name.startswith(f"{part} "):
            values = found[name]
            if values.dtype != np.float64 or values.shape != (draws,):
                raise ValueError(name)
            yield name.removeprefix(f"{part} "), values


def _as_json(known: Posterior) -> dict[str, Any]:
    """All but the arrays; an observation is named by its place, and read from the record again."""
    place = {id(o): i for i, o in enumerate(known.observations)}
    checks = [
        {
            **{
                name: getattr(one, name)
                for name in ("before", "after", "tail", "z", "outlier_probability", "outlier")
            },
            "observation": place[id(one.observation)],
            "against": None if one.against is None else place[id(one.against)],
        }
        for one in known.diagnostics.measurements
    ]
    return {
        "count": known.diagnostics.count,
        "course": asdict(known.diagnostics.course),
        "method": known.diagnostics.method,
        "pareto_k": known.diagnostics.pareto_k,
        "checks": checks,
        "notes": list(known.notes),
        "observations": len(known.observations),
    }


def _from_json(text: dict[str, Any], seen: Sequence[Observation]) -> dict[str, Any]:
    if text["observations"] != len(seen):
        raise ValueError("observations")
    of = text["course"]
    rows = {name: tuple(values) for name, values in of.items() if name != "log_evidence"}
    course = TemperingStep(**rows, log_evidence=of["log_evidence"])
    checks = tuple(
        PredictiveCheck(
            observation=seen[one["observation"]],
            before=tuple(one["before"]),
            after=tuple(one["after"]),
            tail=one["tail"],
            z=one["z"],
            outlier_probability=one["outlier_probability"],
            outlier=one["outlier"],
            against=None if one["against"] is None else seen[one["against"]],
        )
        for one in text["checks"]
    )
    return {
        "diagnostics": Diagnostics(text["count"], course, checks, text["method"], text["pareto_k"]),
        "notes": tuple(text["notes"]),
        "observations": tuple(seen),
    }
