"""What a plugin is: a roster of endpoints, each with its schemas, its handler and its model where it learns.

Read this first. A route is one :class:`Endpoint`; a plugin is a :class:`Plugin` that lists them and is named
in the entry-point group ``abintel.plugins`` of its distribution. Nothing here knows of HTTP or of MLflow.
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
from abintel.schemas import is_array, members
from abintel.wording import Lang, Texts

PREFIX = "/api/v1/ai/"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")


@dataclass(frozen=True)
class Parameter:
    """A query parameter or a request header that a route understands.

    Attributes:
        name: as it is sent.
        description: one sentence for the API reference.
        schema: its JSON Schema.
    """

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class Document:
    """An answer that is a file instead of JSON; the handler returns its bytes.

    Attributes:
        media_type: as ``Content-Type`` names it, such as ``application/pdf``.
        description: one sentence for the API reference.
    """

    media_type: str
    description: str


@dataclass(frozen=True)
class Fit:
    """What a training gives: the model, and all that a reviewer needs to judge it.

    Attributes:
        model: the fitted model, in whatever form ``Trainable.save`` writes.
        algorithm: name of the winner, as the API documents print it.
        quality: the figure that decides whether it replaces its predecessor (cross-validated ROC-AUC where
            there are classes); higher is better.
        params: settings of the winner.
        metrics: the winner's figures.
        candidates: cross-validated figures of every candidate, by name.
        features: names of the features, in the model's order.
        info: what ``model_info`` of an answer says of this training; JSON-able, stored with the model.
        input_example: invented rows as the model sees them, without any customer's data, for the reviewer.
        pictures: file name to PNG or SVG bytes, for the reviewer; a table may be CSV. Read last of all, so
            that they may be drawn meanwhile.
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
        fingerprint: digest of the labelled rows, whatever their order; equal data, equal fingerprint.
        rows: how many labelled rows.
        fit: does the work; called at most once, and not at all if a live version has the fingerprint.
        register: whether the model is kept; one that is not answers its own request and no other.
    """

    fingerprint: str
    rows: int
    fit: Callable[[], Fit]
    register: bool = True


@dataclass(frozen=True)
class Trainable:
    """How an endpoint learns. The registry does the rest: storing, reusing for 30 days, rolling back.

    Attributes:
        scope: what a model is for, apart from tenant and endpoint, such as ``{"campaign_id": …}``; takes
            what the handler gives to ``Models.serve``: the request, or what it made of it.
        training: the training that the same allows (its labels suffice), or None if it does not.
        save: writes a model into an empty folder, in native formats or arrays, never as a pickle.
        load: reads it back; must not run code that the files bring.
        score: figures of rows (feature name to value), in their order; what handlers score with, too.
        requirements: names of the distributions that ``load`` and ``score`` import.
        output: what ``score`` gives, as the reviewer's signature names it.
        measure: name of the figure that ``Fit.quality`` is; None where a newer version replaces the older,
            however good it is.
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
        model: as ``Trainable.load`` gave it, or None: there is none, and ``note`` says why.
        info: what ``model_info`` says: of the training (``Fit.info``), and of the reuse (``cached``,
            ``model_version``, ``trained_at``, ``expires_at``, ``registry``).
        note: why there is no model, None if there is one.
    """

    model: Any
    info: Mapping[str, Any]
    note: str | None = None


class Models(Protocol):
    """The registry, as a handler sees it: one tenant's models of one endpoint."""

    def serve(self, request: Any) -> Served:
        """Trains, reuses or finds the model for a request, by the 30-day rules."""
        ...

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        """The live champion of another endpoint, in the scope that it reads from the request; never trains,
        and warns of nothing: whoever asks has no model of its own, and that is what there is to say."""
        ...


class NoModels:
    """The registry of an endpoint that does not learn."""

    def serve(self, request: Any) -> Served:
        raise LookupError("this endpoint declares no trainable model")

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        return self.serve(request)


@dataclass
class Call:
    """What a handler knows of a call beside its body.

    Attributes:
        tenant: whose credential it came with.
        now: the clock, UTC.
        lang: language of the sentences in the answer.
        currency: sign to print before money in sentences, or None.
        headers: request headers, names in lower case.
        query: query parameters, as sent; :func:`abintel.query.chosen` reads those that name a choice.
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
    def today(self) -> datetime.date:
        """The server's date, UTC."""
        return self.now.date()

    def warn(self, code: str, message: str) -> None:
        """Adds a remark to the answer's ``warnings``; the endpoint lists the code."""
        self.warnings.append({"code": code, "message": message})


def no_check(request: Any, call: Call) -> Iterable[Fault]:
    """The check of an endpoint whose schema says everything."""
    return ()


def by_parts(request: Any, call: Call) -> Any:
    """Stands for the handler of an endpoint that says its ``parts`` instead."""
    raise NotImplementedError


