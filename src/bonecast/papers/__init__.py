"""What is handed out on paper: PDF files, letters from a clinic's templates, labels, texts and order lists.

This room owns the typesetting (Typst, without a browser), the clinician's page, the letters with the templates that a
clinic may change, and the files of a recall. It decides nothing: whom the care rules block, or whose check is not
complete, gets the letter that says so, and no date. It sends nothing anywhere.
"""

from bonecast.papers.clinician import clinician_content, clinician_pdf
from bonecast.papers.labels import label_sheets, labels_pdf
from bonecast.papers.leaflet_sheet import leaflet_pdf
from bonecast.papers.letters import Letter, Sender, letters_pdf, write_letter
from bonecast.papers.orders import Order, orders_bundle, orders_table, year_of_orders
from bonecast.papers.recall import RECALL_FILES, Addressee, Recall, gp_letter, recall_files, recall_of
from bonecast.papers.states import is_dated, overridden_lines
from bonecast.papers.templates import KINDS, check_template, default_template, template_fields
from bonecast.papers.typesetting import check_typst, typeset

__all__ = [
    "KINDS",
    "RECALL_FILES",
    "Addressee",
    "Letter",
    "Order",
    "Recall",
    "Sender",
    "check_template",
    "check_typst",
    "clinician_content",
    "clinician_pdf",
    "default_template",
    "gp_letter",
    "is_dated",
    "label_sheets",
    "labels_pdf",
    "leaflet_pdf",
    "letters_pdf",
    "orders_bundle",
    "orders_table",
    "overridden_lines",
    "recall_files",
    "recall_of",
    "template_fields",
    "typeset",
    "write_letter",
    "year_of_orders",
]
