// Small helps; every page works without them.
"use strict";

// Two clicks on a button of a form send it once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post" && !form.hasAttribute("hx-post")) form.dataset.sent = "yes";
});
// While an import runs, the page that sent it says how far it is.
document.addEventListener("submit", (event) => {
  const from = event.target.dataset.progress;
  if (from && !event.defaultPrevented) setInterval(() => htmx.ajax("GET", from, "#import-progress"), 1000);
});
// A page that comes back from the history can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
// After a form came back with faults, their list is read first.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".faults")?.focus();
});
// A field that an address points to is opened and ready for typing.
const reveal = () => {
  const field = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!field) return;
  for (let at = field.closest("details:not([open])"); at; at = at.closest("details:not([open])")) at.open = true;
  if (field.matches("input, select, textarea")) { field.scrollIntoView({ block: "center" }); field.focus(); }
};
addEventListener("hashchange", reveal);
document.addEventListener("DOMContentLoaded", reveal);
// One tick in the head of a table ticks every row of it.
document.addEventListener("change", (event) => {
  const named = event.target.dataset.ticks;
  if (!named) return;
  for (const box of event.target.closest("table").querySelectorAll(`input[name="${named}"]`)) box.checked = event.target.checked;
});
// An answer that was refused (a conflict, a fault) is shown as the whole page that the server gave for it.
document.addEventListener("htmx:responseError", (event) => {
  const form = event.target.closest?.("form.questions");
  if (form) form.submit();
});
// What is typed into a search of a list on the page hides what does not hold it, and opens what does.
document.addEventListener("input", (event) => {
  const which = event.target.dataset?.filters;
  if (!which) return;
  const sought = event.target.value.trim().toLocaleLowerCase();
  for (const one of document.querySelectorAll(which)) {
    one.hidden = Boolean(sought) && !one.textContent.toLocaleLowerCase().includes(sought);
    const fold = one.closest("details");
    if (sought && !one.hidden && fold) fold.open = true;
  }
  for (const fold of new Set([...document.querySelectorAll(which)].map((one) => one.closest("details")))) {
    if (fold) fold.hidden = [...fold.querySelectorAll(which)].every((one) => one.hidden);
  }
});
