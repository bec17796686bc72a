"""Segmentation with scipy's tree, scikit-learn's clustering and scores, pandas, matplotlib and fpdf2."""

from __future__ import annotations

import io
from typing import Any, Literal

import numpy as np
import pandas as pd
from fastapi import APIRouter, Response
from fpdf import FPDF
from matplotlib.figure import Figure
from pydantic import BaseModel, Field
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import DBSCAN, KMeans
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_samples
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from benchmarks.obvious import customer

router = APIRouter()

FIGURES = ["frequency", "amount_spent", "n_product_types"]
EPS = {"raw": 0.5, "zscore": 0.4, "zscore_onehot": 0.4}
Family = Literal["kmeans", "gmm", "agglo", "dbscan"]
Scaling = Literal["raw", "zscore", "zscore_onehot"]


class Buyer(BaseModel):
    id: str = Field(min_length=1, max_length=256)
    frequency: int = Field(ge=1)
    amount_spent: float = Field(ge=0, le=1e15)
    product_types: list[str] = Field(min_length=1)


class Buyers(BaseModel):
    customers: list[Buyer] = Field(min_length=3)
    scaling: Scaling = "raw"
    k_range: list[int] = [3, 4, 5, 6]


class Labelled(BaseModel):
    customers: list[Buyer] = Field(min_length=1)
    labels: dict[str, int]


def table_of(customers: list[Buyer]) -> pd.DataFrame:
    """One row a customer."""
    table = pd.DataFrame([one.model_dump() for one in customers])
    table["n_product_types"] = [len(set(types)) for types in table["product_types"]]
    return table


def points_of(table: pd.DataFrame, scaling: Scaling) -> np.ndarray:
    """Where the customers lie; raw figures in single precision, as the documents have them."""
    figures = table[FIGURES].to_numpy(float)
    if scaling == "raw":
        return figures.astype(np.float32).astype(float)
    points = StandardScaler().fit_transform(figures)
    if scaling == "zscore":
        return points
    indicators = CountVectorizer(analyzer=set, binary=True, max_features=50)
    return np.hstack([points, indicators.fit_transform(table["product_types"]).toarray()])


def partitions(
    points: np.ndarray, tree: np.ndarray, ks: list[int], eps: float
) -> list[tuple[str, int | None, np.ndarray]]:
    """Family, k and labels of everything that is tried."""
    found: list[tuple[str, int | None, np.ndarray]] = []
    for k in ks:
        found.append(("kmeans", k, KMeans(k, n_init=10, random_state=42).fit_predict(points)))
    for k in ks:
        found.append(("gmm", k, GaussianMixture(k, random_state=42).fit_predict(points)))
    for k in ks:
        found.append(("agglo", k, fcluster(tree, k, "maxclust") - 1))
    found.append(("dbscan", None, DBSCAN(eps=eps, min_samples=5).fit_predict(points)))
    return found


def judged(points: np.ndarray, tried: list[tuple[str, int | None, np.ndarray]]) -> pd.DataFrame:
    """A row for each partition, the winner's index first in order of silhouette."""
    rows = []
    for family, k, labels in tried:
        groups, noise = len(np.unique(labels)), (labels == -1).mean()
        row: dict[str, Any] = {
            "algo": family,
            "k": k,
            "labels": labels,
            "n_clusters": len(np.unique(labels[labels != -1])),
            "silhouette": -1.0,
            "davies_bouldin": None,
            "calinski_harabasz": None,
            "samples": None,
        }
        if 2 <= groups < len(labels) and noise <= 0.5:
            samples = silhouette_samples(points, labels)
            row |= {"samples": samples, "silhouette": samples.mean()}
            row["calinski_harabasz"] = calinski_harabasz_score(points, labels)
            row["davies_bouldin"] = davies_bouldin_score(points, labels)
        rows.append(row)
    return pd.DataFrame(rows).astype({"k": object, "davies_bouldin": object})


def quality(labels: np.ndarray, samples: np.ndarray) -> dict[str, Any]:
    table = pd.DataFrame({"cluster_id": labels, "silhouette": samples})
    groups = table.groupby("cluster_id")["silhouette"]
    return {
        "silhouette": samples.mean(),
        "clusters": groups.agg(n_customers="size", silhouette="mean").reset_index().to_dict("records"),
        "negative_share": (samples < 0).mean(),
    }


