"""Recommendations with implicit and scikit-learn, baskets with scipy's sparse matrices.

What ours learns once and keeps for 30 days is learned in each call. Half-lives, diversity, `time_range`,
personal matrices and the other settings that the works do not use are left out.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import orjson
import pandas as pd
import scipy.linalg
import scipy.sparse as sp
from fastapi import APIRouter, Response
from implicit.als import AlternatingLeastSquares
from implicit.evaluation import ranking_metrics_at_k
from pydantic import BaseModel, Field
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel
from sklearn.preprocessing import MultiLabelBinarizer, normalize
from threadpoolctl import threadpool_limits

router = APIRouter()

LEAST_USERS, LEAST_ITEMS, LEAST_ROWS = 75, 50, 1_500
ALPHA = 4.0
STRENGTHS = (0.05, 0.12, 0.25, 0.45)
"""Regularisations to try, in the matrix's largest singular value."""


class Interaction(BaseModel):
    user_id: str = Field(min_length=1, max_length=256)
    item_id: str = Field(min_length=1, max_length=256)
    rating: float | None = Field(None, ge=0, le=5)


class Item(BaseModel):
    item_id: str = Field(min_length=1, max_length=256)
    metadata: str | None = None


class Tastes(BaseModel):
    top_k: int = Field(10, ge=1, le=200)
    items: list[Item] = Field(min_length=1)


class ForUser(Tastes):
    user_id: str
    interactions: list[Interaction] = Field(min_length=3)


class ForUsers(Tastes):
    user_ids: list[str] | None = None
    interactions: list[Interaction] = Field(min_length=3)


class ForItem(Tastes):
    item_id: str
    interactions: list[Interaction] = []
    blend_cf: float = Field(0.5, ge=0, le=1)


def frame(sent: Any) -> pd.DataFrame:
    """A row an interaction, with the number of its item and what it is worth."""
    table = pd.DataFrame([row.model_dump() for row in sent.interactions])
    table["item"] = pd.Index([item.item_id for item in sent.items]).get_indexer(table["item_id"])
    if (table["item"] < 0).any():
        raise ValueError("an interaction's item is not in the catalogue")
    table["worth"] = table["rating"].astype(float).fillna(5.0) / 5
    return table


def confidences(table: pd.DataFrame, items: int) -> tuple[pd.Index, sp.csr_matrix]:
    """The users, and a matrix of users and items."""
    users, names = pd.factorize(table["user_id"])
    matrix = sp.csr_matrix((table["worth"], (users, table["item"])), (len(names), items))
    matrix.data = 1 + ALPHA * matrix.data
    return names, matrix.astype(np.float32)


def fitted(matrix: sp.csr_matrix, strength: float, factors: int, iterations: int) -> AlternatingLeastSquares:
    model = AlternatingLeastSquares(factors, strength, iterations=iterations, random_state=42)
    model.fit(matrix, show_progress=False)
    return model


def als(matrix: sp.csr_matrix, factors: int, iterations: int) -> tuple[AlternatingLeastSquares, float]:
    """A model of all choices, with the best of a few regularisations, and its precision on held-out ones."""
    deal = np.random.default_rng(0).random(matrix.nnz)
    pairs = matrix.tocoo()

    def part(kept: np.ndarray) -> sp.csr_matrix:
        return sp.csr_matrix((pairs.data[kept], (pairs.row[kept], pairs.col[kept])), matrix.shape)

    with threadpool_limits(1, "blas"):  # implicit warns that it is slow without
        learned, validation, test = part(deal >= 0.4), part((deal >= 0.2) & (deal < 0.4)), part(deal < 0.2)
        largest = float(sp.linalg.svds(matrix, 1, return_singular_vectors=False)[0])
        merits = {
            share * largest: ranking_metrics_at_k(
                fitted(learned, share * largest, factors, 8), learned, validation, 10, show_progress=False
            )["ndcg"]
            for share in STRENGTHS
        }
        strength = max(merits, key=merits.__getitem__)
        judged = fitted(part(deal >= 0.2), strength, factors, iterations)
        recommended, _ = judged.recommend(
            np.arange(matrix.shape[0]), part(deal >= 0.2), N=10, filter_already_liked_items=True
        )
        hits = [len(np.intersect1d(row, test[user].indices)) for user, row in enumerate(recommended)]
        precision = np.array(hits)[np.diff(test.indptr) > 0].mean() / 10
        return fitted(matrix, strength, factors, iterations), float(precision)


