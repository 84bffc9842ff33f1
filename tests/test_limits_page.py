"""docs/limits.md says of each limit what the code says: its name, its value and what it is for."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import inspect
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
# A section of the page, the module, and which of its limits are on it (all, where none is named).
SECTIONS = {
    "Whatever is read": ("bonecast.core.limits", ()),
    "Requests": ("bonecast.web.settings", ("LARGEST_PAGE", "LARGEST_UPLOAD")),
    "Forms": ("bonecast.web.context", ("MOST_FIELDS", "LONGEST_FIELD")),
    "Connections": (
        "bonecast.web.security.connections",
        ("HEADER_S", "STALLED_S", "BODY_S", "UNREAD_S", "MOST_OF_ADDRESS", "MOST"),
    ),
    "Simulations": ("bonecast.simulation.run", ("MOST_ROWS", "MOST_NUMBERS")),
    "People of event tables": ("bonecast.simulation.event_runs", ("MOST_ITEMS",)),
    "CDS Hooks": ("bonecast.web.hooks", ("LARGEST_CALL",)),
    "Cards that were given": ("bonecast.web.store.given_cards", ("KEPT", "MOST")),
    "Computations": ("bonecast.web.store.jobs", ("MOST_OPEN", "MOST_KEPT")),
    "Imports": ("bonecast.web.importing", ("MOST_FILES", "BATCH")),
    "Waiting for the database": ("bonecast.web.store.open", ("WAIT_MS",)),
    "Looking while others write": ("bonecast.web.store.later", ("SHORT_S",)),
    "Signing in": ("bonecast.web.security.login_throttle", ("SPAN_S", "MOST_NAME", "MOST_ADDRESS")),
}


def limits_of(module, names):
    """Name, value and comment of each limit of a module, in order."""
    found = importlib.import_module(module)
    source = inspect.getsource(found)
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign):
            continue
        comment = lines[node.lineno - 1].partition("#")[2].strip()
        targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
        for name in (one.id for one in targets):
            if name in names or (not names and not name.startswith("_")):
                yield name, getattr(found, name), comment


def shown(value):
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f"{value.days} days"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def table(section):
    rows = "\n".join(
        f"| `{name}` | {shown(value)} | {comment} |" for name, value, comment in limits_of(*SECTIONS[section])
    )
    return f"## {section}\n\n| limit | value | what it counts |\n|---|---|---|\n{rows}\n"


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_the_table_of_the_code(section):
    assert table(section) in PAGE.read_text(encoding="utf-8")


def test_every_limit_says_what_it_counts():
    lacking = [
        f"{module}.{name}"
        for module, names in SECTIONS.values()
        for name, _, comment in limits_of(module, names)
        if not comment
    ]
    assert lacking == []


def test_the_page_has_no_other_section():
    assert re.findall(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), re.M) == list(SECTIONS)
