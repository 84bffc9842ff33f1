"""A forecast written down: the page for people, the tables for programs.

This room owns `report.html` (one file, inline style and charts, readable on paper and without a script),
`forecast.csv` and `forecast.json`, the charts, the sentences and notes around the numbers, and their marks (measured,
published, forecast). It reads a finished `Forecast` and computes nothing; the same forecast gives the same bytes.
"""

from bonecast.reports.accounts import StrategyAccount, accounts
from bonecast.reports.at_a_glance import HORIZONS, SHOWN, SINCE, Glance, at_a_glance, headline
from bonecast.reports.brief import chart_sources, in_order, latest_values
from bonecast.reports.choice_sentences import latest_sentence, measurement_sentence, search_sentence
from bonecast.reports.drug_styles import COLOURS, styles_of
from bonecast.reports.explanation import explain
from bonecast.reports.fhir_export import REPORT_AS, ReportAs, as_fhir
from bonecast.reports.files import write_all, write_report, write_tables
from bonecast.reports.machine import as_json, content
from bonecast.reports.manifest import answer, manifest, versions
from bonecast.reports.not_considered import not_considered
from bonecast.reports.notes import ALL_BLOCKED, notes
from bonecast.reports.page import render
from bonecast.reports.panels import panels
from bonecast.reports.safety import checked_ways, emergency_sentence, not_offered
from bonecast.reports.style import report_style, report_template
from bonecast.reports.together import together_content
from bonecast.reports.versions import bonecast_version, model_versions
from bonecast.reports.width_grid import WidthRow, width_rows
from bonecast.reports.would_change import would_change

__all__ = [
    "ALL_BLOCKED",
    "COLOURS",
    "HORIZONS",
    "REPORT_AS",
    "SHOWN",
    "SINCE",
    "Glance",
    "ReportAs",
    "StrategyAccount",
    "WidthRow",
    "accounts",
    "answer",
    "as_fhir",
    "as_json",
    "at_a_glance",
    "bonecast_version",
    "chart_sources",
    "checked_ways",
    "content",
    "emergency_sentence",
    "explain",
    "headline",
    "in_order",
    "latest_sentence",
    "latest_values",
    "manifest",
    "measurement_sentence",
    "model_versions",
    "not_considered",
    "not_offered",
    "notes",
    "panels",
    "render",
    "report_style",
    "report_template",
    "search_sentence",
    "styles_of",
    "together_content",
    "versions",
    "width_rows",
    "would_change",
    "write_all",
    "write_report",
    "write_tables",
]
