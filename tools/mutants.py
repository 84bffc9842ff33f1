"""Do the tests notice a changed limit? `python tools/mutants.py [--list] [--only NAME] [--trust]` from the root.

Each entry of `mutants.toml` changes one constant or comparison in a copy of the package, and names the tests that must
then fail. The working tree is left as it is. A mutant that survives is a gap in the tests: the exit code is 1, unless
the entry says under `survives` why nothing can notice it. First the named tests run once on the unchanged package
(`--trust` leaves that out).
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "bonecast"
LONGEST_S = 900  # a mutant that never ends is noticed, too
PASSED, FAILED = 0, 1  # exit codes of pytest


@dataclass(frozen=True)
class Mutant:
    """One change: `old`, which stands exactly once in the file (a path below the package), becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    survives: str = ""

    @property
    def room(self) -> str:
        """The package that the file belongs to."""
        return self.file.partition("/")[0]

    def apply(self, package: Path) -> None:
        """Write the change into this copy of the package. ValueError where the text does not stand there once."""
        path = package / self.file
        text = path.read_text("utf-8") if path.is_file() else ""
        if text.count(self.old) != 1:
            raise ValueError(
                f"mutants.toml, {self.name}: {self.old!r} stands {text.count(self.old)} times in {self.file};"
                " give a text that stands there once"
            )
        path.write_text(text.replace(self.old, self.new), "utf-8")


def mutants() -> tuple[Mutant, ...]:
    """All of them, in the order of the file."""
    rows = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text("utf-8"))["mutant"]
    return tuple(Mutant(**{**row, "tests": tuple(row["tests"])}) for row in rows)


def run_tests(tests: tuple[str, ...], package: Path) -> int:
    """The exit code of pytest with this copy of the package; FAILED where it takes too long."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return FAILED
    if done.returncode not in (PASSED, FAILED):
        sys.exit(f"pytest did not run {' '.join(tests)}:\n{done.stdout.decode()[-2000:]}")
    return done.returncode


def check(chosen: tuple[Mutant, ...], trust: bool) -> int:
    """Run them one after the other and print what became of each: 1 where one survived that may not."""
    surviving = []
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "bonecast"
        shutil.copytree(PACKAGE, package)
        compileall.compile_dir(
            package, quiet=2
        )  # once: a changed file is newer than its bytecode and compiled again
        if (
            not trust
            and run_tests(tuple(sorted({t for one in chosen for t in one.tests})), package) != PASSED
        ):
            sys.exit("The tests fail on the unchanged package: mutants say nothing now")
        for mutant in chosen:
            began = time.monotonic()
            mutant.apply(package)
            killed = run_tests(mutant.tests, package) == FAILED
            shutil.copy2(PACKAGE / mutant.file, package / mutant.file)
            word = "killed" if killed else ("explained" if mutant.survives else "SURVIVED")
            print(f"{word:9}  {time.monotonic() - began:5.0f} s  {mutant.room:13}  {mutant.name}", flush=True)
            if not killed:
                surviving.append(mutant)
    unexplained = sum(not mutant.survives for mutant in surviving)
    print(f"{len(chosen)} mutants, {len(surviving)} survived, {unexplained} of them unexplained")
    return 1 if unexplained else 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", action="store_true", help="print them and run nothing")
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="a mutant or a room; repeatable"
    )
    parser.add_argument(
        "--trust", action="store_true", help="do not run the tests on the unchanged package first"
    )
    asked = parser.parse_args()
    chosen = tuple(m for m in mutants() if not asked.only or {m.name, m.room} & set(asked.only))
    if not chosen:
        parser.error("no mutant has that name")
    if asked.list:
        for mutant in chosen:
            print(f"{mutant.room:13}  {mutant.name:34}  {mutant.old.strip()} -> {mutant.new.strip()}")
        return 0
    return check(chosen, asked.trust)


if __name__ == "__main__":
    sys.exit(main())
