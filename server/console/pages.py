"""The console at ``/console/``: serves the static files of this package."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.compression import GZIP_FROM, takes_gzip

PREFIX = "/console/"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_HEADERS = {
    # Pictures are drawn on a canvas and saved as data or blob URLs. Everything else is one of our files.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_CACHED = {
    # Cached but revalidated each time, so that scripts always match the version of the server.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    packed: bytes
    media_type: str
    digest: str


def routes() -> list[Route]:
    """The console's routes, for the application."""
    static_files = _load(files("server.console").joinpath("static"))

    async def answer(request: Request) -> Response:
        # Files are loaded at the start and looked up by name: no path from a caller reaches the disk.
        file = static_files.get(request.path_params["name"] or "index.html")
        if file is None:
            raise HTTPException(404)
        packed = len(file.content) >= GZIP_FROM and takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{file.digest}{"-gzip" if packed else ""}"'
        headers = {**_HEADERS, **_CACHED, "ETag": tag}
        if _is_known(tag, request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return Response(file.packed if packed else file.content, media_type=file.media_type, headers=headers)

    async def to_console(request: Request) -> Response:
        # Relative, so that it works behind a proxy that adds a path prefix.
        return RedirectResponse("console/", 308)

    return [
        Route(PREFIX.rstrip("/"), to_console, methods=["GET"]),
        Route(PREFIX + "{name:path}", answer, methods=["GET"]),
    ]


def _load(folder: Traversable, prefix: str = "") -> Mapping[str, _File]:
    """The static files by their path under ``/console/``."""
    loaded: dict[str, _File] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            loaded |= _load(entry, f"{prefix}{entry.name}/")
            continue
        media_type = _TYPES.get(entry.name.rpartition(".")[2])
        if media_type is not None:
            content = entry.read_bytes()
            packed = gzip.compress(content, compresslevel=6, mtime=0)
            digest = hashlib.sha256(content).hexdigest()[:32]
            loaded[prefix + entry.name] = _File(content, packed, media_type, digest)
    return loaded


def _is_known(tag: str, known: str) -> bool:
    """Whether ``If-None-Match`` names a file's tag."""
    tags = {text.strip().removeprefix("W/") for text in known.split(",")}
    return "*" in tags or tag in tags
