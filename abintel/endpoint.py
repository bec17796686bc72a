"""The contract of a plugin: a list of endpoints, each with its schemas, its handler and, if it learns, its
model.

Read this first. An :class:`Endpoint` is one route. A :class:`Plugin` lists endpoints, and its distribution
names it in the entry-point group ``abintel.plugins``. This module knows neither HTTP nor MLflow.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from abintel import progress
from abintel.charts import Drawn
from abintel.problem import Fault
from abintel.schemas import is_array, members, row_arrays
from abintel.wording import Lang, Texts

PREFIX = "/api/v1/ai/"
EXAMPLE_HEADER = "x-example"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")


@dataclass(frozen=True)
class Parameter:
    """A query parameter or a request header that a route understands.

    Attributes:
        name: the name of the parameter or header.
        description: one sentence for the API reference.
        schema: the JSON Schema of its value.
    """

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class Document:
    """An answer that is a file instead of JSON. The handler returns its bytes.

    Attributes:
        media_type: the ``Content-Type``, such as ``application/pdf``.
        description: one sentence for the API reference.
    """

    media_type: str
    description: str


@dataclass(frozen=True)
class Fit:
    """The result of a training: the model and everything that a reviewer needs to judge it.

    Attributes:
        model: the fitted model, in the form that ``Trainable.save`` writes.
        algorithm: name of the winning learner, as the API documents print it.
        quality: the metric that decides whether the model replaces its predecessor (cross-validated ROC-AUC
            for classifiers); higher is better.
        params: hyperparameters of the winner.
        metrics: metrics of the winner.
        candidates: cross-validated metrics of every candidate, by name.
        features: names of the features, in the model's order.
        info: what ``model_info`` of an answer says about the training; JSON, stored with the model.
        input_example: synthetic rows of features for the reviewer, without customers' data.
        pictures: pictures (PNG or SVG) and tables (CSV) for the reviewer, by file name. They are read last,
            so that they can be drawn in the background.
        card: the model card, Markdown.
    """

    model: Any
    algorithm: str
    quality: float
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    candidates: Mapping[str, Mapping[str, float]]
    features: Sequence[str]
    info: Mapping[str, Any]
    input_example: Sequence[Mapping[str, Any]]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    card: str = ""


@dataclass(frozen=True)
class Training:
    """A training that a request's labels allow.

    Attributes:
        fingerprint: digest of the labelled rows, independent of their order.
        rows: number of labelled rows.
        fit: trains the model. It is called at most once, and not at all if a live version has the
            fingerprint.
        register: whether the model is stored. Otherwise it answers only its own request.
    """

    fingerprint: str
    rows: int
    fit: Callable[[], Fit]
    register: bool = True


@dataclass(frozen=True)
class Trainable:
    """How an endpoint learns. The registry stores models, reuses them for 30 days and rolls them back.

    Attributes:
        scope: returns what a model is for, apart from tenant and endpoint, such as ``{"campaign_id": …}``.
            Its argument is what the handler passes to ``Models.serve``: the request, or an object made from
            it.
        training: returns the training for the same argument, or None if its labels do not suffice.
        save: writes a model into an empty folder, in native formats or arrays, never as a pickle.
        load: reads a model back. It must not run code from the files.
        score: returns the scores of rows (feature name to value), in order. Handlers use it, too.
        requirements: names of the distributions that ``load`` and ``score`` import.
        output: name of the scores in the model's signature.
        measure: name of the metric in ``Fit.quality``. None if a newer version always replaces the older one.
    """

    scope: Callable[[Any], Mapping[str, str]]
    training: Callable[[Any], Training | None]
    save: Callable[[Any, Path], None]
    load: Callable[[Path], Any]
    score: Callable[[Any, Sequence[Mapping[str, Any]]], Sequence[float]]
    requirements: Sequence[str]
    output: str = "probability"
    measure: str | None = "roc_auc"


@dataclass(frozen=True)
class Served:
    """The model that answers a request.

    Attributes:
        model: the result of ``Trainable.load``; None if there is no model, and ``note`` says why.
        info: the content of ``model_info``: about the training (``Fit.info``) and the reuse (``cached``,
            ``model_version``, ``trained_at``, ``expires_at``, ``registry``).
        note: why there is no model, None if there is one.
    """

    model: Any
    info: Mapping[str, Any]
    note: str | None = None


class Models(Protocol):
    """The registry, as a handler sees it: one tenant's models of one endpoint."""

    def serve(self, request: Any) -> Served:
        """Trains, reuses or looks up the model for a request, by the 30-day rules."""
        ...

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        """The live champion of another endpoint, in the scope that it reads from the request.

        It never trains and never warns. The caller's own answer says that it has no model.
        """
        ...


