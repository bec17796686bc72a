"""Numbers, money and percentages look the same on every route, in every language."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from abintel.charts import Reader
from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.endpoint import Document, Endpoint, Served
from abintel.wording import Lang
from tests.abintel.charts.seen import Seen
from tests.contract.roster import ROSTER
from tests.plugins.calls import Registry, answered

PUBLISHED = (
    # Forecasts: "an RMSE of 111.64 … The average daily revenue forecast is 1105.02."
    r"(?<=RMSE of )[\d.]+, MAE of [\d.]+, and R² of -?[\d.]+|(?<=forecast is )\d+[.]\d\d(?=[.])",
    r"(?<=RMSE )[\d.,]+(?=, MAE)|(?<=MAE )[\d.,]+(?=, R²)|(?<=R² )[\d.,]+(?=[.] )",
    # Sub-segments: "Ranges −1…1; closer to 1 means dense & well-separated."
    r"−1(?=…1|–1| a 1)",
)
"""What a published sentence writes otherwise."""

GROUPED = {
    "en": r"\d{1,3}(,\d{3})*([.]\d+)?",
    "es": r"\d{1,3}([.]\d{3})*(,\d+)?",
    "pt": r"\d{1,3}([.]\d{3})*(,\d+)?",
    "zh": r"\d{1,3}(,\d{3})*([.]\d+)?",
    "ja": r"\d{1,3}(,\d{3})*([.]\d+)?",
}
DATES = {
    "en": r"[A-Z][a-z]{2} \d{1,2}, \d{4}",
    "es": r"\d{1,2} [a-z]{3,4} \d{4}",
    "pt": r"\d{1,2} de [a-z]{3}[.] de \d{4}",
    "zh": r"\d{4}年\d{1,2}月\d{1,2}日",
    "ja": r"\d{4}/\d{2}/\d{2}",
}
PERCENT = {"en": r"(?<=\d)%", "es": r"(?<=\d)\xa0%", "pt": r"(?<=\d)%", "zh": r"(?<=\d)%", "ja": r"(?<=\d)%"}
DATE_OF_AN_AXIS = r"^(19|20)\d\d(-\d\d){0,2}$"
NAME_WITH_DIGITS = r"[^\W\d][\w²]*([-_][\w]+)*|\b\w*[^\W\d]\w*([-_]\w+)*"
ASKED: tuple[tuple[Lang, str | None], ...] = (
    *(("en", None), ("en", "EUR")),
    *(("es", "€"), ("pt", "R$")),
)
EASTERN: tuple[tuple[Lang, str | None], ...] = (("zh", "¥"), ("ja", "¥"))
"""One of them per route: both would take half as long again."""
WORDED = [endpoint for _, endpoint in discover(list(ROSTER)) if not isinstance(endpoint.response, Document)]
of_every_route = pytest.mark.parametrize(
    ("endpoint", "example"),
    [
        pytest.param(endpoint, name, id=f"{endpoint.name}-{name}")
        for endpoint in WORDED
        for name in endpoint.examples
    ],
)


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def faults(text: str, lang: Lang, currency: str | None) -> list[str]:
    """What of a text is a number, an amount or a percentage in another form than CLDR's."""
    for known in (*PUBLISHED, DATES[lang], DATE_OF_AN_AXIS):
        text = re.sub(known, "…", text)
    found = []
    if currency is not None:
        form = rf"{re.escape(currency)}{'' if currency in ('$', 'R$', '¥') else chr(160)}(?=\d)"
        if lang == "pt":
            form = rf"{re.escape(currency)}\xa0(?=\d)"
        if lang == "es":
            form = rf"(?<=\d)\xa0{re.escape(currency)}"
        # The unit of an axis stands in brackets, perhaps after what it is the unit of.
        text = re.sub(rf"{form}|[(（]([^()（）]+[,，、] ?)?{re.escape(currency)}(?=[,)，、）])", "", text)
        found += [f"{currency} in {text!r}"] if currency in text else []
    text = re.sub(rf"{PERCENT[lang]}|(?<=[( （，、])%(?=[)）])", "", text)
    found += [f"% in {text!r}"] if "%" in text else []
    text = re.sub(NAME_WITH_DIGITS, " ", text)
    for token in re.findall(r"−?\d[\d.,\xa0]*(?<=\d)", text):
        if not re.fullmatch(GROUPED[lang], token):
            found.append(f"{token} in {text!r}")
    return found


