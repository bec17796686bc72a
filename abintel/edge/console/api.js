// Calls of the server. The credential lives in this module's memory and nowhere else.

const PICTURE = "application/vnd.vegalite.v6+json";
let credential = null;

export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || `The server answered ${status}.`);
    this.status = status;
    this.faults = document.errors || [];
    this.requestId = document.request_id || null;
  }
}

export function signedIn() {
  return credential !== null;
}

export function forget() {
  credential = null;
}

/** Tries a credential on a page that asks for one; keeps it if it fits. */
export async function signIn(id, secret) {
  credential = { id, secret };
  try {
    await get("/api/v1/models");
  } catch (problem) {
    credential = null;
    throw problem;
  }
}

export async function description() {
  const response = await fetch("/docs.json");
  if (!response.ok) throw new Problem(response.status, {});
  return response.json();
}

export async function get(path) {
  return read(await send(path, { method: "GET" }));
}

export async function remove(path) {
  await send(path, { method: "DELETE" });
}

/** What a route answers: `{ json }`, or `{ blob, type }` for a document. */
export async function call(path, body, query) {
  const response = await post(path, body, query, {});
  const type = response.headers.get("content-type") || "";
  if (type.startsWith("application/json")) return { json: await response.json() };
  return { blob: await response.blob(), type };
}

/** The Vega-Lite description of a route's picture. */
export async function picture(path, body, query) {
  return (await post(path, body, query, { Accept: PICTURE })).json();
}

export async function submit(path, body, query) {
  return (await post(`${path}_async`, body, query, {})).json();
}

function post(path, body, query, headers) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  const url = parameters.size ? `${path}?${parameters}` : path;
  return send(url, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });
}

async function send(path, options) {
  const headers = { ...options.headers, "X-Customer-Api-Id": credential.id, "X-Secret": credential.secret };
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
  } catch {
    throw new Problem(0, { detail: "The server does not answer; is it running?" });
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
  return response;
}

async function read(response) {
  return response.status === 204 ? null : response.json();
}
