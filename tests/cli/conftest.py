"""How these tests call a command: in this process, with what it printed and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bonecast.cli import run


@dataclass(frozen=True)
class Called:
    """What one call gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as JSON; a constant such as NaN, which JSON does not have, fails."""
        assert self.code == 0, self.err
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """`call("models", "--json")`."""

    def one(*words: str) -> Called:
        capsys.readouterr()
        code = run(list(words))
        printed = capsys.readouterr()
        return Called(code, printed.out, printed.err)

    return one


@pytest.fixture
def refused(call: Callable[..., Called]) -> Callable[..., str]:
    """`refused(*words)`: the one sentence on stderr of a wrong use; nothing on stdout, exit code 2."""

    def one(*words: str) -> str:
        called = call(*words)
        assert called.code == 2, called
        assert called.out == ""
        assert called.err.count("\n") == 1, called.err
        assert called.err.startswith("bonecast: ")
        assert called.err.endswith(".\n")
        return called.err

    return one
