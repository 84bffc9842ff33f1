"""Write the headline numbers anew: `python tests/baseline/update.py "why they changed"` from the repository root."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from headlines import headlines

HERE = Path(__file__).with_name("headlines.toml")


def main() -> None:
    if len(sys.argv) != 2 or len(sys.argv[1]) < 10:
        sys.exit('Say why, in a sentence: python tests/baseline/update.py "why they changed"')
    kept = [line for line in HERE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [*kept, f"# {dt.date.today().isoformat()}: {sys.argv[1]}"]
    for what, outputs in headlines().items():
        lines.append(f'\n["{what}"]')
        lines += [f'"{name}" = {values}' for name, values in outputs.items()]
    HERE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
