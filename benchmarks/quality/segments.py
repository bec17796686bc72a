"""Segments of a web shop's customers and of simulated ones whose groups are known, beside scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.routes import Route
from plugins.segmentation import PLUGIN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KS = range(2, 11)
SAMPLES = 20
SETS = 5
CUSTOMERS = 900


def section(data: Path | None, quick: bool) -> str:
    """The segments section of the page.

    Args:
        data: folder with online_retail.parquet.
        quick: whether to draw one set of each kind of simulated customers instead of five.
    """
    parts = ["## Segments\n"]
    if data is not None and (data / "online_retail.parquet").exists():
        parts += [*_shop(_orders(data / "online_retail.parquet")), ""]
    return "\n".join([*parts, *_simulated(1 if quick else SETS), ""])


def _shop(orders: pd.DataFrame) -> Iterator[str]:
    """The shop's customers, by all that the route makes of orders, and by recency, frequency and spend."""
    latest = orders.date.max()
    figures = orders.groupby("customer_id").agg(
        recency=("date", lambda dates: (latest - dates.max()).days),
        frequency=("invoice", "size"),
        spend=("amount", "sum"),
    )
    sent = [
        {"customer_id": str(customer), "transactions": transactions}
        for customer, transactions in zip(figures.index, _transactions(orders), strict=True)
    ]
    values = figures.to_numpy(np.float64)

    def peer(model: Callable[[Floats], Ints]) -> Callable[[Ints], Ints]:
        return lambda rows: model(values[rows])

    models = {"**abintel** (customer_segmentation)": lambda rows: _of_orders([sent[row] for row in rows])}
    models |= {name: peer(model) for name, model in PEERS.items()}
    yield f"{len(figures):,} customers of online_retail: the route gets their orders, the others recency,"
    yield f"frequency and spend. Stability: the choice is made again on {SAMPLES} bootstrap samples; mean"
    yield "adjusted Rand index with the segments of all.\n"
    yield "| model | segments | smallest | largest | stability |"
    yield "| --- | --- | --- | --- | --- |"
    for name, model in models.items():
        labels = model(np.arange(len(figures)))
        sizes = np.bincount(labels - labels.min())
        sizes = sizes[sizes > 0]
        stable = _stability(model, labels)
        yield f"| {name} | {len(sizes)} | {sizes.min():,} | {sizes.max():,} | {stable:.2f} |"


def _stability(model: Callable[[Ints], Ints], labels: Ints) -> float:
    """How the labels of bootstrap samples agree with those of all customers, on the customers in each."""
    from sklearn.metrics import adjusted_rand_score

    chance = np.random.default_rng(0)
    indices = []
    for _ in range(SAMPLES):
        rows = np.unique(chance.integers(0, len(labels), len(labels)))
        indices.append(adjusted_rand_score(labels[rows], model(rows)))
    return float(np.mean(indices))


def _simulated(sets: int) -> Iterator[str]:
    """Customers drawn around known centres, in units of money and orders."""
    from sklearn.metrics import adjusted_rand_score

    yield f"{CUSTOMERS} simulated customers, {sets} sets: adjusted Rand index with their known groups.\n"
    yield f"| model | {' | '.join(GROUPS)} |"
    yield "| --- " * (len(GROUPS) + 1) + "|"
    for name, model in {"**abintel**": _ours, **PEERS}.items():
        cells = []
        for draw in GROUPS.values():
            agreed = []
            for seed in range(sets):
                figures, truth = draw(np.random.default_rng(seed))
                agreed.append(adjusted_rand_score(truth, model(figures)))
            cells.append(f"{np.mean(agreed):.2f}")
        yield f"| {name} | {' | '.join(cells)} |"


def _orders(path: Path) -> pd.DataFrame:
    """The lines of each order, of customers who spent anything, by customer."""
    sales = pd.read_parquet(path)
    sales = sales[(sales.customer_id != -1) & (sales.quantity > 0) & ~sales.invoice.str.startswith("C")]
    date = next(name for name in sales.columns if "date" in name)
    sales = sales.assign(amount=sales.quantity * sales.unit_price, date=pd.to_datetime(sales[date]))
    orders = sales.groupby(["customer_id", "invoice"], as_index=False).agg(
        date=("date", "min"), amount=("amount", "sum"), product=("stock_code", "first")
    )
    spent = orders.groupby("customer_id").amount.transform("sum") > 0
    return orders[spent & (orders.amount > 0)]