def of_the_service(texts: Iterable[str], body: Any) -> Iterator[str]:
    """Texts without what the caller wrote."""
    sent = sorted({text for text in strings(body) if text}, key=len, reverse=True)
    own = "|".join(map(re.escape, sent)) or "(?!)"
    for text in texts:
        yield re.sub(rf"(?<!\w)({own})(?!\w)", "…", text)


class Kept(Registry):
    """Trains once for the same rows: languages share the model."""

    def serve(self, request: Any) -> Served:
        assert self._endpoint.trainable is not None
        training = self._endpoint.trainable.training(request)
        key = None if training is None else training.fingerprint
        if key not in self._served:
            self._served[key] = super().serve(request)
        return self._served[key]

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._endpoint = endpoint
        self._served: dict[str | None, Served] = {}


@functools.cache
def answers(route: str, example: str) -> dict[tuple[Lang, str | None], Any]:
    """The answers to an example, by language and currency."""
    endpoint = next(endpoint for endpoint in WORDED if endpoint.name == route)
    registry = Kept(endpoint) if endpoint.trainable is not None else None
    return {
        (lang, currency): answered(
            endpoint, endpoint.examples[example], registry, lang=lang, currency=currency
        )
        for lang, currency in (*ASKED, EASTERN[len(route) % 2])
    }


@of_every_route
def test_sentences_have_the_numbers_of_their_language(endpoint: Endpoint, example: str) -> None:
    if not endpoint.writes_words:
        return
    for (lang, currency), answer in answers(endpoint.name, example).items():
        body = endpoint.examples[example]
        # Warnings are in English, whatever the language is.
        parts = dict(answer) if isinstance(answer, dict) else {"": answer}
        warnings = parts.pop("warnings", [])
        said = [text for text in of_the_service(strings(parts), body) if " " in text]
        warned = [text for text in of_the_service(strings(warnings), body) if " " in text]
        found = [fault for text in said for fault in faults(text, lang, currency)]
        assert found + [fault for text in warned for fault in faults(text, "en", None)] == []


@of_every_route
def test_pictures_have_the_numbers_of_their_language(endpoint: Endpoint, example: str) -> None:
    if endpoint.chart is None:
        return
    body = endpoint.examples[example]
    request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    for (lang, currency), answer in answers(endpoint.name, example).items():
        seen = Seen(endpoint.chart(request, answer, Reader(lang, currency)))
        said = of_the_service(seen.texts, body)
        assert [fault for text in said for fault in faults(text, lang, currency)] == []


@pytest.mark.parametrize(
    ("text", "lang", "currency", "bad"),
    [
        ("1,234.5 of 12 and -3.25; R² 0.9", "en", None, 0),
        ("1234 of 12", "en", None, 1),
        ("1.234,5", "en", None, 1),
        ("1.234,5 y 0,25", "es", None, 0),
        ("1,234.5", "pt", None, 1),
        ("40.7% (share, %)", "en", None, 0),
        ("40.7 %", "en", None, 1),
        ("40,7\xa0%", "es", None, 0),
        ("40,7%", "es", None, 1),
        ("$1,234.50 ($)", "en", "$", 0),
        ("$ 12.00", "en", "$", 1),
        ("EUR\xa01,234.50", "en", "EUR", 0),
        ("EUR1,234.50", "en", "EUR", 1),
        ("1.234,50\xa0€", "es", "€", 0),
        ("€1.234,50", "es", "€", 1),
        ("R$\xa01.234,50", "pt", "R$", 0),
        ("R$1.234,50", "pt", "R$", 1),
        ("on 2025-04-01", "en", None, 1),
        ("on Apr 1, 2025", "en", None, 0),
        ("C-1001 and SKU_20000 in F1", "en", None, 0),
        ("2025", "es", None, 0),
        ("2025-04", "es", None, 0),
        ("2025-04 a", "es", None, 1),
        ("RMSE of 1111.64, MAE of 1109.68, and R² of 0.09. The forecast is 1105.02.", "en", None, 0),
        ("−5 to 5", "en", None, 1),
    ],
)
def test_the_check_sees_what_it_should(text: str, lang: Lang, currency: str | None, bad: int) -> None:
    assert len(faults(text, lang, currency)) == bad
