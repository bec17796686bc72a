// Tables to CSV.

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
