// One route's page: the body in a form and as JSON, a file for its rows, and what it answers.

import * as api from "./api.js";
import { answerView, pictureOf } from "./answer.js";
import { el, labelled, problemBox, say } from "./dom.js";
import { follow } from "./jobs.js";
import { upload } from "./upload.js";

export function routeView(route) {
  const example = Object.values(route.examples)[0].value;
  const editor = el("textarea", { rows: "14", spellcheck: "false", autocapitalize: "off" });
  const result = el("section", { "aria-label": "Answer", id: "answer" });
  const query = {};
  const body = route.bodies.find((one) => one.rows && one.rows.name in example) || route.bodies[0];
  const form = el("div", { class: "form" });
  const file = body.rows ? upload(body.rows, (name, rows) => change((sent) => { sent[name] = rows; })) : null;

  function parsed() {
    try {
      const sent = JSON.parse(editor.value);
      if (!sent || typeof sent !== "object" || Array.isArray(sent)) throw new Error("the body is an object");
      return sent;
    } catch (error) {
      throw new api.Problem(0, { detail: `The body is not JSON: ${error.message}` });
    }
  }

  function change(edit) {
    let sent;
    try {
      sent = parsed();
    } catch {
      sent = { ...example };
    }
    edit(sent);
    editor.value = JSON.stringify(sent, null, 2);
    fill();
  }

  function fill() {
    let sent;
    try {
      sent = parsed();
    } catch {
      return;
    }
    form.replaceChildren(...body.scalars.map((field) => control(field, sent[field.name])));
  }

  function control(field, now) {
    const current = now ?? "";
    const set = (value) => change((sent) => {
      if (value === null) delete sent[field.name];
      else sent[field.name] = value;
    });
    const choices = field.choices || (field.type === "boolean" ? ["true", "false"] : null);
    if (choices) {
      const select = el("select", {
        onchange: (event) => {
          const text = event.target.value;
          set(text === "" ? null : field.type === "boolean" ? text === "true" : text);
        },
      }, el("option", { value: "" }, "(default)"),
      choices.map((choice) => el("option", { value: choice, selected: String(current) === String(choice) }, String(choice))));
      return labelled(field.name, select, field.hint);
    }
    const numeric = field.type === "number" || field.type === "integer";
    const input = el("input", {
      type: field.date ? "date" : numeric ? "number" : "text", step: numeric ? "any" : null, value: String(current),
      placeholder: field.fallback === null ? null : String(field.fallback),
      onchange: (event) => {
        const text = event.target.value;
        set(text === "" ? null : numeric ? Number(text) : text);
      },
    });
    return labelled(field.name, input, field.hint);
  }

  async function run(asJob, button) {
    button.disabled = true;
    say("Running …");
    result.replaceChildren();
    try {
      const sent = { body: JSON.stringify(parsed()), query: { ...query } };
      if (asJob) {
        const job = await api.submit(route.path, sent.body, sent.query);
        result.replaceChildren(await follow(job, (answer) => answerView(route, sent, answer, null)));
      } else {
        const answer = await api.call(route.path, sent.body, sent.query);
        result.replaceChildren(answerView(route, sent, answer, pictureOf(route, sent)));
      }
      say("Done.");
    } catch (problem) {
      result.replaceChildren(problemBox(problem, file ? file.lineOf : undefined));
      say("The call was refused.");
    } finally {
      button.disabled = false;
    }
  }

  editor.value = JSON.stringify(example, null, 2);
  editor.addEventListener("change", fill);
  fill();
  return el("article", {},
    el("h2", {}, route.name),
    el("p", {}, route.summary),
    exampleChoice(route, (value) => { editor.value = JSON.stringify(value, null, 2); fill(); }),
    file ? file.view : null,
    form,
    el("div", { class: "form" }, route.parameters.map((parameter) => parameterControl(parameter, query))),
    labelled("Body (JSON)", editor),
    el("div", { class: "bar" },
      el("button", { type: "button", class: "primary", id: "run", onclick: (event) => run(false, event.currentTarget) }, "Run"),
      route.async ? el("button", { type: "button", id: "run-job", onclick: (event) => run(true, event.currentTarget) }, "Run as a job") : null),
    result);
}

function exampleChoice(route, use) {
  const names = Object.keys(route.examples);
  if (names.length < 2) return null;
  const select = el("select", { onchange: (event) => use(route.examples[event.target.value].value) },
    names.map((name) => el("option", { value: name }, name.replaceAll("_", " "))));
  return labelled("Example", select);
}

function parameterControl(parameter, query) {
  const set = (event) => { query[parameter.name] = event.target.value; };
  query[parameter.name] = "";
  const choices = parameter.schema.enum;
  const input = choices
    ? el("select", { onchange: set }, el("option", { value: "" }, "(default)"), choices.map((choice) => el("option", { value: choice }, choice)))
    : el("input", { type: "text", onchange: set });
  return labelled(parameter.name, input, parameter.description);
}
