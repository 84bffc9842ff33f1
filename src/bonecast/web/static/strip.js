// Planned injections are moved on the strip; the server lays out the strip and the forecast again.
"use strict";
(() => {
  const WEEK = 7, DAY_MS = 86400000;
  const form = document.getElementById("dates");
  const said = document.getElementById("announce");
  let busy = false, again = false, sayIt = false;

  const inputs = () => [...form.querySelectorAll("input[name=date][data-at]")];
  const asDay = (text) => new Date(`${text}T00:00:00Z`);
  const asText = (day) => day.toISOString().slice(0, 10);
  const long = (text) => asDay(text).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const strip = () => document.querySelector("#strip svg");
  const marks = () => [...document.querySelectorAll("#strip .dose.planned")];

  // Move one injection and all that follow it; never before today, nor before the one in front of it.
  function move(at, days) {
    const all = inputs();
    const own = all[at];
    if (!own || !own.value || !days) return false;
    const before = at > 0 && all[at - 1].value ? asDay(all[at - 1].value) : new Date(asDay(own.min) - DAY_MS);
    const least = Math.round((before - asDay(own.value)) / DAY_MS) + 1;
    days = Math.max(days, least);
    if (!days) return false;
    for (const input of all.slice(at)) {
      if (input.value) input.value = asText(new Date(asDay(input.value).getTime() + days * DAY_MS));
    }
    place();
    return true;
  }

  // Put the signs where the dates are, before the server answers.
  function place() {
    const svg = strip(), perDay = Number(svg.dataset.perDay), first = asDay(svg.dataset.first);
    for (const mark of marks()) {
      const value = inputs()[Number(mark.dataset.at)]?.value;
      if (!value) continue;
      mark.setAttribute("transform", `translate(${8 + perDay * (asDay(value) - first) / DAY_MS} 56)`);
      mark.setAttribute("aria-valuetext", `denosumab, ${long(value)}, planned`);
      mark.dataset.date = value;
    }
  }

  // One question at a time; what was moved meanwhile is asked next.
  async function redraw(announce) {
    sayIt ||= announce;
    if (busy) { again = true; return; }
    busy = true;
    said.textContent = ""; // the same words are announced again only if they were gone
    const old = document.getElementById("redrawn");
    old.setAttribute("aria-busy", "true");
    try {
      const asked = new URLSearchParams(new FormData(form));
      const answer = await fetch(`${form.dataset.redraw}?${asked}`, { headers: { "hx-request": "true" } });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = document.importNode(made.getElementById("redrawn"), true);
      fresh.setAttribute("aria-busy", "false");
      if (!again) {
        const open = [...old.querySelectorAll("details[open]")].map((d) => d.closest("figure")?.dataset.key);
        for (const figure of fresh.querySelectorAll("figure.chart")) {
          if (open.includes(figure.dataset.key)) figure.querySelector("details").open = true;
        }
        await window.bonecastDraw(fresh); // drawn before it is shown: nothing jumps
        old.replaceWith(fresh);
        const held = document.activeElement?.closest?.(".dose.planned")?.dataset.at;
        if (!dragged) {
          strip().replaceWith(document.importNode(made.querySelector("#strip svg"), true));
          if (held !== undefined) document.querySelector(`#strip .dose.planned[data-at="${held}"]`)?.focus();
        }
        if (sayIt) said.textContent = fresh.querySelector("[role=alert]")?.textContent ?? "Forecast updated.";
        sayIt = false;
      }
    } catch (error) {
      old.setAttribute("aria-busy", "false");
      said.textContent = "The forecast could not be redrawn.";
      if (!old.querySelector(".charts")) old.querySelector("[data-first-draw]")?.replaceChildren("The forecast could not be drawn. Press the button above.");
    }
    busy = false;
    if (again) { again = false; redraw(false); }
  }

  let dragged = null;
  document.addEventListener("keydown", (event) => {
    const mark = event.target.closest?.(".dose.planned");
    if (!mark) return;
    const steps = { ArrowRight: WEEK, ArrowUp: WEEK, ArrowLeft: -WEEK, ArrowDown: -WEEK, PageUp: 4 * WEEK, PageDown: -4 * WEEK };
    if (!(event.key in steps)) return;
    event.preventDefault();
    if (move(Number(mark.dataset.at), steps[event.key])) redraw(true);
  });
  document.addEventListener("pointerdown", (event) => {
    const mark = event.target.closest?.(".dose.planned");
    if (!mark || event.button) return;
    event.preventDefault();
    mark.focus();
    mark.setPointerCapture(event.pointerId);
    dragged = { at: Number(mark.dataset.at), x: event.clientX, moved: 0, scale: 960 / strip().getBoundingClientRect().width };
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const perDay = Number(strip().dataset.perDay);
    const days = Math.round((event.clientX - dragged.x) * dragged.scale / perDay);
    if (days !== dragged.moved && move(dragged.at, days - dragged.moved)) { dragged.moved = days; redraw(false); }
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => {
      if (!dragged) return;
      const moved = dragged.moved;
      dragged = null;
      if (moved) redraw(true);
    });
  }
  form.addEventListener("change", () => redraw(true));
  document.addEventListener("DOMContentLoaded", () => {
    const frame = document.getElementById("strip").parentElement; // in a narrow window: today first
    frame.scrollLeft = frame.scrollWidth * Number(strip().querySelector("line.today").getAttribute("x1")) / 960 - frame.clientWidth / 2;
    if (document.querySelector("[data-first-draw]")) redraw(false);
  });
})();
