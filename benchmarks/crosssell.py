"""cross_sell_matrix and upsell_suggestions beside the obvious implementation.

``python benchmarks/crosssell.py`` prints the table of ``benchmarks/RESULTS.md``, or the rows named. Each row
is measured in a process of its own. `handle` is from the decoded request to the answer before it is joined
into bytes, `whole` from bytes to bytes. The obvious implementation (pandas: a self-merge of the order lines,
counted, pivoted and written by `to_json`) is measured whole; it does not read its answer back as ours does.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

SEED = 20250424


class Row(NamedTuple):
    """A line of the table.

    Attributes:
        route: the route.
        orders, items: how many.
        settings: further members of the body.
        to_reach: what the issue asks for.
        obvious: whether the obvious implementation does it.
    """

    route: str
    orders: int
    items: int
    settings: Mapping[str, Any]
    to_reach: str
    obvious: bool


ROWS = {
    "dense-62k": Row("cross_sell_matrix", 62_500, 5_000, {}, "–", False),
    "dense-125k": Row("cross_sell_matrix", 125_000, 5_000, {}, "–", False),
    "dense-250k": Row("cross_sell_matrix", 250_000, 5_000, {}, "handle < 0.5 s", True),
    "lift-250k": Row("cross_sell_matrix", 250_000, 5_000, {"metric": "lift"}, "–", False),
    "sparse-250k": Row("cross_sell_matrix", 250_000, 5_000, {"format": "sparse", "top_n": 20}, "–", False),
    "category-250k": Row("cross_sell_matrix", 250_000, 5_000, {"level": "category"}, "–", False),
    "upsell-all-250k": Row("upsell_suggestions", 250_000, 5_000, {"top_k": 5}, "a few seconds", False),
    "upsell-one-250k": Row("upsell_suggestions", 250_000, 5_000, {"customer_id": "C-7"}, "–", False),
}


def body(row: Row) -> bytes:
    """Orders of 1 to a dozen items, of skewed popularity, by a fifth as many customers; 30 categories."""
    chance = np.random.default_rng(SEED)
    sizes = chance.poisson(3, row.orders) + 1
    weights = 1 / np.arange(1, row.items + 1) ** 0.7
    drawn = chance.choice(row.items, int(sizes.sum()), p=weights / weights.sum())
    names = [f"S{number:04d}" for number in range(row.items)]
    orders = [
        {"customer_id": f"C-{number % (row.orders // 5)}", "items": [names[code] for code in codes.tolist()]}
        for number, codes in enumerate(np.split(drawn, np.cumsum(sizes)[:-1]))
    ]
    sent: dict[str, Any] = {"transactions": orders, **row.settings}
    if row.route == "upsell_suggestions" or row.settings.get("level") == "category":
        prices = chance.gamma(3, 20, row.items).round(2) + 1
        sent["item_catalog"] = [
            {"item_id": name, "category": f"category-{number % 30}", "price": float(price)}
            for number, (name, price) in enumerate(zip(names, prices, strict=True))
        ]
    return orjson.dumps(sent)


def ours(row: Row) -> Callable[[bytes], tuple[bytes, float, float]]:
    """The route: bytes, and the seconds and the processor's seconds of `handle`."""
    from abintel.answer import Encoder
    from abintel.decode import Decoder
    from abintel.endpoint import Call
    from plugins.recommendation import crosssell, upsell
    from plugins.recommendation.endpoints import cross_sell_matrix, upsell_suggestions

    crosssell.warm()
    upsell.warm()
    endpoints = (cross_sell_matrix.ENDPOINT, upsell_suggestions.ENDPOINT)
    [endpoint] = [one for one in endpoints if one.name == row.route]
    decoder, encoder = Decoder(endpoint.request), Encoder(endpoint.response)

    def respond(content: bytes) -> tuple[bytes, float, float]:
        call = Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))
        request = decoder.decode(content)
        assert not list(endpoint.check(request, call))
        began, worked = time.perf_counter(), time.process_time()
        answer = endpoint.handle(request, call)
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        return encoder.encode(answer), seconds, processor

    respond(json.dumps(endpoint.example).encode())
    return respond


def obvious(row: Row) -> Callable[[bytes], tuple[bytes, float, float]]:
    """pandas: lines joined with themselves by order, counted, divided, pivoted."""
    import pandas as pd

    def respond(content: bytes) -> tuple[bytes, float, float]:
        frame = pd.DataFrame(json.loads(content)["transactions"])
        lines = frame["items"].explode().rename_axis("order").reset_index().drop_duplicates()
        pairs = lines.merge(lines, on="order", suffixes=("_i", "_j"))
        counts = pairs.groupby(["items_i", "items_j"]).size().unstack(fill_value=0)
        support = np.diag(counts)
        matrix = (counts / support[:, None]).round(4)
        return str(matrix.to_json(orient="split")).encode(), 0.0, 0.0

    return respond


def peak_kib() -> int:
    """The most memory that this process has held (Linux)."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1])


def measure(name: str, who: str) -> None:
    """Prints one measurement, in the process that is measured."""
    sent = sys.stdin.buffer.read()
    respond = (ours if who == "ours" else obvious)(ROWS[name])
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far was the start-up's
    before = peak_kib()
    began, worked = time.perf_counter(), time.process_time()
    answer, handle, handle_processor = respond(sent)
    figures = {
        "whole": time.perf_counter() - began,
        "processor": time.process_time() - worked,
        "handle": handle,
        "handle_processor": handle_processor,
        "mib": (peak_kib() - before) / 1024,
        "answer": len(answer) / 1e6,
    }
    print(json.dumps(figures))


def measured(name: str, who: str, sent: bytes) -> dict[str, float]:
    """One measurement, in a process of its own."""
    command = [sys.executable, __file__, "--measure", who, name]
    ran = subprocess.run(command, input=sent, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(ROWS)}; all if absent")
    parser.add_argument("--measure", choices=("ours", "obvious"), help="measure one row in this process")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if options.measure:
        measure(options.rows[0], options.measure)
        return
    print(
        "| row | body | answer | handle | its processor | whole | memory added | to reach | obvious | ratio |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in options.rows or ROWS:
        sent = body(ROWS[name])
        runs = [measured(name, "ours", sent) for _ in range(options.runs)]
        mine = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        beside = measured(name, "obvious", sent) if ROWS[name].obvious else None
        print(
            f"| {name} | {len(sent) / 1e6:.1f} MB | {mine['answer']:.2f} MB | {mine['handle']:.2f} s | "
            f"{mine['handle_processor']:.2f} s | {mine['whole']:.2f} s | {mine['mib']:.0f} MiB | "
            f"{ROWS[name].to_reach} | "
            + (
                f"{beside['whole']:.1f} s, {beside['mib']:.0f} MiB | {beside['whole'] / mine['whole']:.0f} |"
                if beside
                else "– | – |"
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
