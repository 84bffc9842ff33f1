"""How long a CDS Hooks call with 200 entries takes: python tests/web/cds_speed.py [CALLS].

The whole application answers, with its database, cards kept and audit log; the sandbox's client is not verified.
Prints the median of the time on the clock and of the processor time, in ms.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient

from bonecast.web import Settings, create_app

CASE = Path(__file__).parents[1] / "data" / "cds" / "order-rxnorm-code-only.json"
ENTRIES = 200
TESTS = (("29265-6", 2.3, "mmol/L"), ("33914-3", 75, "mL/min/{1.73_m2}"), ("1742-6", 25, "U/L"))


def call(read: bool) -> bytes:
    """A call about an order of denosumab; the entries are results that are read, or of no concern."""
    body = json.loads(CASE.read_text("utf-8"))["body"]
    entries = body["prefetch"]["observations"]["entry"]
    there = sum(len(part.get("entry", ())) for part in body["prefetch"].values())
    for number in range(ENTRIES - there):
        code, value, unit = TESTS[number % len(TESTS)] if read else ("12345-6", number, "1")
        entries.append(
            {
                "resource": {
                    "resourceType": "Observation",
                    "id": f"o{number}",
                    "status": "final",
                    "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                    "subject": {"reference": "Patient/case"},
                    "effectiveDateTime": f"20{10 + number % 16}-{1 + number % 12:02}-{1 + number % 28:02}",
                    "valueQuantity": {"value": value, "unit": unit},
                }
            }
        )
    return json.dumps(body).encode()


def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(f"sqlite:///{folder}/a.db", worker=False, cds_sandbox=True))
        with TestClient(app, base_url="http://127.0.0.1:8000") as client:
            for name, body in (("read", call(True)), ("of no concern", call(False))):
                clock, processor = [], []
                for number in range(calls + 3):  # the first three load what is loaded once
                    before = time.perf_counter(), time.process_time()
                    answer = client.post(
                        "/cds-services/bonecast-order-sign",
                        content=body,
                        headers={"content-type": "application/json"},
                    )
                    answer.raise_for_status()
                    if number >= 3:
                        clock.append(time.perf_counter() - before[0])
                        processor.append(time.process_time() - before[1])
                print(
                    f"{ENTRIES} entries, {name}: median of {calls}: {statistics.median(clock) * 1000:.1f} ms "
                    f"on the clock, {statistics.median(processor) * 1000:.1f} ms of processor time"
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
