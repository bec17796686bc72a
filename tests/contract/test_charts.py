"""Every route's picture: of its documented answers, of hostile ones and of large ones."""

from __future__ import annotations

import copy
import functools
import io
import json
import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from PIL import Image

from abintel.charts import PNG, SVG, VEGA_LITE, Reader, drawing
from abintel.charts.theme import SHORT
from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.endpoint import Endpoint
from abintel.wording import Lang
from tests.abintel.charts.seen import Seen
from tests.contract.roster import ROSTER
from tests.serving import ROOT

ENDPOINTS = discover(list(ROSTER)).endpoints
DRAWN = [endpoint for endpoint in ENDPOINTS if endpoint.chart is not None]
EXAMPLES = [
    pytest.param(endpoint, name, id=f"{endpoint.name}-{name}")
    for endpoint in DRAWN
    for name in endpoint.examples
]
every_drawn = pytest.mark.parametrize("endpoint", DRAWN, ids=lambda endpoint: endpoint.name)
every_example = pytest.mark.parametrize(("endpoint", "name"), EXAMPLES)
LANGUAGES: tuple[Lang, ...] = ("en", "es", "pt")
HOSTILE = (
    "<script>alert(1)</script>",
    "datum.value'] || (function(){throw 1})() || ['",
    "{{x}} ${y} \\u0041 %s \" ' ` ]]> &amp; --",
    "日本語のとても長い名前 " * 40,
    "\u202eright to left\u202c عربى עברית",
    "null",
    "1e309",
    "a.b[0]\\.c",
    "\x00\x1b[31m\ud800\ufffe",
    "",
)
NAMED = {
    *("customer_id", "user_id", "item_id", "base_item_id", "i", "j", "explanation", "feature", "note"),
    *("best_algorithm", "algorithm", "group", "persona_label", "interpretation", "top_factors"),
}
EXPRESSIONS = {
    *("datum.value >= 0", "datum.value < 0", "isValid(datum.value)", "isValid(datum.observed)"),
    *("datum.allowed", "!datum.allowed", "datum.cluster !== null", r"split(datum.label, '\n')", SHORT),
}


@functools.cache
def documented(route: str) -> dict[str, tuple[Any, Any]]:
    """Name of each example to its body and its answer, from the route's page: nothing is trained here."""
    page = (ROOT / "docs" / "routes" / f"{route}.md").read_text(encoding="utf-8")
    found = re.findall(
        r"^### ([^\n]+)\n\n```json\n(.*?)```\n\nThe answer[^\n]*\n\n```json\n(.*?)```",
        page,
        re.MULTILINE | re.DOTALL,
    )
    return {name: (json.loads(body), json.loads(answer)) for name, body, answer in found}


@functools.cache
def example(route: str, name: str) -> Seen:
    """The picture of an example, looked at by several tests."""
    return charted(next(endpoint for endpoint in DRAWN if endpoint.name == route), name)


def charted(endpoint: Endpoint, name: str, lang: Lang = "en", change: Any = None) -> Seen:
    """The chart of an example's answer, or of what a test makes of it."""
    body, answer = documented(endpoint.name)[name]
    request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    assert endpoint.chart is not None
    return Seen(endpoint.chart(request, answer if change is None else change(answer), Reader(lang)))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_route_has_a_chart_or_says_why_not(endpoint: Endpoint) -> None:
    assert (endpoint.chart is None) == bool(endpoint.no_chart)
    assert endpoint.chart is not None or endpoint.no_chart.endswith(".")


def test_a_server_starts_without_what_draws() -> None:
    script = f"import sys; from abintel.discovery import discover; discover({list(ROSTER)!r});"
    script += "print([name for name in ('altair', 'vl_convert') if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout
    assert out.decode().strip().endswith("[]")


@every_example
def test_the_picture_of_an_example_has_title_marks_and_units(endpoint: Endpoint, name: str) -> None:
    chart = example(endpoint.name, name)
    assert chart.title in chart.texts
    if chart.is_sentence:
        return
    assert chart.marks & {"bar", "rect", "point", "line", "rule", "area"}
    assert any(re.search(r"\(.+\)", axis) for axis in chart.axes), chart.axes
    shown = " ".join(chart.texts)
    for axis in chart.axes:
        assert axis in shown, axis


