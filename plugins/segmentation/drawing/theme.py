"""How a segmentation looks: colours, fonts, words and numbers of its charts, and their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeVar

import altair as alt
import vl_convert as vlc

Lang = Literal["en", "es", "pt"]
Drawing = alt.Chart | alt.LayerChart
AnyDrawing = TypeVar("AnyDrawing", alt.Chart, alt.LayerChart)

WIDTH = 800
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert carries the first one; a browser has one of the others."""

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#B8A800")
"""Told apart by colour-blind eyes: Okabe & Ito, *Color Universal Design* (2008). Their yellow, #F0E442, is
darker here: it is drawn as a line on white."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
NOISE = -1
GREY, INK, PALE = "#9A9A9A", "#333333", "#E4E4E4"

_SEPARATORS = {"en": (",", ".", "%"), "es": (".", ",", "%"), "pt": (".", ",", "%")}
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


def number(value: float, decimals: int, lang: Lang) -> str:
    """A number as the language writes it: 1,234.5 or 1.234,5."""
    thousands, point, _ = _SEPARATORS[lang]
    text = f"{value:,.{decimals}f}"
    return text.translate({ord(","): thousands, ord("."): point})


def percent(value: float, decimals: int, lang: Lang) -> str:
    """A share in percent as the language writes it: 40.7% or 40,7%."""
    return number(value, decimals, lang) + _SEPARATORS[lang][2]


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


def themed(chart: AnyDrawing, lang: Lang) -> AnyDrawing:
    """The chart in the theme, and with the numbers of a language. Nothing is registered with Altair."""
    thousands, point, sign = _SEPARATORS[lang]
    numbers = {"decimal": point, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
    sized = {"labelFontSize": 13, "titleFontSize": 14, "titleFontWeight": "normal"}
    inked = {"labelColor": INK, "titleColor": INK}
    lines = {"gridColor": PALE, "domainColor": GREY, "tickColor": GREY}
    drawn: AnyDrawing = chart.configure(
        font=FONT,
        background="white",
        padding=12,
        locale={"number": numbers | {"percent": sign}},
        axis={**sized, **inked, **lines, "titlePadding": 10},
        legend={**sized, **inked},
        view={"stroke": None},
        title={
            "anchor": "start",
            "fontSize": 20,
            "color": INK,
            "subtitleFontSize": 14,
            "subtitleColor": "#5A5A5A",
            "subtitlePadding": 6,
            "offset": 16,
        },
    )
    return drawn


def png(chart: Drawing, scale: float = 2) -> bytes:
    """The chart as a picture, ``scale`` pixels to each of its own; drawn without a browser or a network."""
    return vlc.vegalite_to_png(_spec(chart), scale=scale, allowed_base_urls=[])


def svg(chart: Drawing) -> str:
    """The chart as SVG, its texts as text."""
    return vlc.vegalite_to_svg(_spec(chart), allowed_base_urls=[])


def _spec(chart: Drawing) -> dict[str, Any]:
    """Vega-Lite as built; that it keeps the schema is for the tests, not for every request."""
    return chart.to_dict(validate=False)
