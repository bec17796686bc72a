// The tenant's trained models, with the way into MLflow.

import * as api from "./api.js";
import { badge, el, grid, moment, problemBox } from "./dom.js";

const DAY = 86_400_000;
const HEADS = ["route", "for", "version", "state", "algorithm", "quality", "rows", "age", "expires", "MLflow"];

export async function modelsView() {
  const pages = el("div");
  const first = await page(null, pages);
  return [
    el("h2", { id: "models-title" }, "Models"),
    first ? pages : el("p", { class: "empty" }, "No models yet. A route that learns trains one when it is sent labels."),
  ];
}

/** Appends a page of models; gives how many there were. */
async function page(name, pages) {
  const { models, next } = await api.get(`/api/v1/models${name ? `?page=${encodeURIComponent(name)}` : ""}`);
  if (models.length) pages.append(grid("Models", HEADS, models.map(cells)));
  if (next) {
    const more = el("button", {
      type: "button",
      onclick: async () => {
        more.disabled = true;
        try {
          await page(next, pages);
          more.remove();
        } catch (problem) {
          more.replaceWith(problemBox(problem));
        }
      },
    }, "More");
    pages.append(more);
  }
  return models.length;
}

function cells(model) {
  return [
    model.endpoint,
    scope(model.scope),
    model.version,
    el("span", { class: "badges" }, states(model)),
    model.algorithm,
    quality(model.quality),
    String(model.rows),
    el("span", { title: model.trained_at }, age(model.trained_at)),
    moment(model.expires_at),
    model.url ? el("a", { href: model.url, rel: "noopener noreferrer", target: "_blank", "aria-label": `${model.name} version ${model.version} in MLflow` }, "open") : "–",
  ];
}

function quality(measured) {
  if (!measured) return "–";
  return el("span", { title: measured.name }, `${measured.value.toFixed(3)} `, el("small", {}, measured.name));
}

function states(model) {
  const found = [badge(model.role, model.role === "champion" ? "good" : "")];
  if (model.expired) found.push(badge("expired", "bad"));
  if (model.rejected) found.push(badge("rejected", "bad"));
  if (model.pinned) found.push(badge("pinned"));
  return found;
}

function age(stamp) {
  const days = Math.floor((Date.now() - Date.parse(stamp)) / DAY);
  if (days < 1) return "today";
  return days === 1 ? "1 day" : `${days} days`;
}

function scope(parts) {
  return Object.values(parts).join(" → ") || "the tenant";
}