@every_example
def test_a_picture_is_800_pixels_wide_as_svg_and_as_png(endpoint: Endpoint, name: str) -> None:
    chart = example(endpoint.name, name)
    root = ElementTree.fromstring(chart.svg)
    assert 760 <= float(root.attrib["width"]) <= 830
    assert Image.open(io.BytesIO(drawing.png(chart.chart, scale=0.5))).format == "PNG"


@every_drawn
def test_every_language_has_words_of_its_own(endpoint: Endpoint) -> None:
    name = list(endpoint.examples)[-1]
    charts = {lang: charted(endpoint, name, lang) for lang in LANGUAGES}
    assert all(chart.title for chart in charts.values())
    said = {lang: {chart.title, *chart.axes} for lang, chart in charts.items()}
    assert said["en"] != said["es"] != said["pt"] != said["en"]


@every_drawn
def test_the_same_answer_gives_the_same_bytes(endpoint: Endpoint) -> None:
    name = next(iter(endpoint.examples))
    assert charted(endpoint, name).svg == example(endpoint.name, name).svg


def hostile(value: Any, place: list[int]) -> Any:
    """An answer in which whatever a caller named has a hostile name."""
    if isinstance(value, dict):
        return {key: _bad(one, place) if key in NAMED else hostile(one, place) for key, one in value.items()}
    return [hostile(one, place) for one in value] if isinstance(value, list) else value


def _bad(value: Any, place: list[int]) -> Any:
    if isinstance(value, str):
        place[0] += 1
        return HOSTILE[place[0] % len(HOSTILE)]
    return [_bad(one, place) for one in value] if isinstance(value, list) else hostile(value, place)


@every_example
def test_hostile_names_are_drawn_as_text_and_run_nothing(endpoint: Endpoint, name: str) -> None:
    chart = charted(endpoint, name, change=lambda answer: hostile(answer, [0]))
    svg = chart.svg
    assert "<script" not in svg
    ElementTree.fromstring(svg)
    found = {one for one in chart.expressions if not re.fullmatch(r"\[[\d.,' ]*\]\[datum\.value\]", one)}
    assert found <= EXPRESSIONS
    assert not any("url" in part for part in chart.parts)


def many(answer: Any, times: int = 5000) -> Any:
    """An answer with thousands of rows in each of its lists of rows."""
    if isinstance(answer, dict):
        return {key: many(one) if _rows(one) else one for key, one in answer.items()}
    rows = []
    for place in range(times):
        row = copy.copy(answer[place % len(answer)])
        for key in ("customer_id", "user_id", "item_id", "group"):
            if key in row:
                row[key] = f"{row[key]}-{place}"
        if "snapshot_date" in row:
            row["snapshot_date"] = f"{1900 + place % 120}-01-01"
        rows.append(row)
    return rows


def _rows(value: Any) -> bool:
    fixed = {"decile", "distance", "source", "label", "silhouette", "davies_bouldin", "cluster_id", "k"}
    return (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict) and not fixed & value[0].keys()
    )


@every_drawn
def test_a_large_answer_is_binned_or_cut_and_says_so(endpoint: Endpoint) -> None:
    name = list(endpoint.examples)[-1]
    answer = documented(endpoint.name)[name][1]
    if many(answer) == answer:
        return
    chart = charted(endpoint, name, change=many)
    if chart.is_sentence:
        return
    assert len(chart.svg) < 1_000_000
    assert max(map(len, chart.rows)) <= 1500
    assert any(re.search(r"\d", line) for line in chart.subtitles)


CHEAP = [endpoint for endpoint in DRAWN if endpoint.trainable is None]


@pytest.mark.parametrize("endpoint", CHEAP, ids=lambda endpoint: endpoint.name)
def test_the_served_route_answers_its_picture(endpoint: Endpoint, acme: httpx.Client) -> None:
    for form in (SVG, PNG, VEGA_LITE):
        headers = {"Accept": form, **({"Prefer": "wait=60"} if endpoint.runs_as_job else {})}
        answer = acme.post(endpoint.route, json=dict(endpoint.example), headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].partition(";")[0] == form
        assert answer.headers["x-request-id"]
    assert answer.json()["title"]["text"]


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.no_chart], ids=lambda one: one.name)
def test_a_served_route_without_a_picture_says_why(endpoint: Endpoint, acme: httpx.Client) -> None:
    answer = acme.post(endpoint.route, json=dict(endpoint.example), headers={"Accept": SVG})
    assert answer.status_code == 406
    assert answer.json()["detail"] == endpoint.no_chart
