"""`bonecast drugs`: the catalogue, and one drug on a page."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table

if TYPE_CHECKING:
    from bonecast.drugs import Drug

UNVERIFIED = "Entries marked 'recalled' come from memory and are unverified: check the label before use."
FEW = 4  # product names in the catalogue's row


def drugs(
    name: Annotated[str | None, typer.Argument(help="Agent or product name, such as Prolia.")] = None,
    as_json: AsJson = False,
) -> None:
    """The drug catalogue: products, dose forms, labelled regimens, and which models carry a drug."""
    from bonecast.drugs import all_drugs, find_drug
    from bonecast.models import models_supporting

    if name is not None:
        drug = find_drug(name)
        page = {**asdict(drug), "models": list(models_supporting(drug.generic))}
        return echo_json(page) if as_json else _show(drug, page)

    rows = [
        {
            "drug": drug.generic,
            "class": drug.drug_class,
            "status": drug.status,
            "products": list(dict.fromkeys(product.name for product in drug.products)),
            "models": list(models_supporting(drug.generic)),
        }
        for drug in all_drugs()
    ]
    if as_json:
        return echo_json(rows)
    table(list(rows[0]), [[*list(row.values())[:3], _few(row["products"]), row["models"]] for row in rows])
    echo("\nbonecast drugs NAME gives products, dose forms, regimens and sources.")


def _few(names: list[str]) -> str:
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def _marked(entry: dict[str, Any], key: str) -> str:
    """A field that comes from memory says so, even where the rest of its entry was read somewhere."""
    recalled = entry[key] and key in entry.get("recalled", ())
    return f"{entry[key]} (recalled)" if recalled else entry[key]


def _show(drug: Drug, page: dict[str, Any]) -> None:
    echo(f"{drug.generic}: {drug.drug_class}, {drug.status}")
    if drug.synonyms:
        echo(f"also called {', '.join(drug.synonyms)}")
    models = ", ".join(page["models"])
    echo(f"carried by {models}" if models else "no model in the library carries it yet")
    sections = {
        "Products": (
            "products",
            ["name", "molecule", "kind", "strength", "group", "holder", "mark", "source"],
        ),
        "Dose forms": ("forms", ["text", "route", "mark", "source"]),
        "Regimens": ("regimens", ["indication", "template", "status", "loading", "note", "mark", "source"]),
    }
    for title, (section, keys) in sections.items():
        if page[section]:
            heading(title)
            table(keys, [[_marked(entry, key) for key in keys] for entry in page[section]])
    if drug.sources:
        heading("Sources")
        for source in drug.sources:
            echo(f"{source.key}: {source.text}")
        echo(f"\n{UNVERIFIED}")
