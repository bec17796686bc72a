"""Pictures of answers, as the server draws them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FORMS = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "vega-lite": "application/vnd.vegalite.v6+json",
}
"""Name of each form to its media type."""


class Picture(bytes):
    """The picture of an answer: its bytes, and a look in notebooks.

    Attributes:
        media_type: of the bytes.
    """

    media_type: str

    def __new__(cls, content: bytes, media_type: str) -> Picture:
        """Bytes of a media type."""
        made = super().__new__(cls, content)
        made.media_type = media_type
        return made

    def save(self, path: str | Path) -> Path:
        """Writes the picture to a file; gives its path."""
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
