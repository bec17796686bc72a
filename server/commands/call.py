"""``abintel call``: one call of a route from a terminal."""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from abintel.settings import Settings
from server.cli import Refusal
from server.commands.body import Described

_AREA = "/api/v1/ai/"
_PNG = "image/png"
_SECONDS = 150
SHOWN_ROWS = 50
SHOWN_FAULTS = 20


class Refused(click.ClickException):
    """The server was asked, and what came is no answer; exit code 1."""

    def show(self, file: Any = None) -> None:
        """Prints it to standard error."""
        click.echo(f"abintel: {self.message}", file=file, err=True)


@click.command("call")
@click.argument("route")
@click.argument("body", type=click.Path(allow_dash=True, dir_okay=False, path_type=Path))
@click.option(
    "--field", "-f", "given", multiple=True, metavar="NAME=VALUE", help="A field of the body; repeatable."
)
@click.option(
    "--query", "-q", multiple=True, metavar="NAME=VALUE", help="A query parameter, such as lang=es."
)
@click.option("--header", "-H", multiple=True, metavar="NAME=VALUE", help="A header that the route knows.")
@click.option("--rows", help="Array of the body that a CSV is for, where its columns do not say.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
@click.option(
    "--png", type=click.Path(dir_okay=False, path_type=Path), help="Ask for the picture, into this file."
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="The answer, into this file."
)
@click.option(
    "--url", envvar="ABINTEL_URL", help="The server; this machine's if neither is set. [ABINTEL_URL]"
)
def command(
    route: str,
    body: Path,
    given: Sequence[str],
    query: Sequence[str],
    header: Sequence[str],
    rows: str | None,
    as_json: bool,
    png: Path | None,
    output: Path | None,
    url: str | None,
) -> None:
    """Call ROUTE with BODY, a file of JSON or CSV (-: JSON from standard input); print a table of the answer.

    The credential is that of ABINTEL_CUSTOMER_API_ID and ABINTEL_SECRET; on the server's own machine it may
    be left out where the development credential is live. Exit code 1: the server refused the call; 2: it
    was not asked.
    """
    server = _server(url)
    headers = {**_credential(url), **dict(_pairs(header))}
    described = _described(server, route)
    sent, lines = _body(body, described, rows)
    sent |= {name: described.value(name, text) for name, text in _pairs(given)}
    if png is not None:
        headers["Accept"] = _PNG
    address = f"{server}{_AREA}{route}" + (f"?{urlencode(list(_pairs(query)))}" if query else "")
    content, media_type = _answer(address, headers, sent, lines)
    if png is not None and media_type != _PNG:
        raise Refused(f"{route} draws no picture of its answer")
    target = png or output
    if target is not None:
        target.write_bytes(content)
        click.echo(f"{target}: {len(content)} bytes of {media_type}", err=True)
    elif media_type != "application/json":
        raise Refused(f"the answer is a file ({media_type}); say --output FILE")
    elif as_json:
        click.echo(content.decode())
    else:
        # Imported here: rich takes a while.
        from server.commands.show import show

        show(json.loads(content), SHOWN_ROWS)


def _server(url: str | None) -> str:
    if url is None:
        settings = Settings.from_environment()
        # What serves on all addresses is called on loopback; nothing is bound here.
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
        return f"http://{host}:{settings.port}"
    if not re.fullmatch(r"https?://[^\s/]\S*", url):
        raise Refusal(f"ABINTEL_URL={url!r}: wanted is an address, as http://127.0.0.1:3000")
    return url.rstrip("/")


def _credential(url: str | None) -> dict[str, str]:
    identifier, secret = os.environ.get("ABINTEL_CUSTOMER_API_ID"), os.environ.get("ABINTEL_SECRET")
    if identifier and secret:
        return {"X-Customer-Api-Id": identifier, "X-Secret": secret}
    found = _of_this_machine() if url is None and not identifier and not secret else None
    if found is None:
        raise Refusal(
            "set ABINTEL_CUSTOMER_API_ID and ABINTEL_SECRET to a credential; "
            "`abintel credentials create TENANT` makes one"
        )
    return found


def _of_this_machine() -> dict[str, str] | None:
    """The development credential, where a server has been started with it."""
    from datetime import UTC, datetime

    from server.credentials import open_store
    from server.credentials.development import development_credential
    from stores.pepper import load_pepper

    settings = Settings.from_environment()
    if not settings.home.is_dir():
        return None
    with closing(open_store(settings)) as store:
        if not store.live():
            return None
        made = development_credential(store, load_pepper(settings), datetime.now(UTC))
    return {"X-Customer-Api-Id": made.customer_api_id, "X-Secret": made.secret} if made is not None else None


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise Refusal(f"{text!r}: wanted is NAME=VALUE")
        pairs.append((name, value))
    return pairs


def _described(server: str, route: str) -> Described:
    content, _ = _exchange(urllib.request.Request(f"{server}/docs.json"), {})
    document = json.loads(content)
    if not isinstance(document, dict) or _AREA + route not in document.get("paths", {}):
        names = [path.removeprefix(_AREA) for path in document.get("paths", {}) if path.startswith(_AREA)]
        known = ", ".join(name for name in names if not name.endswith("_async"))
        raise Refusal(f"{server} has no route {route!r}; it has {known}")
    return Described(document, _AREA + route)


def _body(
    path: Path, described: Described, rows: str | None
) -> tuple[dict[str, Any], Mapping[str, Sequence[int]]]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8") from error
    if path.suffix.lower() in (".csv", ".tsv"):
        return described.from_csv(text, rows)
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refusal(f"{path} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refusal(f"{path}: a body is an object, in braces")
    return body, {}


def _answer(
    address: str, headers: Mapping[str, str], body: Mapping[str, Any], lines: Mapping[str, Sequence[int]]
) -> tuple[bytes, str]:
    content = json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **headers}
    return _exchange(urllib.request.Request(address, content, sent, method="POST"), lines)


def _exchange(request: urllib.request.Request, lines: Mapping[str, Sequence[int]]) -> tuple[bytes, str]:
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return answer.read(), answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        raise Refused(_told(error.code, _document(error.read()), lines)) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise Refusal(f"{request.host} does not answer: {reason}; is the server running?") from error


def _told(status: int, document: Mapping[str, Any], lines: Mapping[str, Sequence[int]]) -> str:
    """A problem in lines of text, with where in the file each fault is."""
    kind = str(document.get("type", "")).rpartition(":")[2]
    told = [f"{status} {kind}: {document.get('detail', 'the server said nothing more')}"]
    faults = document.get("errors") or ()
    told += [f"  {_place(fault['pointer'], lines)}: {fault['message']}" for fault in faults[:SHOWN_FAULTS]]
    if len(faults) > SHOWN_FAULTS:
        told.append(f"  … and {len(faults) - SHOWN_FAULTS} more")
    if document.get("request_id"):
        told.append(f"  request {document['request_id']}")
    return "\n".join(told)


def _document(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": content[:300].decode(errors="replace")}


def _place(pointer: str, lines: Mapping[str, Sequence[int]]) -> str:
    """A JSON Pointer, with the line of the file that its item begins in."""
    _, *parts = pointer.split("/")
    found = lines.get(parts[0], ()) if parts else ()
    if len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(found):
        return f"line {found[int(parts[1])]}, {pointer}"
    return pointer or "the body"
