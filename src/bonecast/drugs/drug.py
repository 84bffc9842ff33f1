"""One agent: its names, its products, how it is given, and where each statement was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bonecast.core import Source

SequenceEvidence = Literal["randomised", "expert", "inference"]
# What is decided or said of a drug outside its names and regimens: a folder fills each, or says why it is empty.
ROOMS = ("models", "mechanism", "sequences", "check", "kidney", "liver")


@dataclass(frozen=True)
class Product:
    """A product with the agent in one strength.

    Parameters
    ----------
    name : str
        Product name.
    kind : str
        Originator, biosimilar or generic.
    strength : str
        Amount in one unit of the product.
    group : str
        Which family of indications the strength serves.
    mark : str
        Provenance of name, kind, strength and group.
    source : str
        Key of the source.
    holder : str
        Who markets it; empty where it is not known here.
    molecule : str
        Name on the label, with its four-letter suffix where there is one (denosumab-bbdz); may be empty.
    recalled : tuple of str
        Names of the other fields that come from memory and were not verified.
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
    text : str
        The form in words, such as "60 mg in 1 mL, prefilled syringe".
    route : str
        Route of administration.
    mark : str
        Provenance.
    source : str
        Key of the source.
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
    indication : str
        What it is given for.
    dose : float
        Amount of one dose, in `unit`.
    unit : str
        "mg" or "ug".
    interval : str
        A span in words; empty for a single dose.
    route : str
        Route of administration.
    template : str
        A plan text in which `{repeat}` stands for what a label leaves open: how often or how long.
    status : str
        "labelled", or "studied" for a regimen of a trial that no label has.
    mark : str
        Provenance.
    source : str
        Key of the source.
    jurisdictions : tuple of str
        Where the label applies.
    loading : str
        A loading dose in words; may be empty.
    note : str
        A remark; may be empty.
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
    model : str
        Library name of the model.
    acts : str
        What the equations do, in words.
    unit : str
        The equation file that has it.
    """

    model: str
    acts: str
    unit: str


@dataclass(frozen=True)
class Predecessor:
    """What is known of this agent given after another.

    Parameters
    ----------
    drug : str
        Generic name of the agent before it.
    evidence : SequenceEvidence
        The best there is: "randomised", "expert" or "inference".
    mark : str
        Provenance.
    source : str
        Where it was read, or the reason of an inference.
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
    name : str
        What the rules call it, such as "zoledronate_5".
    action : str
        The act of the rules that gives it.
    facts : tuple of str
        The facts of the rules that hold when it is given, such as "giving_bp".
    amounts : tuple of float
        The amounts in mg by which it differs from the other treatments with the agent; empty for any other.
    counts : str
        The fact that counts its doses, for a limit of the label; empty where there is none.
    months : tuple of str
        The facts that count the months of it, for limits of labels.

    Examples
    --------
    >>> from bonecast.drugs import find_drug
    >>> [one.name for one in find_drug("ibandronate").treatments]
    ['ibandronate_oral', 'ibandronate_iv']
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
    generic : str
        The name that plans, records and models use.
    drug_class : str
        Pharmacological class.
    status : str
        Marketed, investigational or comparator.
    synonyms : tuple of str
        Other names of the agent.
    routes : tuple of str
        Routes of administration.
    products : tuple of Product
        Products by name and strength.
    forms : tuple of DoseForm
        Dose forms.
    regimens : tuple of LabelledRegimen
        Labelled and studied regimens.
    sources : tuple of Source
        Sources of all statements.
    supplement : bool
        It goes with any drug and is no change of treatment.
    treatments : tuple of Treatment
        The ways in which the care rules judge it; empty where they have no name for it.
    prior_therapy : str
        What the care rules call it as the treatment before; empty where they have no name.
    kidney_rules : tuple of str
        The care rules that say at which kidney function it may be given.
    rules : tuple of mapping
        The care rules about it, the rows of the `rules.csv` in its folder; the room `care` reads them.
    mechanisms : tuple of Mechanism
        What it does, model by model.
    predecessors : tuple of Predecessor
        The evidence for it after other agents.
    liver : mapping of str to object
        What is on file of it as a cause of liver injury, as the room `liver` reads it.
    absent : mapping of str to str
        Rooms that hold nothing for it (`ROOMS`), with the reason.

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
        amount : float, optional
            Amount of the dose in mg.

        Returns
        -------
        Treatment or None
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
