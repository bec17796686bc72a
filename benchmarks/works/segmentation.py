"""Segmentation: customers of three kinds with what they bought, a tree over them, and orders."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdf import PdfReader

from benchmarks.work import Work

TODAY = datetime.date(2025, 4, 24)
DAYS = [(TODAY - datetime.timedelta(days=day)).isoformat() for day in range(540)]
TYPES = [f"department-{number % 7}/category-{number:02d}/{'a-long-slug-' * 4}" for number in range(60)]
SEGMENT_ENDS = (0.35, 0.6, 0.8, 0.93)
"""Shares of the customers at which, by spend, one segment of a labelled body ends and the next begins."""


def kinds(customers: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Occasional, regular and heavy buyers."""
    return chance.choice(3, customers, p=[0.7, 0.22, 0.08])


def buyers(customers: int, seed: int) -> list[dict[str, Any]]:
    """Customers with frequency, spend in cents and, skewed, one to a handful of 60 product types."""
    chance = np.random.default_rng(seed)
    kind = kinds(customers, chance)
    frequency = 1 + chance.poisson(np.array([4, 14, 28])[kind])
    spend = np.round(chance.gamma(4.0, np.array([12.0, 40.0, 95.0])[kind] / 4.0) * frequency, 2)
    weights = 1 / np.arange(1, len(TYPES) + 1)
    sizes = 1 + chance.poisson(1.5, customers)
    drawn = chance.choice(len(TYPES), int(sizes.sum()), p=weights / weights.sum()).tolist()
    ends = np.cumsum(sizes).tolist()
    columns = zip(frequency.tolist(), spend.tolist(), sizes.tolist(), ends, strict=True)
    return [
        {
            "id": f"CUSTOMER-{number:07d}-{'x' * 12}",
            "frequency": orders,
            "amount_spent": spent,
            "product_types": [TYPES[code] for code in dict.fromkeys(drawn[end - size : end])],
        }
        for number, (orders, spent, size, end) in enumerate(columns)
    ]


def unlabelled(customers: int, seed: int) -> dict[str, Any]:
    """A body of customers."""
    return {"customers": buyers(customers, seed)}


def scored(customers: int, seed: int) -> dict[str, Any]:
    """The same, to be clustered by z-scores."""
    return {**unlabelled(customers, seed), "scaling": "zscore"}


def indicated(customers: int, seed: int) -> dict[str, Any]:
    """The same, product types being axes."""
    return {**unlabelled(customers, seed), "scaling": "zscore_onehot"}


def labelled(customers: int, seed: int) -> dict[str, Any]:
    """A body of customers in five segments, by spend."""
    rows = buyers(customers, seed)
    spend = np.array([row["amount_spent"] for row in rows])
    labels = np.searchsorted(np.quantile(spend, SEGMENT_ENDS), spend).tolist()
    return {
        "customers": rows,
        "labels": {row["id"]: label for row, label in zip(rows, labels, strict=True)},
    }


def tree(leaves: int, seed: int) -> dict[str, Any]:
    """A body of a dendrogram: in each round all that is left is paired at random, the last of an odd number
    going on alone."""
    chance = np.random.default_rng(seed)
    rows, alive, sizes, made = [], np.arange(leaves), np.ones(leaves, dtype=np.int64), leaves
    while len(alive) > 1:
        order = chance.permutation(len(alive))
        alive, sizes, pairs = alive[order], sizes[order], len(alive) // 2
        first, second = alive[: 2 * pairs : 2], alive[1 : 2 * pairs : 2]
        joined = sizes[: 2 * pairs : 2] + sizes[1 : 2 * pairs : 2]
        rows.append(np.column_stack([first, second, joined]))
        alive = np.concatenate([np.arange(made, made + pairs), alive[2 * pairs :]])
        sizes, made = np.concatenate([joined, sizes[2 * pairs :]]), made + pairs
    merges = np.concatenate(rows)
    heights = np.cumsum(chance.exponential(0.1, leaves - 1))
    columns = zip(*(column.tolist() for column in (*merges[:, :2].T, heights, merges[:, 2])), strict=True)
    return {
        "dendrogram": {
            "linkage_matrix": list(map(list, columns)),
            "leaf_labels": [f"CUSTOMER-{number:07d}" for number in range(leaves)],
        }
    }


