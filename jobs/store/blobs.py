"""Payloads and results of jobs: files in a folder, or objects in any store that fsspec supports."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, cast

import fsspec

_PIECE = 1 << 20
_ATTEMPTS = 5


def payload_key(job_id: str) -> str:
    """The key of a job's payload."""
    return f"{job_id}/payload"


def result_key(job_id: str, run: int) -> str:
    """The key of a run's result; the job's row names the run that counts."""
    return f"{job_id}/result-{run}"


def piece_key(job_id: str, part: str) -> str:
    """The key of a part's input. It is under the job's folder, so that it is removed with the job."""
    return f"{job_id}/{part}"


def part_key(job_id: str, part: str, run: int) -> str:
    """The key of the result of a part's run."""
    return f"{job_id}/{part}-{run}"


class Blobs:
    """Bytes under keys ``<job>/<name>``.

    Args:
        root: a folder, as a path or an fsspec URL.
    """

    def __init__(self, root: str) -> None:
        filesystem, path = fsspec.core.url_to_fs(root)
        self._files: Any = filesystem
        self._root = path.rstrip("/")
        if "file" in _protocols(filesystem):
            # It holds customers' data: only this user may read it.
            os.makedirs(self._root, mode=0o700, exist_ok=True)

    @contextmanager
    def writing(self, key: str) -> Iterator[IO[bytes]]:
        """A new blob, open for writing. It is stored durably when the block ends."""
        path = f"{self._root}/{key}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        with self._files.open(path, "wb") as file:
            yield file
            file.flush()
            # Only local files have a file descriptor.
            with suppress(io.UnsupportedOperation):
                os.fsync(file.fileno())

    def write(self, key: str, content: bytes) -> None:
        """Stores bytes as a new blob."""
        with self.writing(key) as file:
            file.write(content)

    @contextmanager
    def reading(self, key: str) -> Iterator[IO[bytes]]:
        """A blob, open for reading.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        with self._files.open(f"{self._root}/{key}", "rb") as file:
            yield file

    def size(self, key: str) -> int:
        """The size of a blob in bytes.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        return int(self._files.info(f"{self._root}/{key}", refresh=True)["size"])

    def read(self, key: str) -> bytes:
        """The content of a blob.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        with self.reading(key) as file:
            return file.read()

    def pieces(self, key: str) -> Iterator[bytes]:
        """The content of a blob, in pieces of a mebibyte.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        with self.reading(key) as file:
            while piece := file.read(_PIECE):
                yield piece

    def remove(self, job_id: str, keep: str | None = None) -> None:
        """Removes the blobs of a job.

        Args:
            job_id: the job.
            keep: key of a blob to keep.
        """
        folder = f"{self._root}/{job_id}"
        for _ in range(_ATTEMPTS):
            # Workers that ran parts of the same job may remove its files at the same time.
            with suppress(FileNotFoundError):
                stored = cast(Sequence[str], self._files.ls(folder, detail=False, refresh=True))
                paths = [path for path in stored if keep is None or not path.endswith(f"/{keep}")]
                if paths:
                    self._files.rm(paths)
                if keep is None:
                    self._files.rm(folder, recursive=True)
                return

    def jobs(self) -> Sequence[str]:
        """The ids of all jobs that have blobs."""
        try:
            paths = cast(Sequence[str], self._files.ls(self._root, detail=False, refresh=True))
        except FileNotFoundError:
            return []
        return [path.rstrip("/").rpartition("/")[2] for path in paths]


def _protocols(filesystem: Any) -> Sequence[str]:
    protocol = filesystem.protocol
    return [protocol] if isinstance(protocol, str) else list(protocol)
