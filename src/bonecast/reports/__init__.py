"""A forecast written down: the page for people, the tables for programs.

This room owns `report.html` (one file, inline style and charts, readable on paper and without a script),
`forecast.csv` and `forecast.json`, the words around the numbers and their marks (measured, published, forecast).
It reads a finished `Forecast` and computes nothing; the same forecast gives the same bytes.
"""

from bonecast.reports.files import write_all, write_report, write_tables
from bonecast.reports.machine import as_json, content
from bonecast.reports.page import render
from bonecast.reports.safety import checked_ways, not_offered

__all__ = [
    "as_json",
    "checked_ways",
    "content",
    "not_offered",
    "render",
    "write_all",
    "write_report",
    "write_tables",
]
