"""The imports of the package: no module imports itself by way of others, and rooms speak through their front door."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
# Imports that reach past the `__init__` of another room. It may only fall; the aim is 0.
MOST_REACHING_PAST = 0

Graph = Mapping[str, set[str]]


def import_graph(source: Path) -> dict[str, set[str]]:
    """Module to the modules of the package that it imports, at its top or within a function; not for types alone."""
    trees = {module_name(path, source): ast.parse(path.read_text("utf-8")) for path in source.rglob("*.py")}
    bound = {name: set(_bound(name, tree)) for name, tree in trees.items()}
    return {name: set(_imports(tree, bound)) - {name} for name, tree in trees.items()}


def module_name(path: Path, source: Path) -> str:
    """The full name of the module in this file."""
    return ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")


def _bound(module: str, tree: ast.Module) -> Iterator[str]:
    """Names that a module takes from others: what a room re-exports, though a module of the room may be named alike."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module != module:
            yield from (alias.asname or alias.name for alias in node.names)


def _imports(node: ast.AST, bound: Mapping[str, set[str]]) -> Iterator[str]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in bound)
    elif isinstance(node, ast.ImportFrom) and node.module in bound:
        names = {alias.name for alias in node.names} - bound[node.module]
        submodules = {f"{node.module}.{name}" for name in names} & set(bound)
        yield from submodules
        if len(submodules) < len(node.names):
            yield node.module
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, bound)


def with_rooms(graph: Graph) -> dict[str, set[str]]:
    """The same, and the rooms that Python runs on the way to a module inside another room."""
    return {
        name: imported
        | {room for other in imported for room in _rooms_of(other) if not f"{name}.".startswith(f"{room}.")}
        for name, imported in graph.items()
    }


def _rooms_of(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[:count]) for count in range(2, len(parts)))


def circles(graph: Graph) -> list[list[str]]:
    """Groups of modules that import one another: the strongly connected components with more than one member."""
    order: list[str] = []
    seen: set[str] = set()
    for start in graph:
        _visit(start, graph, seen, order)
    backwards: dict[str, set[str]] = {name: set() for name in graph}
    for name, imported in graph.items():
        for other in imported:
            backwards[other].add(name)
    groups: list[list[str]] = []
    seen.clear()
    for start in reversed(order):
        group: list[str] = []
        _visit(start, backwards, seen, group)
        if len(group) > 1:
            groups.append(sorted(group))
    return groups


def _visit(start: str, graph: Graph, seen: set[str], order: list[str]) -> None:
    """Append `start` and what is reached from it to `order`, each behind what it leads to."""
    if start in seen:
        return
    seen.add(start)
    waiting = [(start, iter(sorted(graph[start])))]
    while waiting:
        for other in waiting[-1][1]:
            if other not in seen:
                seen.add(other)
                waiting.append((other, iter(sorted(graph[other]))))
                break
        else:
            order.append(waiting.pop()[0])


def reaching_past(graph: Graph) -> list[tuple[str, str]]:
    """Imports of a module inside another room, in place of the room itself."""
    return [
        (name, other)
        for name, imported in sorted(graph.items())
        for other in sorted(imported)
        if other.count(".") > 1 and name.split(".")[:2] != other.split(".")[:2]
    ]


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return import_graph(SOURCE)


def test_no_module_imports_itself_by_way_of_others(graph):
    assert len(graph) > 300
    assert circles(with_rooms(graph)) == []


def test_ever_fewer_imports_reach_past_the_front_door_of_a_room(graph):
    past = reaching_past(graph)
    assert len(past) <= MOST_REACHING_PAST, (
        "import the name from the room; these reach past it: "
        + ", ".join(f"{name} -> {other}" for name, other in past)
    )


def test_a_circle_and_a_back_door_are_found_where_there_are_some(tmp_path):
    for name, text in {
        "house/__init__.py": "",
        "house/a/__init__.py": "from house.a.inner import x\n",
        "house/a/inner.py": "def f():\n    from house.b import y\n",
        "house/b/__init__.py": "import house.a\nfrom house.a.inner import x\n",
        "house/c.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import house.d\n",
        "house/d.py": "import house.c\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    made = import_graph(tmp_path)
    assert circles(made) == [["house.a", "house.a.inner", "house.b"]]
    assert reaching_past(made) == [("house.b", "house.a.inner")]
