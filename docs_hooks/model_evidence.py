"""Counts of the tables of published results, for `{{ evidence places }}` and `{{ evidence unpredicted }}`."""

from __future__ import annotations

from bonecast.evidence import SETS, evidence_rows, places, unpredicted

MODEL = "bonecast-2"


def evidence(kind: str) -> str:
    """A table of where figures stand in their sources, or of rows without a prediction with the reason."""
    rows = evidence_rows(*SETS)
    if kind == "places":
        found = places(rows)
        lines = [
            f"| {place} | {found[place, 'verbatim']} | {found[place, 'memory']} |"
            for place in dict.fromkeys(place for (place, _), _ in found.most_common())
        ]
        return "\n".join(("| where in its source | read | recalled |", "|---|---|---|", *lines))
    if kind == "unpredicted":
        missing = unpredicted(rows, MODEL)
        lines = [f"| `{name}` | {reason} | {count} |" for (name, reason), count in sorted(missing.items())]
        return "\n".join(("| endpoint | reason | rows |", "|---|---|---|", *lines))
    raise KeyError(kind)
