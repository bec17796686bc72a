// An answer on the page: its picture, its tables, its JSON, and the call as code.

import * as api from "./api.js";
import { curl, isLong, python } from "./code.js";
import { download, el, labelled, problemBox, say, tabs } from "./dom.js";
import { arrays, figures, shown, table } from "./table.js";

const SHOWN_LETTERS = 200_000;

/** What a call answered; `sent` is the call, or null where it is not known any more. */
export function answerView(route, sent, answer) {
  if (answer.blob) return documentView(route, sent, answer);
  const pages = [
    { title: "Table", show: (panel) => panel.append(...tables(route, answer.json)) },
    { title: "JSON", show: (panel) => panel.append(jsonView(route, answer.json)) },
  ];
  if (sent) {
    pages.push({ title: "Code", show: (panel) => panel.append(...codeViews(route, sent)) });
    const drawn = { title: "Picture", show: (panel) => draw(panel, () => api.picture(route.path, sent)) };
    if (route.draws) pages.unshift(drawn);
    else pages.push(drawn);
  }
  return el("div", {}, warnings(answer.json), tabs("Answer", pages));
}

function documentView(route, sent, answer) {
  const ending = answer.type.split(";")[0].split("/").pop();
  const size = Math.ceil(answer.blob.size / 1024);
  return el("div", {},
    el("p", {}, el("button", {
      type: "button", class: "primary", onclick: () => download(`${route.name}.${ending}`, answer.blob, answer.type),
    }, `Download the ${ending.toUpperCase()} (${size} KiB)`)),
    sent ? codeViews(route, sent) : null);
}

function warnings(answer) {
  const found = (answer && answer.warnings) || [];
  if (!found.length) return null;
  return el("ul", { class: "warnings", "aria-label": "Warnings" },
    found.map((one) => el("li", {}, el("strong", {}, one.code), ` ${one.message}`)));
}

async function draw(panel, picture) {
  const frame = el("div", { class: "picture" });
  panel.append(el("p", { class: "hint" }, "Drawing …"));
  try {
    const drawing = await picture();
    panel.replaceChildren(frame);
    // `ast` has expressions interpreted instead of compiled, so that the page needs no `unsafe-eval`.
    const { view } = await window.vegaEmbed(frame, drawing, {
      ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: false,
    });
    const drawn = frame.querySelector("svg");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", plainTitle(drawing));
    panel.append(el("div", { class: "bar" }, ["png", "svg"].map((type) => el("button", {
      type: "button", onclick: () => takeAway(view, type),
    }, `Download ${type.toUpperCase()}`))));
    say("The picture is drawn.");
  } catch (problem) {
    // No picture is no fault: the answer is there.
    const isNone = problem.status === 0 || problem.status === 406;
    panel.replaceChildren(isNone ? el("p", { class: "empty" }, problem.message) : problemBox(problem));
  }
}

async function takeAway(view, type) {
  if (type === "svg") {
    download("picture.svg", await view.toSVG(), "image/svg+xml");
    return;
  }
  const canvas = await view.toCanvas(2);
  canvas.toBlob((blob) => download("picture.png", blob, "image/png"), "image/png");
}

function plainTitle(drawing) {
  const title = drawing.title;
  const text = typeof title === "string" ? title : title && title.text;
  return [text || "Picture of the answer"].flat().join(" ");
}

function tables(route, answer) {
  const found = arrays(answer);
  const alone = figures(answer, found);
  const parts = [];
  if (alone.length) {
    parts.push(el("dl", { class: "figures" },
      alone.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value === null ? "–" : shown(value))))));
  }
  if (!found.length) return parts.length ? parts : [el("p", {}, "The answer has no rows; see JSON.")];
  const place = el("div");
  const show = (index) => place.replaceChildren(table(`${route.name}-${found[index].path}`, found[index].rows));
  if (found.length > 1) {
    const choice = el("select", { onchange: (event) => show(Number(event.target.value)) },
      found.map(({ path, rows }, index) => el("option", { value: index }, `${path} (${rows.length})`)));
    parts.push(el("div", { class: "example" }, labelled("Rows", choice)));
  }
  show(0);
  return [...parts, place];
}

function jsonView(route, answer) {
  const text = JSON.stringify(answer, null, 2);
  const cut = text.length > SHOWN_LETTERS;
  return el("div", {},
    el("div", { class: "bar" }, el("button", {
      type: "button", onclick: () => download(`${route.name}.json`, text, "application/json"),
    }, "Download JSON"), cut ? el("p", { class: "hint" }, "This is the beginning; the download is whole.") : null),
    el("pre", { tabindex: "0" }, cut ? text.slice(0, SHOWN_LETTERS) : text));
}

function codeViews(route, sent) {
  const blocks = [["curl", curl(route, sent)], ["Python", python(route, sent)]];
  return [
    el("p", { class: "hint" }, "The secret is not in it: set ABINTEL_CUSTOMER_API_ID and ABINTEL_SECRET in your shell."),
    isLong(sent) ? el("button", {
      type: "button", onclick: () => download("body.json", sent.body, "application/json"),
    }, "Download body.json") : null,
    ...blocks.map(([name, text]) => el("section", {}, el("div", { class: "bar" }, el("h3", {}, name), el("button", {
      type: "button", onclick: () => copy(name, text),
    }, `Copy as ${name}`)), el("pre", { tabindex: "0" }, text))),
  ].filter(Boolean);
}

async function copy(name, text) {
  try {
    // Browsers give the clipboard to pages of https and of this machine only.
    await navigator.clipboard.writeText(text);
    say(`${name} copied.`);
  } catch {
    say("The browser does not let this page copy; select the text and copy it by hand.");
  }
}