def ordered(customers: int, seed: int) -> dict[str, Any]:
    """A body of orders with their products, three a customer on average."""
    chance = np.random.default_rng(seed)
    kind = kinds(customers, chance)
    sizes = 1 + chance.poisson(np.array([1.2, 4.0, 6.0])[kind])
    owner = np.repeat(np.arange(customers), sizes)
    idle = chance.integers(0, np.array([540, 240, 90])[kind])[owner]
    columns = zip(
        (idle + chance.integers(0, 540 - idle)).tolist(),
        np.round(chance.gamma(4.0, np.array([10.0, 20.0, 45.0])[kind[owner]]), 2).tolist(),
        chance.integers(0, 500, len(owner)).tolist(),
        strict=True,
    )
    rows = [
        {"transaction_id": f"T{number}", "date": DAYS[day], "amount": amount, "product_id": f"P{product}"}
        for number, (day, amount, product) in enumerate(columns)
    ]
    loyalty = np.round(chance.beta(np.array([2.0, 4.0, 8.0])[kind], 4.0), 2).tolist()
    spans = zip(loyalty, sizes.tolist(), np.cumsum(sizes).tolist(), strict=True)
    return {
        "today": TODAY.isoformat(),
        "customers": [
            {"customer_id": f"C-{number}", "loyalty_score": score, "transactions": rows[end - size : end]}
            for number, (score, size, end) in enumerate(spans)
        ],
    }


def printed(answer: bytes) -> dict[str, list[str]]:
    """What a PDF prints of the segments: id and number of customers of each row of its table.

    The two servers set their tables differently, so only the order of words counts.
    """
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer)).pages)
    return {"segments": re.findall(r"Cluster \d+ [\d,]+ [\d,]+\.\d\d ", " ".join(text.split()))}


PAIRS = "the pairs of points in the silhouettes, quadratic"
READING = "reading the body and writing the answer"
BENCHMARK = {
    "benchmark.*.algo": 0.0,
    "benchmark.*.k": 0.0,
    "benchmark.*.silhouette": 1e-4,
    "benchmark.*.davies_bouldin": 1e-3,
    "best_model.algo": 0.0,
    "best_model.k": 0.0,
    "dendrogram.leaf_labels.*": 0.0,
    **{f"dendrogram.linkage_matrix.-{row}.2": 1e-4 for row in range(1, 10)},
}
"""What is the same whoever numbers the clusters: how every partition separates, and the last heights of the
tree. Equal distances let the lower ones differ: Ward's tree is then not the only one."""
METRICS = {
    "evaluation_metrics.*.algorithm": 0.0,
    "evaluation_metrics.*.silhouette": 1e-2,
    "evaluation_metrics.*.davies_bouldin": 5e-2,
    "best_algorithm": 0.0,
}
"""A mean ticket that ends in half a cent is rounded up here and down there, which moves DBSCAN a little."""
REPORT = {
    "cluster_metrics.*.cluster_id": 0.0,
    "cluster_metrics.*.n_customers": 0.0,
    "cluster_metrics.*.avg_spend": 1e-4,
    "cluster_metrics.*.avg_frequency": 1e-3,
    "cluster_metrics.*.share_revenue_pct": 1e-9,
    "raw_payload.customers.*.id": 0.0,
}
FULL = 15_000
"""Customers up to which the obvious is measured: scipy's tree holds all distances, 60,000 customers' 14 GB
(and copies them), and a silhouette of each partition on its own takes minutes at 30,000 already."""
TWENTY_MB = "20 MB, about 60,000 customers"