def named(causes: np.ndarray, parts: np.ndarray, names: Any) -> list[str]:
    """The three that count most, if they count."""
    order = [place for place in np.argsort(-parts)[:3] if parts[place] > max(parts.max() / 3, 0)]
    return [names[causes[place]] for place in order]


def joined(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def by_factors(
    model: AlternatingLeastSquares, matrix: sp.csr_matrix, users: np.ndarray, names: list[str], count: int
) -> list[list[dict[str, Any]]]:
    """The items of each user with the greatest product of factors, and which own items speak for each."""
    found, scores = model.recommend(users, matrix[users], N=count, filter_already_liked_items=True)
    factors = model.item_factors
    gram = factors.T @ factors + model.regularization * np.eye(factors.shape[1])
    rows = []
    for user, items, values in zip(users, found, scores, strict=True):
        own = matrix[user]
        mine = factors[own.indices]
        solver = scipy.linalg.cho_factor(gram + (mine.T * (own.data - 1)) @ mine)
        brought = (mine @ scipy.linalg.cho_solve(solver, factors[items].T)) * own.data[:, None]
        rows.append(
            [
                {
                    "item_id": names[item],
                    "score": round(min(max(float(value), 0.0), 1.0), 4),
                    "source": "als",
                    "explanation": f"Fits this user's choice of {joined(named(own.indices, parts, names))}.",
                }
                for item, value, parts in zip(items, values, brought.T, strict=True)
            ]
        )
    return rows


def by_words(sent: ForUser, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The items whose words are nearest to those of what the user rated highest."""
    names = [item.item_id for item in sent.items]
    vectorizer = TfidfVectorizer()
    matrix = vectorizer.fit_transform([item.metadata or "" for item in sent.items])
    mine = table[table["user_id"] == sent.user_id].groupby("item")["worth"].sum()
    liked = mine.index[mine == mine.max()].to_numpy()
    profile = normalize(sp.csr_matrix(matrix[liked].mean(axis=0)))
    scores = linear_kernel(profile, matrix)[0]
    popularity = table.drop_duplicates(["user_id", "item"])["item"].value_counts()
    ranked = pd.DataFrame({"score": scores, "users": popularity.reindex(range(len(names)), fill_value=0)})
    ranked = ranked.drop(mine.index).sort_values(["score", "users"], ascending=False, kind="stable")
    words = vectorizer.get_feature_names_out()
    rows = []
    for item, score in ranked["score"].head(sent.top_k).items():
        row = {"item_id": names[item], "score": round(score, 4), "source": "content-fallback"}
        if score > 0:
            causes = named(liked, linear_kernel(matrix[item], matrix[liked])[0], names)
            shared = matrix[item].multiply(profile).tocsr()
            said = named(shared.indices, shared.data, words)
            row["explanation"] = (
                f"Shares similar attributes/keywords with {joined(causes)}: {', '.join(said)}."
            )
        rows.append(row)
    return rows


def enough(table: pd.DataFrame, rows: int = LEAST_ROWS) -> bool:
    users, items = table["user_id"].nunique(), table["item"].nunique()
    return users >= LEAST_USERS and items >= LEAST_ITEMS and len(table) >= rows


def info_of_words(items: int) -> dict[str, Any]:
    return {"algorithm": "TF-IDF cosine", "metric": "cosine_sim", "value": 1.0, "train_rows": items}


def info_of_choices(algorithm: str, precision: float, rows: int) -> dict[str, Any]:
    return {"algorithm": algorithm, "metric": "precision_at_10", "value": precision, "train_rows": rows}


@router.post("/recommend_user_items")
def recommend_user_items(sent: ForUser) -> dict[str, Any]:
    table = frame(sent)
    if not enough(table) or (table["user_id"] == sent.user_id).sum() < 3:
        return {"recommendations": by_words(sent, table), "model_info": info_of_words(len(sent.items))}
    users, matrix = confidences(table, len(sent.items))
    model, precision = als(matrix, 50, 30)
    names = [item.item_id for item in sent.items]
    [rows] = by_factors(model, matrix, users.get_indexer([sent.user_id]), names, sent.top_k)
    return {"recommendations": rows, "model_info": info_of_choices("ALS", precision, len(table))}


@router.post("/bulk_recommend_user_items")
def bulk_recommend_user_items(sent: ForUsers) -> dict[str, Any]:
    """Users with too few choices for factors get no items: texts are left out here."""
    table = frame(sent)
    users, matrix = confidences(table, len(sent.items))
    model, precision = als(matrix, 50, 30)
    wanted = sent.user_ids or list(users)
    names = [item.item_id for item in sent.items]
    rows = by_factors(model, matrix, users.get_indexer(wanted), names, sent.top_k)
    return {
        "results": [
            {"user_id": user, "recommendations": own} for user, own in zip(wanted, rows, strict=True)
        ],
        "model_info": info_of_choices("ALS", precision, len(table)),
    }


SIMILAR = {
    "content": "Shares similar attributes/keywords with the reference item.",
    "cf": "Chosen by users with the same taste as those of the reference item.",
    "blend": "Chosen by users with the same taste as those of the reference item, and shares similar "
    "attributes/keywords with it.",
}


@router.post("/recommend_similar_items")
def recommend_similar_items(sent: ForItem) -> dict[str, Any]:
    """The precision is of items for users; ours is of look-alikes."""
    names = [item.item_id for item in sent.items]
    reference = names.index(sent.item_id)
    words = TfidfVectorizer().fit_transform([item.metadata or "" for item in sent.items])
    by_words = linear_kernel(words[reference], words)[0]
    by_choice = np.zeros(len(names))
    info, weight = info_of_words(len(names)), 0.0
    popularity = np.zeros(len(names))
    if sent.interactions:
        table = frame(sent)
        popularity = np.bincount(table["item"], minlength=len(names))
        if enough(table, rows=0) and popularity[reference]:
            _, matrix = confidences(table, len(names))
            model, precision = als(matrix, 30, 20)
            unit = normalize(model.item_factors)
            by_choice, weight = np.clip(unit @ unit[reference], 0, 1), sent.blend_cf
            info = info_of_choices("ALS + TF-IDF cosine", precision, len(table))
    scores = weight * by_choice + (1 - weight) * by_words
    order = [item for item in np.lexsort((-popularity, -scores)) if item != reference][: sent.top_k]
    rows = []
    for item in order:
        cf, content = weight * by_choice[item] > 0, by_words[item] > 0
        source = "blend" if cf and content else "cf" if cf else "content"
        row = {"item_id": names[item], "score": round(min(float(scores[item]), 1.0), 4), "source": source}
        rows.append(row | ({"explanation": SIMILAR[source]} if scores[item] > 0 else {}))
    return {"recommendations": rows, "model_info": info}


class Basket(BaseModel):
    customer_id: str = Field(min_length=1, max_length=256)
    items: list[str]


class CrossSell(BaseModel):
    transactions: list[Basket] = Field(min_length=1)
    format: Literal["dense", "sparse"] = "dense"
    top_n: int | None = Field(None, ge=1)


def incidence(baskets: list[list[str]]) -> tuple[list[str], sp.csr_matrix]:
    """The items in order of their names, and which orders hold them."""
    binarizer = MultiLabelBinarizer(sparse_output=True)
    matrix = binarizer.fit_transform(baskets)
    return list(binarizer.classes_), matrix.astype(np.float32)


@router.post("/cross_sell_matrix")
def cross_sell_matrix(sent: CrossSell) -> Response:
    """Confidence between items; FastAPI's own encoder would take minutes for 25 million cells."""
    names, held = incidence([order.items for order in sent.transactions])
    counts = (held.T @ held).astype(np.float64)
    support = counts.diagonal()
    answer: dict[str, Any] = {
        "items_or_categories": names,
        "metric": "orders_with_i_and_j / orders_with_i",
        "generated_at": pd.Timestamp.now("UTC").isoformat(),
    }
    if sent.format == "dense":
        answer["matrix"] = (counts.toarray(order="C") / support[:, None]).round(4)
        return Response(
            orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
        )
    cells = counts.tocoo()
    pairs = pd.DataFrame({"row": cells.row, "column": cells.col, "support": cells.data.astype(int)})
    pairs = pairs[pairs["row"] != pairs["column"]]
    pairs["confidence"] = pairs["support"] / support[pairs["row"]]
    pairs["lift"] = (pairs["confidence"] / (support[pairs["column"]] / held.shape[0])).round(4)
    pairs = pairs.sort_values(["row", "confidence", "column"], ascending=[True, False, True])
    if sent.top_n is not None:
        pairs = pairs.groupby("row").head(sent.top_n)
    labels = np.array(names)
    pairs.insert(0, "i", labels[pairs["row"]])
    pairs.insert(1, "j", labels[pairs["column"]])
    pairs["confidence"] = pairs["confidence"].round(4)
    answer["pairs"] = pairs.drop(columns=["row", "column"]).to_dict("records")
    return Response(orjson.dumps(answer), media_type="application/json")


class Offered(BaseModel):
    item_id: str
    category: str
    price: float = Field(ge=0)
    margin: float | None = Field(None, ge=0, le=1)


class Upsell(BaseModel):
    customer_id: str | None = None
    top_k: int = Field(10, ge=1, le=200)
    transactions: list[Basket] = Field(min_length=1)
    item_catalog: list[Offered] = Field(min_length=1)
    min_price_uplift_pct: float = 0.10
    max_price_uplift_pct: float = 1.0
    min_confidence: float = 0.05


def percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %") if share >= 0.0005 else "< 0.1 %"


@router.post("/upsell_suggestions")
def upsell_suggestions(sent: Upsell) -> Response:
    """A matrix of what each item is expected to bring beside each base, and its best columns by customer."""
    items = pd.DataFrame([item.model_dump() for item in sent.item_catalog]).sort_values("item_id")
    place = {name: number for number, name in enumerate(items["item_id"])}
    shelf, shelves = pd.factorize(items["category"])
    price, margin = items["price"].to_numpy(), items["margin"].astype(float).fillna(1.0).to_numpy()
    lines = pd.DataFrame(
        [
            (number, order.customer_id, place[item])
            for number, order in enumerate(sent.transactions)
            for item in order.items
        ],
        columns=["order", "customer_id", "item"],
    )
    size = (len(sent.transactions), len(items))
    held = sp.csr_matrix((np.ones(len(lines)), (lines["order"], lines["item"])), size)
    held.data[:] = 1
    kinds = held @ sp.csr_matrix((np.ones(len(items)), (np.arange(len(items)), shelf)))
    kinds.data[:] = 1
    orders = np.asarray(kinds.sum(axis=0)).ravel()
    affinity = (kinds.T @ held).toarray() / np.maximum(orders, 1)[:, None]
    confidence = (kinds.T @ kinds).toarray() / np.maximum(orders, 1)[:, None]
    dearer = price[None, :] / price[:, None] - 1
    follows = (
        (dearer >= sent.min_price_uplift_pct)
        & (dearer <= sent.max_price_uplift_pct)
        & (confidence[shelf][:, shelf] >= sent.min_confidence)
    )
    brings = np.where(follows, affinity[shelf] * (price[None, :] - price[:, None]) * margin[None, :], 0.0)
    if sent.customer_id is not None:
        lines = lines[lines["customer_id"] == sent.customer_id]
    names, customers = items["item_id"].tolist(), []
    for customer, bought in lines.groupby("customer_id", sort=False)["item"].unique().items():
        bought = np.sort(bought)
        best = brings[bought].max(axis=0)
        best[bought] = 0
        top = np.argpartition(-best, min(sent.top_k, len(best) - 1))[: sent.top_k]
        rows = []
        for item in top[np.lexsort((top, -best[top]))]:
            if best[item] <= 0:
                break
            base = bought[brings[bought, item].argmax()]
            mine, other = shelf[base], shelf[item]
            share, more = percent(affinity[mine, item]), f"{price[item] - price[base]:,.2f}"
            words = (
                f"A step up from {names[base]}, {more} dearer: {share} of the orders with {shelves[mine]} "
                "hold it."
                if mine == other
                else f"{shelves[other]} is bought in {percent(confidence[mine, other])} of the orders with "
                f"{shelves[mine]}; this item is in {share} of them and {more} dearer than {names[base]}."
            )
            rows.append(
                {
                    "item_id": names[item],
                    "base_item_id": names[base],
                    "price": price[item],
                    "price_uplift_pct": dearer[base, item],
                    "affinity": affinity[mine, item],
                    "confidence": confidence[mine, other],
                    "expected_incremental_revenue": best[item],
                    "explanation": words,
                }
            )
        customers.append({"customer_id": customer, "suggestions": rows})
    answer = {"customers": customers} if sent.customer_id is None else {"suggestions": rows}
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
