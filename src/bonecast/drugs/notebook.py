"""What a notebook shows of a drug: class, status, routes, regimens and products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html
from bonecast.core import grade_text

if TYPE_CHECKING:
    from bonecast.drugs.drug import Drug


def html(drug: Drug) -> str:
    """The card of a drug."""
    rows = tuple(
        (
            regimen.indication,
            f"{regimen.dose:g} {regimen.unit}"
            + (f" every {regimen.interval}" if regimen.interval else " once"),
            regimen.route,
            regimen.status,
            grade_text(regimen.mark),
        )
        for regimen in drug.regimens
    )
    lines = [f"{drug.drug_class}; {drug.status}; {', '.join(drug.routes)}"]
    if drug.products:
        lines.append(f"Products: {', '.join(dict.fromkeys(product.name for product in drug.products))}")
    return card_html(
        Card(
            drug.generic,
            tuple(lines),
            table=Table(("indication", "dose", "route", "status", "evidence"), rows),
            remarks=tuple(source.text for source in drug.sources[:3]),
        )
    )
