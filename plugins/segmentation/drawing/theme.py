"""Names, colours and shapes of clusters, as every picture of a segmentation has them."""

from __future__ import annotations

from collections.abc import Iterable

from abintel.charts.palette import GREY, PALETTE
from abintel.wording import Lang
from plugins.segmentation.words import TEXTS

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
NOISE = -1


def cluster_name(cluster_id: int, lang: Lang) -> str:
    """The name of a cluster; −1 is the outliers."""
    if cluster_id == NOISE:
        return TEXTS[lang].say("cluster.outliers")
    return TEXTS[lang].say("cluster.name", id=cluster_id)


def colours(cluster_ids: Iterable[int]) -> dict[int, str]:
    """A colour for each cluster, by id, the same in every picture of one segmentation; noise is grey.

    After eight clusters the palette repeats, lighter, then darker (black stays black), then unchanged.
    """
    ordered = sorted(set(cluster_ids) - {NOISE})
    tints = ((255, 0.0), (255, 0.5), (0, 0.35))
    chosen = {
        cluster: _mixed(PALETTE[i % len(PALETTE)], *tints[i // len(PALETTE) % len(tints)])
        for i, cluster in enumerate(ordered)
    }
    return chosen | ({NOISE: GREY} if NOISE in cluster_ids else {})


def _mixed(colour: str, towards: int, share: float) -> str:
    """A colour moved by a share towards white (255) or black (0)."""
    parts = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (towards - part) * share):02X}" for part in parts)
