"""One catalogue file (TOML) to one `Drug`.

[agent]                                       [[product]]        # one manufacturer: strength to name
generic = "denosumab"                         names = { "60 mg" = "Prolia", "120 mg" = "Xgeva" }
class = "RANKL antibody"                      kind = "originator"
status = "marketed"                           mark = "published"
routes = ["subcutaneous"]                     source = "fda-2025"
synonyms = []
                                              [group]            # what each strength serves
[source]                                      "60 mg" = "osteoporosis"
fda-2025 = "FDA approvals, 2025"
                                              [[form]] and [[regimen]]: the fields of their classes
"""

from __future__ import annotations

import tomllib
from typing import Any

from bonecast.core import EVIDENCE_GRADES
from bonecast.drugs.drug import DoseForm, Drug, LabelledRegimen, Product, Source


def read_drug(text: str) -> Drug:
    """Read the text of a catalogue file. Raises ValueError or TypeError for one that breaks the form."""
    data = tomllib.loads(text)
    agent = data["agent"]
    sources = tuple(Source(key, citation) for key, citation in data.get("source", {}).items())
    drug = Drug(
        generic=agent["generic"],
        drug_class=agent["class"],
        status=agent["status"],
        synonyms=tuple(agent.get("synonyms", ())),
        routes=tuple(agent.get("routes", ())),
        products=tuple(
            product for row in data.get("product", ()) for product in _products(row, data.get("group", {}))
        ),
        forms=tuple(DoseForm(**_fixed(row)) for row in data.get("form", ())),
        regimens=tuple(LabelledRegimen(**_fixed(row)) for row in data.get("regimen", ())),
        sources=sources,
    )
    _check(drug)
    return drug


def _products(row: dict[str, Any], groups: dict[str, str]) -> list[Product]:
    shared = _fixed({key: value for key, value in row.items() if key != "names"})
    return [
        Product(name=name, strength=strength, group=groups[strength], **shared)
        for strength, name in row["names"].items()
    ]


def _fixed(row: dict[str, Any]) -> dict[str, Any]:
    """Lists made tuples, so that a drug cannot be changed by whoever holds it."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _check(drug: Drug) -> None:
    """Every statement has a mark and a source that the file lists; every route is one of the agent's."""
    keys = {source.key for source in drug.sources}
    for entry in (*drug.products, *drug.forms, *drug.regimens):
        if entry.mark not in EVIDENCE_GRADES:
            raise ValueError(f"{drug.generic}: '{entry.mark}' is no mark, in {entry}")
        if entry.source not in keys:
            raise ValueError(f"{drug.generic}: source '{entry.source}' is not listed, in {entry}")
    for entry in (*drug.forms, *drug.regimens):
        if entry.route not in drug.routes:
            raise ValueError(f"{drug.generic}: route '{entry.route}' is not one of {drug.routes}, in {entry}")
