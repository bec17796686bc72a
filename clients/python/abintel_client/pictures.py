"""Pictures of answers, drawn by the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FORMS = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "vega-lite": "application/vnd.vegalite.v6+json",
}
"""Media type by name of the form."""


class Picture(bytes):
    """The picture of an answer: bytes that a notebook displays.

    Attributes:
        media_type: media type of the bytes.
    """

    media_type: str

    def __new__(cls, content: bytes, media_type: str) -> Picture:
        """Bytes of a media type."""
        picture = super().__new__(cls, content)
        picture.media_type = media_type
        return picture

    def save(self, path: str | Path) -> Path:
        """Writes the picture to a file, and returns its path."""
        path = Path(path)
        path.write_bytes(self)
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if self.media_type == FORMS["png"]:
            return {self.media_type: bytes(self)}
        text = self.decode()
        return {self.media_type: text if self.media_type == FORMS["svg"] else json.loads(text)}

    def __repr__(self) -> str:
        return f"<Picture {self.media_type}, {len(self)} bytes>"
