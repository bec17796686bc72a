// A table of an answer's rows: sort, filter, take away.

import { toCsv } from "./csv.js";
import { download, el, labelled } from "./dom.js";

const SHOWN = 500;

/** Arrays of objects in an answer, by path: `[{ path, rows }]`, the longest first. */
export function arrays(answer, path = "", depth = 0) {
  if (Array.isArray(answer)) {
    const isTable = answer.length && answer.every((row) => row && typeof row === "object" && !Array.isArray(row));
    return isTable ? [{ path: path || "rows", rows: answer }] : [];
  }
  if (!answer || typeof answer !== "object" || depth > 3) return [];
  return Object.entries(answer)
    .flatMap(([key, value]) => arrays(value, path ? `${path}.${key}` : key, depth + 1))
    .sort((one, other) => other.rows.length - one.rows.length);
}

/** The figures of an answer that stand beside its arrays. */
export function figures(answer) {
  if (!answer || typeof answer !== "object" || Array.isArray(answer)) return [];
  return Object.entries(answer).filter(([, value]) => value === null || typeof value !== "object");
}

export function table(name, rows) {
  const columns = [...new Set(rows.slice(0, 200).flatMap((row) => Object.keys(row)))];
  const order = { column: null, down: false };
  const body = el("tbody");
  const note = el("p", { class: "hint", "aria-live": "polite" });
  const filter = el("input", { type: "search", spellcheck: "false" });
  const heads = columns.map((column) => el("th", { scope: "col" }, el("button", {
    type: "button",
    onclick: () => {
      order.down = order.column === column ? !order.down : false;
      order.column = column;
      draw();
    },
  }, column)));

  function chosen() {
    const wanted = filter.value.trim().toLowerCase();
    const kept = wanted ? rows.filter((row) => columns.some((one) => shown(row[one]).toLowerCase().includes(wanted))) : [...rows];
    if (order.column !== null) kept.sort((one, other) => compare(one[order.column], other[order.column]) * (order.down ? -1 : 1));
    return kept;
  }

  function draw() {
    const kept = chosen();
    body.replaceChildren(...kept.slice(0, SHOWN).map((row) => el("tr", {}, columns.map((column) => el("td", {
      class: typeof row[column] === "number" ? "number" : null,
    }, shown(row[column]))))));
    heads.forEach((head, index) => {
      const sorted = columns[index] === order.column;
      if (sorted) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    note.textContent = kept.length > SHOWN ? `${SHOWN} of ${kept.length} rows shown` : `${kept.length} of ${rows.length} rows`;
  }

  filter.addEventListener("input", draw);
  draw();
  return el("div", { class: "rows" },
    el("div", { class: "bar" }, labelled("Filter", filter), el("button", {
      type: "button", onclick: () => download(`${name}.csv`, toCsv(columns, chosen()), "text/csv"),
    }, "Download CSV")),
    note,
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table of ${name}` },
      el("table", {}, el("thead", {}, el("tr", {}, heads)), body)));
}

function shown(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return String(value);
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const empty = Number(one === null || one === undefined) - Number(other === null || other === undefined);
  return empty || shown(one).localeCompare(shown(other), undefined, { numeric: true });
}
