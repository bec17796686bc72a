"""How do I draw the tree of my customers? A dendrogram becomes nodes and links for D3, Plotly or ECharts, or
nested rings for a sunburst.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import orjson
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint, Parameter
from abintel.fields import Body, Decodes
from abintel.problem import Fault
from abintel.query import chosen
from plugins.segmentation.checks import dendrogram_faults
from plugins.segmentation.drawing import hierarchy
from plugins.segmentation.endpoints.examples import CUSTOMERS, LINKAGE
from plugins.segmentation.schemas import LegendValue, SentDendrogram

FORMATS = ("graph", "sunburst")
FORMAT = Parameter(
    "format",
    "`sunburst` answers nested rings with sizes instead of nodes and links.",
    {"type": "string", "enum": [*FORMATS], "default": "graph"},
)


class HierarchyRequest(Body):
    """A dendrogram, as `purchasing_segmentation_dendrogram` answers it."""

    dendrogram: SentDendrogram = Field(description="The tree and its leaves.")


class HierarchyNode(BaseModel):
    """A customer or a merge."""

    id: int = Field(description="Leaves first, then merges in order of distance.")
    label: str | None = Field(None, description="The customer; leaves only.")
    distance: float | None = Field(None, description="Ward's distance; merges only.")
    size: int | None = Field(None, description="Customers below; merges only.")
    is_leaf: bool = Field(description="Whether it is a customer.")


class HierarchyLink(BaseModel):
    """From a merge to one of its two parts."""

    source: int = Field(description="The merge.")
    target: int = Field(description="The part.")
    distance: float = Field(description="Ward's distance of the merge.")


class HierarchyGraphAnswer(Answer):
    """The tree as a graph."""

    # Written from structs of the same members. Reading them back would take longer than all the rest.
    nodes: Annotated[list[HierarchyNode], Decodes(msgspec.Raw)] = Field(description="Customers, then merges.")
    links: Annotated[list[HierarchyLink], Decodes(msgspec.Raw)] = Field(description="Two per merge.")
    columns: list[str] = Field(description="Names of a link's figures.")
    cluster_legend: list[dict[str, LegendValue]] | None = Field(None, description="As sent.")


class SunburstRing(BaseModel):
    """A part of the tree."""

    id: int = Field(description="As in the graph: leaves first, then merges.")
    name: str = Field(description="The customer, or the number of the merge.")
    value: int | None = Field(None, description="Customers below it, if nothing is drawn below it.")
    size: int | None = Field(None, description="Customers below it, if its parts are drawn.")
    distance: float | None = Field(None, description="Ward's distance of the merge.")
    collapsed: bool | None = Field(None, description="True if the tree goes on and the drawing does not.")
    children: list[Any] | None = Field(None, description="Its parts, of the same form.")


class HierarchySunburstAnswer(Answer):
    """The tree as nested rings, with `format=sunburst`."""

    sunburst: SunburstRing = Field(description="The root.")
    cluster_legend: list[dict[str, LegendValue]] | None = Field(None, description="As sent.")


def check(request: HierarchyRequest, call: Call) -> Iterator[Fault]:
    chosen(call.query, "format", FORMATS)
    return dendrogram_faults(request.dendrogram)


def handle(request: HierarchyRequest, call: Call) -> dict[str, Any]:
    sent = request.dendrogram
    legend = {} if sent.cluster_legend is None else {"cluster_legend": sent.cluster_legend}
    if chosen(call.query, "format", FORMATS) == "sunburst":
        return {"sunburst": hierarchy.sunburst(sent.linkage_matrix, sent.leaf_labels), **legend}
    nodes, links = hierarchy.graph(sent.linkage_matrix, sent.leaf_labels)
    return {
        "nodes": orjson.Fragment(msgspec.json.encode(nodes)),
        "links": orjson.Fragment(msgspec.json.encode(links)),
        "columns": ("source", "target", "distance"),
        **legend,
    }


ENDPOINT = Endpoint(
    name="segment_hierarchy_chart",
    summary="The tree of customers as nodes and links, or as nested rings, ready to draw.",
    request=HierarchyRequest,
    response=HierarchyGraphAnswer | HierarchySunburstAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    query=(FORMAT,),
    chart=lazy("plugins.segmentation.charts", "sent_tree"),
    examples={
        "dendrogram": {
            "dendrogram": {
                "linkage_matrix": LINKAGE,
                "columns": ["child1", "child2", "distance", "sample_count"],
                "leaf_labels": [customer["id"] for customer in CUSTOMERS],
                "cluster_legend": [
                    {"cluster_id": 0, "n_customers": 9, "top_categories": "tea, notebook"},
                    {"cluster_id": 1, "n_customers": 3, "top_categories": "laptop, mouse"},
                ],
            }
        }
    },
)