class NoModels:
    """The registry of an endpoint that does not learn."""

    def serve(self, request: Any) -> Served:
        raise LookupError("this endpoint declares no trainable model")

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        return self.serve(request)


@dataclass
class Call:
    """What a handler knows about a call apart from its body.

    Attributes:
        tenant: owner of the credential.
        now: the current moment, UTC.
        lang: language of the sentences in the answer.
        currency: currency sign for money in sentences, or None.
        headers: request headers, names in lower case.
        query: query parameters, as sent; :func:`abintel.query.chosen` reads those with fixed values.
        models: the tenant's models of this endpoint.
    """

    tenant: str
    now: datetime.datetime
    lang: Lang = "en"
    currency: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    models: Models = field(default_factory=NoModels)
    warnings: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_example(self) -> bool:
        """Whether the caller says that the body is an example of the documentation (``X-Example: true``).

        Its models have a scope of their own, so that an example never replaces a model of real data.
        """
        return self.headers.get(EXAMPLE_HEADER, "").strip().lower() == "true"

    @property
    def today(self) -> datetime.date:
        """The server's date, UTC."""
        return self.now.date()

    def warn(self, code: str, message: str) -> None:
        """Adds a warning to the answer. The endpoint must list its code."""
        self.warnings.append({"code": code, "message": message})


def no_check(request: Any, call: Call) -> Iterable[Fault]:
    """The check of an endpoint whose schema expresses all its rules."""
    return ()


def by_parts(request: Any, call: Call) -> Any:
    """Placeholder for the handler of an endpoint that has ``parts`` instead."""
    raise NotImplementedError


@dataclass(frozen=True)
class Parts:
    """Work that splits into independent pieces, so that several workers can share a job.

    A piece holds everything that its work needs, so the answer does not depend on the number of processes.
    ``abintel.progress.report`` reports progress within a piece. A warning from several pieces appears once.

    Attributes:
        split: returns the pieces of a request as bytes in the endpoint's own format. It must be fast. It may
            load a champion (``Models.champion``) but not train. Pieces start in order, so long ones should
            come first.
        work: returns the result of a piece.
        join: returns the answer from the request and the results, in the order of the pieces. An endpoint
            that learns calls ``call.models.serve`` here.
    """

    split: Callable[[Any, Call], Sequence[bytes]]
    work: Callable[[bytes, Call], bytes]
    join: Callable[[Any, Sequence[bytes], Call], Any]

    def handle(self, request: Any, call: Call) -> Any:
        """The handler that does all the work in one process."""
        return self.run(request, self.split(request, call), call)

    def run(self, request: Any, pieces: Sequence[bytes], call: Call) -> Any:
        """Works on the pieces of a request one after the other and joins the results."""
        results = []
        for index, piece in enumerate(pieces):
            with progress.between(index / len(pieces), (index + 1) / len(pieces)):
                results.append(self.work(piece, call))
        return self.merge(request, results, call)

    def merge(self, request: Any, results: Sequence[bytes], call: Call) -> Any:
        """Joins the results and removes repeated warnings from the call."""
        answer = self.join(request, results, call)
        unique: dict[tuple[str, str], dict[str, str]] = {}
        for warning in call.warnings:
            unique.setdefault((warning["code"], warning["message"]), warning)
        call.warnings[:] = unique.values()
        return answer


