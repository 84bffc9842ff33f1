// Planned injections are moved on the strip: the date and the cover follow the pointer, the curves of a few people
// follow while it moves, and the server draws the chart of all people again when it is let go.
"use strict";
(() => {
  const WEEK = 7, DAY_MS = 86400000;
  const form = document.getElementById("dates");
  const said = document.getElementById("announce");
  let busy = false, again = false, sayIt = false, touched = false;
  let previewing = false, wanted = false;

  const inputs = () => [...form.querySelectorAll("input[name=date][data-at]")];
  const asDay = (text) => new Date(`${text}T00:00:00Z`);
  const asText = (day) => day.toISOString().slice(0, 10);
  const long = (text) => asDay(text).toLocaleDateString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang,
    { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const strip = () => document.querySelector("#strip svg");
  const marks = () => [...document.querySelectorAll("#strip .dose.planned")];
  const query = () => new URLSearchParams(new FormData(form));

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

  // Put signs, cover and the date where the dates are, before the server answers.
  function place() {
    const svg = strip(), is = svg.dataset, left = Number(is.left), perDay = Number(is.perDay), first = asDay(is.first);
    const x = (day) => left + perDay * (day - first) / DAY_MS;
    for (const mark of marks()) {
      const value = inputs()[Number(mark.dataset.at)]?.value;
      if (!value) continue;
      mark.setAttribute("transform", `translate(${x(asDay(value))} 62)`);
      mark.setAttribute("aria-valuetext", `denosumab, ${long(value)}, planned`);
      mark.setAttribute("aria-valuenow", String(Math.round((asDay(value) - asDay(inputs()[0].min)) / DAY_MS)));
      mark.dataset.date = value;
    }
    const days = [...is.given.split(" ").filter(Boolean), ...inputs().map((input) => input.value).filter(Boolean)].map(asDay);
    const end = asDay(is.last), covers = svg.querySelector(".covers");
    covers.replaceChildren();
    days.forEach((begin, at) => {
      const until = days[at + 1] ?? end;
      const six = new Date(begin.getTime() + Number(is.six) * DAY_MS), seven = new Date(begin.getTime() + Number(is.seven) * DAY_MS);
      for (const [kind, from, to] of [["covered", begin, six], ["grace", six, seven], ["open", seven, until]]) {
        const low = Math.max(from, first), high = Math.min(to, until, end);
        if (low >= high) continue;
        const piece = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        for (const [name, value] of Object.entries({ class: `cover ${kind}`, x: x(low), y: 98, width: x(high) - x(low), height: 14 })) piece.setAttribute(name, value);
        covers.append(piece);
      }
    });
  }
  function label(at) {
    const text = strip().querySelector(".dragged"), value = at === null ? "" : inputs()[at]?.value;
    text.textContent = value ? long(value) : "";
    if (!value) return;
    const svg = strip().dataset, x = Number(svg.left) + Number(svg.perDay) * (asDay(value) - asDay(svg.first)) / DAY_MS;
    text.setAttribute("x", Math.min(Math.max(x, 62), Number(svg.width) - 62));
  }

  // The curves of a few people, one question at a time: what was moved meanwhile is asked next.
  async function preview() {
    const view = document.querySelector("#redrawn .canvas")?.bonecastView;
    if (!view) return;
    if (previewing) { wanted = true; return; }
    previewing = true;
    try {
      const answer = await fetch(`${form.dataset.preview}?${query()}`, { headers: { "hx-request": "true" } });
      const curves = answer.ok ? await answer.json() : {};
      if (view === document.querySelector("#redrawn .canvas")?.bonecastView) {
        for (const [name, rows] of Object.entries(curves)) view.data(name, rows);
        await view.runAsync();
        document.querySelector("#redrawn .twin")?.classList.remove("twin");
        document.getElementById("redrawn").dataset.previewed = String(performance.now());
      }
    } catch { /* the whole chart follows */ }
    previewing = false;
    if (wanted) { wanted = false; preview(); }
  }

  // One question at a time; what was moved meanwhile is asked next.
  async function redraw(announce) {
    sayIt ||= announce;
    touched ||= announce;
    const old = document.getElementById("redrawn");
    old.setAttribute("aria-busy", "true");
    if (busy || previewing) { again = true; if (!busy) setTimeout(() => { if (again && !busy) { again = false; redraw(false); } }, 30); return; }
    busy = true;
    said.textContent = ""; // the same words are announced again only if they were gone
    try {
      const asked = query();
      const answer = await fetch(`${form.dataset.redraw}?${asked}`, { headers: { "hx-request": "true" } });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = document.importNode(made.getElementById("redrawn"), true);
      if (!again && !dragged) {
        const open = old.querySelector("figure.chart details")?.open;
        if (open && fresh.querySelector("figure.chart details")) fresh.querySelector("figure.chart details").open = true;
        for (const box of old.querySelectorAll("[data-band]")) { // the ranges that were ticked stay so
          const same = fresh.querySelector(`label[data-name="${CSS.escape(box.closest("label").dataset.name)}"] [data-band]`);
          if (same) same.checked = box.checked;
        }
        fresh.setAttribute("aria-busy", "true");
        fresh.classList.add("beside");
        old.after(fresh); // laid out and drawn before it is shown: nothing jumps
        old.removeAttribute("id");
        await window.bonecastDraw(fresh);
        bands(fresh);
        fresh.classList.remove("beside");
        old.remove();
        fresh.setAttribute("aria-busy", "false");
        const held = document.activeElement?.closest?.(".dose.planned")?.dataset.at;
        strip().replaceWith(document.importNode(made.querySelector("#strip svg"), true));
        if (held !== undefined) document.querySelector(`#strip .dose.planned[data-at="${held}"]`)?.focus();
        if (sayIt) said.textContent = fresh.querySelector("[role=alert]")?.textContent ?? "Forecast updated.";
        sayIt = false;
        if (touched) history.replaceState(null, "", `?${asked}`);
      }
    } catch (error) {
      old.setAttribute("aria-busy", "false");
      said.textContent = "The forecast could not be redrawn.";
      old.querySelector("[data-first-draw]")?.replaceWith("The forecast could not be drawn. Press the button.");
    }
    busy = false;
    if (again) { again = false; redraw(false); }
  }

  // The range of a line is seen where its box is ticked, and while the pointer is on its name.
  function bands(root, over = null) {
    const view = root.querySelector(".canvas")?.bonecastView;
    if (!view) return;
    for (const box of root.querySelectorAll("[data-band]")) view.signal(`band_${box.dataset.band}`, box.checked || box === over);
    view.runAsync();
  }
  document.addEventListener("change", (event) => { if (event.target.matches?.("[data-band]")) bands(document.getElementById("redrawn")); });
  for (const kind of ["pointerover", "pointerout"]) {
    document.addEventListener(kind, (event) => {
      const line = event.target.closest?.(".lines label");
      if (line) bands(document.getElementById("redrawn"), kind === "pointerover" ? line.querySelector("[data-band]") : null);
    });
  }

  let dragged = null;
  document.addEventListener("keydown", (event) => {
    const mark = event.target.closest?.(".dose.planned");
    if (!mark) return;
    const steps = { ArrowRight: WEEK, ArrowUp: WEEK, ArrowLeft: -WEEK, ArrowDown: -WEEK, PageUp: 4 * WEEK, PageDown: -4 * WEEK };
    if (!(event.key in steps)) return;
    event.preventDefault();
    if (move(Number(mark.dataset.at), steps[event.key])) { label(Number(mark.dataset.at)); preview(); redraw(true); }
  });
  document.addEventListener("pointerdown", (event) => {
    const mark = event.target.closest?.(".dose.planned");
    if (!mark || event.button) return;
    event.preventDefault();
    mark.focus();
    mark.setPointerCapture(event.pointerId);
    dragged = { at: Number(mark.dataset.at), x: event.clientX, moved: 0, scale: Number(strip().dataset.width) / strip().getBoundingClientRect().width };
    label(dragged.at);
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const perDay = Number(strip().dataset.perDay);
    const days = Math.round((event.clientX - dragged.x) * dragged.scale / perDay);
    if (days !== dragged.moved && move(dragged.at, days - dragged.moved)) { dragged.moved = days; label(dragged.at); preview(); }
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => {
      if (!dragged) return;
      const moved = dragged.moved;
      dragged = null;
      label(null);
      if (moved) redraw(true);
    });
  }
  document.addEventListener("change", (event) => { if (event.target.form === form) redraw(true); });
  // When the measurements are learned from, the chart follows; the page, with what was moved in it, stays.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.target.matches?.(".work") || !event.detail.xhr.getResponseHeader("hx-refresh")) return;
    event.preventDefault();
    event.target.remove();
    redraw(false);
  });
  document.addEventListener("DOMContentLoaded", () => {
    const frame = document.getElementById("strip").parentElement; // in a narrow window: today first
    frame.scrollLeft = frame.scrollWidth * Number(strip().querySelector("line.today").getAttribute("x1")) / Number(strip().dataset.width) - frame.clientWidth / 2;
    if (document.querySelector("[data-first-draw]")) redraw(false);
  });
})();
