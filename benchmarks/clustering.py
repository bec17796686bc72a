"""Ward, silhouettes and DBSCAN: our kernels beside scipy and scikit-learn.

``python benchmarks/clustering.py`` prints the table, in pairs within one run, on invented customers: three
z-scored numbers, heavy tailed, and the same with fifty indicators of product types. Where the obvious takes
minutes or gigabytes it is left out; the memory is what one call adds to the peak of a process of its own.
"""

from __future__ import annotations

import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import scipy
import sklearn
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from sklearn.cluster import DBSCAN
from sklearn.metrics import silhouette_score

from plugins.segmentation.clustering import silhouette
from plugins.segmentation.clustering.algorithms import dbscan, ward, ward_tree

TYPES = 50
KS = range(2, 11)
EPS = 0.4
MIN_SAMPLES = 5
PAIRS = 3


def customers(count: int, columns: int) -> NDArray[np.float64]:
    """The same in every run."""
    chance = np.random.default_rng(20250424)
    kinds = chance.integers(1, 7, count)
    numbers = np.column_stack(
        [chance.negative_binomial(1.5, 0.1, count), chance.lognormal(5, 1.2, count), kinds]
    )
    scored = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    if columns == scored.shape[1]:
        return scored
    # the highest keys of Efraimidis & Spirakis: types without replacement, the popular ones more often
    keys = np.log(chance.random((count, TYPES))) * np.arange(1, TYPES + 1)
    ranks = np.argsort(np.argsort(-keys, axis=1), axis=1)
    return np.column_stack([scored, ranks < kinds[:, None]])


def nested(points: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """The partitions that are scored: tenths of the second column, all but the first few together."""
    tenths = np.argsort(np.argsort(points[:, 1])) * 10 // len(points)
    return [np.minimum(tenths, k - 1) for k in KS]


def ours_ward(points: NDArray[np.float64]) -> None:
    ward_tree.linkage(points)


def scipy_ward(points: NDArray[np.float64]) -> None:
    hierarchy.linkage(points, "ward")


def ours_silhouette(points: NDArray[np.float64]) -> None:
    silhouette.silhouette_samples(points, nested(points))


def sklearn_silhouette(points: NDArray[np.float64]) -> None:
    for labels in nested(points):
        silhouette_score(points, labels)


def ours_dbscan(points: NDArray[np.float64]) -> None:
    dbscan.dbscan(points, EPS, MIN_SAMPLES)


def sklearn_dbscan(points: NDArray[np.float64]) -> None:
    DBSCAN(eps=EPS, min_samples=MIN_SAMPLES).fit(points)


METHODS: dict[str, tuple[Callable[[Any], None], Callable[[Any], None]]] = {
    "ward": (ours_ward, scipy_ward),
    "silhouette": (ours_silhouette, sklearn_silhouette),
    "dbscan": (ours_dbscan, sklearn_dbscan),
}

SIZES = ((5_000, 3), (10_000, 3), (40_000, 3), (60_000, 3), (60_000, 3 + TYPES))
BEARABLE = {"ward": 10_000, "silhouette": 10_000, "dbscan": 60_000}
"""Points up to which the obvious is measured, in three columns."""


def seconds(method: Callable[[Any], None], points: NDArray[np.float64]) -> float:
    """One call."""
    started = time.perf_counter()
    method(points)
    return time.perf_counter() - started


def peak_kib() -> int:
    """The most memory that this process has held (Linux)."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1])


def measure_memory(name: str, which: int, count: int, columns: int) -> None:
    """Prints what one call adds, in MiB, in the process that is measured."""
    METHODS[name][which](customers(3_000, columns))  # compiles, and loads what is loaded once
    points = customers(count, columns)
    # making the points has left a peak of its own
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_kib()
    METHODS[name][which](points)
    print((peak_kib() - before) / 1024)


def added_mib(name: str, which: int, count: int, columns: int) -> float:
    """What one call adds to the peak memory."""
    ran = subprocess.run(
        [sys.executable, __file__, name, str(which), str(count), str(columns)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(ran.stdout)


def shown(measured: list[float]) -> str:
    """Median and spread."""
    return f"{statistics.median(measured):.3f} s ({min(measured):.3f}–{max(measured):.3f})"


def main() -> None:
    """Prints the table."""
    versions = f"numba {numba.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}"
    runs = f"up to {PAIRS} pairs, {len(KS)} partitions"
    print(f"Python {platform.python_version()}, {versions}; {runs}")
    for module in (ward, silhouette, dbscan):
        started = time.perf_counter()
        module.warm()
        print(f"warm {module.__name__}: {time.perf_counter() - started:.1f} s")
    print("\n| method | points | ours | added | obvious | added | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, (ours, obvious) in METHODS.items():
        for count, columns in SIZES:
            points = customers(count, columns)
            compared = columns == 3 and count <= BEARABLE[name]
            fast: list[float] = []
            slow: list[float] = []
            for _ in range(PAIRS if columns == 3 else 1):
                fast.append(seconds(ours, points))
                if compared:
                    slow.append(seconds(obvious, points))
            cells = [
                name,
                f"{count:,} × {columns}",
                shown(fast),
                f"{added_mib(name, 0, count, columns):.0f} MiB",
            ]
            if compared:
                ratio = statistics.median(other / one for one, other in zip(fast, slow, strict=True))
                cells += [shown(slow), f"{added_mib(name, 1, count, columns):.0f} MiB", f"{ratio:.0f}"]
            else:
                cells += ["–", "–", "–"]
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure_memory(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
    else:
        main()
