"""How long every page takes among ten thousand people: `python tests/web/speed.py`. Not a test: it only prints."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import every_page
import httpx

ROUNDS = 9
LISTS = (
    "/people?by=name&offset=9000",
    "/people?search=name+42",
    "/people/5000/record",
    "/people/5000/history",
)


def main() -> None:
    """Print the median of each page in milliseconds, the slowest first."""
    with tempfile.TemporaryDirectory() as folder, every_page.furnished(Path(folder)) as made:
        addresses = (*LISTS, *map(made.path, (*every_page.patterns(), *every_page.ALSO)))
        with made.client() as client:
            took = {address: milliseconds(client, address) for address in dict.fromkeys(addresses)}
    for address, median in sorted(took.items(), key=lambda one: -one[1]):
        print(f"{median:6.0f} ms  {address}")


def milliseconds(client: httpx.Client, address: str) -> float:
    """The median on the clock, after a first call."""
    client.get(address)
    spans = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        spans.append(time.perf_counter() - began)
    return 1000 * statistics.median(spans)


if __name__ == "__main__":
    main()
