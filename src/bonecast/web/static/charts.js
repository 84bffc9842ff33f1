// Draws the charts of a page from the specifications beside them; tables hold the same numbers without this.
"use strict";
(() => {
  const ERRORS = 1; // Vega warns of every axis that is said twice
  const draw = (canvas, spec) => {
    if (!canvas || !spec || canvas.dataset.drawn) return Promise.resolve();
    canvas.dataset.drawn = "yes";
    return window.vegaEmbed(canvas, spec, { logLevel: ERRORS, tooltip: false }).then(() => {
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
