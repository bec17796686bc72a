"""Items for users, each with its reason: what the routes for one user and for many users share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call, Parameter
from abintel.problem import bad_parameter
from abintel.progress import between, report
from abintel.wording import Lang
from plugins.recommendation import words
from plugins.recommendation.catalogue import CATALOGUES, Catalogue
from plugins.recommendation.feedback import feedback
from plugins.recommendation.recommenders import roster, tfidf
from plugins.recommendation.recommenders.lists import Wanted, rank
from plugins.recommendation.recommenders.recommender import Ranking, Recommender
from plugins.recommendation.training import content_info, enough

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Row = dict[str, Any]
Part = tuple[int, float]
"""The number of an item or a word, and what it contributes to a score."""

LEAST_ITEMS = 3
"""A user with fewer different items is answered by texts: a learned model would know too little."""
MOST_NAMED = 3
"""Items or words in a sentence. Each must contribute at least a third of what the first does."""
MOST_FACTORS = 10

HEADER = Parameter(
    "X-Explain-Features",
    "`true`: every item has `top_factors`, the parts of its score.",
    {"type": "string", "enum": ["true", "false"]},
)


WARNINGS = {
    "popularity_wins": "No algorithm ranks held-out choices better than popularity does.",
    "algorithm_not_used": "There are too few interactions for the algorithm that was asked for; texts rank.",
}


class Recommended(NamedTuple):
    """The parts of an answer.

    Attributes:
        rows: the items of each user, in request order; None for a user without interactions.
        info: ``model_info``.
    """

    rows: list[list[Row] | None]
    info: Mapping[str, Any]


def explains(call: Call) -> bool:
    """Whether the header asks for the parts of the scores.

    Raises:
        Problem: 400 if the header is neither ``true`` nor ``false``.
    """
    value = call.headers.get(HEADER.name.lower(), "false").strip().lower()
    if value not in ("true", "false"):
        raise bad_parameter(HEADER.name, f"{value[:20]!r} is not one of true, false.")
    return value == "true"


def recommend(request: Any, users: Sequence[str], call: Call) -> Recommended:
    """The best items for users.

    Args:
        request: a :class:`plugins.recommendation.schemas.TasteRequest`.
        users: ids of the users to recommend to.
        call: tenant, language and headers.
    """
    explained = explains(call)
    catalogue = CATALOGUES.of(call.tenant, request.items)
    sent = feedback(request, catalogue)
    numbers = np.array([sent.users.get(user, -1) for user in users], np.int64)
    wanted = Wanted(
        most=request.top_k,
        # One more than a sentence names: an item that the user chose before is a cause of its own score.
        reasons=MOST_FACTORS if explained else MOST_NAMED + 1,
        exclude_seen=request.exclude_seen,
        diversity=float(request.diversity),
    )
    sizes = np.where(numbers < 0, 0, np.diff(sent.choices.start)[numbers])
    can_learn = request.algorithm != roster.TEXT and enough(sent.choices)
    forced = request.algorithm not in ("auto", roster.TEXT)
    if forced and not can_learn:
        call.warn("algorithm_not_used", words.algorithm_not_used(request.algorithm, call.lang))
    learned = (sizes >= (1 if forced else LEAST_ITEMS)) & can_learn
    by_text = (sizes > 0) & ~learned
    info = content_info(len(request.items))
    rows: list[list[Row] | None] = [None] * len(numbers)
    writer = _Writer(request.items, catalogue, call, explained)

    def fill(model: Recommender, chosen: Bools, begin: float, end: float) -> None:
        ranking = rank(
            model,
            sent.choices,
            numbers[chosen],
            catalogue.vectors,
            wanted,
            lambda share: report(begin + share * (end - begin)),
        )
        writer.fill(rows, np.flatnonzero(chosen), ranking, model.source)

    if learned.any():
        with between(0.0, 0.5):
            served = call.models.serve(sent)
        info = dict(served.info)
        if info["algorithm"] == roster.FLOOR.name:
            call.warn("popularity_wins", words.popularity_wins(call.lang))
        fill(served.model, learned, 0.5, 0.7)
        report(0.8)
    if by_text.any():
        fill(roster.BY_TEXT(catalogue.vectors), by_text, 0.8, 0.9)
    report(1.0)
    return Recommended(rows, info)


def written(rows: list[Row] | None, lang: Lang) -> dict[str, Any]:
    """A user's recommendations in an answer, with a note if there are none."""
    if rows:
        return {"recommendations": rows}
    note = words.no_interactions(lang) if rows is None else words.nothing_left(lang)
    return {"recommendations": [], "note": note}


