// The same call elsewhere: as a shell line and as Python. Neither holds the secret.

export function curl(route, body, query) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  const url = location.origin + route.path + (parameters.size ? `?${parameters}` : "");
  return [
    `curl -s -X POST ${quote(url)} \\`,
    '  -H "X-Customer-Api-Id: $ABINTEL_ID" -H "X-Secret: $ABINTEL_SECRET" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d ${quote(body)}`,
  ].join("\n");
}

export function python(route, body, query) {
  const sent = Object.entries(query).filter(([, value]) => value !== "");
  const parameters = sent.length ? `, query=json.loads(${JSON.stringify(JSON.stringify(Object.fromEntries(sent)))})` : "";
  return [
    "import json, os",
    "from abintel_client import Client",
    "",
    `body = json.loads(r'''${body.replaceAll("'''", "\\u0027\\u0027\\u0027")}''')`,
    `with Client(${JSON.stringify(location.origin)}, os.environ["ABINTEL_ID"], os.environ["ABINTEL_SECRET"]) as client:`,
    `    answer = client.call(${JSON.stringify(route.name)}, body${parameters})`,
    "print(answer)",
  ].join("\n");
}

function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
