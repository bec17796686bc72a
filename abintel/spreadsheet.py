"""CSV that a spreadsheet may open: no text in it runs as a formula, whatever a caller sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | bool | None

# What spreadsheets take for a formula, and what they turn into it (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A cell must not end where the reader takes another sign for what parts the cells.
_PARTING = re.compile(r'[,;\t\r\n"]')


def harmless(text: str) -> str:
    """A text that no spreadsheet runs.

    >>> harmless("=1+1"), harmless("C-1")
    ("'=1+1", 'C-1')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Rows as lines of CSV (RFC 4180), each with its end; numbers stay numbers, negative ones too.

    >>> list(lines([["a;b", -1.5, None, True]]))
    ['"a;b",-1.5,,true\\r\\n']
    """
    for row in rows:
        cells = [_written(cell) for cell in row]
        # A line of one empty cell would be no row.
        yield (",".join(cells) if cells != [""] else '""') + "\r\n"


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        text = harmless(cell)
        return '"' + text.replace('"', '""') + '"' if _PARTING.search(text) else text
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else repr(cell)
