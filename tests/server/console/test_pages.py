"""The console's files: what is served, under which rules, and that nothing else is."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from server.console.pages import routes
from tests.server.http.kettle import kitchen
from tests.serving import ROOT

FOLDER = ROOT / "server" / "console" / "static"
SERVED = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*")
    if path.suffix in (".html", ".css", ".js", ".svg")
)


APP = Starlette(routes=routes())


def get(path: str, **headers: str) -> httpx.Response:
    """What the console's routes alone answer."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.get(path, headers=named)

    return asyncio.run(ask())


def test_every_file_is_served_as_what_it_is() -> None:
    types = {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
    for name in SERVED:
        answer = get(f"/console/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["content-type"] == types[Path(name).suffix]
        assert answer.content == (FOLDER / name).read_bytes()


def test_no_script_and_no_style_may_come_from_elsewhere_or_stand_in_the_page() -> None:
    page = get("/console/")
    policy = page.headers["content-security-policy"]
    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page.text)


def test_what_the_page_loads_is_there_and_nothing_has_a_foreign_address() -> None:
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', get("/console/").text)
    assert "app.js" in loaded
    for name in set(loaded) - {"../"}:
        assert name in SERVED, name
    for name in SERVED:
        if not name.startswith("vendor/"):
            text = (FOLDER / name).read_text(encoding="utf-8")
            assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
            for imported in re.findall(r'from "\./([^"]+)"', text):
                assert imported in SERVED, (name, imported)


def test_nothing_of_the_data_is_stored() -> None:
    stores = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker")
    for name in SERVED:
        if not name.startswith("vendor/"):
            used = stores.findall((FOLDER / name).read_text(encoding="utf-8"))
            # The credential is the only thing that is stored, until the tab closes.
            assert set(used) <= ({"sessionStorage"} if name == "api.js" else set()), name


@pytest.mark.parametrize(
    "path",
    [
        *("nope.js", "../bento.py", "..%2Fbento.py", "%2e%2e/bento.py", "vendor/../../swagger.html"),
        *("vendor", "vendor/", "vendor/README.md", "/etc/passwd", "%00", "app.js/", "./app.js%00"),
    ],
)
def test_what_is_not_of_the_console_is_not_found(path: str) -> None:
    assert get(f"/console/{path}").status_code == 404


def test_an_unchanged_file_is_not_sent_again() -> None:
    first = get("/console/app.js", accept_encoding="identity")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    again = get("/console/app.js", accept_encoding="identity", if_none_match=f'"x", W/{tag}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get("/console/app.js", accept_encoding="identity", if_none_match='"another"').status_code == 200


def test_a_long_file_is_packed_for_whom_takes_gzip_under_a_tag_of_its_own() -> None:
    packed = get("/console/vendor/vega.min.js", accept_encoding="gzip")
    plain = get("/console/vendor/vega.min.js", accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 0.4 * len(plain.content)
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


def test_the_address_without_a_slash_leads_to_the_page() -> None:
    answer = get("/console")
    assert (answer.status_code, answer.headers["location"]) == (308, "console/")


def test_the_server_serves_it_to_whom_has_no_credential(tmp_path: Path) -> None:
    async def tell() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        async with kitchen(tmp_path) as place:
            no = {"X-Secret": "wrong"}
            return (
                await place.client.get("/console/", headers=no),
                await place.client.get("/console/nope", headers=no),
                await place.client.post("/console/", headers=no),
            )

    page, missing, posted = asyncio.run(tell())
    assert page.status_code == 200
    assert page.headers.get_list("x-content-type-options") == ["nosniff"]
    assert missing.json()["type"] == "urn:abintel:problem:no-such-route"
    assert posted.json()["type"] == "urn:abintel:problem:method-not-allowed"
