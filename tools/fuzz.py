"""Inputs that nobody would write, for everything that reads: each is answered or refused with a sentence.

    python tools/fuzz.py                                20,000 inputs, as `make test` does
    python tools/fuzz.py --inputs 1000000 --keep found  one million, as every night; what fails goes into the folder
    python tools/fuzz.py --only plan --first 37 --inputs 1 --show      one input again

An input is made from a seed (tests/fuzz_seeds, examples, test data) by its number alone, so that each can be made
again. It fails where it ends in anything but an error of ours, or an answer of 5xx; takes more than 2 s of processor
time; or makes the process grow by more than 300 MB. Readers run in a process of their own, which may die.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import tomllib
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "tests" / "fuzz_seeds"
LONGEST_S, MOST_BYTES = 2.0, 300_000_000
STUCK_S = 90  # without a next input, in real time: the process is stopped from outside
HARD_BYTES = (
    6_000_000_000  # of address space beyond what is loaded: an allocation beyond is refused by the system
)

Reader = Callable[[bytes], object]

TEXTS = (
    "", " ", "\t", "\x00", "\x01", "\x7f", "\u202e", "\ufeff", "é" * 50, "٣", "½", "a" * 3_000, "9" * 400, "9" * 5_001,
    "1e999", "-0", "nan", "inf", "0x10", "1_000", "60 mg", "60 ug", "-60 mg", "1e30 mg", "60", "mg", "0001-01-01",
    "9999-12-31", "2026-02-30", "2026-W01-1", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "every 0.0000001 days", "denosumab 60 mg every 1e-300 months x 99999999", "'; DROP TABLE people;--", "../../x",
    "{{7*7}}", "<script>", "%s%n", "https://x.example/a?b#c", "Patient/1", "#1", "true", "null",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 1e308, -1e308, 5e-324, 0.1, float("nan"), float("inf"))
OTHERS = (None, True, False, [], {}, [[]], [{}], {"": ""}, {"value": 1, "unit": "mg"}, [None] * 50)
PLAN_WORDS = (
    "denosumab", "zoledronate", "teriparatide", "60 mg", "5 mg", "20 ug", "every", "once", "6 months", "daily",
    "for", "then", ",", ";", ":", "x", "1e9", "0", "-1", "weeks", "at", "after", "0.0000001 days", "(", ")", "nothing",
    "99999 years",
)  # fmt: skip


class TooLong(BaseException):
    """An input takes more than its time."""


# How inputs are made


def tree(rng: random.Random, value: Any, depth: int = 0) -> Any:
    """The same tables with some values exchanged, left out, doubled, or put elsewhere."""
    if rng.random() < 0.04:
        return rng.choice((rng.choice(TEXTS), rng.choice(NUMBERS), rng.choice(OTHERS)))
    if isinstance(value, dict):
        made = {key: tree(rng, part, depth + 1) for key, part in value.items() if rng.random() > 0.02}
        if rng.random() < 0.05:
            made[rng.choice(TEXTS) or rng.choice([*value] or [""])] = rng.choice(TEXTS)
        return made
    if isinstance(value, list):
        made = [tree(rng, part, depth + 1) for part in value if rng.random() > 0.03]
        return made * rng.choice((2, 50)) if made and rng.random() < 0.01 else made
    return value


def bytes_of(rng: random.Random, data: bytes) -> bytes:
    """The same text with some bytes exchanged, cut out, repeated, or put in."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(found) + 1)
        kind = rng.randrange(6)
        if kind == 0 and found:
            found[at % len(found)] = rng.randrange(256)
        elif kind == 1:
            del found[at : at + rng.choice((1, 8, 200))]
        elif kind == 2:
            found[at:at] = found[max(0, at - rng.choice((1, 20, 300))) : at] * rng.choice((1, 3, 30))
        elif kind == 3:
            found[at:at] = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
        elif kind == 4:
            found[at:at] = bytes([rng.choice(b"\x00\n\r\"'[]{}=,.;:#-\\")]) * rng.choice((1, 2, 2_000))
        else:
            del found[at:]
    return bytes(found)


