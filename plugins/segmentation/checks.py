"""Faults that several routes look for in a body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from abintel.faults import shown
from abintel.problem import Fault, pointer
from plugins.segmentation.drawing import hierarchy


def eps_faults(request: Any) -> Iterator[Fault]:
    """A radius that is too large for standard deviations."""
    if request.dbscan_eps is not None and request.scaling != "raw" and request.dbscan_eps > 1:
        message = f"{shown(request.dbscan_eps)} standard deviations; send at most 1 with this scaling."
        yield Fault("/dbscan_eps", message)


def label_faults(ids: Sequence[str], labels: Mapping[str, int]) -> Iterator[Fault]:
    """Customers without a label, and labels without a customer."""
    if len(labels) == len(ids) and labels.keys() == set(ids):
        return
    for row, customer in enumerate(ids):
        if customer not in labels:
            message = f"{shown(customer)} has no label; send one in labels."
            yield Fault(pointer("customers", row, "id"), message)
    known = set(ids)
    for customer in labels:
        if customer not in known:
            yield Fault(pointer("labels", customer), f"{shown(customer)} is no customer of this request.")


def dendrogram_faults(dendrogram: Any) -> Iterator[Fault]:
    """Faults of a linkage matrix; each names its row."""
    for row, message in hierarchy.faults(dendrogram.linkage_matrix, len(dendrogram.leaf_labels)):
        path = ("dendrogram", "linkage_matrix") if row < 0 else ("dendrogram", "linkage_matrix", row)
        yield Fault(pointer(*path), message)


def leaf_faults(leaves: Sequence[str], ids: Sequence[str]) -> Iterator[Fault]:
    """Leaves that are no customer, leaves that are sent twice, and customers without a leaf."""
    known = set(ids)
    seen: set[str] = set()
    for row, leaf in enumerate(leaves):
        if leaf not in known:
            message = f"{shown(leaf)} is no customer of this request."
        elif leaf in seen:
            message = f"{shown(leaf)} is a leaf already; each customer is one leaf."
        else:
            seen.add(leaf)
            continue
        yield Fault(pointer("dendrogram", "leaf_labels", row), message)
    if len(leaves) < len(ids):
        message = f"{len(leaves):,} leaves for {len(ids):,} customers; send the tree over all of them."
        yield Fault("/dendrogram/leaf_labels", message)
