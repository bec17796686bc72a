// CSV (RFC 4180) to a route's rows, and tables to CSV.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const COMMA = /^[+-]?\d+,\d+$/;
const ALIASES = {
  id: ["customerid", "customer", "client", "userid"],
  customerid: ["id", "customer", "client", "clientid", "userid"],
  userid: ["customerid", "customer", "user"],
  itemid: ["productid", "sku", "product", "item"],
  productid: ["sku", "product", "item", "itemid"],
  amount: ["total", "value", "revenue", "price", "sales"],
  date: ["orderdate", "day", "purchasedate", "transactiondate", "timestamp"],
  transactionid: ["orderid", "order", "invoice", "invoiceno"],
  answer: ["score", "nps", "rating"],
  unitssold: ["units", "quantity", "qty"],
};

/** A CSV text as `{ header, records: [{ cells, line }], faults, commas }`; the separator is the header's. */
export function parse(text) {
  const source = text.replace(/^\uFEFF/, "");
  if (source.includes("\uFFFD")) throw new Error("The file is not UTF-8; save it as “CSV UTF-8”.");
  const separator = guessSeparator(source);
  const found = [];
  let cells = [], cell = "", quoted = false, line = 1, start = 1;
  const endCell = () => { cells.push(cell); cell = ""; };
  const endRecord = () => {
    endCell();
    if (cells.length > 1 || cells[0] !== "") found.push({ cells, line: start });
    cells = [];
  };
  for (let here = 0; here < source.length; here += 1) {
    const sign = source[here];
    if (sign === "\n") line += 1;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[here + 1] === '"') { cell += '"'; here += 1; } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === separator) endCell();
    else if (sign === "\n") { endRecord(); start = line; } else if (sign !== "\r") cell += sign;
  }
  if (cell !== "" || cells.length) endRecord();
  if (quoted) throw new Error(`The quote that opens in line ${start} does not close.`);
  if (found.length < 2) throw new Error("The file needs a line of column names and at least one row.");
  const [head, ...records] = found;
  const header = head.cells.map((name) => name.trim());
  const faults = records.filter((record) => record.cells.length !== header.length).map((record) => ({
    line: record.line, message: `${record.cells.length} cells; the first line names ${header.length} columns`,
  }));
  return { header, records, faults, commas: separator === ";" };
}

function guessSeparator(text) {
  const first = text.slice(0, text.search(/\n|$/));
  return [",", ";", "\t"].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best));
}

/** Field for each column, by its name; "" where none is alike. */
export function guess(header, place) {
  const fields = [...place.fields, ...place.nestedFields].map((field) => field.name);
  const plain = (name) => name.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]/g, "");
  const taken = new Set();
  const choose = (column, fits) => {
    const field = fields.find((name) => !taken.has(name) && fits(plain(name), plain(column)));
    if (field) taken.add(field);
    return field || "";
  };
  const exact = header.map((column) => choose(column, (name, seen) => name === seen));
  return header.map((column, index) => exact[index]
    || choose(column, (name, seen) => (ALIASES[name] || []).includes(seen))
    || (place.open ? `${place.open}.${column}` : place.extra ? column : ""));
}

/** Items of the body's array, and for each the lines that it came from. */
export function items(table, mapping, place) {
  const nested = new Map(place.nestedFields.map((field) => [field.name, field]));
  const own = new Map(place.fields.map((field) => [field.name, field]));
  const isNested = place.nested !== null && mapping.some((target) => nested.has(target) && !own.has(target));
  const found = [], lines = [], groups = new Map();
  for (const record of table.records) {
    const item = {}, inner = {};
    mapping.forEach((target, index) => {
      const text = (record.cells[index] ?? "").trim();
      if (!target || text === "") return;
      if (own.has(target)) item[target] = value(text, own.get(target).kinds, table.commas);
      else if (nested.has(target)) inner[target] = value(text, nested.get(target).kinds, table.commas);
      else if (target.startsWith(`${place.open}.`)) {
        (item[place.open] ??= {})[target.slice(place.open.length + 1)] = value(text, ["number", "boolean"], table.commas);
      } else item[target] = value(text, ["number", "boolean"], table.commas);
    });
    if (!isNested) {
      found.push(item);
      lines.push([record.line]);
      continue;
    }
    const key = JSON.stringify(item);
    if (!groups.has(key)) {
      groups.set(key, found.length);
      found.push({ ...item, [place.nested]: [] });
      lines.push([]);
    }
    found[groups.get(key)][place.nested].push(inner);
    lines[groups.get(key)].push(record.line);
  }
  return { items: found, lines };
}

/** A cell as JSON has it: a number only where the field takes one; what does not fit is sent as it is. */
function value(text, kinds, commas) {
  if (kinds.includes("array")) return text.split(/\s*[|;]\s*/).filter(Boolean);
  if (kinds.includes("boolean") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (kinds.includes("string") || !(kinds.includes("integer") || kinds.includes("number"))) return text;
  // Where semicolons part the cells, a comma parts the decimals.
  const plain = commas && COMMA.test(text) ? text.replace(",", ".") : text;
  return NUMBER.test(plain) ? Number(plain) : text;
}

/** Line of the file that a JSON Pointer into the body came from, or null. */
export function lineOf(pointer, place, lines) {
  const parts = pointer.split("/").slice(1);
  if (parts[0] !== place.name || !(parts[1] in lines)) return null;
  const from = lines[parts[1]];
  return parts[2] === place.nested && parts[3] in from ? from[parts[3]] : from[0];
}

/** A table as CSV; a text that a spreadsheet would run as a formula is quoted with an apostrophe. */
export function toCsv(columns, rows) {
  const cell = (raw) => {
    let text = raw === null || raw === undefined ? "" : typeof raw === "object" ? JSON.stringify(raw) : String(raw);
    if (typeof raw !== "number" && /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text)) text = `'${text}`;
    return /[",;\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const heads = columns.map(cell).join(",");
  return [heads, ...rows.map((row) => columns.map((name) => cell(row[name])).join(","))].join("\r\n");
}
