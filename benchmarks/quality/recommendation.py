"""Recommendations on a web shop's purchases, compared with implicit's models and with popularity."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.quality.routes import Route
from plugins.recommendation import PLUGIN

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
AUTUMN = np.datetime64("2011-10-01")
K, LONGEST = 10, 20
BOT_ROWS = 6_000


class Split(NamedTuple):
    """Purchases before and after.

    Attributes:
        user, item, time: (r,) of each purchase that is sent.
        hidden: (m, n) what customers bought that is not sent.
        timed: whether timestamps are sent.
    """

    user: Ints
    item: Ints
    time: NDArray[np.datetime64]
    hidden: sp.csr_matrix
    timed: bool


def lists(split: Split, users: Ints, items: int) -> tuple[list[list[int]], dict[str, Any]]:
    """The route's items for users, and ``model_info``."""
    rows = [
        {"user_id": str(user), "item_id": str(item), **({"timestamp": str(time)} if split.timed else {})}
        for user, item, time in zip(split.user.tolist(), split.item.tolist(), split.time, strict=True)
    ]
    answer = Route(PLUGIN, "bulk_recommend_user_items").answer(
        {
            **{"top_k": LONGEST, "user_ids": [str(user) for user in users.tolist()], "interactions": rows},
            "items": [{"item_id": str(item)} for item in range(items)],
        }
    )
    named = [[int(row["item_id"]) for row in user["recommendations"]] for user in answer["results"]]
    return named, answer["model_info"]


def purchases(folder: Path) -> tuple[Ints, Ints, NDArray[np.datetime64]]:
    """Customer, product and day of each purchase; returns and unknown customers are left out."""
    sales = pd.read_parquet(folder / "online_retail.parquet")
    bought = (sales.customer_id != -1) & (sales.quantity > 0) & ~sales.invoice.str.startswith("C")
    sales = sales[bought].drop_duplicates(["customer_id", "stock_code", "invoice"])
    user = np.unique(sales.customer_id, return_inverse=True)[1]
    item = np.unique(sales.stock_code, return_inverse=True)[1]
    return user, item, sales.invoice_date.to_numpy().astype("datetime64[D]")


def splits(folder: Path) -> dict[str, Split]:
    """A random fifth of each customer's products, and what was first bought from October on."""
    user, item, time = purchases(folder)
    users, items = int(user.max()) + 1, int(item.max()) + 1
    pair = user * items + item
    pairs, number = np.unique(pair, return_inverse=True)
    first = np.full(len(pairs), np.datetime64("2100-01-01"))
    np.minimum.at(first, number, time)
    parts = {}
    for name, hidden, sent in (
        ("random", (drawn := np.random.default_rng(0).random(len(pairs)) < 0.2), ~drawn[number]),
        ("time", (late := first >= AUTUMN), ~late[number] & (time < AUTUMN)),
    ):
        held = pairs[hidden]
        matrix = sp.csr_matrix((np.ones(len(held)), (held // items, held % items)), (users, items))
        parts[name] = Split(user[sent], item[sent], time[sent], matrix, name == "time")
    return parts


def with_bot(split: Split) -> Split:
    """The same with a made-up user who bought two products thousands of times."""
    bot, two = int(split.user.max()) + 1, np.arange(BOT_ROWS) % 2
    return Split(
        np.r_[split.user, np.full(BOT_ROWS, bot)],
        np.r_[split.item, two],
        np.r_[split.time, np.full(BOT_ROWS, split.time.max())],
        split.hidden,
        split.timed,
    )


def judged(named: list[list[int]], users: Ints, hidden: sp.csr_matrix) -> tuple[float, float, float]:
    """NDCG@10, recall@20 and precision@10."""
    gains = 1 / np.log2(np.arange(2, K + 2))
    figures = []
    for user, items in zip(users.tolist(), named, strict=True):
        known = hidden[user].indices
        hits = np.isin(items, known)
        best = gains[: min(K, len(known))].sum()
        ndcg = float((hits[:K] * gains[: len(hits[:K])]).sum() / best)
        figures.append((ndcg, hits.sum() / len(known), hits[:K].sum() / K))
    ndcg, recall, precision = np.mean(figures, axis=0)
    return float(ndcg), float(recall), float(precision)


def peers(split: Split, users: Ints, items: int) -> dict[str, list[list[int]]]:
    """Lists of implicit's models with their defaults, and of what most customers bought."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender, TFIDFRecommender

    count = np.ones(len(split.user), np.float32)
    shape = (int(split.user.max()) + 1, items)
    matrix = sp.csr_matrix((count, (split.user, split.item)), shape)
    made = {}
    for name, model in (
        ("ALS (implicit)", AlternatingLeastSquares(random_state=42, num_threads=1)),
        ("item-kNN BM25 (implicit)", BM25Recommender(num_threads=1)),
        ("item-kNN TF-IDF (implicit)", TFIDFRecommender(num_threads=1)),
    ):
        model.fit(matrix, show_progress=False)
        made[name] = model.recommend(users, matrix[users], N=LONGEST)[0].tolist()
    popular = np.argsort(-np.asarray((matrix > 0).sum(axis=0)).ravel(), kind="stable")
    made["most popular"] = [
        popular[~np.isin(popular, matrix[user].indices)][:LONGEST].tolist() for user in users.tolist()
    ]
    return made


def section(data: Path | None, quick: bool) -> str:
    """The recommendation section of the page.

    Args:
        data: folder with online_retail.parquet.
        quick: whether to judge on a part of the customers.
    """
    if data is None or not (data / "online_retail.parquet").exists():
        return "## Recommendation\n\nNot run: online_retail.parquet is not there.\n"
    PLUGIN.preload()
    lines = ["| split | model | NDCG@10 | recall@20 | P@10 |", "| --- | --- | --- | --- | --- |"]
    for name, split in splits(data).items():
        items = split.hidden.shape[1]
        known = np.bincount(split.user, minlength=split.hidden.shape[0]) > 0
        users = np.flatnonzero(known & (np.diff(split.hidden.indptr) > 0))[:: 6 if quick else 1]
        ours, info = lists(split, users, items)
        attacked, _ = lists(with_bot(split), users, items)
        rows = {
            f"**abintel** ({info['algorithm']})": ours,
            "**abintel** with a bot of 6,000 rows": attacked,
            **peers(split, users, items),
        }
        for model, named in rows.items():
            ndcg, recall, precision = judged(named, users, split.hidden)
            lines.append(f"| {name} | {model} | {ndcg:.3f} | {recall:.3f} | {precision:.3f} |")
    text = (
        "Purchases of online_retail without returns and unknown customers. Random: a fifth of the pairs\n"
        "of a customer and a product is held out. Time: what was first bought from October 2011 on. The bot\n"
        "bought two products 3,000 times each, 2 % of the rows."
    )
    return "\n".join(["## Recommendation\n", text + "\n", *lines, ""])
