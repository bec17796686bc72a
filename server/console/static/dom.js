// Elements without markup in strings: text can never become HTML.

const SHOWN_CAUSES = 200;
const SHOWN_LINES = 5;

/** `el("button", { type: "button", onclick: … }, "Run")`; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let labels = 0;

/** A label with its control; the hint is read out with it. */
export function labelled(text, control, hint = "") {
  labels += 1;
  control.id ||= `control-${labels}`;
  const parts = [el("label", { for: control.id }, text), control];
  if (hint) {
    control.setAttribute("aria-describedby", `${control.id}-hint`);
    // Between backticks, as the API description has it, stands code.
    const words = hint.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));
    parts.push(el("small", { id: `${control.id}-hint` }, words));
  }
  return el("div", { class: "field" }, parts);
}

/** Tabs by the ARIA pattern: arrows move, only the chosen one is in the order of Tab.
 *  A page is shown once, when it is first opened; `again` is told of each opening.
 *  `stops` says whether the Tab key stops at a page itself; it need not where a page begins with a control. */
export function tabs(name, pages, stops = true) {
  labels += 1;
  const own = labels;
  const buttons = pages.map(({ title }, index) => el("button", {
    type: "button", role: "tab", id: `tab-${own}-${index}`, "aria-controls": `panel-${own}-${index}`,
  }, title));
  const panels = pages.map((_, index) => el("div", {
    role: "tabpanel", id: `panel-${own}-${index}`, "aria-labelledby": `tab-${own}-${index}`, tabindex: stops ? "0" : null,
  }));
  const opened = new Set();
  const open = (chosen) => {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === chosen));
      button.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    if (!opened.has(chosen)) {
      opened.add(chosen);
      pages[chosen].show(panels[chosen]);
    }
    pages[chosen].again?.(panels[chosen]);
  };
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => open(index));
    button.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1 };
      const ends = { Home: 0, End: buttons.length - 1 };
      const target = event.key in steps ? (index + steps[event.key] + buttons.length) % buttons.length : ends[event.key];
      if (target === undefined) return;
      event.preventDefault();
      open(target);
      buttons[target].focus();
    });
  });
  open(0);
  return el("div", { class: "tabs" }, el("div", { role: "tablist", "aria-label": name }, buttons), panels);
}

/** A table that scrolls in itself, reachable by keyboard; cells are texts or elements. */
export function grid(name, heads, rows, caption = null) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, el("table", {},
    caption ? el("caption", {}, caption) : null,
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, cell)))))));
}

/** A word in a small box: `good`, `bad`, `soft` or plain. */
export function badge(text, kind = "") {
  return el("span", { class: `badge ${kind}` }, text);
}

/** A UTC stamp as the reader's clock has it; the stamp itself as the title. */
export function moment(stamp) {
  if (!stamp) return "";
  const shown = new Date(stamp).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return el("time", { datetime: stamp, title: stamp }, shown);
}

/** Offers a file that the page made. */
export function download(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Says something in the status line, and to screen readers. */
export function say(text) {
  document.getElementById("status").textContent = text;
}

/** A problem as an element: what happened, and its faults by cause, with the column and the lines of the file
 *  where they are known. `where` gives `{ line, column }` of a JSON Pointer, or null. */
export function problemBox(problem, where = () => null) {
  const all = problem.faults || [];
  const causes = byCause(all, where);
  const rows = causes.slice(0, SHOWN_CAUSES).map((cause) => [
    cause.column || el("code", {}, cause.pointer || "the body"), linesOf(cause), cause.message,
  ]);
  const hasLines = causes.some((cause) => cause.lines.length);
  const heads = hasLines ? ["column", "line", "fault"] : ["field", "fault"];
  return el("div", { class: "problem", role: "alert" },
    el("p", {}, el("strong", {}, problem.status ? `${problem.status} ` : ""), problem.message.replaceAll("`", "")),
    rows.length ? grid("Faults", heads, hasLines ? rows : rows.map(([name, , message]) => [name, message])) : null,
    causes.length > rows.length ? el("p", {}, `and ${causes.length - rows.length} more causes`) : null,
    problem.requestId ? el("p", { class: "hint" }, "Request ", el("code", {}, problem.requestId)) : null);
}

/** Faults of one column with one message are one cause; faults that come from no file stay single. */
function byCause(faults, where) {
  const causes = new Map();
  for (const fault of faults) {
    const known = where(fault.pointer);
    // What was seen differs from row to row.
    const says = fault.message.replace(/; got .*$/, "");
    const key = known && known.column ? `${known.column}\n${says}` : fault.pointer + fault.message;
    if (!causes.has(key)) causes.set(key, { ...fault, column: known && known.column, lines: [] });
    if (known) causes.get(key).lines.push(known.line);
  }
  return [...causes.values()];
}

function linesOf({ lines }) {
  const shown = lines.slice(0, SHOWN_LINES).join(", ");
  return lines.length > SHOWN_LINES ? `${shown} and ${lines.length - SHOWN_LINES} more` : shown;
}
