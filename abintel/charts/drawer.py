"""The child that draws: ``python -m abintel.charts.drawer``, started by :mod:`abintel.charts.drawing`."""

from __future__ import annotations

import re
import signal
import sys
from typing import BinaryIO

import vl_convert

from abintel.charts.drawing import HEAD

_NUMBERED = re.compile(r'(?<=id=")(?:gradient_|clip)\d+(?=")')


def main() -> None:
    """Draws what comes in, until the parent closes the pipe, or dies."""
    # Ctrl-C reaches every process of a terminal's group; the parent says when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, given = sys.stdin.buffer, sys.stdout.buffer
    while len(head := asked.read(HEAD.size)) == HEAD.size:
        kind, scale, size = HEAD.unpack(head)
        answer(given, asked.read(size).decode(), kind, scale)


def answer(given: BinaryIO, spec: str, kind: bytes, scale: float) -> None:
    """Writes the picture, or why there is none. No data is fetched from anywhere."""
    try:
        if kind == b"s":
            picture = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
            content, verdict = numbered(picture).encode(), b"+"
        else:
            content, verdict = vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[]), b"+"
    except ValueError as error:
        content, verdict = str(error).encode("utf-8", "replace"), b"!"
    given.write(HEAD.pack(verdict, 0.0, len(content)) + content)
    given.flush()


def numbered(picture: str) -> str:
    """An SVG whose gradients and clips count from 0: Vega goes on from the picture that it drew before."""
    for place, name in enumerate(dict.fromkeys(_NUMBERED.findall(picture))):
        new = f"own{place}"
        picture = picture.replace(f'id="{name}"', f'id="{new}"').replace(f"url(#{name})", f"url(#{new})")
    return picture


if __name__ == "__main__":
    main()
