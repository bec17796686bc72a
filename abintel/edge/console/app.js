// The page: sign in, choose a route, see models and jobs.

import * as api from "./api.js";
import { el, problemBox, say } from "./dom.js";
import { jobsView } from "./jobs.js";
import { modelsView } from "./models.js";
import { routeView } from "./route.js";
import { roster } from "./schema.js";

const $ = (id) => document.getElementById(id);
const PAGES = ["signin", "routes", "models", "jobs"];
const LISTS = { models: modelsView, jobs: jobsView };

async function open(page) {
  for (const name of PAGES) $(name).hidden = name !== page;
  for (const button of $("pages").children) {
    if (button.dataset.page === page) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  if (page in LISTS) {
    say("Reading …");
    try {
      $(page).replaceChildren(...await LISTS[page]());
    } catch (problem) {
      $(page).replaceChildren(problemBox(problem));
    }
    say("");
  }
}

function showRoutes(description) {
  const choose = (route, button) => {
    for (const other of $("roster").querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    $("route").replaceChildren(routeView(route));
  };
  $("roster").replaceChildren(...roster(description).map(({ plugin, routes }) => el("section", {},
    el("h3", {}, plugin),
    el("ul", {}, routes.map((route) => el("li", {}, el("button", {
      type: "button", title: route.summary, onclick: (event) => choose(route, event.currentTarget),
    }, route.name)))))));
  $("roster").querySelector("button").click();
}

function signOut() {
  api.forget();
  for (const name of ["roster", "route", "models", "jobs"]) $(name).replaceChildren();
  $("pages").hidden = true;
  $("leave").hidden = true;
  open("signin");
  say("Signed out.");
}

$("signin-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  say("Signing in …");
  form.querySelector(".problem")?.remove();
  try {
    await api.signIn(form.elements.id.value.trim(), form.elements.secret.value.trim());
    showRoutes(await api.description());
    form.reset();
    $("pages").hidden = false;
    $("leave").hidden = false;
    await open("routes");
    say("Signed in.");
    $("main").focus();
  } catch (problem) {
    form.append(problemBox(problem));
    say("Not signed in.");
  }
});

for (const button of $("pages").children) button.addEventListener("click", () => open(button.dataset.page));
$("leave").addEventListener("click", signOut);
$("theme").addEventListener("click", (event) => {
  const dark = document.documentElement.dataset.theme !== "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  event.currentTarget.setAttribute("aria-pressed", String(dark));
});
if (matchMedia("(prefers-color-scheme: dark)").matches) $("theme").click();
