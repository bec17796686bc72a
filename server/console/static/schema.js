// What the API description says of a route, in the form that the pages need.

const AREA = "/api/v1/ai/";
const OF_JOBS = ["Idempotency-Key", "Prefer", "callback_url"];
const SCALARS = ["string", "integer", "number", "boolean"];

/** Routes by plugin: `[{ plugin, routes: [{ name, path, summary, … }] }]`. */
export function roster(description) {
  const plugins = new Map();
  for (const [path, operations] of Object.entries(description.paths)) {
    if (!path.startsWith(AREA) || !operations.post || path.endsWith("_async")) continue;
    const operation = operations.post;
    const answers = Object.keys(operation.responses["200"].content);
    const isJob = "202" in operation.responses;
    const members = new Set(bodies(description, operation).flatMap((body) => body.scalars.map((one) => one.name)));
    // Of a route that is a job: what is in the body's form already, and what the page itself does, is not asked for.
    const parameters = (operation.parameters || []).filter((parameter) =>
      !isJob || !(members.has(parameter.name) || OF_JOBS.includes(parameter.name)));
    const route = {
      path,
      name: path.slice(AREA.length),
      summary: operation.summary,
      examples: operation.requestBody.content["application/json"].examples,
      query: parameters.filter((parameter) => parameter.in === "query"),
      headers: parameters.filter((parameter) => parameter.in === "header"),
      bodies: bodies(description, operation),
      jobPath: isJob ? path : `${path}_async` in description.paths ? `${path}_async` : null,
      isJob,
      answersJson: answers.includes("application/json"),
      draws: answers.some((type) => type.includes("vegalite")),
    };
    const plugin = operation.tags[0];
    if (!plugins.has(plugin)) plugins.set(plugin, []);
    plugins.get(plugin).push(route);
  }
  return [...plugins].map(([plugin, routes]) => ({ plugin, routes }));
}

/** The kind of body that a body is of: the one whose rows it has, and whose rows' required fields. */
export function bodyLike(route, sent) {
  const fits = (body) => body.places.filter((place) => {
    const [first] = Array.isArray(sent[place.name]) ? sent[place.name] : [];
    const required = place.fields.filter((field) => field.required);
    return first && required.every((field) => field.name in first);
  }).length;
  return route.bodies.reduce((best, body) => (fits(body) > fits(best) ? body : best));
}

function bodies(description, operation) {
  const schema = operation.requestBody.content["application/json"].schema;
  return (schema.anyOf || [schema]).map((part) => resolved(description, part)).map((body) => ({
    scalars: scalars(description, body),
    places: places(description, body),
    required: body.required || [],
  }));
}

function resolved(description, schema) {
  return schema.$ref ? description.components.schemas[schema.$ref.split("/").pop()] : schema;
}

/** Fields of a body that a single control can hold: a value, or a list of values. */
function scalars(description, body) {
  const found = [];
  for (const [name, schema] of Object.entries(body.properties)) {
    const parts = (schema.anyOf || [schema]).map((part) => resolved(description, part));
    const part = parts.find((one) => SCALARS.includes(one.type) || one.enum);
    const list = parts.find((one) => one.type === "array" && SCALARS.includes((one.items || {}).type));
    if (!part && !list) continue;
    const one = part || list.items;
    found.push({
      name,
      type: one.type || "string",
      choices: part ? part.enum || null : null,
      date: one.format === "date",
      list: !part,
      required: (body.required || []).includes(name),
      fallback: schema.default ?? null,
      hint: schema.description || "",
    });
  }
  return found.sort((one, other) => Number(other.required) - Number(one.required));
}

/** The body's arrays of rows: `[{ name, fields, nested, nestedFields, open, extra, required }]`. */
function places(description, body) {
  const found = [];
  for (const [name, schema] of Object.entries(body.properties)) {
    const item = itemOf(description, schema);
    if (!item) continue;
    const required = (body.required || []).includes(name);
    const place = { name, fields: [], nested: null, nestedFields: [], open: null, extra: item.additionalProperties === true, required };
    for (const [key, field] of Object.entries(item.properties)) {
      const inner = itemOf(description, field);
      const parts = (field.anyOf || [field]).map((part) => resolved(description, part));
      if (inner) {
        place.nested = key;
        place.nestedFields = fieldsOf(description, inner);
      } else if (parts.some((part) => part.type === "object" && part.additionalProperties)) {
        place.open = key;
      } else {
        place.fields.push(fieldOf(description, key, field, item));
      }
    }
    found.push(place);
  }
  return found;
}

function fieldsOf(description, item) {
  return Object.entries(item.properties).map(([key, field]) => fieldOf(description, key, field, item));
}

function fieldOf(description, name, schema, item) {
  const parts = (schema.anyOf || [schema]).map((part) => resolved(description, part));
  const kinds = parts.map((part) => part.type).filter((type) => type !== "null");
  return { name, kinds, required: (item.required || []).includes(name), hint: schema.description || "" };
}

function itemOf(description, schema) {
  for (const part of schema.anyOf || [schema]) {
    if (part.type !== "array" || !part.items) continue;
    const items = part.items.anyOf || [part.items];
    const item = items.map((one) => resolved(description, one)).find((one) => one && one.properties);
    if (item) return item;
  }
  return null;
}
