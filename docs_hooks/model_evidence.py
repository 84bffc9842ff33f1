"""What tables of published results hold: `{{ evidence places }}`, `unpredicted` and, of populations, `incidence`."""

from __future__ import annotations

from bonecast.evidence import SETS, evidence_rows, places, unpredicted
from bonecast.outcomes import curve_rate, published_incidence

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
    if kind == "incidence":
        return incidence_table()
    raise KeyError(kind)


def incidence_table() -> str:
    """Published rates of populations, what the curve of their country says, and the factor between the two."""
    lines = []
    for row in published_incidence():
        said = curve_rate(row)
        where = f"{row.country}, {row.sex}, {row.from_age:.0f} to {row.to_age:.0f}, {row.years}"
        found = "not a kind of the curve | "
        if said is not None:
            found = f"{said:,.0f} | {max(said / row.value, row.value / said):.2f}"
        lines.append(f"| {where} | {row.kind} | {row.role} | {row.value:,.0f} | {found} |")
    head = "| people | fracture | role | published | said | factor |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(lines)
