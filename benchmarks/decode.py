"""Reading a large body: our decoder (msgspec) beside ``validate_json`` of plain pydantic models.

``python benchmarks/decode.py`` prints the table of ``docs/architecture.md``: 60,000 invented customers of
``customer_rfm``, in pairs within one run, and the memory that one reading adds in a process of its own.
"""

from __future__ import annotations

import datetime
import gc
import json
import platform
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pydantic
from pydantic import BaseModel, Field

from abintel.decode import Decoder
from plugins.customer.endpoints.customer_rfm import CustomerRfmRequest

CUSTOMERS = 60_000
ORDERS = 7
PAIRS = 7


def body() -> bytes:
    """The request, the same in every run."""
    chance = random.Random(20250424)
    customers = [
        {
            "customer_id": f"C-{number:06d}",
            "transactions": [
                {
                    "date": f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
                    "amount": round(chance.uniform(5, 500), 2),
                }
                for _ in range(ORDERS)
            ],
        }
        for number in range(CUSTOMERS)
    ]
    return json.dumps({"today": "2025-04-24", "customers": customers}, separators=(",", ":")).encode()


class Order(BaseModel):
    """The obvious model of an order."""

    date: datetime.date
    amount: float = Field(ge=0, le=1e15)


class Customer(BaseModel):
    """The obvious model of a customer."""

    customer_id: str = Field(min_length=1, max_length=256)
    transactions: list[Order] = Field(min_length=1)


class Request(BaseModel):
    """The obvious model of the body."""

    today: datetime.date
    customers: list[Customer] = Field(min_length=1)


READERS: dict[str, Callable[[bytes], Any]] = {
    "abintel": Decoder(CustomerRfmRequest).decode,
    "pydantic": Request.model_validate_json,
}


def like_the_server() -> None:
    """The collector as a serving process sets it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def seconds(reader: str, sent: bytes) -> float:
    """One reading."""
    gc.collect()
    started = time.perf_counter()
    read = READERS[reader](sent)
    passed = time.perf_counter() - started
    assert len(read.customers) == CUSTOMERS
    return passed


def added_mib(reader: str, sent: bytes) -> float:
    """What one reading adds to the peak memory of a process that has the body and nothing else."""
    ran = subprocess.run([sys.executable, __file__, reader], input=sent, stdout=subprocess.PIPE, check=True)
    return float(ran.stdout)


def peak_kib() -> int:
    """The most memory that this process has held (Linux); getrusage would count the parent's as well."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1])


def measure_memory(reader: str) -> None:
    """Prints it, in the process that is measured."""
    sent = sys.stdin.buffer.read()
    like_the_server()
    before = peak_kib()
    read = READERS[reader](sent)
    added = peak_kib() - before
    assert len(read.customers) == CUSTOMERS
    print(added / 1024)


def main() -> None:
    """Prints the table."""
    sent = body()
    like_the_server()
    times: dict[str, list[float]] = {reader: [] for reader in READERS}
    for _ in range(PAIRS):
        for reader in READERS:
            times[reader].append(seconds(reader, sent))
    print(
        f"{CUSTOMERS:,} customers, {CUSTOMERS * ORDERS:,} orders, {len(sent) / 1e6:.1f} MB, {PAIRS} pairs; "
    )
    print(f"Python {platform.python_version()}, msgspec {msgspec.__version__}, pydantic {pydantic.VERSION}")
    print("\n| reader | median | range | memory added |\n| --- | --- | --- | --- |")
    for reader, measured in times.items():
        added = added_mib(reader, sent)
        spread = f"{min(measured):.2f}–{max(measured):.2f} s"
        print(f"| {reader} | {statistics.median(measured):.2f} s | {spread} | {added:.0f} MiB |")
    ratios = [slow / fast for fast, slow in zip(times["abintel"], times["pydantic"], strict=True)]
    print(
        f"\npydantic / abintel, by pair: median {statistics.median(ratios):.1f}, "
        f"{min(ratios):.1f} to {max(ratios):.1f}"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure_memory(sys.argv[1])
    else:
        main()
