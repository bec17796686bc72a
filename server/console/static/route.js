// One route's page: the body in a form and as JSON, a file for its rows, and what it answers.

import * as api from "./api.js";
import { answerView } from "./answer.js";
import { el, labelled, problemBox, say, tabs } from "./dom.js";
import { follow } from "./jobs.js";
import { bodyLike } from "./schema.js";
import { upload } from "./upload.js";

/** Letters up to which a body can be edited; a browser's text field is slow beyond. */
const EDITED = 400_000;

export function routeView(route) {
  const state = { body: null, kind: null, broken: null, query: {}, headers: {} };
  // The example that the body began with, what the user has set since, and what a file took out of the example.
  const start = { example: {}, set: new Set(), cleared: null };
  const result = el("section", { "aria-label": "Answer", id: "answer", tabindex: "-1" });
  const form = el("div", { class: "form" });
  const files = el("div", { class: "files" });
  const counts = el("p", { class: "hint counts" });
  const asked = el("p", { class: "hint asked", role: "status" });
  const editor = el("textarea", { rows: "18", spellcheck: "false", autocapitalize: "off" });
  const broken = el("p", { class: "broken", role: "alert", hidden: true });
  let uploads = [];

  function take(body) {
    state.body = structuredClone(body);
    state.broken = null;
    broken.hidden = true;
    const kind = bodyLike(route, body);
    if (kind !== state.kind) {
      state.kind = kind;
      uploads = kind.places.map((place) => upload(route, place, begin, change));
      files.replaceChildren(...uploads.map((one) => one.view));
    }
    fill();
  }

  function takeExample(body) {
    start.example = structuredClone(body);
    start.set.clear();
    start.cleared = null;
    for (const one of uploads) one.forget();
    take(body);
  }

  function change(name, value) {
    start.set.add(name);
    if (value === undefined) delete state.body[name];
    else state.body[name] = value;
    count();
  }

  /** A file was chosen: what the example set leaves the body, since it has nothing to do with the file. */
  function begin(rows) {
    const ofExample = Object.keys(state.body).filter((name) => !start.set.has(name) && isOfExample(name));
    start.cleared = [...(start.cleared || []), ...ofExample.filter((name) => name !== rows)];
    for (const name of [rows, ...ofExample]) delete state.body[name];
    fill();
  }

  const isOfExample = (name) => JSON.stringify(state.body[name]) === JSON.stringify(start.example[name]);

  /** Whether the rows are the example's: a model that they train is marked as one of an example. */
  function hasExampleRows() {
    const names = state.kind.places.map((place) => place.name).filter((name) => name in state.body);
    return names.length > 0 && names.every(isOfExample);
  }

  /** Why the call cannot run yet, and what the user is asked for. */
  function check() {
    const faults = uploads.map((one) => one.fault()).filter(Boolean);
    const missing = start.cleared ? state.kind.required.filter((name) => !(name in state.body)) : [];
    const others = (start.cleared || []).filter((name) => !(name in state.body) && !missing.includes(name));
    const texts = [];
    if (faults.length) texts.push(`Not ready to run: ${faults.join("; ")}.`);
    else if (missing.length) texts.push(`Not ready to run: fill in ${missing.join(", ")}.`);
    if (others.length) texts.push(`The example's values are gone: set ${others.join(", ")}, or leave them to the server.`);
    asked.textContent = texts.join(" ");
    asked.classList.toggle("lacking", texts.length > 0);
    for (const button of bar.querySelectorAll("button")) button.disabled = faults.length + missing.length > 0;
  }

  function count() {
    const rows = Object.entries(state.body).filter(([, value]) => Array.isArray(value) && value.some((one) => one && typeof one === "object"));
    const counted = rows.map(([name, list]) => `${list.length} ${list.length === 1 ? "row" : "rows"} of ${name}`);
    counts.textContent = counted.length ? `In the body: ${counted.join(", ")}` : "";
    check();
  }

  function fill() {
    form.replaceChildren(...state.kind.scalars.map((field) => control(field, state.body[field.name], change)));
    count();
  }

  function write() {
    // What is being mended stays as it was typed.
    if (state.broken) return;
    const text = JSON.stringify(state.body, null, 2);
    editor.readOnly = text.length > EDITED;
    editor.value = editor.readOnly ? `${text.slice(0, EDITED)}\n… too long to edit here; change it in the form` : text;
  }

  function read() {
    if (editor.readOnly) return;
    try {
      const body = JSON.parse(editor.value);
      if (!body || typeof body !== "object" || Array.isArray(body)) throw new Error("the body is an object, in braces");
      for (const one of uploads) one.forget();
      start.cleared = null;
      take(body);
    } catch (error) {
      state.broken = `The body is not JSON: ${error.message}`;
      broken.textContent = state.broken;
      broken.hidden = false;
    }
  }

  function where(pointer) {
    return uploads.map((one) => one.where(pointer)).find((known) => known !== null) ?? null;
  }

  async function run(asJob) {
    const buttons = [...bar.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    result.replaceChildren(el("p", { class: "running" }, asJob ? "Queueing …" : "Running …"));
    say("Running …");
    try {
      if (state.broken) throw new api.Problem(0, { detail: state.broken });
      const mark = hasExampleRows() ? { "X-Example": "true" } : {};
      const sent = { body: JSON.stringify(state.body), query: { ...state.query }, headers: { ...state.headers, ...mark } };
      if (asJob) {
        const job = await api.submit(route.jobPath, sent);
        result.replaceChildren(follow(job, (answer) => answerView(route, sent, answer), where));
        say("The job is queued.");
      } else {
        result.replaceChildren(answerView(route, sent, await api.call(route.path, sent)));
        say("Answered.");
      }
    } catch (problem) {
      result.replaceChildren(problemBox(problem, where));
      say("The call was refused.");
    } finally {
      check();
      result.focus({ preventScroll: true });
      result.scrollIntoView({ block: "nearest" });
    }
  }

  const bar = el("div", { class: "bar run" },
    route.isJob ? null : el("button", { type: "button", class: "primary", id: "run", onclick: () => run(false) }, "Run"),
    route.jobPath ? el("button", { type: "button", id: "run-job", onclick: () => run(true) }, "Run as a job") : null,
    counts, asked);
  editor.addEventListener("change", read);
  const options = [
    ...route.query.map((parameter) => option(parameter, state.query)),
    ...route.headers.map((parameter) => option(parameter, state.headers)),
  ];
  takeExample(Object.values(route.examples)[0].value);
  return el("article", {},
    el("h2", {}, route.name),
    el("p", { class: "lead" }, route.summary),
    exampleChoice(route, (value) => { takeExample(value); write(); }),
    tabs("Body", [
      {
        title: "Form",
        show: (panel) => panel.append(files, form,
          options.length ? el("fieldset", {}, el("legend", {}, "Options of the call"), el("div", { class: "form" }, options)) : ""),
      },
      { title: "JSON", show: (panel) => panel.append(labelled("Body (JSON)", editor), broken), again: write },
    ], false),
    bar,
    result);
}

function exampleChoice(route, use) {
  const names = Object.keys(route.examples);
  if (names.length < 2) return null;
  const select = el("select", { onchange: (event) => use(route.examples[event.target.value].value) },
    names.map((name) => el("option", { value: name }, name.replaceAll("_", " "))));
  return el("div", { class: "example" }, labelled("Example to start from", select));
}

/** The control of a field; `change` is given its value, undefined where it is left to the server. */
function control(field, now, change) {
  const name = field.required ? `${field.name} *` : field.name;
  const set = (value) => change(field.name, value);
  const numeric = field.type === "number" || field.type === "integer";
  if (field.list) {
    const input = el("input", {
      type: "text", value: (now ?? []).join(", "), placeholder: (field.fallback || []).join(", "),
      onchange: (event) => {
        const parts = event.target.value.split(",").map((part) => part.trim()).filter(Boolean);
        set(parts.length ? parts.map((part) => (numeric && part !== "" && Number.isFinite(Number(part)) ? Number(part) : part)) : undefined);
      },
    });
    return labelled(name, input, `${field.hint} Separated by commas.`.trim());
  }
  const choices = field.choices || (field.type === "boolean" ? ["true", "false"] : null);
  if (choices) {
    const select = el("select", {
      onchange: (event) => {
        const text = event.target.value;
        set(text === "" ? undefined : field.type === "boolean" ? text === "true" : choices.find((choice) => String(choice) === text));
      },
    }, el("option", { value: "" }, field.fallback === null ? "(not set)" : `(${field.fallback})`),
    choices.map((choice) => el("option", { value: choice, selected: String(now) === String(choice) }, String(choice))));
    return labelled(name, select, field.hint);
  }
  const input = el("input", {
    type: field.date ? "date" : numeric ? "number" : "text", step: numeric ? "any" : null, value: String(now ?? ""),
    placeholder: field.fallback === null ? null : String(field.fallback),
    onchange: (event) => {
      const text = event.target.value;
      set(text === "" ? undefined : numeric ? Number(text) : text);
    },
  });
  return labelled(name, input, field.hint);
}

function option(parameter, options) {
  options[parameter.name] = "";
  const set = (event) => { options[parameter.name] = event.target.value.trim(); };
  const choices = parameter.schema.enum || (parameter.schema.type === "boolean" ? ["true", "false"] : null);
  const input = choices
    ? el("select", { onchange: set }, el("option", { value: "" }, "(not set)"), choices.map((choice) => el("option", { value: choice }, choice)))
    : el("input", { type: "text", onchange: set });
  return labelled(parameter.name, input, parameter.description);
}
