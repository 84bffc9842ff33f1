"""One name, one class: a reader who meets a name in two rooms should not have to ask which is meant."""

from __future__ import annotations

import ast
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import bonecast

SOURCE = Path(bonecast.__file__).parent
SHARED_NAMES = 7  # names that two classes have today; lower it with every one that goes
SHARED_EXPORTS = 0  # of them, those that two rooms export


def test_no_more_classes_share_a_name_than_before():
    places = defaultdict(list)
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(file.relative_to(SOURCE)))
    shared = {name: files for name, files in places.items() if len(files) > 1}
    assert len(places) > 500
    assert len(shared) <= SHARED_NAMES, shared


def test_no_more_rooms_export_classes_of_one_name_than_before():
    exported = defaultdict(set)
    for folder in sorted(SOURCE.iterdir()):
        if not (folder / "__init__.py").exists():
            continue
        room = import_module(f"bonecast.{folder.name}")
        for name in getattr(room, "__all__", ()):
            if isinstance(value := getattr(room, name), type):
                exported[name].add(value)
    assert len(exported) > 100
    shared = {name: kinds for name, kinds in exported.items() if len(kinds) > 1}
    assert len(shared) <= SHARED_EXPORTS, shared
