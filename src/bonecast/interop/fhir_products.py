"""Which medicine a name or code means, how much one syringe of it holds, and what amount an entry states."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from bonecast.drugs import Drug, find_drug, is_drug_name
from bonecast.interop.fhir_resources import Concept, Quantity

IN_MG = {"mg": 1.0, "ug": 0.001, "µg": 0.001, "mcg": 0.001, "g": 1000.0}
AMOUNT = re.compile(r"(?<![\d.,])(\d+(?:\.\d+)?)\s*(mg|ug|µg|mcg|g)\b", re.IGNORECASE)
_WRITTEN = re.compile(r"(?:milli|micro)?grams?(?:\(s\))?", re.IGNORECASE)
_VOLUME = re.compile(r"m(?:l|illilit(?:er|re)s?)(?:\(s\))?", re.IGNORECASE)
# "1.7 ML denosumab 70 MG/ML Injection", as RxNorm writes it
_SOLD_AS = re.compile(r"(\d+(?:\.\d+)?)\s*ML\b.*?(\d+(?:\.\d+)?)\s*MG/ML", re.IGNORECASE)
# "60 mg/mL" and "120 mg/1.7 mL"
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*MG\s*/\s*(\d+(?:\.\d+)?)?\s*ML", re.IGNORECASE)
_PIECES = re.compile(
    r"|1|\{?(?:pre-?filled[ -]?)?(?:syringe|vial|each|ea|dose|unit|injection|tablet|tab|capsule|pen|ampoule|prefsyr|inj)s?"  # noqa: E501
    r"(?:\(s\))?\}?|(?:fertig)?spritzen?|durchstechflaschen?|st(?:ü|ue)ck|tabletten?|dosis|jeringas?(?: precargadas?)?|viale?s?",  # noqa: E501
    re.IGNORECASE,
)
_ROUNDING = 0.02  # 1.7 mL of 70 mg/mL are 119 mg by arithmetic and 120 mg by the label


@dataclass(frozen=True)
class Product:
    """A medicine: a name that the catalogue knows, and what is known of one piece of it."""

    name: str
    content_mg: float | None = None
    mg_per_mL: float | None = None
    unit_mg: float | None = None

    @property
    def drug(self) -> Drug:
        """Its drug."""
        return find_drug(self.name)


def product_of(code: Concept) -> Product | None:
    """The medicine that a concept means, by any of its names or codes; None where the catalogue knows none."""
    coded = [row for coding in code.coding if (row := _row(coding.system, coding.code)) and "name" in row]
    name = name_in(code.names())
    if name is None and not coded:
        return None
    best = coded[0] if coded else {}
    said = _of_names(code.names(), find_drug(name or best["name"]))
    brand = name if name and not coded else best.get("name", name)
    if name and coded and find_drug(name).generic == find_drug(best["name"]).generic:
        brand = name if _brand_mg(find_drug(name), name) else best["name"]
    return Product(
        str(brand),
        best.get(
            "content_mg", said[0] if said[0] is not None else _brand_mg(find_drug(str(brand)), str(brand))
        ),
        best.get("mg_per_mL", said[1]),
        next((row["unit_mg"] for row in coded if "unit_mg" in row), None),
    )


def other_medicine(code: Concept) -> str | None:
    """The medicine that a code means which the catalogue does not hold; None for codes that are not known.

    >>> from bonecast.interop.fhir_resources import Coding
    >>> other_medicine(Concept(coding=[Coding(system="http://www.whocc.no/atc", code="M05BA03")]))
    'pamidronate'
    """
    rows = (_row(coding.system, coding.code) for coding in code.coding)
    return next((row["other"] for row in rows if row and "other" in row), None)


def is_unverified(code: Concept) -> bool:
    """Is the medicine known by a code from memory alone?"""
    coded = [one for one in code.coding if _row(one.system, one.code)]
    return (
        bool(coded)
        and name_in(code.words()) is None
        and all(one.code in _table()["recalled"] for one in coded)
    )


def system_kind(system: str | None) -> str | None:
    """Which code system an address means; SNOMED CT and ICD-10 have one for each edition.

    >>> system_kind("http://snomed.info/sct/900000000000207008")
    'snomed'
    """
    known = _table()["systems"].get(system or "")
    if known or not system:
        return known
    lower = system.casefold()
    if lower.startswith("http://snomed.info/sct"):
        return "snomed"
    return "icd10" if re.search(r"icd-?10(?!-?pcs)", lower) else None


def amount_mg(product: Product, dose: Quantity | None) -> float | None:
    """The amount in mg that an entry states; None where it leaves it open.

    An amount by weight goes first; then volume by strength, pieces by content, billing units. A volume of denosumab
    that is no whole syringe or vial leaves it open.
    """
    if dose is None or dose.value is None:
        return product.content_mg
    unit = (dose.measured_in() or "").strip()
    if (factor := mg_in(unit)) is not None:
        return float(f"{dose.value * factor:.12g}")
    if _VOLUME.fullmatch(unit) and product.mg_per_mL:
        return _whole(product, dose.value * product.mg_per_mL)
    if not _PIECES.fullmatch(unit):
        return None
    if product.unit_mg is not None and dose.value != 1:
        return dose.value * product.unit_mg
    if product.content_mg is None or (product.drug.generic == "denosumab" and dose.value != 1):
        return None
    return dose.value * product.content_mg


def mg_in(unit: str) -> float | None:
    """How many mg this unit of weight is, as symbol or written out; None for other units."""
    if _WRITTEN.fullmatch(unit):
        begin = unit.casefold()
        return 1.0 if begin.startswith("milli") else 0.001 if begin.startswith("micro") else 1000.0
    return IN_MG.get(unit) or IN_MG.get(unit.casefold())


def name_in(texts: Iterable[str]) -> str | None:
    """Find the first name that the drug catalogue knows.

    Parameters
    ----------
    texts : iterable of str
        Texts; each is tried whole, then by two words, then by one, then by the parts of a hyphenated one.

    Returns
    -------
    str or None
        The name; None without one.

    Examples
    --------
    >>> name_in(["zoledronic acid 5 mg/100 mL"])
    'zoledronic acid'
    """
    texts = [text[:200] for text in texts]
    words = [re.findall(r"[\w-]+", text) for text in texts]
    pairs = (f"{one} {other}" for line in words for one, other in pairwise(line))
    singles = [word for line in words for word in line]
    parts = (word.partition("-")[0] for word in singles if "-" in word)
    for name in (*texts, *pairs, *singles, *parts):
        if name.casefold() in _table()["names"]:
            return _table()["names"][name.casefold()]
        if is_drug_name(name):
            return name
    return None


def _whole(product: Product, mg: float) -> float | None:
    """The amount as the label states it."""
    labelled = {product.content_mg} if product.content_mg else set()
    if product.drug.generic == "denosumab" and not labelled:
        labelled = {60.0, 120.0}
    near = [one for one in labelled if one and abs(mg - one) <= _ROUNDING * one]
    if near:
        return near[0]
    return None if product.drug.generic == "denosumab" else float(f"{mg:.6g}")


def _of_names(names: list[str], drug: Drug) -> tuple[float | None, float | None]:
    """Content of one piece in mg and strength in mg/mL, as the names state them."""
    for text in names:
        if found := _SOLD_AS.search(text[:200]):
            content, strength = float(found[1]) * float(found[2]), float(found[2])
            return _labelled(drug, content), strength
    for text in names:
        if found := _STRENGTH.search(text[:200]):
            number, volume = float(found[1]), float(found[2] or 1)
            content = number if found[2] else _labelled(drug, number)
            if drug.generic == "denosumab" and number == 70.0:
                content = 120.0
            return content, number / volume
    brand = next((mg for name in names if (mg := _brand_mg(drug, name_in([name]) or ""))), None)
    strength = {60.0: 60.0, 120.0: 70.0}.get(brand or 0.0) if drug.generic == "denosumab" else None
    return brand, strength


def _labelled(drug: Drug, content: float) -> float:
    """What the label of a denosumab product calls this content: 119 mg are 120 mg."""
    if drug.generic != "denosumab":
        return float(f"{content:.6g}")
    return next((mg for mg in (60.0, 120.0) if abs(content - mg) <= _ROUNDING * mg), content)


def _brand_mg(drug: Drug, name: str) -> float | None:
    """The strength of the named product in mg; None where it has several or the name is that of the agent."""
    for product in drug.products:
        if product.name.casefold() == name.casefold():
            amounts = {float(one[0]) * IN_MG[one[1].lower()] for one in AMOUNT.findall(product.strength)}
            return amounts.pop() if len(amounts) == 1 else None
    return None


def _row(system: str | None, code: str | None) -> dict[str, Any] | None:
    table = _table()
    kind = system_kind(system)
    if kind not in table or not code:
        return None
    if kind == "ndc":
        # 5-3-2 with or without hyphens, or the eleven digits (5-4-2) of a bill
        parts = re.fullmatch(r"(\d{5})-?0?(\d{3})(?:-?\d{2})?", code)
        return table["ndc"].get("-".join(parts.groups())) if parts else None
    return table[kind].get(code)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.interop") / "fhir_medicines.toml").read_text("utf-8"))
