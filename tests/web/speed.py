"""How long every page takes among ten thousand people: `python tests/web/speed.py`. Not a test: it only prints."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import clinic
import every_page

ROUNDS = 9
ALONE = (
    "/people",
    "/people?by=name&offset=9000",
    "/people?search=name+42",
    "/people?search=nobody",
    "/people/5000/record",
    "/people/5000/record/edit",
    "/people/5000/history",
    "/api/v1/people?limit=200",
)


def main() -> None:
    """Print the median of each page in milliseconds, on the clock and of the processor."""
    with tempfile.TemporaryDirectory() as folder, clinic.open_clinic(Path(folder)) as opened:
        with opened.store.session() as s:
            every_page.crowd(s)
        for path in ALONE:
            print(f"{path:40} {milliseconds(opened, path)}", flush=True)


def milliseconds(opened: clinic.Clinic, path: str) -> str:
    """The medians for one page, after a first call."""
    opened.get(path)
    clock, processor = [], []
    for _ in range(ROUNDS):
        began, before = time.perf_counter(), time.process_time()
        opened.get(path)
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - before)
    return f"{1000 * statistics.median(clock):6.0f} ms, of the processor {1000 * statistics.median(processor):.0f} ms"


if __name__ == "__main__":
    main()
