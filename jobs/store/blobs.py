"""Payloads and results: files of a folder, or objects of whatever fsspec reaches."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, cast

import fsspec

_PIECE = 1 << 20
_TRIES = 5


def payload_key(job_id: str) -> str:
    """Where a job's payload is."""
    return f"{job_id}/payload"


def result_key(job_id: str, run: int) -> str:
    """Where a run writes its result; the record says which run's counts."""
    return f"{job_id}/result-{run}"


def piece_key(job_id: str, part: str) -> str:
    """Where the piece of a part of a job is: with the job, so that it goes with it, whoever wrote it."""
    return f"{job_id}/{part}"


def part_key(job_id: str, part: str, run: int) -> str:
    """Where a run of a part of a job writes its result."""
    return f"{job_id}/{part}-{run}"


class Blobs:
    """Bytes under keys ``<job>/<name>``.

    Args:
        root: of the folder, a path or an fsspec URL.
    """

    def __init__(self, root: str) -> None:
        filesystem, path = fsspec.core.url_to_fs(root)
        self._files: Any = filesystem
        self._root = path.rstrip("/")
        if "file" in _protocols(filesystem):
            # Customers' data: for this user only.
            os.makedirs(self._root, mode=0o700, exist_ok=True)

    @contextmanager
    def writing(self, key: str) -> Iterator[IO[bytes]]:
        """A new blob; it is on the disk, or in the store, when the block ends."""
        path = f"{self._root}/{key}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        with self._files.open(path, "wb") as file:
            yield file
            file.flush()
            # Only a file of this machine has a number.
            with suppress(io.UnsupportedOperation):
                os.fsync(file.fileno())

    def write(self, key: str, content: bytes) -> None:
        """A new blob of bytes that are at hand."""
        with self.writing(key) as file:
            file.write(content)

    @contextmanager
    def reading(self, key: str) -> Iterator[IO[bytes]]:
        """A blob, open.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._files.open(f"{self._root}/{key}", "rb") as file:
            yield file

    def size(self, key: str) -> int:
        """Bytes of a blob.

        Raises:
            FileNotFoundError: there is none.
        """
        return int(self._files.info(f"{self._root}/{key}", refresh=True)["size"])

    def read(self, key: str) -> bytes:
        """A blob's bytes.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.reading(key) as file:
            return file.read()

    def pieces(self, key: str) -> Iterator[bytes]:
        """A blob's bytes, a mebibyte at a time.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.reading(key) as file:
            while piece := file.read(_PIECE):
                yield piece

    def remove(self, job_id: str, keep: str | None = None) -> None:
        """Removes what is stored of a job.

        Args:
            job_id: which job.
            keep: key of a blob that stays.
        """
        folder = f"{self._root}/{job_id}"
        for _ in range(_TRIES):
            # Workers that had parts of one job clear it at the same time, and take files from each other.
            with suppress(FileNotFoundError):
                found = cast(Sequence[str], self._files.ls(folder, detail=False, refresh=True))
                paths = [path for path in found if keep is None or not path.endswith(f"/{keep}")]
                if paths:
                    self._files.rm(paths)
                if keep is None:
                    self._files.rm(folder, recursive=True)
                return

    def jobs(self) -> Sequence[str]:
        """Ids of the jobs of which anything is stored."""
        try:
            paths = cast(Sequence[str], self._files.ls(self._root, detail=False, refresh=True))
        except FileNotFoundError:
            return []
        return [path.rstrip("/").rpartition("/")[2] for path in paths]


def _protocols(filesystem: Any) -> Sequence[str]:
    protocol = filesystem.protocol
    return [protocol] if isinstance(protocol, str) else list(protocol)
