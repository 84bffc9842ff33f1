"""Inputs that nobody would write end in an answer or a sentence: those that failed once, and many more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import fuzz  # noqa: E402

SHARES = {target.name: target.share for target in fuzz.targets()}
IN_PROCESS = [one for one in fuzz.targets() if one.name not in ("hooks", "api")]


def test_the_shares_of_the_readers_are_one_whole():
    assert sum(SHARES.values()) == pytest.approx(1)


def test_an_input_is_made_again_by_its_number():
    assert len(fuzz.targets()) > 5
    for target in fuzz.targets():
        assert fuzz.made(target, 1, 5) == fuzz.made(target, 1, 5)
        assert len({fuzz.made(target, 1, number) for number in range(20)}) > 5


def test_a_reader_that_fails_hangs_or_takes_the_memory_is_found(tmp_path, monkeypatch):
    def hang(data):
        while True:
            pass

    assert "ZeroDivisionError" in fuzz.tried(lambda data: 1 / 0, b"")
    monkeypatch.setattr(fuzz, "LONGEST_S", 0.2)

    def late(*_):
        raise fuzz.TooLong

    before = fuzz.signal.signal(fuzz.signal.SIGPROF, late)
    try:
        assert "more than" in fuzz.tried(hang, b"")
    finally:
        fuzz.signal.signal(fuzz.signal.SIGPROF, before)


@pytest.mark.slow
def test_twenty_thousand_inputs_end_in_an_answer_or_a_sentence():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/fuzz.py"], capture_output=True, text=True, check=False
    )
    counted = sum(
        int(count.replace(",", "")) for count in re.findall(r": ([\d,]+) inputs, 0 failed", done.stdout)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert counted == 20_000
