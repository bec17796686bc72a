"""A language is one folder: Esperanto, whose texts are English ones with a mark, is answered everywhere."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from abintel.charts import Reader
from abintel.decode import Decoder
from abintel.discovery import CannotStart, discover
from abintel.language import chosen_language
from abintel.problem import Problem
from abintel.wording import locales
from plugins.customer import charts
from plugins.customer.endpoints.customer_rfm import ENDPOINT
from server.openapi.document import describe
from tests.abintel.charts.seen import Seen
from tests.plugins.calls import answered


def marked(value: Any) -> str:
    """A value of a file of texts as TOML, each text with a mark before it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {marked(value[key])}" for key in value) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(marked, value))}]"
    return json.dumps(f"eo:{value}", ensure_ascii=False)


@pytest.fixture(autouse=True)
def esperanto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "texts"
    shutil.copytree(locales.FOLDER, folder)
    shutil.copytree(folder / "en", folder / "eo")
    for path in (folder / "eo").iterdir():
        texts = tomllib.loads(path.read_text(encoding="utf-8"))
        path.write_text("".join(f"{json.dumps(key)} = {marked(texts[key])}\n" for key in texts), "utf-8")
    monkeypatch.setattr(locales, "FOLDER", folder)


def test_its_texts_are_checked_when_the_server_starts() -> None:
    assert discover(["customer"]).endpoints


def test_a_query_may_ask_for_it_and_a_refusal_names_it() -> None:
    assert chosen_language({"lang": "eo"}) == "eo"
    with pytest.raises(Problem) as raised:
        chosen_language({"lang": "xx"})
    assert raised.value.detail == "lang: 'xx' is not one of en, es, pt, eo, ja, zh."


def test_the_api_description_lists_it() -> None:
    parameters = describe(discover(["customer"]))["paths"][ENDPOINT.route]["post"]["parameters"]
    languages = next(one["schema"]["enum"] for one in parameters if one["name"] == "lang")
    assert languages == ["en", "es", "pt", "eo", "ja", "zh"]


def test_a_route_answers_in_it() -> None:
    english, ours = (answered(ENDPOINT, ENDPOINT.example, lang=lang) for lang in ("en", "eo"))
    for one, other in zip(english["customers"], ours["customers"], strict=True):
        assert re.sub("eo:", "", other.pop("interpretation")) == one.pop("interpretation")
    assert english == ours
    assert "eo:" in str(answered(ENDPOINT, ENDPOINT.example, lang="eo"))


def test_a_chart_is_drawn_in_it_with_its_numbers() -> None:
    body = ENDPOINT.example
    request = Decoder(ENDPOINT.request).decode(json.dumps(body).encode())
    answer = answered(ENDPOINT, body, lang="eo")
    answer["customers"] *= 500
    seen = Seen(charts.rfm(request, answer, Reader("eo")))
    assert seen.title == "eo:RFM: recency and frequency"
    assert "eo:Customers: 1\u202f500" in seen.texts


def test_a_text_that_it_lacks_is_named_at_start() -> None:
    path = locales.FOLDER / "eo" / "customer.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"best" =', '"worst" ='), encoding="utf-8")
    with pytest.raises(CannotStart, match=r"language 'eo': eo/customer\.toml has no text 'rfm\.best'"):
        discover(["customer"])