WORKS = (
    Work(
        route="purchasing_segmentation",
        name="raw figures",
        unit="customers",
        body=unlabelled,
        maximum=60_000,
        targets={60_000: 15.0},
        documented=TWENTY_MB,
        bound=PAIRS + ", then the ten starts of K-Means",
        same=BENCHMARK,
        obvious_up_to=FULL,
    ),
    Work(
        route="purchasing_segmentation",
        name="raw figures",
        unit="customers",
        body=unlabelled,
        maximum=60_000,
        documented=TWENTY_MB,
        bound=READING,
        again=True,
        same=BENCHMARK,
        obvious_up_to=FULL,
    ),
    Work(
        route="purchasing_segmentation",
        name="z-scores",
        unit="customers",
        body=scored,
        maximum=60_000,
        targets={60_000: 15.0},
        documented=TWENTY_MB,
        bound=PAIRS + ", then the ten starts of K-Means",
        same=BENCHMARK,
        obvious_up_to=FULL,
    ),
    Work(
        route="purchasing_segmentation",
        name="z-scores and product types",
        unit="customers",
        body=indicated,
        maximum=60_000,
        targets={60_000: 90.0},
        documented=TWENTY_MB,
        bound="Ward's tree and the silhouettes in 53 dimensions, where boxes exclude little",
        same=BENCHMARK,
        obvious_up_to=FULL,
    ),
    Work(
        route="purchasing_segmentation_dendrogram",
        name="raw figures, k 2 to 10",
        unit="customers",
        body=unlabelled,
        maximum=60_000,
        targets={10_000: 0.4, 40_000: 2.0, 60_000: 4.0},
        documented="10,000: < 1 s on a T4; 40,000: about 4 s",
        bound=PAIRS,
        same=BENCHMARK,
        obvious_up_to=FULL,
    ),
    Work(
        route="segment_hierarchy_chart",
        name="tree",
        unit="leaves",
        body=tree,
        maximum=100_000,
        targets={40_000: 0.15, 100_000: 1.0},
        documented="40,000: about 50 ms",
        bound=READING,
        same={
            "nodes.*.id": 0.0,
            "nodes.*.is_leaf": 0.0,
            "links.*.source": 0.0,
            "links.*.target": 0.0,
            "links.*.distance": 0.0,
        },
    ),
    Work(
        route="segment_subsegment_explore",
        name="five segments, k 2 and 3",
        unit="customers",
        body=labelled,
        maximum=60_000,
        documented=TWENTY_MB,
        bound=PAIRS,
        same={
            "subsegment_results.*.best_k": 0.0,
            "subsegment_results.*.benchmark.*.silhouette": 1e-4,
            "subsegment_results.*.benchmark.*.davies_bouldin": 1e-3,
            "subsegment_results.*.nested_cluster_legend.*.n_customers": 0.0,
            "subsegment_results.*.nested_cluster_legend.*.avg_spend": 1e-3,
            "subsegment_results.*.nested_labels.*": 0.0,
        },
    ),
    Work(
        route="segment_cluster_profiles",
        name="five segments",
        unit="customers",
        body=labelled,
        maximum=60_000,
        targets={60_000: 0.5},
        documented=TWENTY_MB,
        bound=READING,
        same={
            "cluster_profiles.*.cluster_id": 0.0,
            "cluster_profiles.*.n_customers": 0.0,
            "cluster_profiles.*.avg_spend": 1e-4,
            "cluster_profiles.*.median_spend": 1e-4,
            "cluster_profiles.*.avg_frequency": 1e-3,
            "cluster_profiles.*.top_categories": 0.0,
            "cluster_profiles.*.share_of_revenue_pct": 1e-3,
            "cluster_profiles.*.insight": 0.0,
        },
    ),
    Work(
        route="customer_segmentation",
        name="orders, k 2 to 10",
        unit="customers",
        body=ordered,
        maximum=60_000,
        documented=TWENTY_MB,
        bound=PAIRS + ", then the mixtures",
        same=METRICS,
        obvious_up_to=FULL,
    ),
    Work(
        route="customer_segmentation",
        name="orders, k 2 to 10",
        unit="customers",
        body=ordered,
        maximum=60_000,
        documented=TWENTY_MB,
        bound=READING,
        again=True,
        same=METRICS,
        obvious_up_to=FULL,
    ),
    Work(
        route="segmentation_report_json",
        name="five segments",
        unit="customers",
        body=labelled,
        maximum=50_000,
        targets={50_000: 0.5},
        documented="50,000: about 400 ms",
        bound=READING,
        same=REPORT,
    ),
    Work(
        route="segmentation_report_json_i18n",
        name="five segments, three languages",
        unit="customers",
        body=labelled,
        maximum=50_000,
        bound=READING,
        same={f"reports.*.{path}": tolerance for path, tolerance in REPORT.items()},
    ),
    Work(
        route="segmentation_report_pdf",
        name="five segments, two pictures",
        unit="customers",
        body=labelled,
        maximum=50_000,
        bound="drawing the pictures and embedding them, whatever the number of customers",
        read=printed,
        same={"segments.*": 0.0},
    ),
)
