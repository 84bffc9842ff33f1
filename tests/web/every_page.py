"""Every page of the application, as its routes list them, in a clinic where each of them has something to show."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import clinic
import httpx
from sqlalchemy import insert

from bonecast.care import Override
from bonecast.interop import read_tables
from bonecast.models import DEFAULT_MODEL
from bonecast.trials.reader import preset_text
from bonecast.web import pages, trial_runs
from bonecast.web.jobs.bench import put
from bonecast.web.jobs.job_request import request_job
from bonecast.web.jobs.scoreboard import asked_of
from bonecast.web.store import accounts, jobs, overrides, people
from bonecast.web.store.merge import with_keys
from bonecast.web.store.tables import PersonTable, VersionTable

CROWD = 10_000
LONGEST_S = 300  # until a job of the clinic is done, on a machine that does other things too
QUICKEST_MODEL = "peterson-riggs-2010"
SMALL_TRIAL = {"people": "24", "trials": "1", "seed": "1"}
JOBS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("forecast", {}),
    ("late", {}),
    ("compare", {"best_by": "vertebral"}),
    ("stop", {"best_by": "vertebral"}),
    ("report", {}),
)
# What a parameter stands for under the first part of a path, where it is not the same everywhere.
OWN = {"trials": {"name": "baseline"}}
# A setting that shows more of a page than its bare address does.
ALSO = (
    "/people?search=nobody",
    "/people/1/check?action=stop&jurisdiction=UK",
    "/people/1/injections?show=true",
    "/people/2/overview?now=true&show=CTX&since=first&years=2&others=true",
    "/people/1/schedule?ending=true&jurisdiction=UK",
    "/people/3/record",
    "/people/3/check",
    "/people/3/overview",
    "/people/3/forecast",
    "/people/3/print",
    "/people/3/schedule",
    "/people/1/leaflet?language=es&jurisdiction=EU",
    "/plans?plan=denosumab+60+mg+evry+6+months",
    "/plans?plan=denosumab+60+mg+every+6+months+x+4,+then+nothing+for+24+months",
    "/models/{name}/try?until=never",
    "/nothing",
)


def patterns(method: str = "GET") -> list[str]:
    """The paths of all pages, with their parameters; a new page is among them by itself."""
    routers = (*pages.OPEN_ROUTERS, *pages.ROUTERS)
    found = [(route.path, route.methods) for router in routers for route in router.routes]
    return sorted({path.replace(":int", "") for path, methods in found if method in methods})


@dataclass(frozen=True)
class Furnished:
    """A running application. `values` fill the parameters of a pattern; `cookies` sign the administrator in."""

    address: str
    app: Any
    values: dict[str, str]
    cookies: dict[str, str]

    def path(self, pattern: str) -> str:
        """The path with its parameters filled in; KeyError names one that this clinic has no value for."""
        own = {**self.values, **OWN.get(pattern.split("/")[1], {})}
        return re.sub(r"{(\w+)}", lambda found: own[found[1]], pattern)

    def client(self) -> httpx.Client:
        """A client that is signed in."""
        return httpx.Client(base_url=self.address, cookies=self.cookies, follow_redirects=True, timeout=120)


@contextmanager
def furnished(folder: Path) -> Iterator[Furnished]:
    """A clinic with accounts, three people (one with every job done, one on a short record, one untreated) among ten
    thousand, a person deleted, a finding overridden, a trial and a score."""
    with clinic.served(folder, accounts=True, worker=True) as (address, app):
        store, workshop = app.state.store, app.state.workshop
        with store.session() as s:
            accounts.add(s, "ann", "administrator", clinic.PASSWORD)
            tables = read_tables(clinic.example(), "late-dose.toml")[0].tables
            first = people.add(s, tables, "ann")
            changed = {**first.record, "person": {**first.record["person"], "weight": "62 kg"}}
            person = people.save(s, first.id, changed, 1, "ben")
            people.add(s, clinic.record(), "ann")
            untreated = clinic.record(id="never treated")
            people.add(s, {**untreated, "doses": []}, "ann")
            people.delete(s, people.add(s, clinic.record(id="gone"), "ann").id, "ann")
            crowd(s)
            made = Override("VX-01", "vaccinated elsewhere", "ann", dt.datetime.now(dt.UTC), "continue_60")
            overrides.record(s, person.id, made)
        ids = [
            request_job(app.state.later, workshop, kind, person, "ann", asked).job.id for kind, asked in JOBS
        ]
        text = trial_runs.with_numbers(preset_text("freedom"), SMALL_TRIAL)
        key = trial_runs.start(store, workshop, text, "ann")
        asked = asked_of(QUICKEST_MODEL)
        put(store, workshop, "evidence", asked, "ann", **asked)
        with store.reading() as s:
            ids += [job.id for kind in ("trial", "evidence") for job in jobs.of(s, None, kind)]
        for id in ids:
            done(store, id)
        made = Furnished(
            address,
            app,
            {
                "id": "1", "version": "1", "number": "1", "model": QUICKEST_MODEL, "name": DEFAULT_MODEL, "key": key,
            },
            {},
        )  # fmt: skip
        made.cookies.update(_signed_in(address))
        yield made


def crowd(s: Any) -> None:
    """Ten thousand people, put in by rows: by form it would take minutes."""
    tables, day = with_keys(clinic.record()), dt.date(2026, 1, 1)
    rows = [
        {
            "version": 1,
            "record": {**tables, "person": {**tables["person"], "id": f"P-{n}", "name": f"Name {n % 97}"}},
            "record_id": f"P-{n}",
            "name": f"Name {n % 97}",
            "sought": f"name {n % 97} p-{n}",
            "sex": "female",
            "birth_date": dt.date(1950, 1, 1),
            "last_seen": day,
            "next_due": day + dt.timedelta(days=n % 700) if n % 3 else None,
            "deleted": False,
        }
        for n in range(CROWD)
    ]
    ids = s.scalars(insert(PersonTable).returning(PersonTable.id, sort_by_parameter_order=True), rows).all()
    first = {"version": 1, "action": "added", "by": "x", "at": dt.datetime.now(dt.UTC)}
    s.execute(
        insert(VersionTable),
        [{**first, "person_id": id, "record": row["record"]} for id, row in zip(ids, rows, strict=True)],
    )


def done(store: Any, id: int) -> None:
    """Wait until this job is done; the reason where it failed."""
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        with store.reading() as s:
            job = jobs.get(s, id)
        if job.state not in jobs.OPEN:
            assert job.state == "done", f"{job.kind}: {job.what}"
            return
        time.sleep(0.2)
    raise AssertionError(f"{job.kind} is not done after {LONGEST_S} s")


def _signed_in(address: str) -> dict[str, str]:
    with httpx.Client(base_url=address) as client:
        token = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)
        assert token is not None
        sent = {"name": "ann", "password": clinic.PASSWORD, "csrf": token[1]}
        assert client.post("/sign-in", data=sent).status_code == 303
        return dict(client.cookies)


class Outline(HTMLParser):
    """What a page holds: its ids, where its links lead, its forms with where they are sent."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.sent: list[
            tuple[str, str]
        ] = []  # (method, address) of forms and of buttons with an address of their own
        self._open: dict[str, Any] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if has.get("id"):
            self.ids.append(str(has["id"]))
        if tag == "a" and has.get("href"):
            self.links.append(str(has["href"]))
        if tag == "form":
            self._open = {
                "method": str(has.get("method", "get")).upper(),
                "action": has.get("action"),
                "buttons": 0,
            }
            self.forms.append(self._open)
        if tag in ("button", "input") and self._open is not None:
            is_button = (tag == "button" and has.get("type", "submit") == "submit") or has.get(
                "type"
            ) == "submit"
            self._open["buttons"] += is_button
            if has.get("formaction"):
                method = str(has.get("formmethod") or self._open["method"]).upper()
                self.sent.append((method, str(has["formaction"])))
            if has.get("name") == "csrf":
                self._open["token"] = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
