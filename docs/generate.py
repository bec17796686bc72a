"""Generates ``docs/routes/`` from the endpoints: ``make docs``.

Fields come from the request and response models, answers from the handlers at a fixed time, and pictures from
those answers, so the pages depend only on the code. ``tests/docs/test_pages.py`` fails if other pages are
committed.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from abintel.answer import Encoder
from abintel.charts import PICTURES, Reader, drawing
from abintel.compile_cache import set_compile_cache
from abintel.decode import Decoder
from abintel.discovery import Roster, discover
from abintel.endpoint import Call, Document, Endpoint, Parameter, Plugin, Served
from abintel.media_types import CSV, JSON, NDJSON, PARQUET
from abintel.problem import bad_body
from abintel.schemas import is_array, members
from abintel.wording import SOURCE, Lang, languages
from docs.minimal import minimal_call
from docs.tables import cell, fields, in_words, pretty, table
from jobs.rows.forms import Kind, accepted, answer_rows, row_shape
from registry import artifact
from registry.store import stamp
from server.openapi.document import CURRENCY, language

ROOT = Path(__file__).resolve().parent.parent
ROUTES = ROOT / "docs" / "routes"
NOW = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
_GENERATED = "<!-- Written by docs/generate.py from the endpoint; `make docs` regenerates it. -->"
_FORMS = {JSON: "JSON", NDJSON: "NDJSON", CSV: "CSV", PARQUET: "Parquet"}
_BLOCK = re.compile(
    r"(?<=<!-- forms: written by docs/generate.py -->\n).*?(?=<!-- end of forms -->)", re.DOTALL
)
_RUN_TIME = re.compile(r"(\w+_)?seconds")


class Trainings:
    """A registry that stores nothing. It trains like the real one and has no older models."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def serve(self, request: Any) -> Served:
        """Trains a model with the request's labels and reads it back from its files; no model without
        labels."""
        trainable = self._endpoint.trainable
        training = trainable.training(request) if trainable is not None else None
        if trainable is None or training is None:
            return Served(None, {})
        with tempfile.TemporaryDirectory() as folder:
            artifact.write(Path(folder), training.fit(), trainable, self._endpoint.name)
            model, info = artifact.read(Path(folder) / "model", trainable, None)
        if not training.register:
            return Served(model, {**info, "cached": False})
        reuse = {"trained_at": stamp(NOW), "expires_at": stamp(NOW + datetime.timedelta(days=30))}
        return Served(model, {**info, "cached": False, "model_version": "1", **reuse})

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        """No model, because nothing is stored."""
        return Served(None, {})


def roster() -> Roster:
    """The plugins of this repository."""
    set_compile_cache(ROOT / ".abintel")
    return discover(sorted(path.parent.parent.name for path in ROOT.glob("plugins/*/endpoints/__init__.py")))


def pages(served: Roster) -> dict[str, str]:
    """The text of every page and picture, by file name in ``docs/routes``."""
    written = {"README.md": _index(served)}
    for plugin, endpoint in served:
        answers = _answers(endpoint)
        picture = _picture(endpoint, answers)
        written[f"{endpoint.name}.md"] = _page(plugin, endpoint, answers, picture)
        if picture is not None:
            written[f"pictures/{endpoint.name}.svg"] = picture[1]
    return written


def _answers(endpoint: Endpoint) -> dict[str, Any]:
    """The answer to each example as the page shows it, by the example's name."""
    if isinstance(endpoint.response, Document):
        return {}
    answers = {name: _timeless(answer(endpoint, body)) for name, body in endpoint.examples.items()}
    return {name: _rounded(value) for name, value in answers.items()} if endpoint.trainable else answers


def _picture(endpoint: Endpoint, answers: Mapping[str, Any]) -> tuple[str, str] | None:
    """The example with the largest picture, and that picture (SVG)."""
    if endpoint.chart is None:
        return None
    drawn = {}
    for name, answered in answers.items():
        request = Decoder(endpoint.request).decode(json.dumps(endpoint.examples[name]).encode())
        drawn[name] = drawing.svg(endpoint.chart(request, answered, Reader()))
    name = max(drawn, key=lambda name: len(drawn[name]))
    return name, drawn[name] + "\n"


