// A file into rows of the body. The server reads it, by the rules that the command line and the client have too;
// the page shows what was read of each column, and the user can change it.

import * as api from "./api.js";
import { el, grid, labelled, say } from "./dom.js";

const ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls,text/csv";

/** `{ view, where, forget, fault }`; `begin` is called when a file is chosen, `use` is given its rows whenever
 *  they are read. `fault` says why the rows cannot be sent, null if they can. */
export function upload(route, place, begin, use) {
  const start = () => ({ array: place.name, map: {}, types: {}, skipsFaults: false });
  let choices = start();
  let read = null;
  let fault = null;
  let turn = 0;
  const file = el("input", { type: "file", accept: ACCEPTED });
  const details = el("div", { "aria-live": "polite" });
  const view = el("div", { class: "upload" },
    labelled(`CSV or Excel file for ${place.name}`, file, `Its rows become ${place.name}. The server reads the file and keeps nothing of it.`), details);

  file.addEventListener("change", () => {
    if (!file.files.length) return;
    choices = start();
    details.replaceChildren(el("p", { class: "hint" }, "Reading …"));
    apply();
  });

  async function apply() {
    turn += 1;
    const own = turn;
    read = null;
    fault = `the file for ${place.name} is being read`;
    begin(place.name);
    try {
      const reading = await api.readTable(route.name, file.files[0], choices);
      // A later choice is being read already.
      if (own !== turn) return;
      read = reading;
      fault = faultOf(reading);
      details.replaceChildren(preview(reading));
      use(place.name, reading.items);
      say(`${reading.rows} rows read.`);
    } catch (problem) {
      if (own !== turn) return;
      fault = `the file for ${place.name} was not read`;
      details.replaceChildren(el("div", { class: "problem", role: "alert" }, problem.message));
      use(place.name, undefined);
    }
  }

  function faultOf(reading) {
    if (reading.missing.length) return `no column of ${place.name} for ${reading.missing.join(", ")}`;
    return reading.faults.length ? `the file for ${place.name} has values that cannot be read` : null;
  }

  function choose(kind, column, chosen) {
    choices[kind][column] = chosen;
    // The type was that of another field.
    if (kind === "map") delete choices.types[column];
    apply();
  }

  function preview(reading) {
    const said = reading.missing.length
      ? `No column yet for: ${reading.missing.join(", ")}`
      : "Every field that is needed has its column.";
    return el("div", {},
      el("fieldset", {}, el("legend", {}, "Columns to fields"),
        el("div", { class: "mapping" }, reading.columns.map((column) => controls(reading, column)))),
      el("p", { class: reading.missing.length ? "hint lacking" : "hint" }, said),
      reading.notes.length ? el("ul", { class: "notes", "aria-label": "What was read" },
        reading.notes.map((note) => el("li", {}, note)), again(reading)) : null,
      reading.faults.length ? faults(reading) : null,
      firstRows(reading));
  }

  function controls(reading, column) {
    const fields = [...place.nestedFields, ...place.fields].map((field) => field.name);
    const free = place.open ? `${place.open}.${column.name}` : place.extra && column.name;
    const options = [...new Set([...fields, free, column.field].filter(Boolean))];
    const field = el("select", { onchange: (event) => choose("map", column.name, event.target.value) },
      el("option", { value: "" }, "(leave out)"),
      options.map((name) => el("option", { value: name, selected: name === column.field }, name)));
    const type = column.type ? el("select", {
      "aria-label": `How ${column.name} is read`, onchange: (event) => choose("types", column.name, event.target.value),
    }, Object.entries(reading.types).map(([name, text]) => el("option", { value: name, selected: name === column.type }, text))) : null;
    return el("div", {}, labelled(column.name, field), type);
  }

  /** A button for each column that can be read in another way. */
  function again(reading) {
    return reading.columns.filter((column) => column.other).map((column) => el("li", {}, readAs(reading, column.name, column.other)));
  }

  function readAs(reading, column, type) {
    return el("button", { type: "button", onclick: () => choose("types", column, type) }, `Read ${column} as ${reading.types[type]}`);
  }

  function faults(reading) {
    const rows = reading.faults.map((cause) => [
      cause.column, String(cause.count), cause.message,
      cause.other ? readAs(reading, cause.column, cause.other) : "",
    ]);
    return el("div", { class: "problem", role: "alert" },
      el("p", {}, "Some values cannot be read:"),
      grid("Faults of the file", ["column", "rows", "fault", ""], rows),
      el("button", { type: "button", onclick: () => { choices.skipsFaults = true; apply(); } }, "Leave these rows out"));
  }

  function firstRows(reading) {
    const kept = reading.columns.filter((column) => column.type);
    const count = Math.max(0, ...kept.map((column) => column.samples.length));
    const rows = Array.from({ length: count }, (_, index) => kept.map((column) => cell(column.samples[index] || ["", null])));
    return grid("First rows as they are read", kept.map((column) => column.name), rows,
      `The first ${count} of ${reading.rows} rows, as they are read`);
  }

  function cell([text, value]) {
    const shown = value === null ? "–" : String(value);
    return shown === text ? shown : el("span", { title: `in the file: ${text}` }, shown);
  }

  /** Line and column of the file that a JSON Pointer into the body came from, or null. */
  function where(pointer) {
    const [array, item, ...rest] = pointer.split("/").slice(1);
    const lines = read && array === place.name ? read.lines[item] : null;
    if (!lines) return null;
    const isInner = rest[0] === place.nested;
    const name = (isInner ? rest.slice(2) : rest).join(".");
    const column = read.columns.find((one) => name && one.field === name);
    return { line: lines[isInner ? rest[1] : 0] ?? lines[0], column: column ? column.name : null };
  }

  return {
    view,
    where,
    fault: () => fault,
    forget: () => {
      turn += 1;
      read = null;
      fault = null;
      file.value = "";
      details.replaceChildren();
    },
  };
}
