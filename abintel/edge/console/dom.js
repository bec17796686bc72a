// Elements without markup in strings: text can never become HTML.

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
    parts.push(el("small", { id: `${control.id}-hint` }, hint));
  }
  return el("div", { class: "field" }, parts);
}

/** Tabs by the ARIA pattern: arrows move, only the chosen one is in the order of Tab. */
export function tabs(name, pages) {
  labels += 1;
  const own = labels;
  const buttons = pages.map(({ title }, index) => el("button", {
    type: "button", role: "tab", id: `tab-${own}-${index}`, "aria-controls": `panel-${own}-${index}`,
  }, title));
  const panels = pages.map((_, index) => el("div", {
    role: "tabpanel", id: `panel-${own}-${index}`, "aria-labelledby": `tab-${own}-${index}`, tabindex: "0",
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
  };
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => open(index));
    button.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1 };
      const last = buttons.length - 1;
      const targets = { Home: 0, End: last };
      const target = event.key in steps ? (index + steps[event.key] + buttons.length) % buttons.length : targets[event.key];
      if (target === undefined) return;
      event.preventDefault();
      open(target);
      buttons[target].focus();
    });
  });
  open(0);
  return el("div", { class: "tabs" }, el("div", { role: "tablist", "aria-label": name }, buttons), panels);
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

/** A problem as an element: what happened, and every fault, with the line of the file where it is known. */
export function problemBox(problem, lineOf = () => null) {
  const faults = (problem.faults || []).slice(0, 200).map((fault) => {
    const line = lineOf(fault.pointer);
    const where = line === null ? fault.pointer || "the body" : `line ${line}, ${fault.pointer}`;
    return el("li", {}, el("code", {}, where), ` ${fault.message}`);
  });
  const more = (problem.faults || []).length - faults.length;
  return el("div", { class: "problem", role: "alert" },
    el("strong", {}, problem.status ? `${problem.status} ` : ""), problem.message,
    faults.length ? el("ul", {}, faults) : null,
    more > 0 ? el("p", {}, `and ${more} more`) : null,
    problem.requestId ? el("p", { class: "hint" }, `Request ${problem.requestId}`) : null);
}
