"""One agent: its names, its products, how it is given, and where each statement was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SequenceEvidence = Literal["randomised", "expert", "inference"]
# What is decided or said of a drug outside its names and regimens: a folder fills each, or says why it is empty.
ROOMS = ("models", "mechanism", "sequences", "check", "kidney", "liver")


@dataclass(frozen=True)
class Source:
    """Where a statement was read.

    Parameters
    ----------
    key : short name of the source inside the file of the agent.
    text : the citation.
    """

    key: str
    text: str


@dataclass(frozen=True)
class Product:
    """A product with the agent in one strength.

    Parameters
    ----------
    name : product name.
    kind : originator, biosimilar or generic.
    strength : amount in one unit of the product.
    group : which family of indications the strength serves.
    mark : provenance of name, kind, strength and group.
    source : key of the source.
    holder : who markets it; empty where it is not known here.
    molecule : name on the label, with its four-letter suffix where there is one (denosumab-bbdz); may be empty.
    recalled : names of the other fields that come from memory and were not verified.
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
    """A dose form as the pharmacy dispenses it.

    Parameters
    ----------
    text : the form in words, such as "60 mg in 1 mL, prefilled syringe".
    route : route of administration.
    mark : provenance.
    source : key of the source.
    """

    text: str
    route: str
    mark: str
    source: str


@dataclass(frozen=True)
class LabelledRegimen:
    """How the agent is given for one indication.

    Parameters
    ----------
    indication : what it is given for.
    dose : amount of one dose, in `unit`.
    unit : mg or ug.
    interval : a span in words; empty for a single dose.
    route : route of administration.
    template : a plan text in which `{repeat}` stands for what a label leaves open: how often or how long.
    status : "labelled", or "studied" for a regimen of a trial that no label has.
    mark : provenance.
    source : key of the source.
    jurisdictions : where the label applies.
    loading : a loading dose in words; may be empty.
    note : a remark; may be empty.
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
        """Write the plan of this regimen.

        Parameters
        ----------
        repeat : how often or how long, such as "x 4" or "for 2 years".

        Returns
        -------
        The text of a plan.

        Examples
        --------
        >>> from bonecast.drugs import find_drug
        >>> find_drug("Prolia").regimens[0].plan_text("x 4")
        'denosumab 60 mg every 6 months x 4'
        """
        return self.template.replace("{repeat}", repeat)


@dataclass(frozen=True)
class Mechanism:
    """What the agent does in one model.

    Parameters
    ----------
    model : library name of the model.
    acts : what the equations do, in words.
    unit : the equation file that has it.
    """

    model: str
    acts: str
    unit: str


@dataclass(frozen=True)
class Predecessor:
    """What is known of this agent given after another.

    Parameters
    ----------
    drug : generic name of the agent before it.
    evidence : the best there is: "randomised", "expert" or "inference".
    mark : provenance.
    source : where it was read, or the reason of an inference.
    """

    drug: str
    evidence: SequenceEvidence
    mark: str
    source: str


@dataclass(frozen=True)
class Treatment:
    """One way in which the agent is given, as the care rules judge it.

    Parameters
    ----------
    name : what the rules call it, such as "zoledronate_5".
    action : the act of the rules that gives it.
    facts : the facts of the rules that hold when it is given, such as "giving_bp".
    amounts : the amounts in mg by which it is told from the other treatments with the agent; empty for any other.
    counts : the fact that counts its doses, for a limit of the label; empty where there is none.
    months : the facts that count the months of it, for limits of labels.
    """

    name: str
    action: str
    facts: tuple[str, ...]
    amounts: tuple[float, ...] = ()
    counts: str = ""
    months: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drug:
    """One agent of the catalogue.

    Parameters
    ----------
    generic : the name that plans, records and models use.
    drug_class : pharmacological class.
    status : marketed, investigational or comparator.
    synonyms : other names of the agent.
    routes : routes of administration.
    products : products by name and strength.
    forms : dose forms.
    regimens : labelled and studied regimens.
    sources : sources of all statements.
    supplement : it goes with any drug and is no change of treatment.
    treatments : the ways in which the care rules judge it; empty where they have no name for it.
    prior_therapy : what the care rules call it as the treatment before; empty where they have no name.
    kidney_rules : the care rules that say at which kidney function it may be given.
    rules : the care rules about it, the rows of the `rules.csv` in its folder; the room `care` reads them.
    mechanisms : what it does, model by model.
    predecessors : the evidence for it after other agents.
    liver : what is on file of it as a cause of liver injury, as the room `liver` reads it.
    absent : rooms that hold nothing for it (`ROOMS`), with the reason.

    Examples
    --------
    >>> from bonecast.drugs import find_drug
    >>> prolia = find_drug("Prolia")
    >>> prolia.generic, prolia.drug_class, prolia.routes
    ('denosumab', 'RANKL antibody', ('subcutaneous',))
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
    supplement: bool = False
    treatments: tuple[Treatment, ...] = ()
    prior_therapy: str = ""
    kidney_rules: tuple[str, ...] = ()
    rules: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    mechanisms: tuple[Mechanism, ...] = ()
    predecessors: tuple[Predecessor, ...] = ()
    liver: Mapping[str, Any] = field(default_factory=dict, hash=False)
    absent: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        return f"<Drug {self.generic}: {self.drug_class}, {len(self.products)} products, {len(self.regimens)} regimens>"

    def _repr_html_(self) -> str:
        from bonecast.drugs.notebook import html

        return html(self)

    @property
    def names(self) -> tuple[str, ...]:
        """All names of this agent: generic, synonyms, product names, suffixed molecule names."""
        names = [self.generic, *self.synonyms]
        for product in self.products:
            names += [product.name, product.molecule]
        return tuple(dict.fromkeys(name for name in names if name))

    def treatment(self, amount: float | None = None) -> Treatment | None:
        """Find the treatment that a dose of it is.

        Parameters
        ----------
        amount : amount of the dose in mg; None where it is not known.

        Returns
        -------
        The treatment; None where the care rules have no name for it.

        Examples
        --------
        >>> from bonecast.drugs import find_drug
        >>> find_drug("zoledronate").treatment(4.0).name, find_drug("zoledronate").treatment().name
        ('zoledronate_4', 'zoledronate_5')
        """
        exact = [one for one in self.treatments if amount is not None and amount in one.amounts]
        usual = [one for one in self.treatments if not one.amounts]
        return next(iter((*exact, *usual, *self.treatments)), None)

    def mechanism(self, *models: str) -> str:
        """What it does in the first of these models that has words for it; empty where none has.

        Parameters
        ----------
        models : library names.

        Returns
        -------
        The words, without a full stop.

        Examples
        --------
        >>> from bonecast.drugs import find_drug
        >>> find_drug("raloxifene").mechanism("bonecast-1")
        'Raloxifene lowers the RANKL that bone makes, as oestrogen does, and by a part only'
        """
        words = {mechanism.model: mechanism.acts for mechanism in self.mechanisms}
        return next((words[model] for model in models if model in words), "")
