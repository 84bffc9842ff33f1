"""The drug catalogue: one folder per agent, with its product names, dose forms, routes and labelled regimens.

A drug here is what a pharmacist would look up: which agent a name on a record means, in what strengths it
comes, and how its label says it is given. Each entry carries its source and a mark; what is `recalled` is
shown as unverified. What else is said or decided of one drug (mechanism, evidence after other drugs, acts of the care
rules, kidney, liver) is in its folder too, as data that other rooms read. The catalogue knows no patient, no model and
no plan: its regimens are texts that `regimens` can read. Other packages add drugs (`register_drug`).
"""

from bonecast.drugs.drug import (
    DoseForm,
    Drug,
    LabelledRegimen,
    Mechanism,
    Predecessor,
    Product,
    Treatment,
)
from bonecast.drugs.index import all_drugs, drug_names, find_drug, is_drug_name, register_drug
from bonecast.drugs.reader import read_drug_folder
from bonecast.drugs.usual_doses import unusual_dose

__all__ = [
    "DoseForm",
    "Drug",
    "LabelledRegimen",
    "Mechanism",
    "Predecessor",
    "Product",
    "Treatment",
    "all_drugs",
    "drug_names",
    "find_drug",
    "is_drug_name",
    "read_drug_folder",
    "register_drug",
    "unusual_dose",
]