def top_types(baskets: pd.Series, labels: pd.Series, count: int) -> pd.Series:
    """The most telling product types of each cluster, by TF-IDF over clusters as documents."""
    texts = baskets.groupby(labels).apply(lambda rows: [slug for row in rows for slug in set(row)])
    vectorizer = TfidfVectorizer(analyzer=list, norm=None)
    weights = vectorizer.fit_transform(texts).toarray()
    names = vectorizer.get_feature_names_out()
    found = {}
    for one, row in zip(texts.index, weights, strict=True):
        order = np.argsort(-row, kind="stable")[:count]
        found[one] = ", ".join(names[place] for place in order if row[place] > 0)
    return pd.Series(found)


def cards(table: pd.DataFrame, labels: pd.Series, count: int = 3) -> pd.DataFrame:
    """A row for each cluster."""
    groups = table.groupby(labels)
    found = groups.agg(
        n_customers=("amount_spent", "size"),
        avg_spend=("amount_spent", "mean"),
        median_spend=("amount_spent", "median"),
        avg_frequency=("frequency", "mean"),
        revenue=("amount_spent", "sum"),
    ).round({"avg_spend": 2, "median_spend": 2, "avg_frequency": 2})
    found["top_categories"] = top_types(table["product_types"], labels, count)
    found["share_revenue_pct"] = found["revenue"] / found["revenue"].sum() * 100
    return found.rename_axis("cluster_id").reset_index()


def legend(found: pd.DataFrame) -> list[dict[str, Any]]:
    columns = ["cluster_id", "n_customers", "avg_spend", "avg_frequency", "top_categories"]
    return found[columns].to_dict("records")


def interpretations(found: pd.DataFrame) -> dict[str, str]:
    return {
        str(row.cluster_id): f"{row.n_customers:,} customers, avg spend {row.avg_spend:,.0f}, "
        f"{row.avg_frequency:.1f} purchases/mo. Top categories: {row.top_categories}."
        for row in found.itertuples()
    }


def segmented(table: pd.DataFrame, tree: np.ndarray, found: pd.DataFrame) -> dict[str, Any]:
    """What the routes answer of the best of some partitions."""
    best = found.loc[found["silhouette"].astype(float).idxmax()]
    labels = pd.Series(best["labels"], index=table.index)
    kept = labels != -1
    portraits = cards(table[kept], labels[kept])
    return {
        "benchmark": found[["algo", "k", "silhouette", "davies_bouldin"]].to_dict("records"),
        "best_model": best[["algo", "k", "silhouette", "davies_bouldin", "n_clusters"]].to_dict(),
        "centroids": table[kept].groupby(labels[kept])[FIGURES].mean().to_numpy().tolist(),
        "labels": dict(zip(table["id"], labels.tolist(), strict=True)),
        "dendrogram": {
            "linkage_matrix": tree.tolist(),
            "columns": ["child1", "child2", "distance", "sample_count"],
            "leaf_labels": table["id"].tolist(),
            "cluster_legend": legend(portraits),
        },
        "interpretations_en": interpretations(portraits),
        "quality": quality(best["labels"], best["samples"]),
    }


@router.post("/purchasing_segmentation")
def purchasing_segmentation(sent: Buyers) -> dict[str, Any]:
    table = table_of(sent.customers)
    points = points_of(table, sent.scaling)
    tree = linkage(points, "ward")
    tried = partitions(points, tree, sent.k_range, EPS[sent.scaling])
    return segmented(table, tree, judged(points, tried))


@router.post("/purchasing_segmentation_dendrogram")
def purchasing_segmentation_dendrogram(sent: Buyers) -> dict[str, Any]:
    table = table_of(sent.customers)
    points = points_of(table, sent.scaling)
    tree = linkage(points, "ward")
    cuts = [("agglo", k, fcluster(tree, k, "maxclust") - 1) for k in range(2, 11)]
    return segmented(table, tree, judged(points, cuts))


class Dendrogram(BaseModel):
    linkage_matrix: list[tuple[int, int, float, int]]
    leaf_labels: list[str] = Field(min_length=1)


class Hierarchy(BaseModel):
    dendrogram: Dendrogram


