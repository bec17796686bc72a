"""Pictures over HTTP: who gets one, in which form, and what else comes with it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image

from abintel import pictures
from abintel.charts import PICTURES, PNG, SVG, VEGA_LITE, Reader
from abintel.endpoint import Document, Endpoint
from abintel.media_types import JSON
from abintel.problem import Problem
from tests.server.http.kettle import Kettle, KettleAnswer, KettleRequest, Kitchen, cook

ROUTE = "/api/v1/ai/kettle"


def chart(request: Any, answer: Any, reader: Reader) -> Any:
    """What the answer says, as a picture."""
    from abintel.charts.theme import said

    assert type(answer) is dict
    if request.act == "badly":
        raise ValueError("canary-text")
    subtitles = [str(reader.currency)] * (40 if request.act == "long" else 1)
    return said(answer["said"], reader.lang, subtitles, "en")


def kitchen_endpoints() -> tuple[Endpoint, ...]:
    kettle = Kettle()
    plain = kettle.roster.plugins[0].endpoints
    drawn = Endpoint(
        name="kettle",
        summary="Does the water boil?",
        request=KettleRequest,
        response=KettleAnswer,
        handle=kettle.handle,
        examples={"plain": {"act": "boil"}},
        writes_words=True,
        warnings={"lime": "There is lime in it."},
        chart=chart,
    )
    return (drawn, *plain[1:])


DRAWN, BARE, FILE = kitchen_endpoints()


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", None),
        ("*/*", None),
        (JSON, None),
        ("text/html", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", None),
        ("image/svg+xml;q=0.5, application/json", None),
        ("image/svg+xml;q=0, */*", None),
        (SVG, SVG),
        ("IMAGE/SVG+XML", SVG),
        (PNG, PNG),
        (VEGA_LITE, VEGA_LITE),
        ("image/*", SVG),
        ("image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8", SVG),
        ("image/png, image/svg+xml;q=0.9", PNG),
        ("application/json;q=0.3, image/png;q=0.4", PNG),
        ("application/vnd.vegalite.v5+json, image/png;q=0.1", PNG),
        ("nonsense;;q=, image/svg+xml", SVG),
    ],
)
def test_the_form_is_the_one_that_is_preferred(accept: str, form: str | None) -> None:
    assert pictures.requested(accept, DRAWN, JSON) == form


@pytest.mark.parametrize("accept", ["image/webp", "application/vnd.vegalite.v5+json", "image/gif;q=0.1"])
def test_a_picture_in_another_form_is_a_406_that_names_the_forms(accept: str) -> None:
    with pytest.raises(Problem) as raised:
        pictures.requested(accept, DRAWN, JSON)
    assert (raised.value.status, raised.value.slug) == (406, "not-acceptable")
    assert raised.value.detail == (
        "The picture comes as image/svg+xml, image/png, application/vnd.vegalite.v6+json; "
        "ask for one of these."
    )


def test_a_route_without_a_picture_says_why() -> None:
    for accept in (*PICTURES, "image/*"):
        with pytest.raises(Problem, match="no picture"):
            pictures.requested(accept, BARE, JSON)
    assert pictures.requested("image/svg+xml, application/json;q=0.1", BARE, JSON) is None
    assert pictures.requested("*/*", FILE, "application/pdf") is None
    with pytest.raises(Problem, match="no picture"):
        pictures.requested(PNG, FILE, "application/pdf")


def test_without_the_libraries_a_picture_is_a_406(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Problem, match="draws no pictures"):
        pictures.requested(SVG, DRAWN, JSON)


def serve(home: Path, scene: Any) -> Any:
    """A scene in a kitchen whose kettle has a chart."""
    return cook(home, scene, endpoints=kitchen_endpoints())


def test_an_answer_comes_as_a_picture(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        for form in PICTURES:
            sent = {"Accept": form, "X-Request-Id": "r-1", "Accept-Encoding": "identity"}
            answer = await kitchen.client.post(
                f"{ROUTE}?lang=es&currency=R$", json={"act": "boil"}, headers=sent
            )
            assert answer.status_code == 200
            assert answer.headers["content-type"].partition(";")[0] == form
            assert answer.headers["x-request-id"] == "r-1"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["vary"] == "Accept, Accept-Encoding"
            assert "x-warnings" not in answer.headers
            if form == PNG:
                assert Image.open(io.BytesIO(answer.content)).width == 1200
            else:
                assert b"acme" in answer.content
                assert b"R$" in answer.content
        assert orjson.loads(answer.content)["title"]["text"] == "es"

    serve(tmp_path, scene)


def test_json_is_what_it_was(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        for accept in ("*/*", JSON, "text/html"):
            answer = await kitchen.client.post(ROUTE, json={"act": "warn"}, headers={"Accept": accept})
            assert answer.headers["content-type"] == JSON
            assert answer.headers["vary"] == "Accept, Accept-Encoding"
            assert "x-warnings" not in answer.headers
            assert answer.json()["warnings"] == [{"code": "lime", "message": "There is lime in it."}]

    serve(tmp_path, scene)


def test_warnings_come_with_a_picture_and_an_svg_may_run_nothing(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        answer = await kitchen.client.post(ROUTE, json={"act": "warn"}, headers={"Accept": SVG})
        assert answer.headers["x-warnings"] == "lime"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"

    serve(tmp_path, scene)


def test_what_gzip_makes_smaller_is_packed(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        for form in PICTURES:
            sent = {"Accept": form, "Accept-Encoding": "gzip"}
            request = kitchen.client.build_request("POST", ROUTE, json={"act": "long"}, headers=sent)
            answer = await kitchen.client.send(request, stream=True)
            raw = b"".join([piece async for piece in answer.aiter_raw()])
            assert answer.headers.get("content-encoding") == (None if form == PNG else "gzip")
            if form != PNG:
                assert len(gzip.decompress(raw)) > len(raw)

    serve(tmp_path, scene)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"act": 1}, 400),
        ({"act": "problem"}, 409),
        ({"act": "break"}, 500),
        ({"act": "badly"}, 500),
    ],
)
def test_what_goes_wrong_is_a_problem_all_the_same(tmp_path: Path, body: Any, status: int) -> None:
    async def scene(kitchen: Kitchen) -> None:
        answer = await kitchen.client.post(ROUTE, json=body, headers={"Accept": SVG})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert "canary" not in answer.text

    serve(tmp_path, scene)


def test_a_route_without_a_picture_is_a_406_over_http(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        for route, body in (("prepare", {"cups": 2}), ("label", {"act": "print"})):
            answer = await kitchen.client.post(f"/api/v1/ai/{route}", json=body, headers={"Accept": PNG})
            assert answer.status_code == 406
            assert answer.json()["detail"] == "This route has no picture."

    serve(tmp_path, scene)


def test_the_description_lists_the_forms(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        paths = (await kitchen.client.get("/docs.json")).json()["paths"]
        responses = paths[ROUTE]["post"]["responses"]
        assert set(responses["200"]["content"]) == {JSON, *PICTURES}
        assert "X-Warnings" in responses["200"]["headers"]
        assert responses["406"] == {"$ref": "#/components/responses/Problem406"}
        assert set(paths["/api/v1/ai/prepare"]["post"]["responses"]["200"]["content"]) == {JSON}
        assert set(PICTURES) <= set(paths[f"{ROUTE}_async"]["post"]["responses"]["200"]["content"])

    serve(tmp_path, scene)


def test_an_endpoint_has_a_chart_or_a_reason_and_not_both() -> None:
    about: dict[str, Any] = {
        "name": "kettle",
        "summary": "Does it boil?",
        "request": KettleRequest,
        "response": KettleAnswer,
        "handle": Kettle().handle,
        "examples": {"plain": {"act": "boil"}},
    }
    with pytest.raises(ValueError, match="has a chart, and a reason why it has none"):
        Endpoint(**about, chart=chart, no_chart="Because.")
    with pytest.raises(ValueError, match="its answer is a file"):
        Endpoint(**{**about, "response": Document("application/pdf", "A label.")}, chart=chart)
    assert Endpoint(**about).chart is None
