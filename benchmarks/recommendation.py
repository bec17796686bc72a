"""The routes that recommend items, inside the service, beside the obvious implementation.

``OPENBLAS_NUM_THREADS=1 python benchmarks/recommendation.py``, which is how the server runs, prints a table.
"First" is a whole call of a catalogue and interactions that nobody sent before, "cached" one of those that
somebody did; both after decoding and with everything else: checks, fingerprint, registry (a real one, on
SQLite), ranking, encoding. "Ranking" is what of it comes after checking, reading and fingerprinting the body.
The obvious implementation fits scikit-learn's TfidfVectorizer, or implicit's ALS, in each call; it makes no
explanations.
"""

from __future__ import annotations

import datetime
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

SEED = 20250424


def catalogue(count: int) -> list[dict[str, Any]]:
    """Items with eight words each, of which some are far more frequent than others."""
    chance = np.random.default_rng(SEED)
    weights = 1 / np.arange(1, 20_001)
    drawn = chance.choice(20_000, (count, 8), p=weights / weights.sum())
    return [
        {"item_id": f"SKU-{place:06d}", "metadata": " ".join(f"word{word}" for word in words)}
        for place, words in enumerate(drawn.tolist())
    ]


def interactions(users: int, items: int, rows: int) -> list[dict[str, str]]:
    """Choices of users of fifty kinds, one in five astray, the popular items of a kind far ahead."""
    chance = np.random.default_rng(SEED)
    user = chance.integers(users, size=rows)
    kind = np.where(chance.random(rows) < 0.8, user % 50, chance.integers(50, size=rows))
    item = (chance.random(rows) ** 2 * (items // 50)).astype(int) * 50 + kind
    pairs = zip(user.tolist(), item.tolist(), strict=True)
    return [{"user_id": f"U{one:05d}", "item_id": f"SKU-{other:06d}"} for one, other in pairs]


def by_scikit_learn(body: dict[str, Any]) -> None:
    """A vectorizer and all cosines, in every call."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    ids = [item["item_id"] for item in body["items"]]
    matrix = TfidfVectorizer().fit_transform([item["metadata"] for item in body["items"]])
    reference = body.get("item_id") or body["interactions"][0]["item_id"]
    scores = cosine_similarity(matrix[ids.index(reference)], matrix)[0]
    np.argsort(-scores)[: body["top_k"]]


def by_implicit(body: dict[str, Any]) -> None:
    """A fit with the library's settings, in every call."""
    import scipy.sparse as sp
    from implicit.als import AlternatingLeastSquares

    users = {name: k for k, name in enumerate(dict.fromkeys(row["user_id"] for row in body["interactions"]))}
    items = {item["item_id"]: k for k, item in enumerate(body["items"])}
    row = [users[one["user_id"]] for one in body["interactions"]]
    column = [items[one["item_id"]] for one in body["interactions"]]
    matrix = sp.csr_matrix((np.ones(len(row), np.float32), (row, column)), (len(users), len(items)))
    model = AlternatingLeastSquares(factors=50, iterations=30, random_state=0, num_threads=2)
    model.fit(matrix, show_progress=False)
    model.recommend(np.arange(len(users)), matrix, N=body["top_k"])


def timed(work: Callable[[], Any], runs: int) -> float:
    """Median seconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(
    route: str, body: dict[str, Any], obvious: Callable[[dict[str, Any]], None], home: Path
) -> list[float]:
    """Seconds of decoding, a first call, cached ones, of those without reading, and the obvious."""
    from abintel.answer import Encoder
    from abintel.decode import Decoder
    from abintel.endpoint import Call
    from abintel.settings import Settings
    from plugins.recommendation import PLUGIN
    from plugins.recommendation.catalogue import CATALOGUES, faults, feedback
    from registry.registry import Registry

    [endpoint] = [one for one in PLUGIN.endpoints if one.name == route]
    decoder, encoder = Decoder(endpoint.request), Encoder(endpoint.response)
    registry = Registry(Settings.from_environment({"ABINTEL_HOME": str(home)}))
    registry.open()
    content = orjson.dumps(body)
    request = decoder.decode(content)

    def respond() -> bytes:
        call = Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))
        call.models = registry.bound("bench", endpoint, call.now, call.warn)
        assert not list(endpoint.check(request, call))
        return encoder.encode(endpoint.handle(request, call))

    def read() -> None:
        list(faults(request, Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))))
        feedback(request, CATALOGUES.of("bench", request.items))

    first = timed(respond, 1)
    cached = timed(respond, 5)
    return [
        timed(lambda: decoder.decode(content), 3),
        first,
        cached,
        cached - timed(read, 5),
        timed(lambda: obvious(body), 1),
    ]


def main() -> None:
    """Prints the table."""
    from plugins.recommendation import PLUGIN

    PLUGIN.warm()
    large, shop, choices = catalogue(100_000), catalogue(5_000), interactions(10_000, 5_000, 274_000)
    mine = [{"user_id": "U00000", "item_id": f"SKU-{place:06d}"} for place in (1, 2, 3)]
    one = {"user_id": "U00000", "top_k": 10}
    alike = {"item_id": "SKU-000001", "top_k": 10}
    rows: list[tuple[str, str, dict[str, Any], Any]] = [
        ("ALS, 10,000 users × 5,000 items × 274,000", "recommend_user_items",
         {**one, "items": shop, "interactions": choices}, by_implicit),
        ("TF-IDF, 100,000 items", "recommend_user_items",
         {**one, "items": large, "interactions": mine}, by_scikit_learn),
        ("with CF, 274,000 interactions", "recommend_similar_items",
         {**alike, "items": shop, "interactions": choices}, by_implicit),
        ("content only, 100,000 items", "recommend_similar_items",
         {**alike, "items": large}, by_scikit_learn),
        ("10,000 users × 5,000 items × 500,000", "bulk_recommend_user_items",
         {"top_k": 10, "items": shop, "interactions": interactions(10_000, 5_000, 500_000)}, by_implicit),
    ]  # fmt: skip
    print("| route | work | decoding | first | cached | of it ranking | obvious |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for work, route, body, obvious in rows:
        with tempfile.TemporaryDirectory() as home:
            figures = measure(route, body, obvious, Path(home))
        shown = " | ".join(f"{figure * 1000:,.0f} ms" for figure in figures)
        print(f"| {route} | {work} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
