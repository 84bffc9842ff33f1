"""The files that take longest are taken first."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def test_the_files_that_are_taken_first_are_there_and_come_first(request):
    first = request.config.pluginmanager.get_plugin(str(HERE.parent / "conftest.py")).LONGEST
    assert set(first) <= {path.name for path in HERE.rglob("test_*.py")}
    assert len(set(first)) == len(first)
    ordered = [item.path.name for item in request.session.items]
    known = [name for name in dict.fromkeys(ordered) if name in first]
    assert known == sorted(known, key=first.index)
    assert ordered.index("test_order.py") >= len([name for name in ordered if name in first])
