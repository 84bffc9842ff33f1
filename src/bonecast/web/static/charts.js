// Draws the charts of a page from the specifications beside them; tables hold the same numbers without this.
"use strict";
(() => {
  const ERRORS = 1; // Vega warns of every axis that is said twice
  // What the crosshair of a chart reads: the day, and a line for each curve.
  const reads = (spec) => spec.datasets?.reading && ((handler, event, item, value) => {
    let box = document.getElementById("reading");
    if (!value) { box?.remove(); return; }
    if (!box) { box = document.createElement("div"); box.id = "reading"; document.body.append(box); }
    const twin = document.querySelector(".lines .twin")?.dataset.name;
    box.replaceChildren(...Object.entries(value).filter(([name]) => name !== twin).map(([name, text], at) => {
      const line = document.createElement(at ? "p" : "strong");
      line.textContent = at ? `${name} ${text}` : text;
      return line;
    }));
    const x = event.clientX + 14, y = event.clientY + 14;
    box.style.left = `${Math.max(0, Math.min(x, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${Math.min(y, innerHeight - box.offsetHeight - 8)}px`;
  });
  const draw = (canvas, spec) => {
    if (!canvas || !spec || canvas.dataset.drawn) return Promise.resolve();
    canvas.dataset.drawn = "yes";
    return window.vegaEmbed(canvas, spec, { logLevel: ERRORS, tooltip: reads(spec) || false }).then((made) => {
      canvas.bonecastView = made.view;
      // the words stand on the frame; the hundred parts of the picture need none
      canvas.querySelector("svg")?.setAttribute("aria-hidden", "true");
    });
  };
  const drawAll = (root, specs) => Promise.all([...root.querySelectorAll("figure.chart")].map(
    (figure) => draw(figure.querySelector(".canvas"), specs[figure.dataset.key])));

  // Vega measures words: before it does, the font must be there.
  const FACES = ['400 10px "Bonecast Sans"', '600 10px "Bonecast Sans"'];
  const ready = Promise.all(FACES.map((face) => document.fonts.load(face))).catch(() => {});

  window.bonecastDraw = async (root) => {
    await ready;
    const work = [];
    for (const block of root.querySelectorAll("script.specs")) {
      work.push(drawAll(block.closest(".charts") ?? root, JSON.parse(block.textContent)));
    }
    for (const box of root.querySelectorAll("[data-charts]")) {
      const answer = await fetch(box.dataset.charts);
      if (answer.ok) work.push(drawAll(box, await answer.json()));
    }
    await Promise.all(work);
  };
  document.addEventListener("DOMContentLoaded", () => window.bonecastDraw(document));
  document.addEventListener("htmx:afterSettle", (event) => window.bonecastDraw(event.target));
})();