def forms(served: Roster) -> str:
    """The table of the media types and columns of every route's jobs, for ``docs/jobs.md``."""
    rows: list[tuple[str, ...]] = []
    for endpoint in served.endpoints:
        shape, answers = row_shape(endpoint), answer_rows(endpoint)
        if shape is None and answers is None:
            continue
        takes = [_FORMS[form] for form in accepted(endpoint)]
        columns = [_column(name, kind) for name, kind in shape.columns.items()] if shape is not None else []
        given = [f"`{name}`" for name in answers[1]] if answers is not None else []
        link = f"[{endpoint.name}](routes/{endpoint.name}.md)"
        rows.append((link, ", ".join(takes), ", ".join(columns) or "–", ", ".join(given) or "–"))
    return table(("route", "takes", "columns", "columns of the result"), rows)


def _column(name: str, kind: Kind) -> str:
    return f"`{name}.…`" if kind is Kind.MAPPING else f"`{name}`"


def answer(endpoint: Endpoint, body: Mapping[str, Any], lang: Lang = SOURCE) -> Any:
    """The decoded answer of a route to a body, with the same steps as a request, but without HTTP.

    Raises:
        Problem: the body is invalid.
    """
    call = Call(tenant="docs", now=NOW, lang=lang, models=Trainings(endpoint))
    request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    faults = list(endpoint.check(request, call))
    if faults:
        raise bad_body(faults)
    answered = endpoint.handle(request, call)
    if call.warnings:
        answered = {**answered, "warnings": call.warnings}
    return json.loads(Encoder(endpoint.response).encode(answered))


def _index(served: Roster) -> str:
    lines = [
        _GENERATED,
        "",
        "# Routes",
        "",
        "Every route is `POST /api/v1/ai/<name>`, also available as `POST /api/<name>`. A running server",
        "has the API reference at `/` and its OpenAPI 3.1 description at `/docs.json`. Error answers:",
        "[errors](../errors.md).",
    ]
    for plugin in served.plugins:
        lines += ["", f"## {plugin.name}", "", "| route | question |", "| --- | --- |"]
        lines += [
            f"| [{endpoint.name}]({endpoint.name}.md) | {cell(endpoint.summary)} |"
            for endpoint in plugin.endpoints
        ]
        lines += ["", f"Methods and sources: [plugins/{plugin.name}](../../plugins/{plugin.name}/README.md)."]
    return "\n".join(lines) + "\n"


def _page(
    plugin: Plugin, endpoint: Endpoint, answers: Mapping[str, Any], picture: tuple[str, str] | None
) -> str:
    parts = [
        _GENERATED,
        f"# {endpoint.name}",
        _story(endpoint),
        f"`POST {endpoint.route}`, plugin [{plugin.name}](README.md#{plugin.name}).",
        *_job(endpoint),
        *minimal_call(endpoint, Call(tenant="docs", now=NOW)),
        "## What to send",
        "Headers: `X-Customer-Api-Id`, `X-Secret`, `Content-Type: application/json`; "
        "`Content-Encoding: gzip` if the body is compressed. Unknown fields are ignored unless a table says "
        "otherwise.",
    ]
    shown: set[str] = set()
    models = members(endpoint.request)
    if len(models) > 1:
        parts.append(f"One of {len(models)} bodies, which differ in their required fields.")
    for model in models:
        parts += fields(model, shown, "required")
    parts += _limits(endpoint)
    words = (language(), CURRENCY) if endpoint.writes_words else ()
    parts += _parameters("### Query", (*words, *endpoint.query))
    parts += _parameters("### Headers of this route", endpoint.headers)
    parts += ["## What comes back"]
    parts += _response(endpoint, shown)
    parts += _warnings(endpoint)
    parts += _shown(endpoint, picture)
    parts += ["## Examples", *_examples(endpoint, answers)]
    parts += _in_other_languages(endpoint)
    return "\n\n".join(parts) + "\n"


def _story(endpoint: Endpoint) -> str:
    """The docstring of the endpoint's file, or its summary."""
    module = sys.modules[members(endpoint.request)[0].__module__]
    if module.__name__.rpartition(".")[2] == endpoint.name and module.__doc__:
        return module.__doc__.strip()
    return endpoint.summary


