"""Writes docs/licences.md: the licence of every package that an installation brings, as its own metadata has it."""

import json
import re
import subprocess
import sys
from pathlib import Path

PAGE = """# Licences

Every package that `pip install .` brings, with the licence that its metadata names; the versions are in
`requirements/run.txt`. `make licences` writes this page, and a test refuses a licence that would bind Bonecast or its
users beyond naming it. Wheels of numpy and scipy hold the run-time library of GNU Fortran, whose exception allows that.

| package | licence |
|---|---|
"""


def main() -> None:
    """Ask pip-licenses of the packages of the lock that are installed here."""
    lock = Path("requirements/run.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    asked = [
        "piplicenses",
        "--python",
        sys.executable,
        "--from",
        "mixed",
        "--format",
        "json",
        "--packages",
        *names,
    ]
    done = subprocess.run([sys.executable, "-m", *asked], check=True, capture_output=True, text=True)
    rows = {one["Name"].lower(): one["License"] for one in json.loads(done.stdout)}
    text = PAGE + "".join(f"| {name} | {rows[name]} |\n" for name in sorted(rows))
    Path("docs/licences.md").write_text(text, encoding="utf-8")


main()
