from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugins.forecast.days.series import daily
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.history import History
from plugins.forecast.judging.stand_in import unjudged
from plugins.forecast.training.champion_file import FILE, load, save


@pytest.fixture
def champion() -> Champion:
    values = 10 + np.random.default_rng(1).random(50)
    series = daily(np.arange(738_000, 738_050), values, np.zeros((50, 0)), "zero")
    return unjudged(History(series, (), None, np.zeros(0, np.int64), np.zeros((0, 0)), "iqr"))


def test_a_champion_comes_back_to_the_last_bit(champion: Champion, tmp_path: Path) -> None:
    save(champion, tmp_path)
    read = load(tmp_path)
    assert read.ahead.tobytes() == champion.ahead.tobytes()
    assert read.paths.tobytes() == champion.paths.tobytes()
    assert read.how_wrong.days.tobytes() == champion.how_wrong.days.tobytes()
    assert read.selection.candidates == champion.selection.candidates
    assert read._replace(ahead=0, paths=0, how_wrong=0) == champion._replace(ahead=0, paths=0, how_wrong=0)


@pytest.mark.parametrize(
    "damage",
    [
        {"ahead": [[1.0]]},
        {"ahead": ["x"]},
        {"ahead": [None]},
        {"members": ["os.system"]},
        {"candidates": []},
        {"how_wrong": {}},
        {"origins": []},
        {"a_key_too_many": 1},
        {"choices": []},
        {"choices": {"os.system": 1}},
        {"format": 1},
    ],
)
def test_a_damaged_file_is_refused(champion: Champion, tmp_path: Path, damage: dict[str, Any]) -> None:
    save(champion, tmp_path)
    file = tmp_path / FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **damage}))
    with pytest.raises(ValueError, match=r"."):
        load(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="damaged"):
        load(tmp_path)
