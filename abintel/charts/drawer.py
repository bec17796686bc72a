"""The process that draws: ``python -m abintel.charts.drawer``, started by :mod:`abintel.charts.drawing`."""

from __future__ import annotations

import re
import signal
import sys
from typing import BinaryIO

import vl_convert

from abintel import fonts
from abintel.charts.drawing import HEAD

_NUMBERED = re.compile(r'(?<=id=")(?:gradient_|clip)\d+(?=")')


def main() -> None:
    """Draws pictures until the parent closes the pipe or dies."""
    # Ctrl-C reaches every process of the terminal's group, but the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    vl_convert.register_font_directory(str(fonts.FOLDER))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := requests.read(HEAD.size)) == HEAD.size:
        kind, scale, size = HEAD.unpack(head)
        answer(answers, requests.read(size).decode(), kind, scale)


def answer(answers: BinaryIO, spec: str, kind: bytes, scale: float) -> None:
    """Writes the picture, or the error. Vega may not fetch data from any URL."""
    try:
        if kind == b"s":
            picture = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
            content, verdict = numbered(picture).encode(), b"+"
        else:
            content, verdict = vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[]), b"+"
    except ValueError as error:
        content, verdict = str(error).encode("utf-8", "replace"), b"!"
    answers.write(HEAD.pack(verdict, 0.0, len(content)) + content)
    answers.flush()


def numbered(picture: str) -> str:
    """Renumbers the ids of an SVG's gradients and clips from 0, because Vega continues across pictures."""
    for index, name in enumerate(dict.fromkeys(_NUMBERED.findall(picture))):
        new = f"own{index}"
        picture = picture.replace(f'id="{name}"', f'id="{new}"').replace(f"url(#{name})", f"url(#{new})")
    return picture


if __name__ == "__main__":
    main()