def toml(tables: Any) -> bytes:
    """TOML of tables, with every key in quotes; what TOML has no form for becomes text."""
    if not isinstance(tables, dict):
        return repr(tables).encode("utf-8", "replace")
    return "\n".join(f"{_quoted(key)} = {_toml(value)}" for key, value in tables.items()).encode(
        "utf-8", "surrogatepass"
    )


def _quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else _quoted(value)


def made(target: Target, seed: int, number: int) -> bytes:
    """The input of this number; below 0 a seed as it is."""
    if number < 0:
        return target.seeds[-1 - number]
    rng = random.Random(f"{seed} {target.name} {number}")
    data = target.seeds[rng.randrange(len(target.seeds))]
    if target.kind == "plan" and rng.random() < 0.5:
        return " ".join(rng.choice(PLAN_WORDS) for _ in range(rng.randrange(1, 14))).encode()
    if target.kind in ("toml", "json") and rng.random() < 0.7:
        try:
            tables = tomllib.loads(data.decode()) if target.kind == "toml" else json.loads(data)
        except ValueError:
            return bytes_of(rng, data)
        changed = tree(rng, tables)
        return toml(changed) if target.kind == "toml" else json.dumps(changed, default=str).encode()
    if target.kind == "csv" and rng.random() < 0.7:
        rows = [line.split(b",") for line in data.splitlines()]
        for _ in range(rng.choice((1, 2, 5))):
            row = rng.choice(rows)
            row[rng.randrange(len(row))] = rng.choice((*TEXTS, '"', '"a,b"')).encode("utf-8", "surrogatepass")
        return b"\n".join(b",".join(row) for row in rows)
    return bytes_of(rng, data)


# What reads them


class Target:
    """A reader, the seeds of its inputs, and its share of all inputs."""

    def __init__(
        self, name: str, kind: str, share: float, make: Callable[[], Reader], seeds: list[bytes]
    ) -> None:
        self.name, self.kind, self.share, self.make = name, kind, share, make
        self.seeds = seeds + [path.read_bytes() for path in sorted((SEEDS / name).glob("*"))]


def _record(name: str) -> Reader:
    from bonecast.interop.patient_files import read_patient_bytes

    return lambda data: read_patient_bytes(data, name)


def _people() -> Reader:
    from bonecast.interop.patient_files import read_tables

    return lambda data: read_tables(data, "people.csv")


def _plan() -> Reader:
    from bonecast.regimens import parse_regimen

    return lambda data: parse_regimen(data.decode("utf-8", "surrogateescape")).end_d


def _design() -> Reader:
    from bonecast.core import decoded
    from bonecast.trials import design_of

    return lambda data: design_of(decoded(data, "design.toml"), "design.toml")


def _case() -> Reader:
    from bonecast.liver import assess, read_case

    return _by_file("case.toml", lambda path: assess(read_case(path)).to_dict())


def _case_table() -> Reader:
    from bonecast.liver import assess_case_table, read_case_table

    return _by_file(
        "cases.csv", lambda path: assess_case_table(read_case_table(path, "cases.csv"), "cases.csv")
    )


def _cohort() -> Reader:
    from bonecast.liver import assess_cohort

    return _by_file("cohort.csv", assess_cohort)


def _by_file(name: str, read: Callable[[Path], object]) -> Reader:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def reader(data: bytes) -> object:
        path = folder / name
        path.write_bytes(data)
        return read(path)

    return reader


def _web() -> Any:
    """The application on a database of its own, for CDS Hooks and the API."""
    warnings.simplefilter("ignore")
    import logging

    from fastapi.testclient import TestClient

    from bonecast.web import Settings, create_app

    logging.getLogger("bonecast.web").setLevel(logging.CRITICAL)
    logging.getLogger("httpx").setLevel(logging.CRITICAL)
    url = f"sqlite:///{Path(tempfile.mkdtemp(prefix='fuzz-')) / 'fuzz.db'}"
    app = create_app(Settings(url, worker=False, cds_sandbox=True))
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=True)
    client.__enter__()
    return client


