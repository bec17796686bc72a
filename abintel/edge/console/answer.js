// An answer on the page: its picture, its tables, its JSON.

import * as api from "./api.js";
import { curl, python } from "./code.js";
import { download, el, labelled, problemBox, say, tabs } from "./dom.js";
import { arrays, figures, table } from "./table.js";

const SHOWN_LETTERS = 200_000;

/** What a call answered; `picture` gives the Vega-Lite description, or null where a route draws nothing. */
export function answerView(route, sent, answer, picture) {
  if (answer.blob) return documentView(route, answer);
  const pages = [
    { title: "Table", show: (panel) => panel.append(...tables(route, answer.json)) },
    { title: "JSON", show: (panel) => panel.append(jsonView(route, answer.json)) },
    { title: "Code", show: (panel) => panel.append(...codeViews(route, sent)) },
  ];
  if (picture) pages.unshift({ title: "Picture", show: (panel) => draw(panel, picture) });
  return el("div", {}, warnings(answer.json), tabs("Answer", pages));
}

function documentView(route, answer) {
  const ending = answer.type.includes("pdf") ? "pdf" : "bin";
  return el("p", {}, el("button", {
    type: "button", class: "primary", onclick: () => download(`${route.name}.${ending}`, answer.blob, answer.type),
  }, `Download the document (${Math.ceil(answer.blob.size / 1024)} KiB)`));
}

function warnings(answer) {
  const found = (answer && answer.warnings) || [];
  if (!found.length) return null;
  return el("ul", { class: "warnings", "aria-label": "Warnings" },
    found.map((one) => el("li", {}, el("strong", {}, one.code), ` ${one.message}`)));
}

async function draw(panel, picture) {
  const frame = el("div", { class: "picture", role: "img" });
  panel.append(frame);
  try {
    const drawing = await picture();
    frame.setAttribute("aria-label", plainTitle(drawing));
    // `ast` interprets expressions instead of compiling them, so that the page needs no `unsafe-eval`.
    await window.vegaEmbed(frame, drawing, {
      ast: true, renderer: "canvas", defaultStyle: false, tooltip: false,
      actions: { export: true, source: false, compiled: false, editor: false },
    });
    frame.querySelector("canvas")?.setAttribute("aria-hidden", "true");
    say("The picture is drawn.");
  } catch (problem) {
    panel.replaceChildren(problemBox(problem));
  }
}

function plainTitle(drawing) {
  const title = drawing.title;
  const text = typeof title === "string" ? title : title && title.text;
  return [text || "Picture of the answer"].flat().join(" ");
}

function tables(route, answer) {
  const alone = figures(answer);
  const found = arrays(answer);
  const parts = [];
  if (alone.length) {
    parts.push(el("dl", { class: "figures" }, alone.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))])));
  }
  if (!found.length) return parts.length ? parts : [el("p", {}, "The answer has no rows; see JSON.")];
  const place = el("div");
  const show = (index) => place.replaceChildren(table(`${route.name}-${found[index].path}`, found[index].rows));
  if (found.length > 1) {
    const choice = el("select", { onchange: (event) => show(Number(event.target.value)) },
      found.map(({ path, rows }, index) => el("option", { value: index }, `${path} (${rows.length})`)));
    parts.push(labelled("Rows", choice));
  }
  show(0);
  return [...parts, place];
}

function jsonView(route, answer) {
  const text = JSON.stringify(answer, null, 2);
  const cut = text.length > SHOWN_LETTERS;
  return el("div", {},
    el("button", { type: "button", onclick: () => download(`${route.name}.json`, text, "application/json") }, "Download JSON"),
    cut ? el("p", { class: "hint" }, "The beginning; the download is whole.") : null,
    el("pre", { tabindex: "0" }, cut ? text.slice(0, SHOWN_LETTERS) : text));
}

function codeViews(route, sent) {
  const blocks = [["curl", curl(route, sent.body, sent.query)], ["Python", python(route, sent.body, sent.query)]];
  return blocks.map(([name, text]) => el("section", {}, el("h4", {}, name), el("button", {
    type: "button",
    onclick: async () => {
      await navigator.clipboard.writeText(text);
      say(`${name} copied.`);
    },
  }, `Copy as ${name}`), el("pre", { tabindex: "0" }, text)));
}

/** How the picture of a synchronous call is asked for; null where the route draws none. */
export function pictureOf(route, sent) {
  return route.draws ? () => api.picture(route.path, sent.body, sent.query) : null;
}
