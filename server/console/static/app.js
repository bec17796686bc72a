// The page: sign in, choose a route, see models and jobs. The part after # says what is open.

import * as api from "./api.js";
import { el, problemBox, say } from "./dom.js";
import { jobsView } from "./jobs.js";
import { modelsView } from "./models.js";
import { routeView } from "./route.js";
import { roster } from "./schema.js";

const $ = (id) => document.getElementById(id);
const PAGES = ["signin", "routes", "models", "jobs"];
const LISTS = { models: modelsView, jobs: jobsView };
const NARROW = matchMedia("(max-width: 48rem)");
/** Routes by name once signed in, and the one whose page is shown. */
const shown = { routes: new Map(), route: null };

function show(page) {
  for (const name of PAGES) $(name).hidden = name !== page;
  for (const link of $("pages").children) {
    if (link.dataset.page === page) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function open() {
  if (!shown.routes.size) {
    show("signin");
    return;
  }
  const wanted = location.hash.slice(1);
  if (wanted in LISTS) {
    show(wanted);
    say("Reading …");
    $(wanted).replaceChildren();
    try {
      $(wanted).replaceChildren(...await LISTS[wanted]());
    } catch (problem) {
      $(wanted).replaceChildren(problemBox(problem));
    }
    say("");
    return;
  }
  show("routes");
  const route = shown.routes.get(wanted) || shown.route || shown.routes.values().next().value;
  if (route !== shown.route) {
    shown.route = route;
    for (const link of $("roster").querySelectorAll("a")) {
      if (link.dataset.route === route.name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      // One stop of the Tab key for all routes; arrows move from one to the next.
      link.tabIndex = link.dataset.route === route.name ? 0 : -1;
    }
    $("route").replaceChildren(routeView(route));
    $("roster-name").textContent = route.name;
    say("");
    if (NARROW.matches) $("roster-box").open = false;
    scrollTo(0, 0);
  }
}

function list(plugins) {
  shown.routes = new Map(plugins.flatMap(({ routes }) => routes.map((route) => [route.name, route])));
  $("roster").replaceChildren(...plugins.map(({ plugin, routes }) => el("section", {},
    el("h3", {}, plugin),
    el("ul", {}, routes.map((route) => el("li", {}, el("a", {
      href: `#${route.name}`, title: route.summary, "data-route": route.name,
    }, route.name)))))));
}

function signOut() {
  api.forget();
  shown.routes = new Map();
  shown.route = null;
  for (const name of ["roster", "route", "models", "jobs"]) $(name).replaceChildren();
  $("pages").hidden = true;
  $("leave").hidden = true;
  open();
  say("Signed out.");
}

async function signIn(id, secret) {
  const form = $("signin-form");
  say("Signing in …");
  form.querySelector(".problem")?.remove();
  try {
    await api.signIn(id, secret);
    list(roster(await api.description()));
    form.reset();
    $("pages").hidden = false;
    $("leave").hidden = false;
    $("roster-box").open = true;
    await open();
    say("Signed in.");
    $("main").focus({ preventScroll: true });
  } catch (problem) {
    api.forget();
    form.append(problemBox(problem));
    say("Not signed in.");
  }
}

$("signin-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { id, secret } = event.currentTarget.elements;
  signIn(id.value.trim(), secret.value.trim());
});

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").textContent = theme === "dark" ? "Light" : "Dark";
  $("theme").setAttribute("aria-label", `Switch to ${theme === "dark" ? "light" : "dark"} colours`);
}

const DARK = matchMedia("(prefers-color-scheme: dark)");
DARK.addEventListener("change", () => setTheme(DARK.matches ? "dark" : "light"));
$("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
$("roster").addEventListener("keydown", (event) => {
  const links = [...$("roster").querySelectorAll("a")];
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const ends = { Home: 0, End: links.length - 1 };
  const target = event.key in steps
    ? (links.indexOf(document.activeElement) + steps[event.key] + links.length) % links.length : ends[event.key];
  if (target === undefined) return;
  event.preventDefault();
  links[target].focus();
});
$("leave").addEventListener("click", signOut);
addEventListener("hashchange", open);
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && !$("routes").hidden) $("run")?.click();
});
setTheme(DARK.matches ? "dark" : "light");
const before = api.remembered();
if (before) signIn(before.id, before.secret);