def _post(client: Any, path: str, data: bytes, kind: str = "application/json", method: str = "POST") -> None:
    answer = client.request(method, path, content=data, headers={"content-type": kind})
    if answer.status_code >= 500 and answer.status_code not in (503, 507):
        raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")


def _hooks() -> Reader:
    client = _web()

    def reader(data: bytes) -> None:
        hook = (
            "order-sign"
            if b"order-sign" in data
            else "order-select"
            if b"order-select" in data
            else "patient-view"
        )
        path = f"/cds-services/bonecast-{hook}" + ("/feedback" if b'"feedback"' in data else "")
        if path.endswith("/feedback"):
            # A card that is known, so that what is said of it is read as well.
            book = client.app.state.cds_cards
            book.write("A-17", {"c1": "DC-01"})
        _post(client, path, data)

    return reader


def _api() -> Reader:
    from urllib.parse import quote

    client = _web()
    _post(client, "/api/v1/people", json.dumps({"record": _example_tables()}, default=str).encode())

    def reader(data: bytes) -> None:
        which = sum(data) % 6
        if which < 2:
            _post(client, "/api/v1/people", b'{"record": ' + data + b"}")
        elif which == 2:
            _post(client, "/api/v1/people/1", b'{"version": 1, "record": ' + data + b"}", method="PUT")
        elif which == 3:
            _post(client, "/api/v1/import?name=x.json", data, "application/octet-stream")
        else:
            part = quote(data[len(data) // 3 :][:60])
            paths = ("/api/v1/people?search=", "/api/v1/people/1/check?on=", "/api/v1/people/1/check?fact=",
                     "/people/", "/people?offset=", "/api/v1/plans/read?plan=")  # fmt: skip
            _post(client, paths[len(data) % len(paths)] + part, b"", method="GET")

    return reader


def _example_tables() -> dict[str, Any]:
    return tomllib.loads((ROOT / "examples/late-dose.toml").read_text("utf-8"))


def targets() -> list[Target]:
    """Everything that reads."""
    record = (ROOT / "examples/late-dose.toml").read_bytes()
    tables = json.dumps(_example_tables(), default=str).encode()
    data = ROOT / "tests/data"
    fhir = [path.read_bytes() for path in sorted((data / "fhir").glob("*.json"))]
    calls = [path.read_bytes() for path in sorted((data / "cds").glob("*.json"))]
    plans = (data / "plans.txt").read_bytes().splitlines()
    designs = [path.read_bytes() for path in sorted((ROOT / "src/bonecast/trials/designs").glob("*.toml"))]
    case = (ROOT / "examples/liver-case.toml").read_bytes()
    cases = (data / "liver/cases.csv").read_bytes()
    return [
        Target("record-toml", "toml", 0.20, lambda: _record("record.toml"), [record]),
        Target("fhir", "json", 0.22, lambda: _record("bundle.json"), fhir),
        Target("people-csv", "csv", 0.12, _people, []),
        Target("plan", "plan", 0.22, _plan, plans),
        Target("design", "toml", 0.08, _design, designs),
        Target("liver-case", "toml", 0.06, _case, [case]),
        Target("liver-table", "csv", 0.02, _case_table, [cases]),
        Target("liver-cohort", "csv", 0.02, _cohort, []),
        Target("hooks", "json", 0.03, _hooks, calls),
        Target("api", "json", 0.03, _api, [tables]),
    ]


# How they run


def tried(read: Reader, data: bytes) -> str:
    """What is wrong with how an input was taken; empty for nothing."""
    from bonecast.errors import BonecastError

    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
    try:
        read(data)
    except BonecastError as error:
        return (
            "" if str(error).isprintable() or "\n" in str(error) else "an error with control characters in it"
        )
    except TooLong:
        return f"more than {LONGEST_S:g} s"
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def child(target: Target, seed: int, numbers: range, progress: Path) -> None:
    """Try inputs in this process; a line of JSON for each that fails."""

    def late(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGPROF, late)
    read = target.make()
    for number in range(
        -len(target.seeds), 0
    ):  # what is loaded at the first use is no growth and takes its time
        wrong = tried(read, made(target, seed, number))
        if wrong and not wrong.startswith("more than"):
            print(json.dumps({"number": number, "wrong": wrong}), flush=True)
    limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + HARD_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    before = _peak()
    with progress.open("wb", buffering=0) as out:
        for number in numbers:
            os.pwrite(out.fileno(), b"%20d" % number, 0)
            wrong = tried(read, made(target, seed, number))
            grown = _peak() - before
            if grown > MOST_BYTES:
                wrong, before = f"the process grew by {grown / 1e6:.0f} MB", _peak()
            if wrong:
                print(json.dumps({"number": number, "wrong": wrong}), flush=True)
    print(json.dumps({"peak": _peak() - before}), flush=True)


def _peak() -> int:
    from bonecast.bench.timing import peak_memory_mb

    return int(peak_memory_mb() * 2**20)


def run(target: Target, seed: int, numbers: range) -> Iterator[tuple[int, str]]:
    """Try inputs in processes of their own: number and fault of each that fails."""
    first = numbers.start
    with tempfile.TemporaryDirectory() as folder:
        progress = Path(folder) / "progress"
        while first < numbers.stop:
            progress.write_bytes(b"")
            words = [
                "--child",
                target.name,
                "--first",
                first,
                "--inputs",
                numbers.stop - first,
                "--seed",
                seed,
            ]
            process = subprocess.Popen(
                [sys.executable, __file__, *map(str, words), "--progress", str(progress)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env={**os.environ, "TMPDIR": folder, "NUMBA_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
            )  # fmt: skip
            said, complaints, stuck = _followed(process, progress)
            for line in said.splitlines():
                found = json.loads(line)
                if "number" in found:
                    yield found["number"], found["wrong"]
            if process.returncode == 0:
                return
            reached = int(progress.read_bytes().strip() or first)
            why = f"no end after {STUCK_S} s" if stuck else f"the process ended with {process.returncode}"
            yield reached, f"{why}: {complaints.strip()[-300:]}"
            first = reached + 1


def _followed(process: subprocess.Popen[str], progress: Path) -> tuple[str, str, bool]:
    """What a process says, until it ends or stays at one input."""
    last = b"?"
    while True:
        try:
            said, complaints = process.communicate(timeout=STUCK_S)
            return said, complaints, False
        except subprocess.TimeoutExpired:
            now = progress.read_bytes()
            if now == last and now:
                process.kill()
                said, complaints = process.communicate()
                return said, complaints, True
            last = now


def main() -> int:
    """Try inputs; 1 where any fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=20_000, help="how many, of all readers or of --only")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one reader")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that fail")
    parser.add_argument("--show", action="store_true", help="print the input instead of trying it")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--progress", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    known = {target.name: target for target in targets()}
    if asked.child:
        child(known[asked.child], asked.seed, range(asked.first, asked.first + asked.inputs), asked.progress)
        return 0
    chosen = [known[asked.only]] if asked.only else [*known.values()]
    if asked.show:
        sys.stdout.buffer.write(made(chosen[0], asked.seed, asked.first))
        return 0
    failed = 0
    for target in chosen:
        count = asked.inputs if asked.only else round(asked.inputs * target.share)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        faults = list(run(target, asked.seed, range(asked.first, asked.first + count)))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{target.name}: {count:,} inputs, {len(faults)} failed, {spent:.1f} s", flush=True)
        for number, wrong in faults[:20]:
            print(f"  {number}: {wrong}", flush=True)
        for number, _ in faults if asked.keep else []:
            folder = asked.keep / target.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{asked.seed}-{number}").write_bytes(made(target, asked.seed, number))
        failed += len(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
