"""Where in the record a missing fact is entered: the address of its field in the form."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from bonecast.care import variables
from bonecast.core import gettext
from bonecast.records import known_facts
from bonecast.web.pages.record_grid import first_free_cell
from bonecast.web.store import StoredPerson

# Facts that are measured or worked out, by the test that gives them.
TESTS = {
    "albumin_corrected_calcium_mmol_L": "corrected calcium",
    "calcium_result_age_days": "corrected calcium",
    "calcium_result_unadjusted": "albumin",
    "vitd_25oh_nmol_L": "25-OH vitamin D",
    "magnesium_mmol_L": "magnesium",
    "egfr_mL_min_173m2": "eGFR",
    "crcl_mL_min": "creatinine",
    "pth_pg_mL": "PTH",
    "ipth_ratio_uln": "PTH",
    "ctx_ng_L": "CTX",
    "bsap_ug_L": "BSAP",
    "untx_nmol_mmol": "uNTX",
    "t_score_spine": "BMD",
    "t_score_hip": "BMD",
    "t_score_min": "BMD",
    "months_since_dxa": "BMD",
}
# Facts that are worked out from lines of [person] under another name.
LINES = {
    "age_years": "birth_date",
    "sex": "sex",
    "deceased": "death_date",
    "prior_vertebral_fracture": "prior_vertebral_fractures",
    "n_fragility_fractures": "prior_fragility_fractures",
    "nice_risk_factors": "parental_hip_fracture",
}


@dataclass(frozen=True)
class Place:
    """Where a fact is entered: the fact in words, the address, and what is done there."""

    fact: str
    label: str
    href: str
    do: str


def place_of(name: str, person: StoredPerson) -> Place:
    """Where is this variable of the rules entered?

    What belongs to the planned act is asked on the page of the check itself.
    """
    variable, form = variables()[name], f"/people/{person.id}/record/edit"
    fields = {fact.kept_as: key for key, fact in known_facts().items()} | LINES
    if variable.about == "act" and name not in fields:
        return Place(name, variable.label, f"#fact-{name}", gettext("say it above"))
    if name in TESTS:
        query = urlencode({"test": TESTS[name]})
        return Place(
            name,
            variable.label,
            f"{form}?{query}#{first_free_cell(person.record, TESTS[name])}",
            gettext("enter {test}", test=gettext(TESTS[name])),
        )
    if name in fields:
        return Place(name, variable.label, f"{form}#person-{fields[name]}", gettext("enter it"))
    return Place(name, variable.label, f"{form}#doses", gettext("enter the drugs given"))
