"""Many users at once for some seconds; `load.py` does the same for minutes."""

from __future__ import annotations

import clinic
import load

SECONDS, USERS = 8, 20


def test_twenty_users_at_once_meet_no_error_and_lose_no_write(tmp_path):
    with clinic.serving("--database", tmp_path / "clinic.db") as (_, address):
        seen = load.load(address, SECONDS, USERS)
    assert seen.errors == {}
    assert seen.lost == []
    assert len(seen.added) >= USERS / 4
    assert len(seen.saved) >= USERS / 4
    assert set(load.PAGES) <= set(seen.took)
