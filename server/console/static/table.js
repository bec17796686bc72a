// A table of an answer's rows: sort, filter, take away.

import { toCsv } from "./csv.js";
import { download, el, labelled } from "./dom.js";

const SHOWN = 500;
const SHOWN_FIGURES = 40;
const MAP_FROM = 8;
/** Letters from which a cell is a sentence, and wants room. */
const LONG = 40;

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Whether members are values of one kind by key, such as the segment of each customer. */
function isMap(entries) {
  const [[, first] = []] = entries;
  return entries.length >= MAP_FROM && typeof first !== "object" && entries.every(([, value]) => typeof value === typeof first);
}

/** Tables in an answer, by path: `[{ path, rows }]`, the longest first; warnings stand elsewhere. */
export function arrays(answer, path = "", depth = 0) {
  if (Array.isArray(answer)) {
    return answer.length && answer.every(isObject) ? [{ path: path || "rows", rows: answer.map((row) => flat(row)) }] : [];
  }
  if (!isObject(answer) || depth > 3) return [];
  const entries = Object.entries(answer);
  const isMatrix = path && entries.length > 1 && entries.every(([, value]) => isObject(value));
  if (path && isMap(entries)) return [{ path, rows: entries.map(([key, value]) => ({ key, value })) }];
  if (isMatrix) return [{ path, rows: entries.map(([key, value]) => ({ key, ...flat(value) })) }];
  return entries
    .filter(([key]) => depth > 0 || key !== "warnings")
    .flatMap(([key, value]) => arrays(value, path ? `${path}.${key}` : key, depth + 1))
    .sort((one, other) => other.rows.length - one.rows.length);
}

/** The figures of an answer that stand beside its tables, with dots for keys inside of keys. */
export function figures(answer, found) {
  if (!isObject(answer)) return [];
  return Object.entries(flat(answer))
    .filter(([name, value]) => (value === null || typeof value !== "object") && !found.some(({ path }) => name.startsWith(`${path}.`)))
    .slice(0, SHOWN_FIGURES);
}

/** Objects inside of a row become columns of their own. */
function flat(row, prefix = "", depth = 0) {
  const found = {};
  for (const [key, value] of Object.entries(row)) {
    if (isObject(value) && depth < 2) Object.assign(found, flat(value, `${prefix}${key}.`, depth + 1));
    else found[prefix + key] = value;
  }
  return found;
}

export function table(name, rows) {
  const columns = [...new Set(rows.slice(0, 200).flatMap((row) => Object.keys(row)))];
  const order = { column: null, down: false };
  const body = el("tbody");
  const note = el("p", { class: "hint", role: "status" });
  const filter = el("input", { type: "search", spellcheck: "false", placeholder: "any text" });
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
    const kept = wanted ? rows.filter((row) => columns.some((one) => `${shown(row[one])}\n${row[one]}`.toLowerCase().includes(wanted))) : [...rows];
    if (order.column !== null) {
      kept.sort((one, other) => compare(one[order.column], other[order.column], order.down ? -1 : 1));
    }
    return kept;
  }

  function draw() {
    const kept = chosen();
    body.replaceChildren(...kept.slice(0, SHOWN).map((row) => el("tr", {}, columns.map((column) => el("td", {
      class: typeof row[column] === "number" ? "number" : shown(row[column]).length > LONG ? "long" : null,
      // The number as it was answered, with every digit.
      title: typeof row[column] === "number" ? String(row[column]) : null,
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
    }, "Download CSV"), note),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table of ${name}` },
      el("table", {}, el("thead", {}, el("tr", {}, heads)), body)));
}

export function shown(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every((one) => one === null || typeof one !== "object")) return value.join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "number") return numeral(value);
  return String(value);
}

/** A number as the reader's language has it: all digits before the point, and six digits in all or two after it. */
function numeral(value) {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-6) return value.toLocaleString(undefined, { notation: "scientific", maximumSignificantDigits: 6 });
  const before = Math.floor(Math.log10(size || 1)) + 1;
  return value.toLocaleString(undefined, { useGrouping: "min2", maximumFractionDigits: Math.max(6 - before, 2) });
}

/** Numbers by size, texts by the alphabet; what is missing comes last, whichever way. */
function compare(one, other, sign) {
  const absent = (value) => Number(value === null || value === undefined);
  if (absent(one) || absent(other)) return absent(one) - absent(other);
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * shown(one).localeCompare(shown(other), undefined, { numeric: true });
}
