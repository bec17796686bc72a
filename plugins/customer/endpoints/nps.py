"""Would our customers recommend us? The Net Promoter Score of a survey, overall and by store, region, plan
or whatever else the rows tell, with a band that says at a glance how good it is.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import in_future, last_day
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import Body, Identifier, Integer, Text
from abintel.problem import Fault, pointer
from abintel.wording import Lang, Texts
from plugins.customer import groups
from plugins.customer.bands import banded
from plugins.customer.endpoints import equal_bounds
from plugins.customer.nps import survey

MAX_ROWS = 50_000
MAX_GROUPS = 1_000
_MISSING = 0
"""In place of a value that is not there: no text, and not null."""
Bound = Annotated[float, Field(ge=-100, le=100)]


class NpsRow(Body):
    """An answer; any further column may be named in `group_by`."""

    model_config = ConfigDict(extra="allow")

    customer_id: Identifier = Field(description="Who answered; may answer more than once.")
    answer: Annotated[Integer, Field(ge=0, le=10)] = Field(description="0 (not at all) to 10 (certainly).")
    question: str | None = Field(None, description="The question asked; not used.")
    date: str | None = Field(None, description="When, as an ISO 8601 date or date-time.")


class NpsRequest(Body):
    """A batch of survey answers."""

    group_by: Text | Annotated[list[Identifier], Field(max_length=20)] | None = Field(
        None, description="Column, or columns, of the rows to break the score down by; empty for none."
    )
    data: Annotated[list[NpsRow], Field(min_length=1)] = Field(description="The answers.")
    bands: Annotated[dict[Identifier, Bound], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Label to lowest score, in place of the standard bands."
    )


class NpsScore(BaseModel):
    """The score of a set of answers."""

    nps: float = Field(description="Promoters less detractors, −100 to 100; 2 decimals.")
    promoters_pct: float = Field(description="Answers 9 and 10, percent; 2 decimals.")
    passives_pct: float = Field(description="Answers 7 and 8, percent; 2 decimals.")
    detractors_pct: float = Field(description="Answers 0 to 6, percent; 2 decimals.")
    responses: int = Field(description="Number of answers.")
    interpretation: str = Field(description="Band of the score.")


class NpsGroup(NpsScore):
    """The score of one group."""

    group: Any = Field(description="Value of the `group_by` column; of several, an object by column.")


class NpsAnswer(Answer):
    """The score of the batch, and of each group in it."""

    overall: NpsScore = Field(description="All answers.")
    by_group: list[NpsGroup] = Field(
        description="By group, in order of first appearance; empty if ungrouped."
    )


def check(request: NpsRequest, call: Call) -> Iterator[Fault]:
    rows: Sequence[Mapping[str, Any]] = request.data  # type: ignore[assignment]  # open rows come as dicts
    yield from _bad_dates(rows, call)
    yield from equal_bounds("bands", request.bands or {})
    columns = _columns(request)
    unusable = list(_ungroupable(rows, columns))
    yield from unusable
    if columns and not unusable:
        _, firsts = groups.numbered(_keys(rows, columns))
        if len(firsts) > MAX_GROUPS:
            yield Fault(
                pointer("group_by"),
                f"{' and '.join(map(shown, columns))} make {len(firsts)} groups; at most {MAX_GROUPS} fit.",
            )


def _bad_dates(rows: Sequence[Mapping[str, Any]], call: Call) -> Iterator[Fault]:
    limit = last_day(call)
    for i, row in enumerate(rows):
        text = row.get("date")
        if text is None:
            continue
        try:
            day = datetime.datetime.fromisoformat(text).date()
        except ValueError:
            message = f"{shown(text)} is not an ISO 8601 date or date-time, such as 2025-04-28."
        else:
            if day <= limit:
                continue
            message = in_future(shown(text), call)
        yield Fault(pointer("data", i, "date"), message)


def _ungroupable(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[Fault]:
    if all(groups.are_plain(row.get(column, _MISSING) for row in rows) for column in columns):
        return
    for i, row in enumerate(rows):
        for column in columns:
            if column not in row:
                message = "Missing, though `group_by` names it; send a value or null."
                yield Fault(pointer("data", i, column), message)
                continue
            try:
                groups.key(row[column])
            except ValueError as error:
                yield Fault(pointer("data", i, column), f"The value to group by is {error}.")


def _columns(request: NpsRequest) -> list[str]:
    asked = request.group_by or []
    return [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))


def _keys(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterable[Hashable]:
    by_column = [groups.keys([row[column] for row in rows]) for column in columns]
    return by_column[0] if len(by_column) == 1 else zip(*by_column, strict=True)


def handle(request: NpsRequest, call: Call) -> dict[str, Any]:
    rows: Sequence[Mapping[str, Any]] = request.data  # type: ignore[assignment]  # open rows come as dicts
    answers = np.array([row["answer"] for row in rows], dtype=np.int64)
    [overall] = _scores(answers, np.zeros_like(answers))
    by_group = []
    columns = _columns(request)
    if columns:
        members, firsts = groups.numbered(_keys(rows, columns))
        for first, score in zip(firsts.tolist(), _scores(answers, members), strict=True):
            values = {column: rows[first][column] for column in columns}
            group = values if len(columns) > 1 else values[columns[0]]
            words = interpret(score["nps"], call.lang, request.bands)
            by_group.append({**score, "group": group, "interpretation": words})
    words = interpret(overall["nps"], call.lang, request.bands)
    return {"overall": {**overall, "interpretation": words}, "by_group": by_group}


def _scores(answers: NDArray[np.int64], members: NDArray[np.int64]) -> list[dict[str, float]]:
    """The :func:`survey` of each group, at two decimals."""
    scored = survey(answers, members)
    *shares, responses = (column.tolist() for column in scored)
    return [
        # + 0.0 turns −0 into 0
        dict(zip(scored._fields, (*(round(value, 2) + 0.0 for value in values), count), strict=True))
        for *values, count in zip(*shares, responses, strict=True)
    ]


BANDS = {"world_class": 70.0, "excellent": 50.0, "good": 30.0, "fair": 0.0}
LOWEST_BAND = "critical"
TEXTS = Texts("customer")


def interpret(nps: float, lang: Lang, bands: Mapping[str, float] | None = None) -> str:
    """The band of a score, in words.

    Args:
        nps: the score as printed, −100 to 100.
        lang: language of the standard labels.
        bands: label to lower bound, in place of the standard bands; labels of the caller's stay as they are.
    """
    labels = TEXTS[lang].choices("nps.band")
    table = bands or {labels[name]: bound for name, bound in BANDS.items()}
    names, band_of = banded(np.array([nps]), table, labels[LOWEST_BAND])
    return names[band_of.item()]


ENDPOINT = Endpoint(
    name="nps",
    summary="Would our customers recommend us: Net Promoter Score, overall and by group.",
    request=NpsRequest,
    response=NpsAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    writes_words=True,
    max_rows={"data": MAX_ROWS},
    max_body_mb=5,
    limits_jobs=True,
    chart=lazy("plugins.customer.charts", "nps"),
    examples={
        "by-store": {
            "group_by": "group",
            "data": [
                {
                    "customer_id": "C-0001",
                    "question": "How likely are you to recommend our app?",
                    "answer": 9,
                    "group": "Store-A",
                    "date": "2025-04-28",
                },
                {"customer_id": "C-0002", "answer": 4, "group": "Store-A", "date": "2025-04-28"},
                {"customer_id": "C-0003", "answer": 10, "group": "Store-B", "date": "2025-04-28"},
            ],
        },
        "by-region-and-plan": {
            "group_by": ["region", "plan"],
            "bands": {"On target": 40, "Below target": 0},
            "data": [
                {"customer_id": "C-0001", "answer": 10, "region": "North", "plan": "Pro"},
                {"customer_id": "C-0002", "answer": 8, "region": "North", "plan": "Pro"},
                {"customer_id": "C-0003", "answer": 2, "region": "South", "plan": "Basic"},
            ],
        },
    },
)