@router.post("/segment_hierarchy_chart")
def segment_hierarchy_chart(sent: Hierarchy) -> dict[str, Any]:
    """The rows are taken on trust: that they are one tree is not checked."""
    leaves = sent.dendrogram.leaf_labels
    nodes: list[dict[str, Any]] = [
        {"id": place, "label": label, "is_leaf": True} for place, label in enumerate(leaves)
    ]
    links = []
    for place, (one, other, distance, size) in enumerate(sent.dendrogram.linkage_matrix, len(leaves)):
        nodes.append({"id": place, "distance": distance, "size": size, "is_leaf": False})
        for child in (one, other):
            links.append({"source": place, "target": child, "distance": distance})
    return {"nodes": nodes, "links": links, "columns": ["source", "target", "distance"]}


class Split(Labelled):
    k_range: list[int] = [2, 3]
    scaling: Scaling = "raw"


@router.post("/segment_subsegment_explore")
def segment_subsegment_explore(sent: Split) -> dict[str, Any]:
    table = table_of(sent.customers)
    results = {}
    for parent, members in table.groupby(table["id"].map(sent.labels)):
        points = points_of(members, sent.scaling)
        tried = [
            ("kmeans", k, KMeans(k, n_init=10, random_state=42).fit_predict(points)) for k in sent.k_range
        ]
        found = judged(points, tried)
        best = found.loc[found["silhouette"].idxmax()]
        labels = pd.Series(best["labels"], index=members.index)
        portraits = cards(members, labels)
        results[str(parent)] = {
            "benchmark": found[["k", "silhouette", "davies_bouldin"]].to_dict("records"),
            "best_k": best["k"],
            "selection_description": f"Inside parent-cluster {parent}, k = {best['k']} yielded the highest "
            f"silhouette ({best['silhouette']:.3f}), Davies-Bouldin {best['davies_bouldin']:.3f}.",
            "nested_centroids": {
                "columns": ["frequency", "amount_spent", "n_categories"],
                "values": members.groupby(labels)[FIGURES].mean().to_numpy().tolist(),
            },
            "nested_labels": dict(zip(members["id"], labels.tolist(), strict=True)),
            "nested_cluster_legend": legend(portraits),
            "nested_interpretations_en": interpretations(portraits),
        }
    return {"subsegment_results": results}


class Profiled(Labelled):
    top_n_categories: int = 5


@router.post("/segment_cluster_profiles")
def segment_cluster_profiles(sent: Profiled) -> dict[str, Any]:
    table = table_of(sent.customers)
    found = cards(table, table["id"].map(sent.labels), sent.top_n_categories)
    found["share_of_revenue_pct"] = found["share_revenue_pct"].round(2)
    found["insight"] = np.where(
        found["share_revenue_pct"] >= 30, "Focus on retention & upsell", "Growth-potential segment"
    )
    return {"cluster_profiles": found.drop(columns=["revenue", "share_revenue_pct"]).to_dict("records")}


class Orders(customer.Orders):
    max_clusters: int = 10


FEATURES = [
    "purchase_total",
    "visit_frequency",
    "avg_ticket",
    "product_diversity",
    "loyalty_score",
    "recency_days",
]
NAMES = {"kmeans": "KMeans", "gmm": "GaussianMixture", "agglo": "Agglomerative", "dbscan": "DBSCAN"}


def persona(means: pd.Series, usual: pd.Series) -> str:
    words = [
        ("high_" if means[name] >= 1.3 * usual[name] else "low_") + name
        for name in FEATURES
        if means[name] >= 1.3 * usual[name] or means[name] <= 0.7 * usual[name]
    ]
    return ", ".join(words) or "average"


