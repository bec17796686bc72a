// Calls of the server. The credential lives in this module and in the tab's session storage, until the tab closes.

const PICTURE = "application/vnd.vegalite.v6+json";
const LOST = 0;
const UNAUTHORIZED = 401;
/** Where the server is: behind a proxy it may have a path of its own before `/console/`. */
export const BASE = new URL("..", document.baseURI).href.replace(/\/$/, "");
const STORED = "abintel-credential";
let credential = null;

export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || `The server answered ${status}.`);
    this.status = status;
    this.faults = document.errors || [];
    this.requestId = document.request_id || null;
  }
}

export function forget() {
  credential = null;
  sessionStorage.removeItem(STORED);
}

/** The credential of this tab before it was reloaded, as `{ id, secret }`; null if nobody was signed in. */
export function remembered() {
  return JSON.parse(sessionStorage.getItem(STORED));
}

/** Tries a credential on a page that asks for one; keeps it unless it is refused. */
export async function signIn(id, secret) {
  credential = { id, secret };
  sessionStorage.setItem(STORED, JSON.stringify(credential));
  try {
    await get("/api/v1/jobs?limit=1");
  } catch (problem) {
    // Whatever else is wrong, the guard let the credential in.
    if (![LOST, UNAUTHORIZED].includes(problem.status)) return;
    forget();
    throw problem;
  }
}

export async function description() {
  const response = await fetch(`${BASE}/docs.json`);
  if (!response.ok) throw new Problem(response.status, {});
  return response.json();
}

export async function get(path) {
  return (await send(path, { method: "GET" })).json();
}

export async function remove(path) {
  await send(path, { method: "DELETE" });
}

/** What a route answers: `{ json }`, or `{ blob, type }` for a document. */
export async function call(path, sent) {
  return answered(await post(path, sent, {}));
}

/** The result of a job, in the same form. */
export async function result(id) {
  return answered(await send(`/api/v1/jobs/${id}/result`, { method: "GET" }));
}

/** The Vega-Lite description of a route's picture. */
export async function picture(path, sent) {
  // Who asks a route that is a job waits for it here; elsewhere the preference means nothing.
  const response = await post(path, sent, { Accept: PICTURE, Prefer: "wait=60" });
  if (!(response.headers.get("content-type") || "").includes("vegalite")) {
    throw new Problem(LOST, { detail: "This route draws no picture of its answer." });
  }
  return response.json();
}

/** What the server reads of a file: rows, a preview, and what is not certain or wrong. */
export async function readTable(route, file, choices) {
  const query = {
    array: choices.array, map: JSON.stringify(choices.map), types: JSON.stringify(choices.types),
    skip_faults: String(choices.skipsFaults),
  };
  const headers = { "Content-Type": "application/octet-stream" };
  const path = `/api/v1/tables/${route}${search(query)}`;
  return (await send(path, { method: "POST", body: file, headers })).json();
}

export async function submit(path, sent) {
  return (await post(path, sent, {})).json();
}

/** The query of a call as a URL has it; options that are left empty are not sent. */
export function search(query) {
  const parameters = new URLSearchParams(given(query));
  return parameters.size ? `?${parameters}` : "";
}

/** Options that are not left empty, as pairs. */
export function given(options) {
  return Object.entries(options).filter(([, value]) => value !== "");
}

function post(path, sent, headers) {
  return send(path + search(sent.query), {
    method: "POST",
    body: sent.body,
    headers: { "Content-Type": "application/json", ...Object.fromEntries(given(sent.headers)), ...headers },
  });
}

async function send(path, options) {
  if (credential === null) throw new Problem(LOST, { detail: "You are signed out." });
  const headers = { ...options.headers, "X-Customer-Api-Id": credential.id, "X-Secret": credential.secret };
  let response;
  try {
    response = await fetch(BASE + path, { ...options, headers, cache: "no-store", credentials: "omit" });
  } catch {
    throw new Problem(LOST, { detail: "The server does not answer; is it running?" });
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
  return response;
}

async function answered(response) {
  const type = response.headers.get("content-type") || "";
  if (type.startsWith("application/json")) return { json: await response.json() };
  return { blob: await response.blob(), type };
}
