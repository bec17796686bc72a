import pytest

from plugins.forecast.days.patterns import PATTERNS, numbered


@pytest.mark.parametrize("first", [1, 366, 3_652_059 - 40])
def test_the_first_and_the_last_days_that_there_are_have_numbers(first: int) -> None:
    found = numbered(first, 40, None)
    assert set(found) == set(PATTERNS)
    assert all(len(numbers) == 40 for numbers in found.values())
