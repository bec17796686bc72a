"""Processes of a server: their environment, and how they end with their parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Mapping

import psutil

from abintel.settings import Settings

_PR_SET_PDEATHSIG = 1
# Learners and BLAS run one thread each. Concurrency comes from several trainings.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def end_with_parent() -> None:
    """Makes the kernel send this process SIGTERM when its parent dies (Linux).

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        # The parent died before the call.
        os.kill(os.getpid(), signal.SIGTERM)


def kill_tree(pid: int) -> None:
    """Kills a process and all of its descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def environment(settings: Settings, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment variables of the server's processes."""
    defaults = {
        "BENTOML_HOME": str(settings.home / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
        **dict.fromkeys(_THREADS, "1"),
    }
    return {**defaults, **base, "ABINTEL_HOME": str(settings.home)}
