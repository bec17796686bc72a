"""Draws charts as pictures.

vl-convert holds Python's interpreter lock while it draws, for a quarter of a second or more, and would block
the whole process. It therefore runs in a child process that receives specifications over a pipe and returns
pictures. The child starts with the first picture, ends with its parent, and is restarted if it breaks.
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
"""Timeout of a drawing."""
HEAD = struct.Struct("<cfI")
"""The header of a message: the kind (``s`` or ``p``; ``+`` or ``!`` in an answer), the scale, the payload
size."""
SCALE = 1.5
"""Pixels of a PNG per pixel of the chart: the PNG is 1,200 pixels wide."""
PRINTED = 2.0
"""The same for print."""
_KINDS = {SVG: b"s", PNG: b"p"}


class CannotDraw(Exception):
    """Vega rejected the specification, or the drawing process broke twice on it."""


def draw(chart: Any, form: str, scale: float = SCALE) -> bytes:
    """Draws a chart in one of the media types :data:`abintel.charts.PICTURES`.

    Args:
        chart: an Altair chart.
        form: the media type.
        scale: pixels of a PNG per pixel of the chart.

    Raises:
        CannotDraw: the chart cannot be drawn.
    """
    # The tests validate charts against the schema; requests do not pay for it.
    spec = orjson.dumps(chart.to_dict(validate=False), option=orjson.OPT_SERIALIZE_NUMPY)
    return spec if form == VEGA_LITE else _drawer().draw(spec, _KINDS[form], scale)


def png(chart: Any, scale: float = PRINTED) -> bytes:
    """The chart as PNG, with ``scale`` pixels per pixel of the chart."""
    return draw(chart, PNG, scale)


def svg(chart: Any) -> str:
    """The chart as SVG, its texts as text."""
    return draw(chart, SVG).decode()


class Drawings(Mapping[str, bytes]):
    """SVG pictures by name, made and drawn in the background. The first read waits for all of them.

    Args:
        charts: names and charts. A generator can make the next chart while one is drawn.
        ready: further files that need not be drawn.

    Raises:
        CannotDraw: at the first read, if a chart cannot be drawn.
    """

    def __init__(self, charts: Iterable[tuple[str, Any]], ready: Mapping[str, bytes] | None = None) -> None:
        self._dropped = threading.Event()
        making = ThreadPoolExecutor(1, thread_name_prefix="review")
        self._pictures = making.submit(self._all, charts, dict(ready or {}))
        making.shutdown(wait=False)

    def __getitem__(self, name: str) -> bytes:
        return self._pictures.result()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pictures.result())

    def __len__(self) -> int:
        return len(self._pictures.result())

    def drop(self) -> None:
        """Stops drawing, because nobody will read the pictures."""
        self._dropped.set()

    def _all(self, charts: Iterable[tuple[str, Any]], ready: dict[str, bytes]) -> dict[str, bytes]:
        with ThreadPoolExecutor(1) as pool:
            drawings = [(name, pool.submit(self._draw, chart)) for name, chart in charts]
            return {**{name: picture.result() for name, picture in drawings}, **ready}

    def _draw(self, chart: Any) -> bytes:
        if self._dropped.is_set():
            raise CannotDraw("it was dropped")
        return draw(chart, SVG)


class Drawer:
    """The drawing process. It draws one picture at a time, and several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def draw(self, spec: bytes, kind: bytes, scale: float) -> bytes:
        """Draws a specification.

        Raises:
            CannotDraw: Vega rejected it, or the process broke twice on it.
        """
        with self._lock:
            for _ in range(2):
                try:
                    verdict, content = self._exchange(spec, kind, scale)
                except (OSError, EOFError):
                    self._end()
                    continue
                if verdict == b"+":
                    return content
                raise CannotDraw(content.decode("utf-8", "replace")[:500])
        raise CannotDraw("the process that draws broke, and so did another one")

    def close(self) -> None:
        """Ends the process. The next picture starts another one."""
        with self._lock:
            self._end()

    def _exchange(self, spec: bytes, kind: bytes, scale: float) -> tuple[bytes, bytes]:
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
        deadline = time.monotonic() + SECONDS
        verdict, _, size = HEAD.unpack(_read(child.stdout.fileno(), HEAD.size, deadline))
        return verdict, _read(child.stdout.fileno(), size, deadline)

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _read(pipe: int, size: int, deadline: float) -> bytes:
    """Reads a number of bytes from a pipe.

    Raises:
        EOFError: the other end closed, or the time is up.
    """
    pieces = []
    while size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(pipe, min(size, 1 << 20)) if ready else b""
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


_drawers: dict[int, Drawer] = {}


def _drawer() -> Drawer:
    """The drawing process of this process. After a fork, the child must not use its parent's pipes."""
    return _drawers.setdefault(os.getpid(), Drawer())


def close() -> None:
    """Ends the drawing process, if there is one."""
    drawer = _drawers.pop(os.getpid(), None)
    if drawer is not None:
        drawer.close()


atexit.register(close)
