// A CSV file into a body: columns to fields, the first rows, and where the faults are.

import { guess, items, lineOf, parse } from "./csv.js";
import { el, grid, labelled, say } from "./dom.js";

const PREVIEW = 5;
const SHOWN_FAULTS = 20;

/** `{ view, lineOf, forget, fault }`; `begin` is called when a file is chosen, `use` is given its rows whenever
 *  the mapping changes. `fault` says why the rows cannot be sent, null if they can. */
export function upload(place, begin, use) {
  let lines = [];
  let fault = null;
  const file = el("input", { type: "file", accept: ".csv,.tsv,text/csv" });
  const details = el("div", { "aria-live": "polite" });
  const view = el("div", { class: "upload" },
    labelled(`CSV for ${place.name}`, file, `Its rows become ${place.name}; the file stays in this page until you run.`), details);

  file.addEventListener("change", async () => {
    details.replaceChildren();
    if (!file.files.length) return;
    lines = [];
    fault = `the file for ${place.name} is being read`;
    begin(place.name);
    try {
      const table = parse(await file.files[0].text());
      details.append(mapping(table));
      say(`${table.records.length} rows read.`);
    } catch (error) {
      fault = `the file for ${place.name} was not read`;
      details.append(el("div", { class: "problem", role: "alert" }, error.message));
      use(place.name, undefined);
    }
  });

  function mapping(table) {
    const chosen = guess(table.header, place);
    const fields = [...place.fields, ...place.nestedFields];
    const missing = el("p", { class: "hint" });
    const apply = () => {
      const made = items(table, chosen, place);
      lines = made.lines;
      const lacking = fields.filter((field) => field.required && !chosen.includes(field.name)).map((field) => field.name);
      missing.textContent = lacking.length ? `No column yet for: ${lacking.join(", ")}` : "Every field that is needed has its column.";
      missing.classList.toggle("lacking", lacking.length > 0);
      fault = lacking.length ? `no column of ${place.name} for ${lacking.join(", ")}` : null;
      use(place.name, made.items);
    };
    const controls = table.header.map((column, index) => {
      const free = place.open ? `${place.open}.${column}` : place.extra && column;
      const options = [...new Set([...fields.map((field) => field.name), free].filter(Boolean))];
      const select = el("select", {
        onchange: (event) => { chosen[index] = event.target.value; apply(); },
      }, el("option", { value: "" }, "(leave out)"),
      options.map((name) => el("option", { value: name, selected: name === chosen[index] }, name)));
      return labelled(column || `column ${index + 1}`, select);
    });
    apply();
    const shown = table.records.slice(0, PREVIEW);
    const ragged = table.faults.slice(0, SHOWN_FAULTS);
    return el("div", {},
      el("fieldset", {}, el("legend", {}, "Columns to fields"), el("div", { class: "mapping" }, controls)),
      missing,
      ragged.length ? el("div", { class: "problem", role: "alert" },
        el("p", {}, `${table.faults.length} lines do not have a cell for each column.`),
        grid("Lines of another length", ["line", "fault"], ragged.map((fault) => [String(fault.line), fault.message]))) : null,
      grid("First rows of the file", table.header, shown.map((record) => record.cells),
        `The first ${shown.length} of ${table.records.length} rows`));
  }

  return {
    view,
    lineOf: (pointer) => lineOf(pointer, place, lines),
    fault: () => fault,
    forget: () => {
      lines = [];
      fault = null;
      file.value = "";
      details.replaceChildren();
    },
  };
}
