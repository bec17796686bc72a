// The same call elsewhere: as a shell line and as Python. Neither holds the secret.

import { BASE, given, search } from "./api.js";

/** Letters up to which a body stands in the line itself. */
const INLINE = 4000;
const BODY = "body.json";

export const isLong = (sent) => sent.body.length > INLINE;

export function curl(route, sent) {
  const headers = given(sent.headers).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\`);
  return [
    `curl -s -X POST ${quote(BASE + route.path + search(sent.query))} \\`,
    '  -H "X-Customer-Api-Id: $ABINTEL_CUSTOMER_API_ID" -H "X-Secret: $ABINTEL_SECRET" \\',
    ...headers,
    "  -H 'Content-Type: application/json' \\",
    `  -d ${isLong(sent) ? `@${BODY}` : quote(sent.body)}`,
  ].join("\n");
}

export function python(route, sent) {
  const more = [["query", sent.query], ["headers", sent.headers]]
    .filter(([, options]) => given(options).length)
    // Texts only, so that the JSON is Python, too.
    .map(([name, options]) => `, ${name}=${JSON.stringify(Object.fromEntries(given(options)))}`);
  const body = isLong(sent)
    ? `json.load(open(${JSON.stringify(BODY)}, encoding="utf-8"))`
    : `json.loads(r'''${sent.body.replaceAll("'", "\\u0027")}''')`;
  return [
    "import json, os",
    "from abintel_client import Client",
    "",
    `body = ${body}`,
    `with Client(${JSON.stringify(BASE)}, os.environ["ABINTEL_CUSTOMER_API_ID"], os.environ["ABINTEL_SECRET"]) as client:`,
    `    answer = client.call(${JSON.stringify(route.name)}, body${more.join("")})`,
    "print(answer)",
  ].join("\n");
}

function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
