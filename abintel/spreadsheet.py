"""CSV that is safe to open in a spreadsheet: no text in it runs as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | bool | None

# Characters with which a formula begins, and characters that spreadsheets convert to them (OWASP, CSV
# injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Cells with any common delimiter are quoted, because a reader may use another delimiter than we do.
_NEEDS_QUOTES = re.compile(r'[,;\t\r\n"]')


def harmless(text: str) -> str:
    """A text with a quote in front if a spreadsheet would run it as a formula.

    >>> harmless("=1+1"), harmless("C-1")
    ("'=1+1", 'C-1')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Rows as CSV lines (RFC 4180), each with its line end. Numbers stay numbers, also negative ones.

    >>> list(lines([["a;b", -1.5, None, True]]))
    ['"a;b",-1.5,,true\\r\\n']
    """
    for row in rows:
        cells = [_written(cell) for cell in row]
        # An empty line would not be a row.
        yield (",".join(cells) if cells != [""] else '""') + "\r\n"


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        text = harmless(cell)
        return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else repr(cell)
