// The record form: paste from a spreadsheet, the next dose, rows that grow, units, flags, and the draft. It works without.
"use strict";
(() => {
  const form = document.getElementById("record-form");
  if (!form) return;
  const MONTHS = 6, WAIT_MS = 1200;
  const state = document.getElementById("draft-state"), pasted = document.getElementById("paste-state");
  const order = document.getElementById("date-order");

  // Rows --------------------------------------------------------------------------------------------------------------
  const rowsOf = (table) => [...table.tBodies[0].rows];
  const cellsOf = (row) => [...row.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select")];
  const isEmpty = (row) => cellsOf(row).every((cell) => !cell.value);
  const next = (prefix) => {
    const used = [...form.elements].map((one) => one.name.match(`^${prefix}-(\\d+)-`)).filter(Boolean).map((one) => +one[1]);
    return Math.max(-1, ...used) + 1;
  };
  const grow = (table) => {
    const prefix = table.dataset.rows, last = rowsOf(table).at(-1), row = last.cloneNode(true), at = next(prefix);
    for (const one of row.querySelectorAll("[name], [id]")) {
      for (const key of ["name", "id"]) if (one[key]) one[key] = one[key].replace(/-\d+-/, `-${at}-`);
      one.removeAttribute("aria-invalid"); one.removeAttribute("aria-describedby");
      if (one.matches("input[type=checkbox]")) one.checked = false; else if ("value" in one) one.value = "";
      if (one.ariaLabel) one.ariaLabel = one.ariaLabel.replace(/\d+$/, rowsOf(table).length + 1);
    }
    for (const one of row.querySelectorAll(".fault")) one.remove();
    for (const one of row.querySelectorAll("td")) { delete one.dataset.low; delete one.dataset.high; }
    for (const one of row.querySelectorAll(".flag")) one.textContent = "";
    table.tBodies[0].append(row);
    return row;
  };
  form.addEventListener("input", (event) => {
    const table = event.target.closest("table[data-rows]"), row = event.target.closest("tbody tr");
    if (table && row && row === rowsOf(table).at(-1) && !isEmpty(row)) grow(table);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=add]");
    if (!button || button.value === "column") return;
    event.preventDefault();
    const shown = button.value === "courses" ? "#courses table" : `table[data-rows="${button.value === "next-dose" ? "doses" : button.value}"]`;
    const table = form.querySelector(shown);
    if (button.value === "next-dose") nextDose(table); else cellsOf(grow(table))[0].focus();
    changed();
  });
  const part = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const nextDose = (table) => {
    const dated = rowsOf(table).filter((row) => part(row, "date").value).sort((a, b) => (part(a, "date").value < part(b, "date").value ? -1 : 1));
    const row = rowsOf(table).find(isEmpty) ?? grow(table), last = dated.at(-1);
    if (last) {
      for (const name of ["drug", "amount", "product"]) part(row, name).value = part(last, name).value;
      part(row, "date").value = later(part(last, "date").value);
      if (row === rowsOf(table).at(-1)) grow(table);
    }
    part(row, last ? "date" : "drug").focus();
  };
  const later = (day) => {
    const [year, month, date] = day.split("-").map(Number), last = new Date(Date.UTC(year, month + MONTHS, 0)).getUTCDate();
    return new Date(Date.UTC(year, month - 1 + MONTHS, Math.min(date, last))).toISOString().slice(0, 10);
  };
  form.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], cell = event.target;
    if (!step || !cell.matches("table[data-rows] tbody input.value")) return;
    const rows = rowsOf(cell.closest("table")), row = cell.closest("tr"), to = rows[rows.indexOf(row) + step];
    if (to) { event.preventDefault(); cellsOf(to)[cellsOf(row).indexOf(cell)].focus(); }
  });

  // Paste -------------------------------------------------------------------------------------------------------------
  order.hidden = false;
  order.value = localStorage.getItem("bonecast-date-order") ?? form.dataset.order;
  order.addEventListener("change", () => localStorage.setItem("bonecast-date-order", order.value));
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "");
  const iso = (text, how) => {
    const whole = text.trim().match(/^(\d{4})-(\d{1,2})-(\d{1,2})/), parts = text.trim().match(/^(\d{1,2})[./-](\d{1,2})[./-](\d{4})/);
    if (!whole && !parts) return "";
    let [year, month, day] = whole ? whole.slice(1, 4).map(Number) : [+parts[3], +parts[2], +parts[1]];
    if (parts && how === "mdy") [month, day] = [day, month];
    const made = new Date(Date.UTC(year, month - 1, day));
    return made.getUTCMonth() === month - 1 && made.getUTCDate() === day ? made.toISOString().slice(0, 10) : "";
  };
  // A day above 12 says by itself which part of a date is the day; else what is chosen on the page counts.
  const orderOf = (lines) => {
    const found = lines.flat().map((cell) => cell.trim().match(/^(\d{1,2})[./-](\d{1,2})[./-]\d{4}/)).filter(Boolean);
    if (found.some((one) => one[0].includes("."))) return "dmy";
    if (found.some((one) => +one[1] > 12)) return "dmy";
    return found.some((one) => +one[2] > 12) ? "mdy" : order.value;
  };
  const fill = (cell, text, how) => {
    const said = text.trim().replace(/^"(.*)"$/, "$1");
    if (cell.type === "date") { cell.value = iso(said, how); return !said || !!cell.value; }
    if (cell.matches("select")) {
      const match = [...cell.options].find((one) => plain(one.value) === plain(said) || plain(one.text) === plain(said));
      if (match) cell.value = match.value;
      return !said || !!match;
    }
    cell.value = said;
    return cell.value === said;
  };
  const titles = (row) => cellsOf(row).map((cell) => plain(cell.ariaLabel.replace(/, [^,]* \d+$/, "")));
  form.addEventListener("paste", (event) => {
    const table = event.target.closest("table[data-rows]"), text = event.clipboardData.getData("text/plain");
    if (!table || !event.target.closest("tbody") || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    let lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const rows = rowsOf(table), first = rows.indexOf(event.target.closest("tr")), begin = cellsOf(rows[first]).indexOf(event.target);
    const named = titles(rows[first]), heads = lines[0].map((one) => named.indexOf(plain(one)));
    const headed = heads.filter((one) => one >= 0).length > 1;
    if (headed) lines = lines.slice(1);
    const how = orderOf(lines);
    let done = 0, failed = 0, more = 0;
    lines.forEach((line, down) => {
      const row = rowsOf(table)[first + down] ?? grow(table);
      line.forEach((cell, across) => {
        const target = cellsOf(row)[headed ? heads[across] : begin + across];
        if (!target) { more += cell.trim() && !down ? 1 : 0; return; }
        if (!cell.trim()) return;
        if (fill(target, cell, how)) done += 1; else { failed += 1; target.setAttribute("aria-invalid", "true"); }
        flag(target);
      });
    });
    if (!isEmpty(rowsOf(table).at(-1))) grow(table);
    const counts = [[done, "done"], [failed, "failed"], [more, "more"]].filter(([count], n) => count || !n);
    pasted.textContent = counts.map(([count, key]) => `${count} ${pasted.dataset[key]}`).join(", ") + ".";
    changed();
  });

  // Units and flags ---------------------------------------------------------------------------------------------------
  const BARE = /^[<>≤≥=\s]*\d+([.,]\d+)?$/;
  const valued = (name) => [...form.querySelectorAll(name === "bmd" ? 'input[name$="_bmd"]' : `td[data-test="${name}"] input.value`)];
  for (const menu of form.querySelectorAll("select[data-unit]")) {
    menu.dataset.was = menu.value;
    menu.addEventListener("change", () => {
      // A number that stands there keeps the unit that it was written in.
      const limits = [...form.querySelectorAll(`#low-${menu.dataset.unit}, #high-${menu.dataset.unit}`)];
      for (const cell of [...valued(menu.dataset.unit), ...limits]) if (BARE.test(cell.value)) cell.value += ` ${menu.dataset.was}`;
      menu.dataset.was = menu.value;
      menu.parentElement.querySelector("input[type=hidden]").value = menu.value;
    });
  }
  const number = (text) => { const found = text?.trim().match(/^([<>≤≥=]?)\s*(\d+(?:[.,]\d+)?)\s*(.*)$/); return found && { sign: found[1], value: +found[2].replace(",", "."), unit: found[3] }; };
  const flag = (cell) => {
    const at = cell.closest("td[data-test]");
    if (!at || !cell.matches(".value")) return;
    const head = (side) => document.getElementById(`${side}-${at.dataset.test}`).value;
    const own = at.querySelector('input[type=hidden]').value;
    const unit = form.querySelector(`select[data-unit="${at.dataset.test}"]`).value;
    const value = number(cell.value), low = number(own ? at.dataset.low : head("low")), high = number(own ? at.dataset.high : head("high"));
    const same = (limit) => limit && (limit.unit || unit) === (value.unit || unit);
    let said = "";
    if (value && same(high) && value.value > high.value && !/[<≤]/.test(value.sign)) said = "H";
    if (value && same(low) && value.value < low.value && !/[>≥]/.test(value.sign)) said = "L";
    at.querySelector(".flag").textContent = said;
  };
  const flags = () => form.querySelectorAll("td[data-test] input.value").forEach(flag);
  form.addEventListener("input", (event) => { if (event.target.closest(".limits")) flags(); else flag(event.target); });
  flags();

  // The draft ---------------------------------------------------------------------------------------------------------
  let timer = 0, waits = false, sent = false;
  const keep = async () => {
    clearTimeout(timer);
    if (!waits || sent) return;
    waits = false;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(answer.status);
      state.textContent = `${state.dataset.kept} ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
    } catch { waits = true; state.textContent = state.dataset.failed; }
  };
  const changed = () => { waits = true; clearTimeout(timer); timer = setTimeout(keep, WAIT_MS); };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
})();
