// Sliders beside the numbers of the form; the curves follow them, and the address keeps the settings.
"use strict";
(() => {
  const STEPS = 200;
  const form = document.getElementById("settings");
  const said = document.getElementById("announce");
  if (!form) return;

  const same = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-12);
  const own = (field) => field.dataset.own ?? field.closest(".slider")?.dataset.own;
  const isOwn = (field) => (field.closest(".slider") ? same(Number(field.value), Number(own(field))) : field.value.trim() === own(field));
  const short = (value) => String(Number(value.toPrecision(4)));

  // Where a value stands on its slider, and back; wide ranges are walked in equal factors.
  const scale = (box) => {
    const low = Number(box.dataset.low), high = Number(box.dataset.high), log = box.dataset.log;
    return {
      place: (value) => STEPS * (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)),
      value: (place) => (log ? low * (high / low) ** (place / STEPS) : low + (high - low) * place / STEPS),
    };
  };

  for (const box of form.querySelectorAll(".slider")) {
    const number = box.querySelector("input"), on = scale(box), range = document.createElement("input");
    range.type = "range";
    range.min = 0; range.max = STEPS; range.step = 1;
    range.setAttribute("aria-labelledby", `${number.id}-label`);
    box.querySelector("label").id = `${number.id}-label`;
    const follow = () => {
      const value = Number(number.value);
      if (number.value.trim() && Number.isFinite(value)) range.value = on.place(value);
      range.setAttribute("aria-valuetext", `${number.value} ${box.querySelector(".unit")?.textContent ?? ""}`.trim());
      box.classList.toggle("changed", !isOwn(number));
    };
    range.addEventListener("input", () => { number.value = short(on.value(Number(range.value))); follow(); redraw(); });
    number.addEventListener("input", () => { follow(); later(); });
    follow();
    box.querySelector(".pair").before(range);
  }

  // Only what differs from the model's own goes into the address.
  function asked() {
    const parts = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const field = name === "show" ? null : form.elements.namedItem(name);
      if (!field || !isOwn(field)) parts.append(name, value);
    }
    const boxes = [...form.querySelectorAll("input[name=show]")];
    for (const kept of new URLSearchParams(location.search).getAll("keep")) parts.append("keep", kept);
    if (boxes.every((one) => one.checked === one.defaultChecked) && !startShown) parts.delete("show");
    return parts;
  }
  const startShown = new URLSearchParams(location.search).has("show");

  // One question at a time; what was moved meanwhile is asked next.
  let busy = false, again = false, waiting = 0;
  async function redraw() {
    if (busy) { again = true; return; }
    busy = true;
    const parts = asked(), old = document.getElementById("curves-drawn");
    try {
      const answer = await fetch(`${form.dataset.redraw}?${parts}`, { headers: { "hx-request": "true" } });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = document.importNode(made.getElementById("curves-drawn"), true);
      const open = [...old.querySelectorAll("details[open]")].map((one) => one.closest("figure")?.dataset.key);
      for (const figure of fresh.querySelectorAll("figure.chart")) {
        if (open.includes(figure.dataset.key)) figure.querySelector("details").open = true;
      }
      await window.bonecastDraw(fresh); // drawn before it is shown: nothing jumps
      old.replaceWith(fresh);
      const query = parts.size ? `?${parts}` : "";
      history.replaceState(null, "", location.pathname + query);
      document.getElementById("csv").href = form.dataset.csv + query;
      const trouble = Boolean(fresh.querySelector("[role=alert]"));
      if (!trouble) for (const wrong of form.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
      if (!trouble) for (const fault of form.querySelectorAll(".fault")) fault.textContent = "";
      if (!again) said.textContent = trouble ? "" : "Curves updated.";
    } catch {
      said.textContent = "The curves could not be redrawn.";
    }
    busy = false;
    if (again) { again = false; redraw(); }
  }
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(redraw, 350);
  }
  form.addEventListener("input", (event) => {
    if (event.target.type !== "range" && !event.target.closest(".slider")) later();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); redraw(); });
})();