@dataclass(frozen=True)
class Parts:
    """Work that falls into pieces which need nothing of each other, so that several workers can share a job.

    The answer must not depend on how many processes did the pieces: all that one needs is in the piece.
    ``abintel.progress.report`` counts within a piece; a remark that several pieces make appears once.

    Attributes:
        split: the pieces of a request, each bytes of the endpoint's own form. Short beside the work; may
            read a live model (``Models.champion``), and trains none. They are begun in their order, so the
            longest come first.
        work: the result of a piece.
        join: the answer, from the request and the results in the order of the pieces; where the endpoint
            learns, it is here that it asks ``call.models.serve``.
    """

    split: Callable[[Any, Call], Sequence[bytes]]
    work: Callable[[bytes, Call], bytes]
    join: Callable[[Any, Sequence[bytes], Call], Any]

    def handle(self, request: Any, call: Call) -> Any:
        """The handler that does all of it in one process."""
        return self.done(request, self.split(request, call), call)

    def done(self, request: Any, pieces: Sequence[bytes], call: Call) -> Any:
        """The answer to a request that was split, its pieces done one after the other."""
        results = []
        for place, piece in enumerate(pieces):
            with progress.between(place / len(pieces), (place + 1) / len(pieces)):
                results.append(self.work(piece, call))
        return self.joined(request, results, call)

    def joined(self, request: Any, results: Sequence[bytes], call: Call) -> Any:
        """The answer, and each remark once in the call's warnings, where it was made first."""
        answer = self.join(request, results, call)
        first: dict[tuple[str, str], dict[str, str]] = {}
        for remark in call.warnings:
            first.setdefault((remark["code"], remark["message"]), remark)
        call.warnings[:] = first.values()
        return answer


@dataclass(frozen=True)
class Endpoint:
    """One route.

    Attributes:
        name: last part of the URL, and of the file that it lives in.
        summary: what question it answers, in a line.
        request: pydantic model of the body (:class:`abintel.fields.Body`), or a union of several.
        response: pydantic model of the answer (:class:`abintel.answer.Answer`), a union of several, told
            apart by their required keys, a list of one, or a :class:`Document`.
        handle: request and call to the answer, as plain dicts and lists, or as the document's bytes; made
            from ``parts`` where there are any.
        examples: name to a body that runs; the first is the one that documentation shows. The API
            reference, the contract tests and the load test all use them.
        check: faults that no schema can say (an id twice, a date after today), found before ``handle``.
        headers: request headers that it understands.
        query: query parameters that it understands, beside ``lang`` and ``currency``.
        on_the_spot: whether its work is in proportion to its body and waits for nothing, no file, lock or
            other process: small bodies are then answered by the event loop, without a thread.
        writes_words: whether ``lang`` and ``currency`` change its answer.
        warnings: code to meaning, for every code that the handler may give to ``Call.warn``.
        max_rows: path of an array (``data``) to the most items it may have in one request.
        max_body_mb: limit of the body, below the server's own.
        limits_jobs: whether ``max_rows`` and ``max_body_mb`` hold for jobs too.
        runs_as_job: whether the route itself answers with a job, so that it has no ``_async`` beside it.
        trainable: how it learns, if it does.
        chart: draws an answer of it, if it can be drawn.
        no_chart: why it cannot, where somebody would expect it.
        parts: how a large request is split, worked on and joined, where it can be.
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
    def answers_object(self) -> bool:
        """Whether the answer is a JSON object, the only one with a place for warnings."""
        return not isinstance(self.response, Document) and not is_array(self.response)

    @property
    def response_models(self) -> tuple[type[BaseModel], ...]:
        """Models of the answer; none if it is a document."""
        return () if isinstance(self.response, Document) else members(self.response)

    @property
    def title(self) -> str:
        """Name of its component in the API description: ``customer_rfm`` is ``CustomerRfm``."""
        return "".join(part.capitalize() for part in self.name.split("_"))


def nothing_to_do() -> None:
    """The warm-up of a plugin whose first request is as fast as any."""


@dataclass(frozen=True)
class Plugin:
    """An area of the API: what an entry point of the group ``abintel.plugins`` points to.

    Attributes:
        name: the area's name, equal to the entry point's.
        endpoints: its routes.
        warm: compiles or loads what would make the first request slow; called once in each serving
            process before it says that it is ready.
        preload: does slow work that only some requests need, such as importing the libraries of learners
            (:func:`abintel.preload.importing`); called once in each process, after it is ready.
        texts: the texts that it brings in a folder of its own; those in the service's folder need no mention.
    """

    name: str
    endpoints: Sequence[Endpoint]
    warm: Callable[[], None] = nothing_to_do
    preload: Callable[[], None] = nothing_to_do
    texts: Sequence[Texts] = ()
