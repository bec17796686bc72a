// What the API description says of a route, in the form that the pages need.

const AREA = "/api/v1/ai/";

/** Routes by plugin: `[{ plugin, routes: [{ name, path, summary, … }] }]`. */
export function roster(description) {
  const plugins = new Map();
  for (const [path, operations] of Object.entries(description.paths)) {
    if (!path.startsWith(AREA) || !operations.post || path.endsWith("_async")) continue;
    const operation = operations.post;
    const route = {
      path,
      name: path.slice(AREA.length),
      summary: operation.summary,
      examples: operation.requestBody.content["application/json"].examples,
      parameters: (operation.parameters || []).filter((parameter) => parameter.in === "query"),
      bodies: bodies(description, operation),
      async: `${path}_async` in description.paths,
      draws: Object.keys(operation.responses["200"].content).some((type) => type.includes("vegalite")),
    };
    const plugin = operation.tags[0];
    if (!plugins.has(plugin)) plugins.set(plugin, []);
    plugins.get(plugin).push(route);
  }
  return [...plugins].map(([plugin, routes]) => ({ plugin, routes }));
}

function bodies(description, operation) {
  const schema = operation.requestBody.content["application/json"].schema;
  return (schema.anyOf || [schema]).map((part) => resolved(description, part)).map((body) => ({
    scalars: scalars(description, body),
    rows: rows(description, body),
  }));
}

function resolved(description, schema) {
  return schema.$ref ? description.components.schemas[schema.$ref.split("/").pop()] : schema;
}

/** Fields of a body that a single control can hold. */
function scalars(description, body) {
  const found = [];
  for (const [name, schema] of Object.entries(body.properties)) {
    const parts = (schema.anyOf || [schema]).map((part) => resolved(description, part));
    const part = parts.find((one) => ["string", "integer", "number", "boolean"].includes(one.type) || one.enum);
    if (!part) continue;
    found.push({
      name,
      type: part.type || "string",
      choices: part.enum || null,
      date: part.format === "date",
      required: (body.required || []).includes(name),
      fallback: schema.default ?? null,
      hint: schema.description || "",
    });
  }
  return found;
}

/** The body's array of rows: `{ name, fields, nested, nestedFields, open }`, or null. */
function rows(description, body) {
  for (const [name, schema] of Object.entries(body.properties)) {
    const item = itemOf(description, schema);
    if (!item) continue;
    const place = { name, fields: [], nested: null, nestedFields: [], open: null };
    for (const [key, field] of Object.entries(item.properties)) {
      const inner = itemOf(description, field);
      const parts = field.anyOf || [field];
      if (inner) {
        place.nested = key;
        place.nestedFields = fieldsOf(description, inner);
      } else if (parts.some((part) => part.type === "object" && part.additionalProperties)) {
        place.open = key;
      } else {
        place.fields.push(fieldOf(description, key, field, item));
      }
    }
    return place;
  }
  return null;
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
