"""Write the headline numbers and the scores again: `python tests/baseline/update.py "why"` from the root."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from headlines import headlines
from panel import panel_states
from scores import scores

HERE = Path(__file__).parent


def main() -> None:
    if len(sys.argv) != 2 or len(sys.argv[1]) < 10:
        sys.exit('Say why, in a sentence: python tests/baseline/update.py "why they changed"')
    for name, found in (
        ("headlines.toml", headlines()),
        ("scores.toml", scores()),
        ("panel.toml", panel_states()),
    ):
        write(HERE / name, found, sys.argv[1])


def write(path: Path, found: dict, reason: str) -> None:
    """The numbers of one file, under its comments and the reason."""
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [*kept, f"# {dt.date.today().isoformat()}: {reason}"]
    for what, outputs in found.items():
        lines.append(f'\n["{what}"]')
        lines += [f'"{name}" = {values}' for name, values in outputs.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
