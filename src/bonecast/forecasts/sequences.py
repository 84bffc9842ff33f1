"""Which drug has been studied after which: the table `sequences.csv`, and what it says of a plan."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from bonecast.core import EVIDENCE_GRADES
from bonecast.drugs import find_drug
from bonecast.regimens import History, Regimen

Evidence = Literal["randomised", "expert", "inference"]
EVIDENCE = ("randomised", "expert", "inference")
# they go with any drug
_BESIDE = ("placebo", "calcium", "calcitriol")


@dataclass(frozen=True)
class Sequence:
    """One drug after another, the best evidence that there is, with its mark and source."""

    before: str
    after: str
    evidence: Evidence
    mark: str
    source: str


@cache
def sequences() -> dict[tuple[str, str], Sequence]:
    """{(before, after): what is known of it}; ValueError where a row is wrong (our own fault).

    >>> sequences()["denosumab", "zoledronate"].evidence
    'randomised'
    """
    text = (files("bonecast.forecasts") / "sequences.csv").read_text("utf-8")
    found = {(row["before"], row["after"]): Sequence(**row) for row in csv.DictReader(io.StringIO(text))}  # type: ignore[arg-type]
    for (before, after), row in found.items():
        known = find_drug(before).generic == before and find_drug(after).generic == after
        if not known or row.evidence not in EVIDENCE or row.mark not in EVIDENCE_GRADES or not row.source:
            raise ValueError(f"sequences.csv, {before} to {after}: drug, evidence, mark or source is wrong")
    return found


def changes(plan: Regimen, history: History) -> Iterator[tuple[str, str]]:
    """Each change of drug in a plan, from what was given last, in order; drugs given together change together.

    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import parse_regimen
    >>> from bonecast.regimens import history_of
    >>> history = history_of(read_patient("examples/late-dose.toml"))
    >>> list(changes(parse_regimen("zoledronate 5 mg once, then nothing for 1 year"), history))
    [('denosumab', 'zoledronate')]
    """
    taken = [d.drug for d in history.doses if d.drug not in _BESIDE]
    before = {taken[-1]} if taken else set()
    for step in plan.steps:
        after = {course.drug for course in step.courses} - set(_BESIDE)
        if not after:
            continue
        yield from ((old, new) for old in sorted(before - after) for new in sorted(after - before))
        before = after
