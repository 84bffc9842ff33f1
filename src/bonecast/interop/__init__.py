"""Borders to other systems and files: patient files, FHIR R4, and CDS Hooks 2.0.

This room owns what a foreign format says in the terms of a record or a check, and nothing else: records are validated
in `records`, rules decided in `care`.
"""

from bonecast.interop.cds_call import PrefetchMissing
from bonecast.interop.cds_cards import INDICATOR, card, cards, override_reasons
from bonecast.interop.cds_feedback import CardFeedback
from bonecast.interop.cds_hooks import answer, discovery, feedback, patient_of
from bonecast.interop.fhir_check import (
    ENTRY_OUTCOMES,
    EntryReading,
    FileReading,
    OpenQuestion,
    PersonReading,
    check_fhir,
)
from bonecast.interop.fhir_observation import loinc_codes
from bonecast.interop.fhir_out import (
    STATEMENT,
    bundle_about,
    guidance_response,
    service_requests,
    subject_reference,
)
from bonecast.interop.fhir_products import name_in
from bonecast.interop.patient_files import ReadTables, read_patient, read_patient_bytes, read_tables

__all__ = [
    "ENTRY_OUTCOMES",
    "INDICATOR",
    "STATEMENT",
    "CardFeedback",
    "EntryReading",
    "FileReading",
    "OpenQuestion",
    "PersonReading",
    "PrefetchMissing",
    "ReadTables",
    "answer",
    "bundle_about",
    "card",
    "cards",
    "check_fhir",
    "discovery",
    "feedback",
    "guidance_response",
    "loinc_codes",
    "name_in",
    "override_reasons",
    "patient_of",
    "read_patient",
    "read_patient_bytes",
    "read_tables",
    "service_requests",
    "subject_reference",
]
