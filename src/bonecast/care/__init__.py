"""Care: what must be checked and done before, during and after denosumab, with the source of every sentence.

This room owns the rules (a reviewable table with conditions that are type-checked when read), the findings of a
check, overrides with their reason, the plan in dates and the exit plan, adverse reactions, the leaflet and the
monograph. It reads a record and the drug catalogue. It knows no model, no engine and no forecast: forecast numbers
come in ready-made (`lateness`). Schedule, leaflet, monograph and reactions have a module each.
"""

from bonecast.care.actions import act_giving, actions
from bonecast.care.alternatives import LATEST_D, Alternatives, PossibleAct, Referral
from bonecast.care.calendar_file import calendar, entry_id
from bonecast.care.case import CareCase, Known
from bonecast.care.cases import check_cases, read_cases, write_results
from bonecast.care.causes import Advice, Cause
from bonecast.care.check import NOT_OVERRIDABLE, Check, Elsewhere, case_of, check, check_case, under_rules_of
from bonecast.care.derived import OTHER as START_OTHER
from bonecast.care.emergency import emergency_of
from bonecast.care.exits import Exit, exits, find_exit
from bonecast.care.findings import FactUsed, Finding, Unchecked
from bonecast.care.firing import OUTCOMES, STATES, Outcome, State, may_be_switched_off
from bonecast.care.late import ForecastNumbers, Lateness, LatenessBand, lateness
from bonecast.care.leaflet import Leaflet, leaflet, leaflet_page, plain_reasons, plain_tests
from bonecast.care.limits import RuleLimit, limit_days, rule_limits
from bonecast.care.monograph import Chapter, claims, find_chapter, monograph
from bonecast.care.overrides import (
    LONGEST_REASON,
    Override,
    append_overrides,
    override_data,
    override_of_data,
    read_override,
)
from bonecast.care.page import content, late_content, plain
from bonecast.care.person_facts import RESULT_LIMIT_D, facts_of_test
from bonecast.care.questions import Question
from bonecast.care.reactions import Symptom, headings
from bonecast.care.reasons import withheld
from bonecast.care.rules import JURISDICTIONS, Rule, find_rule, rules
from bonecast.care.schedule import Clock, Entry, InjectionTests, Schedule, injection_tests, schedule
from bonecast.care.situation import Situation, SituationName, situation_of, usual_act
from bonecast.care.sources import RuleSource, care_sources
from bonecast.care.state_words import (
    STATE_WORDS,
    advice_shown,
    estimate_shown,
    kidney_estimates,
    lifted_by,
    state_heading,
    state_name,
    state_sentence,
)
from bonecast.care.strategies import StrategyCheck, check_strategy
from bonecast.care.variables import Variable, table, variables

__all__ = [
    "JURISDICTIONS",
    "LATEST_D",
    "LONGEST_REASON",
    "NOT_OVERRIDABLE",
    "OUTCOMES",
    "RESULT_LIMIT_D",
    "START_OTHER",
    "STATES",
    "STATE_WORDS",
    "Advice",
    "Alternatives",
    "CareCase",
    "Cause",
    "Chapter",
    "Check",
    "Clock",
    "Elsewhere",
    "Entry",
    "Exit",
    "FactUsed",
    "Finding",
    "ForecastNumbers",
    "InjectionTests",
    "Known",
    "Lateness",
    "LatenessBand",
    "Leaflet",
    "Outcome",
    "Override",
    "PossibleAct",
    "Question",
    "Referral",
    "Rule",
    "RuleLimit",
    "RuleSource",
    "Schedule",
    "Situation",
    "SituationName",
    "State",
    "StrategyCheck",
    "Symptom",
    "Unchecked",
    "Variable",
    "act_giving",
    "actions",
    "advice_shown",
    "append_overrides",
    "calendar",
    "care_sources",
    "case_of",
    "check",
    "check_case",
    "check_cases",
    "check_strategy",
    "claims",
    "content",
    "emergency_of",
    "entry_id",
    "estimate_shown",
    "exits",
    "facts_of_test",
    "find_chapter",
    "find_exit",
    "find_rule",
    "headings",
    "injection_tests",
    "kidney_estimates",
    "late_content",
    "lateness",
    "leaflet",
    "leaflet_page",
    "lifted_by",
    "limit_days",
    "may_be_switched_off",
    "monograph",
    "override_data",
    "override_of_data",
    "plain",
    "plain_reasons",
    "plain_tests",
    "read_cases",
    "read_override",
    "rule_limits",
    "rules",
    "schedule",
    "situation_of",
    "state_heading",
    "state_name",
    "state_sentence",
    "table",
    "under_rules_of",
    "usual_act",
    "variables",
    "withheld",
    "write_results",
]