@router.post("/customer_segmentation")
def customer_segmentation(sent: Orders) -> dict[str, Any]:
    rows = customer.customer_features(sent)["customers"]
    features = pd.DataFrame([row["features"] for row in rows])[FEATURES]
    points = StandardScaler().fit_transform(features)
    tree = linkage(points, "ward")
    found = judged(points, partitions(points, tree, list(range(2, sent.max_clusters + 1)), 0.4))
    found = found[found["samples"].notna()]
    best = found.loc[found["silhouette"].idxmax()]
    labels = pd.Series(best["labels"])
    leaders = found.loc[found.groupby("algo", sort=False)["silhouette"].idxmax()]
    table = pd.DataFrame(
        {
            "amount_spent": features["purchase_total"],
            "frequency": features["visit_frequency"],
            "product_types": [[order.product_id for order in one.transactions] for one in sent.customers],
        }
    )
    tiers = pd.Series([row["rfm_tier"] for row in customer.customer_rfm(sent)["customers"]])
    portraits = cards(table, labels, 5)
    portraits["insight"] = np.where(
        portraits["share_revenue_pct"] >= 30, "Focus on retention & upsell", "Growth-potential segment"
    )
    clusters = []
    for card in portraits.to_dict("records"):
        if card["cluster_id"] == -1:
            continue
        members = labels == card["cluster_id"]
        means, counts = features[members].mean(), tiers[members].value_counts()
        shares = (100 * counts / counts.sum()).round(2)
        clusters.append(
            {
                "cluster_id": card["cluster_id"],
                "size": card["n_customers"],
                "centroid": means.to_dict(),
                "persona_label": persona(means, features.mean()),
                "profile": card,
                "rfm_tiers": [
                    {"rfm_tier": tier, "n_customers": count, "share_pct": shares[tier]}
                    for tier, count in counts.items()
                ],
            }
        )
    return {
        "best_algorithm": NAMES[best["algo"]],
        "evaluation_metrics": [
            {
                "algorithm": NAMES[row["algo"]],
                "params": {"k": row["k"]} if row["k"] else {"eps": 0.4, "min_samples": 5},
                **{name: row[name] for name in ("silhouette", "davies_bouldin", "calinski_harabasz")},
                "n_clusters": row["n_clusters"],
            }
            for row in leaders.to_dict("records")
        ],
        "clusters": clusters,
        "customer_labels": [
            {"customer_id": row["customer_id"], "cluster_id": label}
            for row, label in zip(rows, labels.tolist(), strict=True)
        ],
        "quality": quality(best["labels"], best["samples"]),
    }


def role(card: Any, usual: Any) -> str:
    """What a segment is to the business."""
    spends = "high" if card.avg_spend >= usual.avg_spend else "low"
    buys = "often" if card.avg_frequency >= usual.avg_frequency else "seldom"
    return f"{spends}, {buys}"


ADVICE = {
    "high, often": {
        "insight": "an established relationship in which recognition matters more than price",
        "marketing": "put recognition before discounts: early access to new arrivals in {types}",
        "channel": "use the spaces that customers already visit: the app, the account page and messages",
        "retention": "reward continuity with visible levels and exclusive benefits in {types}",
        "next": "define the benefits of a recognition programme and what they cost",
    },
    "high, seldom": {
        "insight": "large, planned purchases with long pauses between them",
        "marketing": "give reasons to return between purchases: accessories and care for {types}",
        "channel": "rely on personal contact around the next purchase",
        "retention": "stay in touch after each purchase with advice on {types}",
        "next": "plan reminders around the usual time between two purchases",
    },
    "low, often": {
        "insight": "a habit that holds, at small amounts",
        "marketing": "raise the basket step by step with bundles of {types}",
        "channel": "use the till, the receipt and the app, where they already are",
        "retention": "keep the habit alive with a simple card for {types}",
        "next": "test bundles against customers who did not get them",
    },
    "low, seldom": {
        "insight": "fading interest, an unmet need or a first purchase that did not become a habit",
        "marketing": "keep spending low: a short return campaign around {types}",
        "channel": "rely on inexpensive messages, and stop after a few unanswered attempts",
        "retention": "ask before insisting: a brief survey on what was missing",
        "next": "run one return campaign with a spending ceiling",
    },
}


