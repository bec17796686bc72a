"""``abintel call``: calls a route from a terminal."""

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
from typing import Any, Literal
from urllib.parse import urlencode

import click

from abintel.settings import Settings
from abintel.tables.columns import TYPES
from abintel.tables.result import Choices, Reading
from server.cli import Refusal
from server.commands.body import BodyDescription

_AREA = "/api/v1/ai/"
_PNG = "image/png"
_SECONDS = 150
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
SHOWN_ROWS = 50
SHOWN_FAULTS = 20


class CallFailed(click.ClickException):
    """The server answered with an error; exit code 1."""

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
@click.option("--rows", help="Array of the body that a file is for, where its columns do not say.")
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="The field of a column; repeatable. Without FIELD, the column is left out.",
)
@click.option(
    "--type", "typed", multiple=True, metavar="COLUMN=TYPE", help=f"How a column is read: {', '.join(TYPES)}."
)
@click.option("--dates", type=click.Choice(["ymd", "dmy", "mdy"]), help="Order of dates that do not say it.")
@click.option("--decimal", type=click.Choice([".", ","]), help="Decimal sign of numbers that do not say it.")
@click.option("--skip-faults", is_flag=True, help="Leave out rows with values that cannot be read.")
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
    mapped: Sequence[str],
    typed: Sequence[str],
    dates: Literal["ymd", "dmy", "mdy"] | None,
    decimal: Literal[".", ","] | None,
    skip_faults: bool,
    as_json: bool,
    png: Path | None,
    output: Path | None,
    url: str | None,
) -> None:
    """Call ROUTE with BODY, a file of JSON, CSV or Excel (-: JSON from standard input); print the answer.

    The credential is that of ABINTEL_CUSTOMER_API_ID and ABINTEL_SECRET; on the server's own machine it may
    be left out where the development credential is live. Exit code 1: the server refused the call; 2: it
    was not asked.
    """
    server = _server(url)
    headers = {**_credential(url), **dict(_pairs(header))}
    description = _describe(server, route)
    choices = Choices(rows, dict(_pairs(mapped)), dict(_pairs(typed)), dates, decimal, skip_faults)
    sent, reading = _body(body, description, choices)
    sent |= {name: description.value(name, text) for name, text in _pairs(given)}
    if png is not None:
        headers["Accept"] = _PNG
    address = f"{server}{_AREA}{route}" + (f"?{urlencode(list(_pairs(query)))}" if query else "")
    content, media_type = _answer(address, headers, sent, reading)
    if png is not None and media_type != _PNG:
        raise CallFailed(f"{route} draws no picture of its answer")
    target = png or output
    if target is not None:
        target.write_bytes(content)
        click.echo(f"{target}: {len(content)} bytes of {media_type}", err=True)
    elif media_type != "application/json":
        raise CallFailed(f"the answer is a file ({media_type}); say --output FILE")
    elif as_json:
        click.echo(content.decode())
    else:
        # Imported here, because importing rich is slow.
        from server.commands.show import show

        show(json.loads(content), SHOWN_ROWS)


def _server(url: str | None) -> str:
    if url is None:
        settings = Settings.from_environment()
        # A server on all addresses is called on loopback.
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
        return f"http://{host}:{settings.port}"
    if not re.fullmatch(r"https?://[^\s/]\S*", url):
        raise Refusal(f"ABINTEL_URL={url!r}: wanted is an address, as http://127.0.0.1:3000")
    return url.rstrip("/")


def _credential(url: str | None) -> dict[str, str]:
    identifier, secret = os.environ.get("ABINTEL_CUSTOMER_API_ID"), os.environ.get("ABINTEL_SECRET")
    if identifier and secret:
        return {"X-Customer-Api-Id": identifier, "X-Secret": secret}
    credential = _development_credential() if url is None and not identifier and not secret else None
    if credential is None:
        raise Refusal(
            "set ABINTEL_CUSTOMER_API_ID and ABINTEL_SECRET to a credential; "
            "`abintel credentials create TENANT` makes one"
        )
    return credential


def _development_credential() -> dict[str, str] | None:
    """The development credential of this machine, if a server was started with it."""
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
        credential = development_credential(store, load_pepper(settings), datetime.now(UTC))
    if credential is None:
        return None
    return {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise Refusal(f"{text!r}: wanted is NAME=VALUE")
        pairs.append((name, value))
    return pairs


def _describe(server: str, route: str) -> BodyDescription:
    content, _ = _exchange(urllib.request.Request(f"{server}/docs.json"))
    document = json.loads(content)
    if not isinstance(document, dict) or _AREA + route not in document.get("paths", {}):
        names = [path.removeprefix(_AREA) for path in document.get("paths", {}) if path.startswith(_AREA)]
        known = ", ".join(name for name in names if not name.endswith("_async"))
        raise Refusal(f"{server} has no route {route!r}; it has {known}")
    return BodyDescription(document, _AREA + route)


def _body(
    path: Path, description: BodyDescription, choices: Choices
) -> tuple[dict[str, Any], Reading | None]:
    try:
        if path.suffix.lower() in _TABLES:
            reading = description.read(path.read_bytes(), choices)
            for note in reading.notes:
                click.echo(note, err=True)
            return {reading.array.name: reading.items}, reading
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8") from error
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refusal(f"{path} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refusal(f"{path}: a body is an object, in braces")
    return body, None


def _answer(
    address: str, headers: Mapping[str, str], body: Mapping[str, Any], reading: Reading | None
) -> tuple[bytes, str]:
    content = json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **headers}
    return _exchange(urllib.request.Request(address, content, sent, method="POST"), reading)


def _exchange(request: urllib.request.Request, reading: Reading | None = None) -> tuple[bytes, str]:
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return answer.read(), answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        raise CallFailed(_error_text(error.code, _document(error.read()), reading)) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise Refusal(f"{request.host} does not answer: {reason}; is the server running?") from error


def _error_text(status: int, document: Mapping[str, Any], reading: Reading | None) -> str:
    """A problem document as text, with the line of the file for each fault."""
    kind = str(document.get("type", "")).rpartition(":")[2]
    text_lines = [f"{status} {kind}: {document.get('detail', 'the server said nothing more')}"]
    faults = document.get("errors") or ()
    text_lines += [
        f"  {_location(fault['pointer'], reading)}: {fault['message']}" for fault in faults[:SHOWN_FAULTS]
    ]
    if len(faults) > SHOWN_FAULTS:
        text_lines.append(f"  … and {len(faults) - SHOWN_FAULTS} more")
    if document.get("request_id"):
        text_lines.append(f"  request {document['request_id']}")
    return "\n".join(text_lines)


def _document(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": content[:300].decode(errors="replace")}


def _location(pointer: str, reading: Reading | None) -> str:
    """Line and column of the file, for a JSON Pointer into the rows of a file; else the pointer."""
    where = reading.where(pointer) if reading is not None else None
    if where is None:
        return pointer or "the body"
    line, column = where
    return f"line {line}, column {column}" if column else f"line {line}, {pointer}"
