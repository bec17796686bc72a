import datetime

from abintel.checks import duplicates, future_days, in_future, last_day
from abintel.endpoint import Call
from abintel.problem import Fault

NOW = datetime.datetime(2025, 4, 28, 23, 59, tzinfo=datetime.UTC)
CALL = Call(tenant="acme", now=NOW)
TODAY = datetime.date(2025, 4, 28)


def test_every_later_row_of_a_value_is_a_fault_that_names_the_first() -> None:
    assert list(duplicates(["a", "b", "a", "a"], "rows", "id", "order")) == [
        Fault("/rows/2/id", "'a' is already at /rows/0; send each order once."),
        Fault("/rows/3/id", "'a' is already at /rows/0; send each order once."),
    ]


def test_values_without_a_member_are_the_rows_themselves() -> None:
    assert list(duplicates([1.5, 1.5], "prices", thing="price")) == [
        Fault("/prices/1", "1.5 is already at /prices/0; send each price once.")
    ]


def test_distinct_values_and_none_at_all_have_no_fault() -> None:
    assert list(duplicates(["a", "b"], "rows", "id")) == []
    assert list(duplicates([], "rows", "id")) == []


def test_tomorrow_is_allowed_and_the_day_after_is_not() -> None:
    days = [TODAY + datetime.timedelta(days=ahead) for ahead in (0, 1, 2)]
    expected = [Fault("/rows/2/date", in_future("2025-04-30", CALL))]
    assert list(future_days([*days, None], "rows", "date", CALL)) == expected
    assert list(future_days([day.isoformat() for day in days], "rows", "date", CALL)) == expected
    assert last_day(CALL) == days[1]


def test_no_rows_have_no_future_days() -> None:
    assert list(future_days([], "rows", "date", CALL)) == []