def written(found: pd.DataFrame) -> dict[str, Any]:
    """The sections, each from a template; no dendrogram insights."""
    usual = found[["avg_spend", "avg_frequency"]].mean()
    ranked = list(found.sort_values("revenue", ascending=False).itertuples())
    portraits, advice = [], {name: [] for name in ("insight", "marketing", "channel", "retention", "next")}
    bundles = []
    for card in ranked:
        types = card.top_categories.split(", ")
        portraits.append(
            f"Cluster {card.cluster_id} gathers {card.n_customers:,} customers and brings in "
            f"{card.share_revenue_pct:.1f}% of revenue, with an average spend of {card.avg_spend:,.0f} and "
            f"{card.avg_frequency:.1f} purchases per customer; the basket is led by {card.top_categories}."
        )
        for name, text in ADVICE[role(card, usual)].items():
            advice[name].append(f"For Cluster {card.cluster_id}: {text.format(types=types[0])}.")
        bundles.append(f"In Cluster {card.cluster_id}, offer {types[0]} together with {types[-1]}.")
    largest, richest = found.loc[found["n_customers"].idxmax()], ranked[0]
    return {
        "executive_summary": f"The customer base divides into {len(found)} segments.\n\n"
        + " ".join(portraits)
        + "\n\nThe priorities follow value: "
        + " ".join(advice["marketing"][:3]),
        "cluster_analysis": "From the highest revenue to the lowest.\n\n" + " ".join(portraits),
        "customer_insights": "The figures suggest: " + " ".join(advice["insight"]),
        "marketing_recommendations": " ".join(advice["marketing"]),
        "channel_strategy": " ".join(advice["channel"]),
        "product_cross_sell_ideas": " ".join(bundles),
        "retention_actions": " ".join(advice["retention"]),
        "next_steps": " ".join(advice["next"]),
        "auto_insights": [
            f"Cluster {largest['cluster_id']} has the most customers ({largest['n_customers']:,}).",
            f"Cluster {richest.cluster_id} generates {richest.share_revenue_pct:.1f}% of total revenue.",
        ],
        "dendrogram_insights": None,
    }


def reports(sent: Labelled, languages: list[str]) -> dict[str, Any]:
    table = table_of(sent.customers)
    found = cards(table, table["id"].map(sent.labels))
    payload = sent.model_dump()
    return {
        lang: {
            "language": "English",
            "generated_on": pd.Timestamp.now("UTC").strftime("%Y-%m-%dT%H:%M:%S"),
            **written(found),
            "cluster_metrics": found.drop(columns=["revenue", "median_spend"]).to_dict("records"),
            "raw_payload": payload,
        }
        for lang in languages
    }


@router.post("/segmentation_report_json")
def segmentation_report_json(sent: Labelled) -> dict[str, Any]:
    return reports(sent, ["en"])["en"]


@router.post("/segmentation_report_json_i18n")
def segmentation_report_json_i18n(sent: Labelled) -> dict[str, Any]:
    """All three reports are in English: the templates' translation is no work of a request."""
    return {"reports": reports(sent, ["en", "es", "pt"])}


def picture(figure: Figure) -> io.BytesIO:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=150)
    drawn.seek(0)
    return drawn


@router.post("/segmentation_report_pdf")
def segmentation_report_pdf(sent: Labelled) -> Response:
    """In the built-in font, which has the letters of western Europe alone."""
    table = table_of(sent.customers)
    labels = table["id"].map(sent.labels)
    found = cards(table, labels)
    bars, dots = Figure(figsize=(8, 4)), Figure(figsize=(8, 5))
    shares = pd.DataFrame(
        {
            "customers": found["n_customers"] / len(table) * 100,
            "revenue": found["share_revenue_pct"],
        }
    ).set_axis([f"Cluster {one}" for one in found["cluster_id"]])
    shares.plot.barh(ax=bars.subplots(), xlabel="%")
    axes = dots.subplots()
    for one, members in table.groupby(labels):
        axes.scatter(members["frequency"], members["amount_spent"], s=6, label=f"Cluster {one}")
    axes.set(xlabel="frequency", ylabel="amount spent", xscale="log", yscale="log")
    axes.legend()

    page = FPDF(format="A4")
    page.set_font("Helvetica", size=10)
    page.add_page()
    for heading, text in written(found).items():
        if not text:
            continue
        page.set_font("Helvetica", "B", 13)
        page.cell(0, 9, heading.replace("_", " ").capitalize(), new_x="LMARGIN", new_y="NEXT")
        page.set_font("Helvetica", size=10)
        lines = text if isinstance(text, list) else [text]
        for line in lines:
            page.multi_cell(0, 5.2, line, new_x="LMARGIN", new_y="NEXT")
    with page.table() as grid:
        grid.row(["Cluster", "Customers", "Average spend", "Frequency", "Top categories", "Revenue"])
        for card in found.itertuples():
            grid.row(
                [
                    f"Cluster {card.cluster_id}",
                    f"{card.n_customers:,}",
                    f"{card.avg_spend:,.2f}",
                    f"{card.avg_frequency:.2f}",
                    card.top_categories,
                    f"{card.share_revenue_pct:.1f}%",
                ]
            )
    for figure in (bars, dots):
        page.image(picture(figure), w=page.epw)
    return Response(bytes(page.output()), media_type="application/pdf")
