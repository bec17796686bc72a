"""What a segmentation's charts have of their own: words, names and colours of clusters."""

from __future__ import annotations

from collections.abc import Iterable

from abintel.charts.palette import GREY, PALETTE
from abintel.fields import Lang

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
NOISE = -1
_CLUSTER = {
    "en": ("Cluster {}", "Cluster -1 (outliers)"),
    "es": ("Clúster {}", "Clúster -1 (atípicos)"),
    "pt": ("Cluster {}", "Cluster -1 (atípicos)"),
}
"""Also the words of the report, which calls the noise of DBSCAN outliers."""


WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "shares": "Customers and revenue by cluster",
        "customers": "Customers",
        "revenue": "Revenue",
        "share": "Share of the total (%)",
        "points": "Spend against frequency",
        "of": "{drawn} of {all} customers drawn",
        "largest": "The {drawn} largest of {all} clusters",
        "all": "Customers: {all}",
        "frequency": "Purchases per customer (number)",
        "spend": "Spend per customer ({currency})",
        "money": "currency units",
        "log": "{title}, logarithmic",
        "cluster": "Cluster",
        "tree": "How the clusters grew together",
        "top": "Customers: {customers}. Merges drawn: {merges} of {all}.",
        "distance": "Distance of the merge (Ward)",
        "branch": "Customers in the branch (number)",
        "leaf": "Each line ends in a customer",
        "cut": "Dashed line: the cut into {clusters} clusters.",
        "one": "One customer: there is nothing to merge.",
    },
    "es": {
        "shares": "Clientes e ingresos por clúster",
        "customers": "Clientes",
        "revenue": "Ingresos",
        "share": "Parte del total (%)",
        "points": "Gasto frente a frecuencia",
        "of": "Se muestran {drawn} de {all} clientes",
        "largest": "Los {drawn} clústeres más grandes de {all}",
        "all": "Clientes: {all}",
        "frequency": "Compras por cliente (número)",
        "spend": "Gasto por cliente ({currency})",
        "money": "unidades monetarias",
        "log": "{title}, escala logarítmica",
        "cluster": "Clúster",
        "tree": "Cómo se unieron los clústeres",
        "top": "Clientes: {customers}. Uniones dibujadas: {merges} de {all}.",
        "distance": "Distancia de la unión (Ward)",
        "branch": "Clientes en la rama (número)",
        "leaf": "Cada línea termina en un cliente",
        "cut": "Línea discontinua: el corte en {clusters} clústeres.",
        "one": "Un solo cliente: no hay nada que unir.",
    },
    "pt": {
        "shares": "Clientes e receita por cluster",
        "customers": "Clientes",
        "revenue": "Receita",
        "share": "Parte do total (%)",
        "points": "Gasto e frequência",
        "of": "São mostrados {drawn} de {all} clientes",
        "largest": "Os {drawn} maiores de {all} clusters",
        "all": "Clientes: {all}",
        "frequency": "Compras por cliente (número)",
        "spend": "Gasto por cliente ({currency})",
        "money": "unidades monetárias",
        "log": "{title}, escala logarítmica",
        "cluster": "Cluster",
        "tree": "Como os clusters se uniram",
        "top": "Clientes: {customers}. Uniões desenhadas: {merges} de {all}.",
        "distance": "Distância da união (Ward)",
        "branch": "Clientes no ramo (número)",
        "leaf": "Cada linha termina em um cliente",
        "cut": "Linha tracejada: o corte em {clusters} clusters.",
        "one": "Um só cliente: não há nada a unir.",
    },
}


def cluster_name(cluster_id: int, lang: Lang) -> str:
    """What a cluster is called; −1 are the outliers."""
    name, noise = _CLUSTER[lang]
    return noise if cluster_id == NOISE else name.format(cluster_id)


def colours(cluster_ids: Iterable[int]) -> dict[int, str]:
    """A colour for each cluster, ascending, the same in every chart of one segmentation; noise is grey.

    Past eight clusters the palette starts again, lighter, then darker (black stays black), then as it was.
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
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (towards - part) * share):02X}" for part in parts)
