"""What strategies cost and what they are worth: from fractures to costs and quality-adjusted years.

This room owns the design of an economic evaluation, its table of inputs (each with unit, mark and source), the cohort
that lives through it, probabilistic sensitivity, acceptability, budget impact, and their report. Fractures come from a
virtual trial or from rates in the table. It holds no price, no utility and no mortality of its own.
"""

from bonecast.economics.course import StrategyOutcome
from bonecast.economics.design import BudgetPlan, ValueDesign, read_value_design
from bonecast.economics.inputs import InputRow, InputTable, input_table
from bonecast.economics.report import report_value
from bonecast.economics.valuation import Valuation, evaluate

__all__ = [
    "BudgetPlan",
    "InputRow",
    "InputTable",
    "StrategyOutcome",
    "Valuation",
    "ValueDesign",
    "evaluate",
    "input_table",
    "read_value_design",
    "report_value",
]
