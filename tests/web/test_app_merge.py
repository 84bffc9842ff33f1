"""The merge of two edits: what one side changed stands, whatever the other side did elsewhere."""

from __future__ import annotations

import copy

import clinic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonecast.errors import InputError
from bonecast.web.store.merge import decided, fields_of, merge, with_keys, without_keys

BASE = with_keys(clinic.record())
KEYS = [(table, entry["key"]) for table in ("doses", "measurements") for entry in BASE[table]]
FIELDS = [path for path in fields_of(BASE) if path[2] and path[0] == "person"] + [
    (table, key, name) for table, key in KEYS for name in ("lot", "lab", "date")
]
edits = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["x", "y", "z"]), max_size=6)


def _edited(changes):
    made = copy.deepcopy(BASE)
    for (table, key, name), value in changes.items():
        target = made["person"] if table == "person" else next(e for e in made[table] if e["key"] == key)
        target[name] = value
    return made


@given(edits, edits)
def test_each_changed_field_is_kept_or_is_a_clash(mine, theirs):
    merged, clashes = merge(BASE, _edited(mine), _edited(theirs))
    fields, clashing = fields_of(merged), {clash.path for clash in clashes}
    assert clashing == {path for path in mine if path in theirs and mine[path] != theirs[path]}
    for path, value in {**mine, **theirs}.items():
        assert path in clashing or fields[path] == value
    untouched = {path: v for path, v in fields_of(BASE).items() if path not in mine and path not in theirs}
    assert untouched.items() <= fields.items()


@given(edits, edits)
def test_the_merge_does_not_depend_on_who_came_first(mine, theirs):
    ours, others = _edited(mine), _edited(theirs)
    one, clashes = merge(BASE, ours, others)
    other, swapped = merge(BASE, others, ours)
    assert [(c.path, c.mine, c.theirs) for c in clashes] == [(c.path, c.theirs, c.mine) for c in swapped]
    assert fields_of(decided(one, clashes, {c.path for c in clashes})) == fields_of(
        decided(other, swapped, set())
    )


@given(edits)
def test_an_unchanged_side_changes_nothing(mine):
    ours = _edited(mine)
    assert merge(BASE, ours, BASE) == (ours, ())
    assert merge(BASE, BASE, ours) == (ours, ())


def test_the_same_new_dose_added_in_both_windows_is_kept_once():
    dose = {"drug": "denosumab", "amount": "60 mg", "date": "2026-09-14"}
    sides = []
    for _ in range(2):
        side = copy.deepcopy(BASE)
        side["doses"].append(dict(dose))
        sides.append(with_keys(side, BASE))
    merged, clashes = merge(BASE, *sides)
    assert not clashes
    assert without_keys(merged)["doses"].count(dose) == 1


def test_both_choices_of_a_removed_entry_can_be_taken():
    removed, changed = copy.deepcopy(BASE), copy.deepcopy(BASE)
    gone = removed["doses"].pop(0)
    changed["doses"][0]["lot"] = "L-7"
    merged, clashes = merge(BASE, removed, changed)
    assert [clash.mine for clash in clashes] == [None]
    assert decided(merged, clashes, set())["doses"][0]["lot"] == "L-7"
    taken = decided(merged, clashes, {clashes[0].path})
    assert gone["key"] not in [entry["key"] for entry in taken["doses"]]
    assert len(taken["doses"]) == 1


def test_an_entry_without_its_key_is_known_by_what_it_says():
    again = with_keys(without_keys(BASE), BASE)
    assert again == BASE


@pytest.mark.parametrize(
    "odd",
    [
        [],
        {"people": {}},
        {"person": []},
        {"doses": {}},
        {"doses": [1]},
        {"doses": [{"key": "../etc"}]},
        {"doses": [{"key": "00000000"}, {"key": "00000000"}]},
        {"measurements": [{"value": "a\x1b[2J"}]},
        {"doses": [{}] * 5_001},
    ],
)
def test_what_is_not_laid_out_as_a_record_is_refused_in_a_sentence(odd):
    with pytest.raises(InputError, match=r"^record"):
        with_keys(odd)