@dataclass(frozen=True)
class Endpoint:
    """One route.

    Attributes:
        name: last segment of the URL, and name of its file.
        summary: the question that it answers, in one line.
        request: pydantic model of the body (:class:`abintel.fields.Body`), or a union of several.
        response: pydantic model of the answer (:class:`abintel.answer.Answer`), a union of models that differ
            in their required keys, a list of a model, or a :class:`Document`.
        handle: returns the answer as plain dicts and lists, or as the document's bytes. Made from ``parts``
            if there are any.
        examples: bodies that work, by name. The documentation shows the first one. The API reference, the
            contract tests and the load test use all of them.
        check: yields faults that the schema cannot express (a repeated id, a date in the future), before
            ``handle`` runs.
        headers: request headers that it reads.
        query: query parameters that it reads, in addition to ``lang`` and ``currency``.
        on_the_spot: whether the event loop may answer small bodies itself, without a thread. The work must be
            proportional to the body and must not wait for a file, a lock or another process.
        writes_words: whether ``lang`` and ``currency`` change its answer.
        warnings: the meaning of every code that the handler may pass to ``Call.warn``.
        max_rows: the most items of an array in one request, by the array's name (``data``).
        max_body_mb: limit of the body in MiB, if it is below the server's.
        limits_jobs: whether ``max_rows`` and ``max_body_mb`` also apply to jobs.
        runs_as_job: whether the route itself submits a job. It then has no ``_async`` route.
        trainable: how it learns, if it does.
        chart: draws an answer, if the route has a picture.
        no_chart: why the route has no picture, if one would be expected.
        parts: how a large request is split, worked on and joined, if it can be.
    """

    name: str
    summary: str
    request: Any
    response: Any
    handle: Callable[[Any, Call], Any] = by_parts
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    check: Callable[[Any, Call], Iterable[Fault]] = no_check
    headers: Sequence[Parameter] = ()
    query: Sequence[Parameter] = ()
    on_the_spot: bool = False
    writes_words: bool = False
    warnings: Mapping[str, str] = field(default_factory=dict)
    max_rows: Mapping[str, int] = field(default_factory=dict)
    max_body_mb: float | None = None
    limits_jobs: bool = False
    runs_as_job: bool = False
    trainable: Trainable | None = None
    chart: Drawn | None = None
    no_chart: str = ""
    parts: Parts | None = None

    def __post_init__(self) -> None:
        if self.parts is not None and self.handle is by_parts:
            object.__setattr__(self, "handle", self.parts.handle)
        if self.handle is by_parts or (self.parts is not None and self.handle != self.parts.handle):
            raise ValueError(f"endpoint {self.name!r} needs `handle` or `parts`, and not both")
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"endpoint {self.name!r}: a name is lower case letters, digits and _")
        if not self.examples:
            raise ValueError(f"endpoint {self.name!r} has no example")
        if self.warnings and not self.answers_object:
            raise ValueError(f"endpoint {self.name!r}: its answer has no place for warnings")
        if self.on_the_spot and self.trainable is not None:
            raise ValueError(f"endpoint {self.name!r} learns, and so asks stores: it cannot be on the spot")
        if self.chart is not None and self.no_chart:
            raise ValueError(f"endpoint {self.name!r} has a chart, and a reason why it has none")
        if self.chart is not None and isinstance(self.response, Document):
            raise ValueError(f"endpoint {self.name!r}: a chart is of an answer in JSON; its answer is a file")

    @property
    def route(self) -> str:
        """URL path."""
        return PREFIX + self.name

    @property
    def example(self) -> Mapping[str, Any]:
        """The body that documentation shows."""
        return next(iter(self.examples.values()))

    @property
    def main_input(self) -> str | None:
        """The array of the body that a table's rows go to: the first required one. None without arrays."""
        arrays = [array for model in members(self.request) for array in row_arrays(model).items()]
        return next((name for name, is_required in arrays if is_required), arrays[0][0] if arrays else None)

    @property
    def answers_object(self) -> bool:
        """Whether the answer is a JSON object. Only objects can have warnings."""
        return not isinstance(self.response, Document) and not is_array(self.response)

    @property
    def response_models(self) -> tuple[type[BaseModel], ...]:
        """The models of the answer; none for a document."""
        return () if isinstance(self.response, Document) else members(self.response)

    @property
    def title(self) -> str:
        """Its name in the API description: ``CustomerRfm`` for ``customer_rfm``."""
        return "".join(part.capitalize() for part in self.name.split("_"))


def nothing_to_do() -> None:
    """The warm-up of a plugin that needs none."""


@dataclass(frozen=True)
class Plugin:
    """An area of the API. Entry points of the group ``abintel.plugins`` point to plugins.

    Attributes:
        name: the name of the area and of the entry point.
        endpoints: the routes.
        warm: compiles or loads what would make the first request slow; called once in each serving process
            before it is ready.
        preload: does slow work that only some requests need, such as importing the libraries of learners
            (:func:`abintel.preload.importing`); called once in each process, after it is ready.
        texts: the texts that it brings in a folder of its own; those in the service's folder need no mention.
    """

    name: str
    endpoints: Sequence[Endpoint]
    warm: Callable[[], None] = nothing_to_do
    preload: Callable[[], None] = nothing_to_do
    texts: Sequence[Texts] = ()
