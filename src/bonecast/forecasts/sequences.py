"""Which drug has been studied after which, as the drug catalogue has it, and what it says of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bonecast.drugs import all_drugs, find_drug
from bonecast.regimens import History, Regimen


@dataclass(frozen=True)
class Sequence:
    """One drug after another, the best evidence that there is, with its mark and source."""

    before: str
    after: str
    evidence: str
    mark: str
    source: str


def sequences() -> dict[tuple[str, str], Sequence]:
    """Return what is known of one drug after another.

    Returns
    -------
    dict of tuple of (str, str) to Sequence
        (before, after) to the evidence.

    Examples
    --------
    >>> sequences()["denosumab", "zoledronate"].evidence
    'randomised'
    """
    return {
        (row.drug, drug.generic): Sequence(row.drug, drug.generic, row.evidence, row.mark, row.source)
        for drug in all_drugs()
        for row in drug.predecessors
    }


def changes(plan: Regimen, history: History) -> Iterator[tuple[str, str]]:
    """List each change of drug in a regimen, from what was given last.

    Parameters
    ----------
    plan : Regimen
        The regimen.
    history : History
        What was given.

    Yields
    ------
    tuple of (str, str)
        Drug before and after, in order; drugs given together change together.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import parse_regimen
    >>> from bonecast.regimens import history_of
    >>> history = history_of(read_patient("examples/late-dose.toml"))
    >>> list(changes(parse_regimen("zoledronate 5 mg once, then nothing for 1 year"), history))
    [('denosumab', 'zoledronate')]
    """
    taken = [d.drug for d in history.doses if not find_drug(d.drug).supplement]
    before = {taken[-1]} if taken else set()
    for step in plan.steps:
        after = {course.drug for course in step.courses if not find_drug(course.drug).supplement}
        if not after:
            continue
        yield from ((old, new) for old in sorted(before - after) for new in sorted(after - before))
        before = after
