// A CSV file into a body: columns to fields, the first rows, and where the faults are.

import { guess, items, lineOf, parse } from "./csv.js";
import { el, labelled, say } from "./dom.js";

const PREVIEW = 5;

/** `{ view, lineOf }`; `use` is given the rows whenever the mapping changes. */
export function upload(place, use) {
  const state = { lines: [] };
  const view = el("div", { class: "upload" });
  const file = el("input", { type: "file", accept: ".csv,text/csv" });
  const details = el("div");
  view.append(labelled("CSV file", file, `Its rows become ${place.name}; it does not leave this page until you run.`), details);

  file.addEventListener("change", async () => {
    details.replaceChildren();
    if (!file.files.length) return;
    try {
      const table = parse(await file.files[0].text());
      details.append(mapping(table));
      say(`${table.records.length} rows read.`);
    } catch (error) {
      details.append(el("div", { class: "problem", role: "alert" }, error.message));
    }
  });

  function mapping(table) {
    const chosen = guess(table.header, place);
    const apply = () => {
      const made = items(table, chosen, place);
      state.lines = made.lines;
      use(place.name, made.items);
    };
    const fields = [...place.fields, ...place.nestedFields];
    const controls = table.header.map((column, index) => {
      const free = place.open ? [`${place.open}.${column}`] : [];
      const select = el("select", {
        onchange: (event) => { chosen[index] = event.target.value; apply(); },
      }, el("option", { value: "" }, "(leave out)"),
      [...fields.map((field) => field.name), ...free].map((name) => el("option", { value: name, selected: name === chosen[index] }, name)));
      return labelled(column, select);
    });
    apply();
    const missing = fields.filter((field) => field.required && !chosen.includes(field.name));
    return el("div", {},
      el("fieldset", { class: "mapping" }, el("legend", {}, "Columns"), controls),
      missing.length ? el("p", { class: "hint" }, `No column yet for: ${missing.map((field) => field.name).join(", ")}`) : null,
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "First rows of the file" }, el("table", {},
        el("caption", {}, `The first ${Math.min(PREVIEW, table.records.length)} of ${table.records.length} rows`),
        el("thead", {}, el("tr", {}, table.header.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, table.records.slice(0, PREVIEW).map((record) => el("tr", {}, record.cells.map((cell) => el("td", {}, cell))))))));
  }

  return { view, lineOf: (pointer) => lineOf(pointer, place, state.lines) };
}
