"""Logs without payloads, secrets or customer ids: JSON lines, or short lines in colour on a terminal."""

from __future__ import annotations

import datetime
import json
import logging
import sys
import traceback
from types import TracebackType

import orjson

ACCESS = "abintel.access"
"""Name of the logger of requests."""
_FIELDS = ("request_id", "route", "status", "ms", "event", "reason", "model", "version")


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, logger, message, and the fields of a request or an event.

    An exception is logged with its type and its stack, without its text, because that may quote a payload.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in _FIELDS:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = _stack(record.exc_info[2])
        try:
            return orjson.dumps(line, default=str).decode()
        except orjson.JSONEncodeError:
            # The text is not valid Unicode.
            return json.dumps(line, default=str)


class ShortLines(logging.Formatter):
    """The message for a person at a terminal, with the fields of a request or an event.

    An exception is shown with its type and its stack, without its text, as in :class:`JsonLines`.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.name == ACCESS:
            return f"{fields['route']} {fields['status']} in {fields['ms']:.0f} ms"
        text = " ".join([record.getMessage(), *(f"{name}={value}" for name, value in fields.items())])
        if record.exc_info and record.exc_info[0] is not None:
            text = "\n".join([f"{text}: {record.exc_info[0].__name__}", *_stack(record.exc_info[2])])
        return text


def _stack(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)][-12:]


def configure() -> None:
    """Sends every logger's records, and Python's warnings, to standard error.

    They are short lines in colour if it is a terminal, and JSON lines otherwise.
    """
    logging.captureWarnings(True)
    # Do not collect what no line shows (https://docs.python.org/3/howto/logging.html#optimization).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = _for_terminal() if sys.stderr.isatty() else logging.StreamHandler(sys.stderr)
    handler.setFormatter(ShortLines() if sys.stderr.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.handlers:
            logger.handlers[:] = []
            logger.propagate = True
    for noisy in ("alembic", "dbos", "mlflow", "circus", "uvicorn", "matplotlib", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _for_terminal() -> logging.Handler:
    # Imported here, because importing rich is slow.
    from rich.console import Console
    from rich.logging import RichHandler

    return RichHandler(
        console=Console(stderr=True, soft_wrap=True),
        show_path=False,
        omit_repeated_times=False,
        log_time_format="%H:%M:%S",
    )