def _job(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.runs_as_job:
        yield (
            "The route runs as a [job](../jobs.md). It answers 202 with the URL of the job. The answer below "
            "is the job's result. With `Prefer: wait=60` the route returns it if it is ready within 60 s."
        )


def _limits(endpoint: Endpoint) -> Iterator[str]:
    limits = [f"At most {most:,} items in `{name}`." for name, most in endpoint.max_rows.items()]
    if endpoint.max_body_mb is not None:
        limits.append(f"At most {endpoint.max_body_mb:g} MiB, decompressed.")
    if limits:
        yield " ".join(limits)


def _parameters(title: str, parameters: tuple[Parameter, ...] | Any) -> Iterator[str]:
    if parameters:
        yield title
        yield table(
            ("name", "type", "meaning"),
            [
                (f"`{parameter.name}`", in_words(parameter.schema), parameter.description)
                for parameter in parameters
            ],
        )


def _warnings(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.warnings:
        yield "### Warning codes"
        yield table(("code", "meaning"), [(f"`{code}`", text) for code, text in endpoint.warnings.items()])


def _response(endpoint: Endpoint, shown: set[str]) -> Iterator[str]:
    if isinstance(endpoint.response, Document):
        yield f"`{endpoint.response.media_type}`: {endpoint.response.description}"
    if is_array(endpoint.response):
        yield "An array with one item per row."
    if len(endpoint.response_models) > 1:
        yield f"One of {len(endpoint.response_models)} answers, which differ in their fields."
    for model in endpoint.response_models:
        yield from fields(model, shown, "always")


def _shown(endpoint: Endpoint, picture: tuple[str, str] | None) -> Iterator[str]:
    yield "### The picture"
    if picture is None:
        yield endpoint.no_chart
        return
    forms = ", ".join(f"`{form}`" for form in PICTURES)
    yield f"`Accept: …` with one of {forms} returns a picture. For the example *{picture[0]}*:"
    yield f"![{endpoint.summary}](pictures/{endpoint.name}.svg)"


def _examples(endpoint: Endpoint, answers: Mapping[str, Any]) -> Iterator[str]:
    for name, body in endpoint.examples.items():
        yield f"### {name}"
        yield _block(body)
        if isinstance(endpoint.response, Document):
            yield f"The answer is a file of type {endpoint.response.media_type}."
            continue
        notes = ["numbers rounded to 6 digits"] if endpoint.trainable else []
        notes += ["run times shown as 0.0"] if _is_timed(answers[name]) else []
        yield f"The answer ({', '.join(notes)}):" if notes else "The answer:"
        yield _block(answers[name])


def _in_other_languages(endpoint: Endpoint) -> Iterator[str]:
    """What each other language changes in the answer to the first example."""
    if not endpoint.writes_words or isinstance(endpoint.response, Document):
        return
    name, body = next(iter(endpoint.examples.items()))
    source = dict(_texts(answer(endpoint, body)))
    yield "## In other languages"
    yield f"What `lang` changes in the answer to *{name}*:"
    for lang in languages():
        texts = _texts(answer(endpoint, body, lang))
        rows = [(f"`{path}`", text) for path, text in texts if text != source.get(path)]
        if rows:
            yield f"### `lang={lang}`"
            yield table(("field", "text"), rows)


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts of an answer, each with its path, such as `rows[0].name`."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")


def _timeless(value: Any) -> Any:
    """An answer with 0.0 for each run time (numbers named ``seconds``), because run times vary."""
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: 0.0 if _is_run_time(key, item) else _timeless(item) for key, item in value.items()}


def _is_timed(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_timed(item) for item in value)
    return isinstance(value, dict) and any(
        _is_run_time(key, item) or _is_timed(item) for key, item in value.items()
    )


def _is_run_time(key: str, value: Any) -> bool:
    return isinstance(value, float) and _RUN_TIME.fullmatch(key) is not None


def _rounded(value: Any) -> Any:
    """Learned numbers, rounded so that every processor gives the same."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value


def _block(value: Any) -> str:
    return f"```json\n{pretty(value)}\n```"


def files() -> dict[str, str]:
    """The committed pages and pictures, in the format of :func:`pages`."""
    paths = [*ROUTES.glob("*.md"), *ROUTES.glob("pictures/*.svg")]
    return {str(path.relative_to(ROUTES)): path.read_text(encoding="utf-8") for path in paths}


def main() -> None:
    """Writes the pages, and removes those of deleted routes."""
    written = pages(roster())
    ROUTES.mkdir(parents=True, exist_ok=True)
    (ROUTES / "pictures").mkdir(exist_ok=True)
    for old in files():
        if old not in written:
            (ROUTES / old).unlink()
    for name, text in written.items():
        (ROUTES / name).write_text(text, encoding="utf-8")
    jobs = ROOT / "docs" / "jobs.md"
    jobs.write_text(_BLOCK.sub(lambda _: f"\n{forms(roster())}\n\n", jobs.read_text("utf-8")), "utf-8")
    print(f"{len(written)} pages and pictures in {ROUTES.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
