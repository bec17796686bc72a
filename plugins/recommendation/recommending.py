"""Items for users, each with the reason: what the routes for one user and for many have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call, Parameter
from abintel.problem import bad_parameter
from abintel.progress import between, report
from plugins.recommendation import words
from plugins.recommendation.catalogue import CATALOGUES, Catalogue, feedback
from plugins.recommendation.taste import tfidf
from plugins.recommendation.taste.personal import Ranking, Wanted, by_content, by_factors
from plugins.recommendation.training import content_info, enough

Ints = NDArray[np.int64]
Row = dict[str, Any]

LEAST_ITEMS = 3
"""Different items that a user must have for factors to say anything; with fewer, texts do."""
MOST_NAMED = 3
"""Items or words in a sentence, each with a third of the first one's part at least."""
MOST_FACTORS = 10

HEADER = Parameter(
    "X-Explain-Features",
    "`true`: every item has `top_factors`, what its score is made of.",
    {"type": "string", "enum": ["true", "false"]},
)


class Recommended(NamedTuple):
    """The answer's parts.

    Attributes:
        rows: items of each user, in order; None for one without interactions.
        info: of the model.
    """

    rows: list[list[Row] | None]
    info: Mapping[str, Any]


def explains(call: Call) -> bool:
    """Whether the call's header asks for what the scores are made of.

    Raises:
        Problem: 400, the header is neither ``true`` nor ``false``.
    """
    value = call.headers.get(HEADER.name.lower(), "false").strip().lower()
    if value not in ("true", "false"):
        raise bad_parameter(HEADER.name, f"{value[:20]!r} is not one of true, false.")
    return value == "true"


def recommend(request: Any, users: Sequence[str], call: Call) -> Recommended:
    """The best items for users.

    Args:
        request: a :class:`plugins.recommendation.schemas.TasteRequest`.
        users: for whom.
        call: whose, and in which language.
    """
    explained = explains(call)
    catalogue = CATALOGUES.of(call.tenant, request.items)
    found = feedback(request, catalogue)
    numbers = np.array([found.users.get(user, -1) for user in users], np.int64)
    wanted = Wanted(
        most=request.top_k,
        # One more than is named: the item itself is among them where it was chosen before.
        reasons=MOST_FACTORS if explained else MOST_NAMED + 1,
        exclude_seen=request.exclude_seen,
        diversity=request.diversity,
    )
    sizes = np.where(numbers < 0, 0, np.diff(found.choices.start)[numbers])
    learned = (sizes >= LEAST_ITEMS) & enough(found.choices)
    info = content_info(len(request.items))
    rows: list[list[Row] | None] = [None] * len(numbers)
    writer = _Writer(request.items, catalogue, call, explained)
    if learned.any():
        with between(0.0, 0.5):
            model = call.models.serve(found)
        info = dict(model.info)
        ranking = by_factors(
            model.model, found.choices, numbers[learned], catalogue.vectors, wanted, _share(0.5, 0.7)
        )
        writer.fill(rows, np.flatnonzero(learned), ranking, "als")
        report(0.8)
    others = (sizes > 0) & ~learned
    if others.any():
        ranking = by_content(found.choices, numbers[others], catalogue.vectors, wanted, _share(0.8, 0.9))
        writer.fill(rows, np.flatnonzero(others), ranking, "content-fallback")
    report(1.0)
    return Recommended(rows, info)


def _share(begin: float, end: float) -> Callable[[float], None]:
    """Reports shares of a stretch of the work."""
    return lambda share: report(begin + share * (end - begin))


class _Writer:
    """Writes rankings as rows of the answer; a sentence that comes again is made once."""

    def __init__(self, items: Sequence[Any], catalogue: Catalogue, call: Call, explained: bool) -> None:
        self._items = items
        self._catalogue = catalogue
        self._lang = call.lang
        self._explained = explained
        self._words: dict[int, str] = {}
        self._sentences: dict[tuple[tuple[int, ...], tuple[int, ...]], str] = {}

    def fill(self, rows: list[list[Row] | None], places: Ints, ranking: Ranking, source: str) -> None:
        """Puts the rows of a ranking at the places of its users."""
        shown = np.round(np.clip(ranking.scores, 0.0, 1.0), 4) + 0.0
        columns = (ranking.items, shown, ranking.scores > 0, *ranking[2:])
        for place, *user in zip(places.tolist(), *columns, strict=True):
            items, scores, positive, causes, parts, said, said_parts = (column.tolist() for column in user)
            own: list[Row] = []
            for k, item in enumerate(items):
                if item < 0:
                    break
                row = {"item_id": self._id(item), "score": scores[k], "source": source}
                if positive[k]:
                    beside = _named([one for one in causes[k] if one != item], causes[k], parts[k])
                    spoken = _named([one for one in said[k] if one >= 0], said[k], said_parts[k])
                    row["explanation"] = self._sentence(item, beside, spoken)
                if self._explained:
                    row["top_factors"] = self._factors(item, causes[k], parts[k], said[k], said_parts[k])
                own.append(row)
            rows[place] = own

    def _id(self, item: int) -> str:
        name: str = self._items[self._catalogue.order[item]].item_id
        return name

    def _word(self, item: int, word: int) -> str:
        """A word of an item's text."""
        if word not in self._words:
            text = self._items[self._catalogue.order[item]].metadata
            self._words[word] = tfidf.word_in(self._catalogue.vectors, word, text)
        return self._words[word]

    def _sentence(self, item: int, causes: tuple[int, ...], said: tuple[int, ...]) -> str:
        key = causes, said
        if key not in self._sentences:
            names = [self._id(cause) for cause in causes]
            if said:
                sentence = words.alike(names, [self._word(item, word) for word in said], self._lang)
            else:
                sentence = words.because(names, self._lang)
            self._sentences[key] = sentence
        return self._sentences[key]

    def _factors(
        self, item: int, causes: list[int], parts: list[float], said: list[int], said_parts: list[float]
    ) -> list[str]:
        """What a score is made of: words where texts rank, the user's items where factors do."""
        if any(word >= 0 for word in said):
            named = [
                (self._word(item, word), part)
                for word, part in zip(said, said_parts, strict=True)
                if part > 0
            ]
        else:
            named = [(self._id(one), part) for one, part in zip(causes, parts, strict=True) if part > 0]
        return [words.factor(name, part) for name, part in named]


def _named(candidates: list[int], all_of_them: list[int], parts: list[float]) -> tuple[int, ...]:
    """Those that are worth naming, of what is there in descending order."""
    known = [
        (one, part) for one, part in zip(all_of_them, parts, strict=True) if one >= 0 and one in candidates
    ]
    return tuple(one for one, part in known[:MOST_NAMED] if part >= known[0][1] / 3)