class _Writer:
    """Writes rankings as rows of the answer. A sentence that occurs again is made once."""

    def __init__(self, items: Sequence[Any], catalogue: Catalogue, call: Call, explained: bool) -> None:
        self._items = items
        self._catalogue = catalogue
        self._lang = call.lang
        self._explained = explained
        self._words: dict[int, str] = {}
        self._sentences: dict[tuple[tuple[int, ...], tuple[int, ...]], str] = {}

    def fill(self, rows: list[list[Row] | None], positions: Ints, ranking: Ranking, source: str) -> None:
        """Writes the rows of a ranking to the positions of its users."""
        printed = np.round(np.clip(ranking.scores, 0.0, 1.0), 4) + 0.0
        columns = (ranking.items, printed, ranking.scores > 0, *ranking[2:])
        for position, *of_user in zip(positions.tolist(), *columns, strict=True):
            items, scores, positive, causes, parts, said, said_parts = (array.tolist() for array in of_user)
            user_rows: list[Row] = []
            for k, item in enumerate(items):
                if item < 0:
                    break
                by_items = [pair for pair in zip(causes[k], parts[k], strict=True) if pair[0] >= 0]
                by_words = [pair for pair in zip(said[k], said_parts[k], strict=True) if pair[0] >= 0]
                row = {"item_id": self._id(item), "score": scores[k], "source": source}
                if source == roster.FLOOR.source:
                    row["explanation"] = words.popular(self._lang)
                elif positive[k]:
                    others = _largest([(cause, part) for cause, part in by_items if cause != item])
                    row["explanation"] = self._sentence(item, others, _largest(by_words))
                if self._explained:
                    row["top_factors"] = self._factors(item, by_items, by_words)
                user_rows.append(row)
            rows[position] = user_rows

    def _id(self, item: int) -> str:
        item_id: str = self._items[self._catalogue.order[item]].item_id
        return item_id

    def _word(self, item: int, word: int) -> str:
        """A word of an item's text."""
        if word not in self._words:
            text = self._items[self._catalogue.order[item]].metadata
            self._words[word] = tfidf.word_in(self._catalogue.vectors, word, text)
        return self._words[word]

    def _sentence(self, item: int, causes: tuple[int, ...], said: tuple[int, ...]) -> str:
        key = causes, said
        if key not in self._sentences:
            ids = [self._id(cause) for cause in causes]
            if said:
                sentence = words.alike(ids, [self._word(item, word) for word in said], self._lang)
            else:
                sentence = words.because(ids, self._lang)
            self._sentences[key] = sentence
        return self._sentences[key]

    def _factors(self, item: int, by_items: Sequence[Part], by_words: Sequence[Part]) -> list[str]:
        """The parts of a score: words if texts decide it, else the user's items."""
        if by_words:
            named = [(self._word(item, word), part) for word, part in by_words if part > 0]
        else:
            named = [(self._id(cause), part) for cause, part in by_items if part > 0]
        return [words.factor(name, part, self._lang) for name, part in named]


def _largest(parts: Sequence[Part]) -> tuple[int, ...]:
    """What is worth naming of parts in descending order."""
    return tuple(number for number, part in parts[:MOST_NAMED] if part >= parts[0][1] / 3)
