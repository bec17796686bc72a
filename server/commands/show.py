"""Prints an answer in a terminal: its warnings, its scalar values and its longest table."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 200
_MAP_FROM = 8
"""Objects with at least so many members of one type are shown as a table."""


def show(answer: Any, most: int) -> None:
    """Prints an answer.

    Args:
        answer: the decoded JSON.
        most: the most rows to print.
    """
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)
    notes = Console(stderr=True, highlight=False)
    if isinstance(answer, dict):
        for warning in answer.get("warnings") or ():
            notes.print(Text(f"{warning['code']}: {warning['message']}", style="yellow"))
    tables = sorted(_tables(answer, ""), key=lambda table: -len(table[1]))
    scalars = [(name, value) for name, value in _figures(answer, "") if not _is_inside(name, tables)]
    if scalars:
        figures = Table.grid(padding=(0, 2))
        for name, value in scalars:
            figures.add_row(Text(name, style="dim"), Text(_text(value)))
        console.print(figures)
    for index, (name, rows) in enumerate(tables):
        if index == 0:
            more = f", the first {most} shown" if len(rows) > most else ""
            # The title is printed separately, because a table wraps its own title to its width.
            console.print(Text(f"{name or 'rows'} ({len(rows)}{more})", style="bold"))
            console.print(_table(rows, most))
        else:
            notes.print(Text(f"also: {name} ({len(rows)} rows); see --json", style="dim"))


def _table(rows: Sequence[Mapping[str, Any]], most: int) -> Table:
    columns = list(dict.fromkeys(key for row in rows[:most] for key in row))
    table = Table()
    for column in columns:
        numeric = any(isinstance(row.get(column), int | float) for row in rows[:most])
        table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows[:most]:
        table.add_row(*(Text(_text(row.get(column))) for column in columns))
    return table


def _tables(value: Any, path: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield path, [dict(_figures(item, "", lists=True)) for item in value]
    elif isinstance(value, dict) and path and _is_map(value):
        yield path, [{"key": key, "value": item} for key, item in value.items()]
    elif isinstance(value, dict):
        for key, item in value.items():
            if path or key != "warnings":
                yield from _tables(item, f"{path}.{key}" if path else key)


def _is_map(value: Mapping[str, Any]) -> bool:
    """Whether an object maps keys to values of one type, such as a segment for each customer."""
    kinds = {type(item) for item in value.values()}
    return len(value) >= _MAP_FROM and len(kinds) == 1 and not kinds & {dict, list}


def _figures(value: Any, path: str, *, lists: bool = False) -> Iterator[tuple[str, Any]]:
    """Scalar values by name, with dots for nested keys."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _figures(item, f"{path}.{key}" if path else key, lists=lists)
    elif path and (lists or not isinstance(value, list)):
        yield path, value


def _is_inside(name: str, tables: Sequence[tuple[str, Any]]) -> bool:
    return any(name.startswith(f"{path}.") for path, _ in tables if path)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(_text(item) if not isinstance(item, dict | list) else str(item) for item in value)
    return str(value)