def _transactions(orders: pd.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """What the route takes of each customer, in the order of their numbers."""
    for _, own in orders.groupby("customer_id"):
        yield [
            {
                "transaction_id": str(row.invoice),
                "date": row.date.date().isoformat(),
                "amount": round(row.amount, 2),
                "product_id": str(row.product),
            }
            for row in own.itertuples()
        ]


def _of_orders(customers: list[dict[str, Any]]) -> Ints:
    """The segments of customers by their orders, with the route's defaults."""
    answer = Route(PLUGIN, "customer_segmentation").answer({"customers": customers})
    return np.array([row["cluster_id"] for row in answer["customer_labels"]])


def _ours(figures: Floats) -> Ints:
    """The labels of the route with its defaults."""
    customers: list[dict[str, Any]] = [
        {"id": str(row), "frequency": int(orders), "amount_spent": round(spend, 2), "product_types": ["any"]}
        for row, (orders, spend) in enumerate(figures.tolist())
    ]
    answer = Route(PLUGIN, "purchasing_segmentation").answer({"customers": customers})
    return np.array([answer["labels"][str(row)] for row in range(len(figures))])


def _best_k(points: Floats) -> Ints:
    """K-Means at the number of clusters with the highest silhouette."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    most = min(KS.stop, len(np.unique(points, axis=0)))
    tried = [KMeans(k, random_state=0).fit_predict(points) for k in range(2, most)]
    return np.asarray(
        max(tried, key=lambda labels: silhouette_score(points, labels, sample_size=2000, random_state=0))
    )


def _scaled(figures: Floats) -> Floats:
    return np.asarray((figures - figures.mean(axis=0)) / figures.std(axis=0))


def _kmeans(figures: Floats) -> Ints:
    return _best_k(_scaled(figures))


def _kmeans_of_logs(figures: Floats) -> Ints:
    return _best_k(_scaled(np.log1p(figures)))


def _mixture_by_bic(figures: Floats) -> Ints:
    from sklearn.mixture import GaussianMixture

    points = _scaled(np.log1p(figures))
    fitted = [GaussianMixture(k, random_state=0).fit(points) for k in KS]
    return np.asarray(min(fitted, key=lambda model: model.bic(points)).predict(points))


def _hdbscan(figures: Floats) -> Ints:
    from sklearn.cluster import HDBSCAN

    return np.asarray(HDBSCAN().fit_predict(_scaled(np.log1p(figures))))


PEERS: dict[str, Callable[[Floats], Ints]] = {
    "K-Means, z-scores, best silhouette": _kmeans,
    "K-Means, logs, best silhouette": _kmeans_of_logs,
    "Gaussian mixture, logs, least BIC": _mixture_by_bic,
    "HDBSCAN, logs": _hdbscan,
}


def _groups(
    chance: np.random.Generator, centres: Floats, spread: float, shares: Floats
) -> tuple[Floats, Ints]:
    """Customers around centres of (orders, spend), log-normal with a spread."""
    truth = chance.choice(len(centres), CUSTOMERS, p=shares)
    figures = np.exp(np.log(centres[truth]) + spread * chance.normal(size=(CUSTOMERS, 2)))
    return np.column_stack([np.maximum(1, figures[:, 0].round()), figures[:, 1]]), truth


def _three(chance: np.random.Generator) -> tuple[Floats, Ints]:
    return _groups(chance, np.array([[2, 40], [12, 400], [50, 6000]]), 0.3, np.array([0.5, 0.35, 0.15]))


def _five(chance: np.random.Generator) -> tuple[Floats, Ints]:
    centres = np.array([[2, 30], [3, 900], [12, 150], [30, 3000], [90, 700]])
    return _groups(chance, centres, 0.22, np.full(5, 0.2))


def _whale(chance: np.random.Generator) -> tuple[Floats, Ints]:
    figures, truth = _groups(chance, np.array([[3, 60], [15, 700]]), 0.35, np.array([0.6, 0.4]))
    figures[0] = [900, 5_000_000]
    return figures, truth


GROUPS = {"three groups": _three, "five groups": _five, "two groups and one giant": _whale}
