"""Care: what must be checked and done before, during and after denosumab, with the source of every sentence.

This room owns the rules (a reviewable table with conditions that are type-checked when read), the findings of a
check, overrides with their reason, the plan in dates and the exit plan, adverse reactions, the leaflet and the
monograph. It reads a record and the drug catalogue. It knows no model, no engine and no forecast: forecast numbers
come in ready-made (`lateness`). Schedule, leaflet, monograph and reactions have a module each.
"""

from bonecast.care.case import Case, Known
from bonecast.care.check import Check, Elsewhere, case_of, check, check_case, under_rules_of
from bonecast.care.findings import FactUsed, Finding, Unchecked
from bonecast.care.firing import Outcome
from bonecast.care.late import Band, ForecastNumbers, Lateness, lateness
from bonecast.care.overrides import LONGEST_REASON, Override, read_override
from bonecast.care.rules import JURISDICTIONS, Rule, Source, rules
from bonecast.care.strategies import StrategyCheck, check_strategy
from bonecast.care.variables import table

__all__ = [
    "JURISDICTIONS",
    "LONGEST_REASON",
    "Band",
    "Case",
    "Check",
    "Elsewhere",
    "FactUsed",
    "Finding",
    "ForecastNumbers",
    "Known",
    "Lateness",
    "Outcome",
    "Override",
    "Rule",
    "Source",
    "StrategyCheck",
    "Unchecked",
    "case_of",
    "check",
    "check_case",
    "check_strategy",
    "lateness",
    "read_override",
    "rules",
    "table",
    "under_rules_of",
]
