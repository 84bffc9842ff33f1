"""What the care rules answer on each record of the panel."""

from __future__ import annotations

from bonecast.trust import panel, panel_checked


def panel_states() -> dict[str, dict[str, str]]:
    """By record: the act, its state, and the rules that block, as TOML texts."""
    found = {}
    for patient in panel():
        made = panel_checked(patient)
        found[patient.id] = {"answer": f'"{made["act"]}, {made["state"]}: {" ".join(made["block"])}"'}
    return found
