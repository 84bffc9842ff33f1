"""The drug catalogue: one file per agent, with its product names, dose forms, routes and labelled regimens.

A drug here is what a pharmacist would look up: which agent a name on a record means, in what strengths it
comes, and how its label says it is given. Each entry carries its source and a mark; what is `recalled` is
shown as unverified. The catalogue knows no patient, no model and no plan: its regimens are texts that
`plans` can read.
"""

from bonecast.drugs.drug import DoseForm, Drug, LabelledRegimen, Product, Source
from bonecast.drugs.index import all_drugs, drug_names, find_drug

__all__ = [
    "DoseForm",
    "Drug",
    "LabelledRegimen",
    "Product",
    "Source",
    "all_drugs",
    "drug_names",
    "find_drug",
]
