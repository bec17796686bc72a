// The tenant's trained models, with the way into MLflow.

import * as api from "./api.js";
import { el } from "./dom.js";

export async function modelsView() {
  const { models } = await api.get("/api/v1/models");
  const heads = ["route", "scope", "version", "role", "algorithm", "quality", "rows", "trained", "expires", "MLflow"];
  const rows = models.map((model) => el("tr", {},
    el("td", {}, model.endpoint), el("td", {}, scope(model.scope)), el("td", {}, model.version), el("td", {}, model.role),
    el("td", {}, model.algorithm), el("td", { class: "number" }, model.quality === null ? "" : model.quality.toFixed(3)),
    el("td", { class: "number" }, String(model.rows)), el("td", {}, model.trained_at), el("td", {}, model.expires_at),
    el("td", {}, model.url ? el("a", { href: model.url, rel: "noopener noreferrer", target: "_blank" }, "open") : "")));
  return [el("h2", { id: "models-title" }, "Models"),
    rows.length ? el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Models" }, el("table", {},
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows)))
      : el("p", {}, "No models yet. A route that learns trains one when it is sent labels.")];
}

function scope(parts) {
  return Object.entries(parts).map(([name, value]) => `${name}=${value}`).join(", ") || "the tenant";
}
