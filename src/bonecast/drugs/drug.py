"""What one agent is: its names, its products, how it is given, and where each statement was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Where a statement was read: a key inside the file and the citation."""

    key: str
    text: str


@dataclass(frozen=True)
class Product:
    """Which product carries the agent under this name, and in what strength?

    `molecule` is the name on the label, with its four-letter suffix where there is one (denosumab-bbdz).
    `kind` is originator, biosimilar or generic; `group` says which family of indications the strength
    serves. `mark` speaks for name, kind, strength and group; `recalled` names the other fields that come
    from memory and were not verified. An empty `holder` or `molecule` means: not known here.
    """

    name: str
    kind: str
    strength: str
    group: str
    mark: str
    source: str
    holder: str = ""
    molecule: str = ""
    recalled: tuple[str, ...] = ()


@dataclass(frozen=True)
class DoseForm:
    """In what form does a pharmacy hand it out ("60 mg in 1 mL, prefilled syringe")?"""

    text: str
    route: str
    mark: str
    source: str


@dataclass(frozen=True)
class LabelledRegimen:
    """How is the agent given for one indication?

    `dose` is in `unit` (mg or ug), `interval` a span in words, empty for a single dose. `status` is
    `labelled`, or `studied` for a regimen of a trial that no label carries. `template` is a plan text, in
    which `{repeat}` stands for the one thing that a label leaves open: how often or how long.
    """

    indication: str
    dose: float
    unit: str
    interval: str
    route: str
    template: str
    status: str
    mark: str
    source: str
    jurisdictions: tuple[str, ...] = ()
    loading: str = ""
    note: str = ""

    def plan_text(self, repeat: str = "for 2 years") -> str:
        """Which plan does this regimen make? `repeat` is `x 4` or `for 2 years`.

        >>> from bonecast.drugs import find_drug
        >>> find_drug("Prolia").regimens[0].plan_text("x 4")
        'denosumab 60 mg every 6 months x 4'
        """
        return self.template.replace("{repeat}", repeat)


@dataclass(frozen=True)
class Drug:
    """One agent of the catalogue.

    `generic` is the name that plans, records and models use; `status` is marketed, investigational or
    comparator.
    """

    generic: str
    drug_class: str
    status: str
    synonyms: tuple[str, ...]
    routes: tuple[str, ...]
    products: tuple[Product, ...]
    forms: tuple[DoseForm, ...]
    regimens: tuple[LabelledRegimen, ...]
    sources: tuple[Source, ...]

    def __repr__(self) -> str:
        return f"<Drug {self.generic}: {self.drug_class}, {len(self.products)} products, {len(self.regimens)} regimens>"

    def _repr_html_(self) -> str:
        from bonecast.drugs.notebook import html

        return html(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that means this agent: generic, synonyms, product names, suffixed molecule names."""
        names = [self.generic, *self.synonyms]
        for product in self.products:
            names += [product.name, product.molecule]
        return tuple(dict.fromkeys(name for name in names if name))
