"""What is known of the people of an arm that no column of the tables holds: time on a state, adherence before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import table
from bonecast.evidence.row import Row


@dataclass(frozen=True)
class ArmFacts:
    """Facts about the people of a study or an arm, from `arm_facts.toml`.

    Parameters
    ----------
    mark, source : str
        Evidence grade, and where it comes from.
    state_months : float, optional
        How long they had the state of their population on day 0; that of the typical people where None.
    adherence_before : float, optional
        Share taken of an oral drug of the plan before the month from which the change is counted.
    """

    mark: str
    source: str
    state_months: float | None = None
    adherence_before: float | None = None


NOTHING = ArmFacts("assumption", "nothing is known")


@cache
def _facts() -> dict[str, ArmFacts]:
    return table(files("bonecast.evidence") / "arm_facts.toml", ArmFacts)


def arm_facts(row: Row) -> ArmFacts:
    """Look up what is known of the people of a row.

    Parameters
    ----------
    row : Row
        A published figure.

    Returns
    -------
    ArmFacts
        Of its arm, or else of its study.

    Examples
    --------
    >>> arm_facts(Row("a", "LS_BMD_pct", study="BHOOPALAM2009", arm="pbo le1y")).state_months
    3
    """
    known = _facts()
    return known.get(f"{row.study}: {row.arm}") or known.get(row.study, NOTHING)
