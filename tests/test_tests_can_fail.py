"""A test that cannot fail is a defect: each reaches a check, also where a loop has nothing to go through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CHECKS = {"raises", "warns", "fail", "assert_allclose", "assert_array_equal", "assert_called_once"}
PASSING_ON = {
    "zip",
    "enumerate",
    "sorted",
    "reversed",
    "list",
    "tuple",
    "set",
    "dict",
    "items",
    "keys",
    "values",
}
PASSING_ON |= {"product", "combinations", "pairwise", "permutations", "strict", "map"}


def parsed() -> dict[str, ast.Module]:
    """Every file of tests as a tree, by its path."""
    return {str(p.relative_to(TESTS)): ast.parse(p.read_text("utf-8")) for p in sorted(TESTS.rglob("*.py"))}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Its functions, also those inside others."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def called(node: ast.AST) -> set[str]:
    """The names that are called or asked for as a fixture."""
    names = {arg.arg for arg in node.args.args} if isinstance(node, ast.FunctionDef) else set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            names |= {one.func.id} if isinstance(one.func, ast.Name) else set()
            names |= {one.func.attr} if isinstance(one.func, ast.Attribute) else set()
    return names


def checking(trees: dict[str, ast.Module]) -> set[str]:
    """Names of functions that check: they hold an assertion, or call one that does."""
    found, before = set(CHECKS), -1
    every = [one for tree in trees.values() for one in functions(tree)]
    while len(found) != before:
        before = len(found)
        for one in every:
            if any(isinstance(node, ast.Assert | ast.Raise) for node in ast.walk(one)) or called(one) & found:
                found.add(one.name)
    return found


def may_be_empty(source: ast.expr, filled: set[str]) -> bool:
    """May there be nothing to go through? Not in what is written out, and in `filled` names: constants, parameters."""
    match source:
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
            return not getattr(source, "elts", getattr(source, "keys", []))
        case ast.Constant():
            return not source.value
        case ast.Name():
            return source.id not in filled and not source.id.isupper()
        case ast.Attribute():
            return not source.attr.isupper()
        case ast.Starred() | ast.Subscript():
            return may_be_empty(source.value, filled)
        case ast.BinOp():
            return may_be_empty(source.left, filled) and may_be_empty(source.right, filled)
        case ast.Call(func=ast.Name(id="range")):
            return not all(isinstance(n, ast.Constant | ast.UnaryOp | ast.Name) for n in source.args)
        case ast.Call(func=ast.Name(id=name)) if name in PASSING_ON:
            return all(may_be_empty(arg, filled) for arg in source.args)
        case ast.Call(func=ast.Attribute(attr=name, value=of)) if name in PASSING_ON:
            return (
                may_be_empty(of, filled)
                if not source.args
                else all(may_be_empty(a, filled) for a in source.args)
            )
    return True


def surely(node: ast.AST, checks: set[str], filled: set[str]) -> bool:
    """Does this reach a check that cannot be passed by for want of anything to go through?"""
    if isinstance(node, ast.For):
        if may_be_empty(node.iter, filled):
            return False
        return any(surely(child, checks, filled) for child in node.body)
    if isinstance(node, ast.Assert):
        test = node.test
        if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "all":
            (of,) = test.args
            if isinstance(of, ast.GeneratorExp | ast.ListComp):
                return not may_be_empty(of.generators[0].iter, filled)
        return True
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in checks:
            return True
    if isinstance(node, ast.If) and not node.orelse:
        return surely(node.test, checks, filled)
    if isinstance(node, ast.If):
        return all(any(surely(child, checks, filled) for child in part) for part in (node.body, node.orelse))
    return any(surely(child, checks, filled) for child in ast.iter_child_nodes(node))


def faults(trees: dict[str, ast.Module]) -> list[str]:
    """Tests that cannot fail, or only when their loop is not empty."""
    checks, found = checking(trees), []
    for path, tree in trees.items():
        for test in functions(tree):
            if not test.name.startswith("test_"):
                continue
            parameters = {
                name.strip()
                for decorator in test.decorator_list
                if isinstance(decorator, ast.Call)
                and ast.unparse(decorator.func) == "pytest.mark.parametrize"
                for name in _names(decorator.args[0])
            }
            fixtures = {arg.arg for arg in test.args.args} & checks
            if not fixtures and not any(surely(line, checks, parameters) for line in test.body):
                found.append(f"{path}: {test.name}")
    return found


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return str(node.value).split(",")
    return [str(one.value) for one in getattr(node, "elts", []) if isinstance(one, ast.Constant)]


def test_every_test_has_a_check_that_is_reached():
    assert faults(parsed()) == []


@pytest.mark.parametrize(
    ("body", "fails"),
    [
        ("assert f()", True),
        ("with pytest.raises(E): f()", True),
        ("f()", False),
        ("for x in f(): assert x", False),
        ("for x in (1, 2): assert x", True),
        ("for x in ALL: assert x", True),
        ("for k, x in zip('ab', f()): assert x", True),
        ("assert all(x for x in f())", False),
        ("assert all(x for x in (1, 2))", True),
        ("if f(): assert x", False),
        ("if f(): assert x\nelse: assert y", True),
        ("found = f()\nassert found\nfor x in found: assert x", True),
    ],
)
def test_what_cannot_fail_is_found(body, fails):
    lines = "\n".join("    " + line for line in body.splitlines())
    assert (faults({"a.py": ast.parse(f"def test_a():\n{lines}\n")}) == []) is fails


def test_helpers_have_names_of_their_own_and_none_is_imported_from_conftest():
    helpers = [p.stem for p in TESTS.rglob("*.py") if not p.stem.startswith("test_") and p.stem != "conftest"]
    assert len(helpers) == len(set(helpers)) > 10
    imported = {
        name
        for tree in parsed().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert "conftest" not in imported
