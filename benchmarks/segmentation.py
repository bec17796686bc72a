"""The segmentation routes, whole requests (bytes in, bytes out), beside the obvious implementation.

``python benchmarks/segmentation.py`` prints the table of ``benchmarks/RESULTS.md``, or the rows named.
Each measurement is a process of its own, warmed by one small request, with the threads and the collector as a
serving process has them. The obvious implementation is measured where it ends within minutes; it does the
numerical part of the route alone, so the ratio errs on its side.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

SEED = 20250424
TYPES = 60


class Row(NamedTuple):
    """A line of the table.

    Attributes:
        route: the route.
        customers: how many.
        settings: further members of the body.
        documented: the API document's own figure.
        limit: what issue and documents ask for, in seconds.
        obvious: name of the obvious implementation, None where it would take too long.
        runs: measurements of each.
    """

    route: str
    customers: int
    settings: Mapping[str, Any]
    documented: str
    limit: float
    obvious: str | None
    runs: int


ROWS = {
    "dendrogram-10k": Row("purchasing_segmentation_dendrogram", 10_000, {}, "< 1 s on a T4", 0.4, "ward", 3),
    "dendrogram-40k": Row("purchasing_segmentation_dendrogram", 40_000, {}, "about 4 s", 2, "ward", 1),
    "dendrogram-60k": Row("purchasing_segmentation_dendrogram", 60_000, {}, "–", 4, None, 3),
    "segmentation-60k": Row("purchasing_segmentation", 60_000, {}, "–", 15, None, 3),
    "segmentation-60k-zscore": Row(
        "purchasing_segmentation", 60_000, {"scaling": "zscore"}, "–", 15, None, 3
    ),
    "segmentation-10k-zscore": Row(
        "purchasing_segmentation", 10_000, {"scaling": "zscore"}, "–", 15, "families", 1
    ),
    "segmentation-60k-onehot": Row(
        "purchasing_segmentation", 60_000, {"scaling": "zscore_onehot"}, "–", 90, None, 1
    ),
    "hierarchy-40k": Row("segment_hierarchy_chart", 40_000, {}, "about 50 ms", 0.15, "graph", 5),
    "hierarchy-100k": Row("segment_hierarchy_chart", 100_000, {}, "–", 1, "graph", 5),
    "profiles-60k": Row("segment_cluster_profiles", 60_000, {}, "–", 0.5, "profiles", 5),
    "report-50k": Row("segmentation_report_json", 50_000, {}, "about 400 ms", 0.5, None, 5),
}


def customers(count: int) -> list[dict[str, Any]]:
    """Invented customers of three kinds, the same in every run; spends in cents, product types skewed."""
    chance = np.random.default_rng(SEED)
    kind = chance.choice(3, count, p=[0.7, 0.22, 0.08])
    frequency = 1 + chance.poisson(np.array([4, 14, 28])[kind])
    spend = np.round(chance.gamma(4.0, np.array([12.0, 40.0, 95.0])[kind] / 4.0) * frequency, 2)
    weights = 1 / np.arange(1, TYPES + 1)
    sizes = 1 + chance.poisson(1.5, count)
    drawn = chance.choice(TYPES, int(sizes.sum()), p=weights / weights.sum())
    names = [f"department-{number % 7}/category-{number:02d}/{'a-long-slug-' * 4}" for number in range(TYPES)]
    ends = np.cumsum(sizes)
    columns = zip(frequency.tolist(), spend.tolist(), np.split(drawn, ends[:-1]), strict=True)
    return [
        {
            "id": f"CUSTOMER-{number:07d}-{'x' * 12}",
            "frequency": orders,
            "amount_spent": spent,
            "product_types": list(dict.fromkeys(names[code] for code in codes.tolist())),
        }
        for number, (orders, spent, codes) in enumerate(columns)
    ]


def points(rows: list[dict[str, Any]]) -> Any:
    """The figures that the routes compare."""
    return np.array([[row["frequency"], row["amount_spent"], len(row["product_types"])] for row in rows])


def body(row: Row) -> dict[str, Any]:
    """The request of a line."""
    if row.route == "segment_hierarchy_chart":
        from plugins.segmentation.clustering.ward import linkage

        chance = np.random.default_rng(SEED)
        tree = linkage(chance.gamma(2.0, 100.0, (row.customers, 3)))
        leaves = [f"CUSTOMER-{number:07d}" for number in range(row.customers)]
        return {"dendrogram": {"linkage_matrix": tree.tolist(), "leaf_labels": leaves}}
    rows = customers(row.customers)
    sent: dict[str, Any] = {"customers": rows, **row.settings}
    if row.route in ("segment_cluster_profiles", "segmentation_report_json"):
        sent["labels"] = {each["id"]: int(each["amount_spent"] // 200) % 5 for each in rows}
    return sent


def ours(row: Row, home: Path) -> Callable[[bytes], bytes]:
    """The route as the server answers it: decode, check, handle (with a registry of its own), encode."""
    from abintel.answer import Encoder
    from abintel.decode import Decoder
    from abintel.discovery import discover
    from abintel.endpoint import Call
    from abintel.settings import Settings
    from registry.registry import Registry

    settings = Settings.from_environment({"ABINTEL_HOME": str(home)})
    roster = discover(["segmentation"])
    roster.plugins[0].warm()
    [endpoint] = [one for one in roster.endpoints if one.name == row.route]
    decoder, encoder = Decoder(endpoint.request), Encoder(endpoint.response)
    registry = Registry(settings)
    if endpoint.trainable is not None:
        registry.open()

    def respond(content: bytes) -> bytes:
        call = Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))
        call.models = registry.bound("bench", endpoint, call.now, call.warn)
        request = decoder.decode(content)
        assert not list(endpoint.check(request, call))
        return encoder.encode(endpoint.handle(request, call))

    respond(json.dumps(endpoint.example).encode())
    return respond


def obvious(row: Row, home: Path) -> Callable[[bytes], bytes]:
    """The numerical part of the route with the libraries' own functions."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.cluster import DBSCAN, KMeans
    from sklearn.metrics import davies_bouldin_score, silhouette_score
    from sklearn.mixture import GaussianMixture
    from sklearn.preprocessing import StandardScaler

    def ward(content: bytes) -> bytes:
        figures = points(json.loads(content)["customers"])
        tree = linkage(figures, "ward")
        for k in range(2, 11):
            labels = fcluster(tree, k, "maxclust")
            silhouette_score(figures, labels), davies_bouldin_score(figures, labels)
        return b""

    def families(content: bytes) -> bytes:
        figures = StandardScaler().fit_transform(points(json.loads(content)["customers"]))
        tree = linkage(figures, "ward")
        partitions = []
        for k in (3, 4, 5, 6):
            partitions.append(KMeans(k, n_init=10, random_state=42).fit_predict(figures))
            partitions.append(GaussianMixture(k, random_state=42).fit_predict(figures))
            partitions.append(fcluster(tree, k, "maxclust"))
        partitions.append(DBSCAN(eps=0.4).fit_predict(figures))
        for labels in partitions:
            silhouette_score(figures, labels), davies_bouldin_score(figures, labels)
        return b""

    def graph(content: bytes) -> bytes:
        tree = json.loads(content)["dendrogram"]
        leaves = tree["leaf_labels"]
        nodes = [{"id": place, "label": label, "is_leaf": True} for place, label in enumerate(leaves)]
        links = []
        for place, (one, other, distance, size) in enumerate(tree["linkage_matrix"], len(leaves)):
            nodes.append({"id": place, "distance": distance, "size": int(size), "is_leaf": False})
            for child in (one, other):
                links.append({"source": place, "target": int(child), "distance": distance})
        return json.dumps({"nodes": nodes, "links": links}).encode()

    def profiles(content: bytes) -> bytes:
        import pandas as pd
        from sklearn.feature_extraction.text import TfidfVectorizer

        request = json.loads(content)
        frame = pd.DataFrame(request["customers"])
        frame["cluster"] = frame["id"].map(request["labels"])
        groups = frame.groupby("cluster")
        cards = groups.agg(
            n=("id", "size"),
            avg=("amount_spent", "mean"),
            median=("amount_spent", "median"),
            frequency=("frequency", "mean"),
            revenue=("amount_spent", "sum"),
        )
        texts = groups["product_types"].apply(lambda rows: [slug for row in rows for slug in row])
        vectorizer = TfidfVectorizer(analyzer=lambda slugs: slugs)
        weights = vectorizer.fit_transform(texts).toarray()
        names = vectorizer.get_feature_names_out()
        cards["top"] = [", ".join(names[np.argsort(-row)[:5]]) for row in weights]
        return str(cards.to_json(orient="records")).encode()

    return {"ward": ward, "families": families, "graph": graph, "profiles": profiles}[row.obvious or ""]


