"""One folder of the catalogue to one `Drug`: its `drug.toml` holds all that is said or decided of the drug.

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

Optional keys of [agent]: supplement, prior_therapy, kidney_rules (see `Drug`). Optional tables:

[[treatment]]                                  # as the care rules judge it
name = "zoledronate_4"                         # facts, amounts: see `Treatment`
action = "switch_zoledronate_4mg"

[mechanism.bonecast-1]                        [[after]]          # the evidence for it after another drug
acts = "It binds RANKL"                       drug = "alendronate"
unit = "denosumab"                            evidence = "randomised"
                                              mark = "published"
[none]             # empty rooms, and why     source = "..."
liver = "nothing is on file"
                                              [liver]            # as `bonecast.liver` reads it
"""

from __future__ import annotations

import csv
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

from bonecast.core import EVIDENCE_GRADES, Source
from bonecast.drugs.drug import (
    ROOMS,
    DoseForm,
    Drug,
    LabelledRegimen,
    Mechanism,
    Predecessor,
    Product,
    SequenceEvidence,
    Treatment,
)
from bonecast.errors import InputError


def read_drug_folder(folder: str | Path) -> Drug:
    """Read the `drug.toml` of a drug's folder, and its `rules.csv` where it has one.

    Parameters
    ----------
    folder : str or Path
        The folder.

    Returns
    -------
    The drug, not yet registered.

    Raises
    ------
    InputError
        The file is missing or breaks the form; the error says where.

    Examples
    --------
    >>> read_drug_folder("src/bonecast/drugs/catalogue/raloxifene").generic
    'raloxifene'
    """
    path = Path(folder) / "drug.toml"
    try:
        return read_drug(path.read_text(encoding="utf-8"), rules_beside(path.parent))
    except KeyError as error:
        raise InputError(str(path), f"the key {error} is missing", "add it") from error
    except (OSError, TypeError, ValueError) as error:
        raise InputError(str(path), str(error).rstrip("."), "correct the file") from error


def read_drug(text: str, rules: str = "") -> Drug:
    """Read the text of a catalogue file, and that of its `rules.csv` where it has one.

    Raises ValueError or TypeError for one that breaks the form.
    """
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
        supplement=agent.get("supplement", False),
        treatments=tuple(Treatment(**_fixed(row)) for row in data.get("treatment", ())),
        prior_therapy=agent.get("prior_therapy", ""),
        kidney_rules=tuple(agent.get("kidney_rules", ())),
        rules=tuple(csv.DictReader(rules.splitlines())),
        mechanisms=tuple(Mechanism(model, **row) for model, row in data.get("mechanism", {}).items()),
        predecessors=tuple(Predecessor(**row) for row in data.get("after", ())),
        liver=data.get("liver", {}),
        absent=data.get("none", {}),
    )
    _check(drug)
    return drug


def rules_beside(folder: Traversable) -> str:
    """Read the text of the `rules.csv` of a drug's folder; empty where it has none."""
    path = folder / "rules.csv"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _products(row: dict[str, Any], groups: dict[str, str]) -> list[Product]:
    shared = _fixed({key: value for key, value in row.items() if key != "names"})
    return [
        Product(name=name, strength=strength, group=groups[strength], **shared)
        for strength, name in row["names"].items()
    ]


def _fixed(row: dict[str, Any]) -> dict[str, Any]:
    """Lists made tuples, so that a drug cannot be changed by its holder."""
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
    for row in drug.predecessors:
        if (
            row.evidence not in get_args(SequenceEvidence)
            or row.mark not in EVIDENCE_GRADES
            or not row.source
        ):
            raise ValueError(f"{drug.generic}: evidence, mark or source is wrong, in {row}")
    unknown = sorted(set(drug.absent) - set(ROOMS))
    if unknown:
        raise ValueError(
            f"{drug.generic}: [none] names {', '.join(unknown)}, which is not one of {', '.join(ROOMS)}"
        )
