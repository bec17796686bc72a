"""From a chart to the bytes of its picture.

vl-convert holds Python's lock while it draws, a quarter of a second and more, in which nothing else of the
process would move. So it draws in a child, which takes specifications from a pipe and gives pictures back;
the child is started with the first picture, ends with its parent, and is started anew if it breaks.
"""

from __future__ import annotations

import atexit
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from abintel.charts import PNG, SVG, VEGA_LITE

SECONDS = 30.0
"""After which a drawing is given up."""
HEAD = struct.Struct("<cfI")
"""Of a message: what is wanted (``s``, ``p``; in the answer ``+`` or ``!``), the scale, and bytes to come."""
SCALE = 1.5
"""Pixels of a PNG to each of the chart's own: 1,200 across."""
PRINTED = 2.0
"""The same where it is printed."""
_KINDS = {SVG: b"s", PNG: b"p"}


class CannotDraw(Exception):
    """A specification that Vega does not take, or a child that broke twice over it."""


def draw(chart: Any, form: str, scale: float = SCALE) -> bytes:
    """A chart in one of the forms of :data:`abintel.charts.PICTURES`.

    Args:
        chart: of Altair.
        form: its media type.
        scale: pixels of a PNG to each of the chart's own.

    Raises:
        CannotDraw: it cannot be drawn.
    """
    # That a chart keeps the schema is for the tests, not for every request.
    spec = orjson.dumps(chart.to_dict(validate=False), option=orjson.OPT_SERIALIZE_NUMPY)
    return spec if form == VEGA_LITE else _drawer().drawn(spec, _KINDS[form], scale)


def png(chart: Any, scale: float = PRINTED) -> bytes:
    """The chart as a picture, ``scale`` pixels to each of its own."""
    return draw(chart, PNG, scale)


def svg(chart: Any) -> str:
    """The chart as SVG, its texts as text."""
    return draw(chart, SVG).decode()


class Drawings(Mapping[str, bytes]):
    """Name to SVG of charts, made and drawn while their owner goes on; whoever reads one waits for all.

    Args:
        charts: name and chart, best made one after the other by a generator: while one is drawn, the next
            one is made.
        ready: files beside them that need not be drawn.

    Raises:
        CannotDraw: when they are read, if one cannot be drawn.
    """

    def __init__(self, charts: Iterable[tuple[str, Any]], ready: Mapping[str, bytes] | None = None) -> None:
        self._dropped = threading.Event()
        making = ThreadPoolExecutor(1, thread_name_prefix="review")
        self._found = making.submit(self._all, charts, dict(ready or {}))
        making.shutdown(wait=False)

    def __getitem__(self, name: str) -> bytes:
        return self._found.result()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found.result())

    def __len__(self) -> int:
        return len(self._found.result())

    def drop(self) -> None:
        """Draws no further: nobody is going to read them."""
        self._dropped.set()

    def _all(self, charts: Iterable[tuple[str, Any]], ready: dict[str, bytes]) -> dict[str, bytes]:
        with ThreadPoolExecutor(1) as pool:
            waiting = [(name, pool.submit(self._one, chart)) for name, chart in charts]
            return {**{name: picture.result() for name, picture in waiting}, **ready}

    def _one(self, chart: Any) -> bytes:
        if self._dropped.is_set():
            raise CannotDraw("it was dropped")
        return draw(chart, SVG)


class Drawer:
    """The child that draws, one picture at a time; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def drawn(self, spec: bytes, kind: bytes, scale: float) -> bytes:
        """The picture of a specification.

        Raises:
            CannotDraw: Vega refuses it, or two children broke over it.
        """
        with self._lock:
            for _ in range(2):
                try:
                    verdict, content = self._asked(spec, kind, scale)
                except (OSError, EOFError):
                    self._end()
                    continue
                if verdict == b"+":
                    return content
                raise CannotDraw(content.decode("utf-8", "replace")[:500])
        raise CannotDraw("the process that draws broke, and so did another one")

    def close(self) -> None:
        """Ends the child; the next picture starts another."""
        with self._lock:
            self._end()

    def _asked(self, spec: bytes, kind: bytes, scale: float) -> tuple[bytes, bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "abintel.charts.drawer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        child = self._child
        if child.stdin is None or child.stdout is None:
            raise EOFError
        child.stdin.write(HEAD.pack(kind, scale, len(spec)) + spec)
        child.stdin.flush()
        until = time.monotonic() + SECONDS
        verdict, _, size = HEAD.unpack(_read(child.stdout.fileno(), HEAD.size, until))
        return verdict, _read(child.stdout.fileno(), size, until)

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _read(pipe: int, size: int, until: float) -> bytes:
    """So many bytes of a pipe.

    Raises:
        EOFError: its other end closed, or time is up.
    """
    pieces = []
    while size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(pipe, min(size, 1 << 20)) if ready else b""
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


_drawers: dict[int, Drawer] = {}


def _drawer() -> Drawer:
    """This process's own: a fork would share its parent's pipes."""
    return _drawers.setdefault(os.getpid(), Drawer())


def close() -> None:
    """Ends the child of this process, if there is one."""
    drawer = _drawers.pop(os.getpid(), None)
    if drawer is not None:
        drawer.close()


atexit.register(close)