class Measured(NamedTuple):
    """One request: its time, and what it added to the process's peak memory."""

    seconds: float
    mib: float


def peak_kib() -> int:
    """The most memory that this process has held (Linux)."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1])


def measure(name: str, who: str) -> None:
    """Prints one measurement, in the process that is measured."""
    from abintel.compiled import keep_compiled
    from abintel.settings import Settings

    keep_compiled(Settings.from_environment().home)
    sent = sys.stdin.buffer.read()
    with tempfile.TemporaryDirectory() as home:
        respond = (ours if who == "ours" else obvious)(ROWS[name], Path(home))
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        Path("/proc/self/clear_refs").write_text("5")  # the peak so far was the start-up's
        before = peak_kib()
        began = time.perf_counter()
        respond(sent)
        seconds = time.perf_counter() - began
        print(json.dumps(Measured(seconds, (peak_kib() - before) / 1024)._asdict()))


def measured(name: str, who: str, sent: bytes) -> Measured:
    """One measurement, in a process of its own."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if who != "ours":
        env = dict(os.environ)  # the libraries may use what threads they like
    ran = subprocess.run(
        [sys.executable, __file__, "--measure", who, name],
        input=sent,
        stdout=subprocess.PIPE,
        check=True,
        env=env,
    )
    return Measured(**json.loads(ran.stdout.splitlines()[-1]))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(ROWS)}; all if absent")
    parser.add_argument("--measure", choices=("ours", "obvious"), help="measure one row in this process")
    options = parser.parse_args()
    if options.measure:
        measure(options.rows[0], options.measure)
        return
    print("| row | body | ours | range | memory added | to reach | documented | obvious | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in options.rows or ROWS:
        row = ROWS[name]
        sent = orjson.dumps(body(row))
        mine, theirs = [], []
        for _ in range(row.runs):
            mine.append(measured(name, "ours", sent))
            if row.obvious is not None:
                theirs.append(measured(name, "obvious", sent))
        times = [one.seconds for one in mine]
        median = statistics.median(times)
        beside = statistics.median(one.seconds for one in theirs) if theirs else None
        print(
            f"| {name} | {len(sent) / 1e6:.1f} MB | {median:.2f} s | {min(times):.2f}–{max(times):.2f} s | "
            f"{statistics.median(one.mib for one in mine):.0f} MiB | {row.limit:g} s | {row.documented} | "
            + (f"{beside:.2f} s | {beside / median:.0f} |" if beside is not None else "– | – |"),
            flush=True,
        )


if __name__ == "__main__":
    main()
