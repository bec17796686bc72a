"""Segmentations to write about: the published one, random ones with nasty values, and one per situation."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from plugins.segmentation.report.facts import Cluster, Merge, Tree, tree_of

GOLDEN = json.loads(
    (Path(__file__).parents[3] / "data" / "golden" / "segmentation_report_json.json").read_text()
)

_NAMES = [
    *(
        "wine",
        "smart-tv",
        "4k-tv",
        "dog food",
        "café",
        "мебель",
        "家電",
        "2-in-1 laptops",
        "internet",
        "hilo",
    ),
    *("accesorios para el hogar y decoración de interiores de madera maciza", "x" * 100, "{who} 50%", "a  b"),
    *("wine & spirits", "crème brûlée", "t-shirt", "a b c d e f g h i j k l m n o p q r s t u v w x y z"),
]


def published() -> list[Cluster]:
    """The clusters of the published example."""
    return [
        Cluster(
            one["cluster_id"],
            one["n_customers"],
            one["avg_spend"],
            one["avg_frequency"],
            tuple(one["top_categories"].split(", ")),
            one["share_revenue_pct"],
        )
        for one in GOLDEN["response"]["cluster_metrics"]
    ]


def published_tree() -> Tree | None:
    """The tree of the published example."""
    request = GOLDEN["request"]
    leaves = request["dendrogram"]["leaf_labels"]
    labels = np.array([request["labels"][leaf] for leaf in leaves])
    return tree_of(np.array(request["dendrogram"]["linkage_matrix"]), labels)


def clusters_of(rows: list[tuple[int, int, float, float, tuple[str, ...]]]) -> list[Cluster]:
    """Clusters whose revenue shares follow from size and spend."""
    total = sum(size * spend for _, size, spend, _, _ in rows)
    return [
        Cluster(key, size, spend, frequency, names, 100 * size * spend / total if total else 0.0)
        for key, size, spend, frequency, names in rows
    ]


def random_clusters(seed: int) -> list[Cluster]:
    """1 to 40 clusters of any size, spend and categories; outliers, ties and zeros among them."""
    dice = random.Random(seed)
    k = dice.choice([1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 20, 25, 30, 40])
    ids = dice.sample(range(0, 200), k)
    if dice.random() < 0.3:
        ids[0] = -1
    scale = dice.choice([0.0, 1.0, 100.0, 1e6, 1e12])
    spread = dice.choice([0.0, 0.05, 1.0, 3.0])
    largest = dice.choice([1, 10, 1000, 1_000_000])
    equal = dice.random() < 0.2
    rows = []
    for key in ids:
        size = largest if equal else dice.randint(1, largest)
        spend = min(1e12, round(scale * 10 ** dice.uniform(-spread, 0), 2)) if dice.random() < 0.9 else 0.0
        frequency = round(10 ** dice.uniform(-spread, 1), 2) if dice.random() < 0.9 else 0.0
        names = tuple(dice.sample(_NAMES, dice.randint(0, 3))) if dice.random() < 0.8 else ()
        rows.append((key, size, spend, frequency, names))
    return clusters_of(rows)


def random_tree(clusters: list[Cluster], seed: int) -> Tree | None:
    """Any tree over the clusters, or none."""
    dice = random.Random(seed)
    kind = dice.choice(["none", "follows", "foreign", "crossed"])
    if kind == "none":
        return None
    if kind == "crossed":
        return Tree((), follows=len(clusters) == 1)
    groups: list[tuple[int, ...]] = [(one.cluster_id,) for one in clusters]
    heights = sorted(dice.uniform(0, 1) for _ in range(len(groups) - 1))
    merges = []
    for height in heights:
        dice.shuffle(groups)
        left, right = groups.pop(), groups.pop()
        merges.append(Merge(left, right, height))
        groups.append(left + right)
    return Tree(tuple(merges), follows=kind == "follows" or len(clusters) == 1)


def dominant() -> list[Cluster]:
    """One segment with most of the customers and of the revenue."""
    return clusters_of(
        [
            (0, 900, 100.0, 4.0, ("milk",)),
            (1, 60, 90.0, 3.8, ("toys",)),
            (2, 40, 110.0, 4.1, ("books",)),
        ]
    )


def revenue_elsewhere() -> list[Cluster]:
    """Most revenue in a segment that is not the largest."""
    return clusters_of([(0, 700, 20.0, 2.0, ("tea",)), (1, 300, 400.0, 2.1, ("sofas", "tables"))])


def tiny_rich() -> list[Cluster]:
    """Few customers with a large part of the revenue."""
    return clusters_of(
        [
            (0, 500, 100.0, 4.0, ("milk", "bread")),
            (1, 450, 120.0, 5.0, ("beer",)),
            (2, 20, 2000.0, 15.0, ("watches",)),
        ]
    )


def near_equal() -> list[Cluster]:
    """Three segments alike in size, spend and frequency."""
    return clusters_of(
        [
            (0, 100, 500.0, 6.0, ("coffee", "tea")),
            (1, 105, 510.0, 6.2, ("dog food", "cat food")),
            (2, 98, 490.0, 5.9, ("books", "pens")),
        ]
    )


def with_outliers() -> list[Cluster]:
    """Two segments and the noise of DBSCAN."""
    return clusters_of(
        [
            (-1, 8, 9000.0, 1.0, ("yachts",)),
            (0, 300, 100.0, 2.0, ("soap", "towels")),
            (1, 200, 300.0, 6.0, ("perfume", "soap")),
        ]
    )


def unspent() -> list[Cluster]:
    """Nobody spent anything."""
    return clusters_of([(0, 50, 0.0, 2.0, ("samples",)), (1, 30, 0.0, 9.0, ("trials",))])


def by_frequency() -> list[Cluster]:
    """The richer segment buys more often, at the same basket."""
    return clusters_of([(0, 100, 100.0, 2.0, ("bread",)), (1, 80, 400.0, 8.0, ("fruit",))])


def by_basket() -> list[Cluster]:
    """The richer segment buys as often, at a dearer basket."""
    return clusters_of([(0, 100, 100.0, 4.0, ("bread",)), (1, 80, 400.0, 4.2, ("cameras",))])


def with_dormant() -> list[Cluster]:
    """A segment with little spend and little activity."""
    return clusters_of([(0, 200, 500.0, 8.0, ("shoes",)), (1, 150, 60.0, 0.5, ("belts",))])


def same_categories() -> list[Cluster]:
    """The same leading categories everywhere."""
    return clusters_of([(0, 90, 100.0, 3.0, ("wine", "cheese")), (1, 80, 300.0, 5.0, ("cheese", "wine"))])


def many(k: int = 25) -> list[Cluster]:
    """Many segments of all kinds."""
    dice = random.Random(k)
    goods = ["shoes", "tea", "toys", "books", "garden", "tools", "coffee", "lamps", "bikes", "paint", "cards"]
    return clusters_of(
        [
            (
                key,
                dice.randint(5, 3000),
                round(10 ** dice.uniform(1, 3.5), 2),
                round(10 ** dice.uniform(-0.3, 1.3), 2),
                tuple(dice.sample(goods, dice.randint(1, 3))),
            )
            for key in range(k)
        ]
    )


def single() -> list[Cluster]:
    """One segment."""
    return clusters_of([(0, 412, 350.5, 4.2, ("shoes", "belts", "bags"))])
