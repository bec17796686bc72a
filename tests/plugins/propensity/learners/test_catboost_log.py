from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from plugins.propensity.learners.catboost_log import hold_log
from plugins.propensity.learners.catboost_trees import CatBoostTrees
from tests.serving import ROOT

MATRIX = np.array([[number % 7, 1.0] for number in range(50)])
LABELS = np.array([number % 2 for number in range(50)], dtype=np.int8)

SIDE_BY_SIDE = """
import sys, threading, time
import numpy as np
from plugins.propensity.learners import catboost_trees

catboost_trees.SETTINGS = {**catboost_trees.SETTINGS, "iterations": 1}
matrix = np.array([[number % 7, 1.0] for number in range(50)])
labels = np.array([number % 2 for number in range(50)], dtype=np.int8)

def fit():
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        catboost_trees.CatBoostTrees.fit(matrix, labels).log_odds(matrix)

threads = [threading.Thread(target=fit) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"""


def test_who_fits_scores_explains_and_reads_does_not_touch_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from catboost import core

    hold_log()
    touched: list[str] = []
    monkeypatch.setattr(core, "_reset_logger", lambda: touched.append("reset"))
    monkeypatch.setattr(core, "_set_logger", lambda *_: touched.append("set"))

    def work(number: int) -> None:
        model = CatBoostTrees.fit(MATRIX, LABELS)
        path = tmp_path / f"{number}.cbm"
        model.save(path)
        read = CatBoostTrees.load(path, 2)
        assert (read.log_odds(MATRIX) == model.log_odds(MATRIX)).all()
        read.importance()
        read.explainer().contributions(MATRIX)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    work(2)
    assert touched == []


@pytest.mark.slow
def test_fits_side_by_side_do_not_end_the_process() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SIDE_BY_SIDE, "60"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout == "done\n"
