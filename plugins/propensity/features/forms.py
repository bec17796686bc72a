"""The form in which a feature is sent: numbers, dates, yes and no, or categories, as people write them.

:func:`learn` looks at all training values of a feature and decides once: a column whose texts are numbers is
a column of numbers, in the notation that the column shows. The form is stored with the model, so that rows to
score, also a single one, are read as the training rows were.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from abintel import reading
from abintel.reading import DateOrder, DecimalSign
from plugins.propensity.features.columns import Column, Value, missing_in, numbers, texts

Type = Literal["number", "date", "flag", "category"]

MOST_UNREADABLE = 0.05
"""A column of numbers or dates may hold this share of other texts, which are then missing values."""
OPTIONAL_SHARE = 0.05
"""A feature that at least this share of the training rows lacks may be absent from all rows to score."""
_CODE = re.compile(r"0\d+")
"""A leading zero, as in a post code, makes a text a name and not a number."""


class Form(NamedTuple):
    """How the values of a feature are read.

    Attributes:
        type: what the values are.
        decimal: decimal sign of numbers that were sent as text; None if training had none.
        order: of year, month and day.
        newest: proleptic ordinal of the newest training date; dates are days before it.
        absent_is_zero: the feature is sent only where it applies: a flag that is true, or a count.
        tolerant: training had texts that are no numbers or dates; such texts are missing values.
        optional: rows to score may all lack the feature.
        converted: the training values were not used as they were sent.
    """

    type: Type
    decimal: DecimalSign | None = None
    order: DateOrder | None = None
    newest: int | None = None
    absent_is_zero: bool = False
    tolerant: bool = False
    optional: bool = False
    converted: bool = False

    def read(self, values: Sequence[Value]) -> tuple[Column, list[int]]:
        """The column ``(n,)`` of values, and the rows whose value has another form; they are missing.

        >>> Form("number", decimal=",").read(["1.234,5", None, "N/A", "many"])[1]
        [3]
        """
        if self.type == "category":
            return _categories(values), []
        if self.type != "date" and not _has_text(values):
            column, wrong = numbers(values), list[int]()
        else:
            column, wrong = self._parsed(values)
        if self.absent_is_zero:
            column = np.where(np.isnan(column), 0.0, column)
        return column, [] if self.tolerant else wrong

    def _parsed(self, values: Sequence[Value]) -> tuple[Any, list[int]]:
        decimal = self.decimal or reading.decimal_sign({value for value in values if isinstance(value, str)})
        known: dict[Value, float | None] = {}
        column, wrong = np.full(len(values), np.nan), []
        for row, value in enumerate(values):
            # True and 1 are the same key, and the same number.
            if value not in known:
                known[value] = self._number(value, decimal)
            number = known[value]
            if number is None:
                wrong.append(row)
            else:
                column[row] = number
        return column + 0.0, wrong

    def _number(self, value: Value, decimal: DecimalSign) -> float | None:
        """A value as a number, NaN where it is missing, None where it has another form."""
        if value is None or (isinstance(value, str) and reading.is_missing(value, numeric=True)):
            return math.nan
        if self.type == "date":
            return self._days(value)
        if not isinstance(value, str):
            return float(value)
        flag = reading.parse_flag(value) if self.type == "flag" else None
        return reading.parse_number(value, decimal) if flag is None else float(flag)

    def _days(self, value: Value) -> float | None:
        """A date as days before the newest of training; None if it is none."""
        if self.order is None or self.newest is None or not isinstance(value, str):
            return None
        day = reading.parse_date(value, self.order)
        return None if day is None else float(self.newest - day.toordinal())

    def written(self, number: float) -> Value:
        """A value of the column as a caller may send it.

        >>> Form("date", order="dmy", newest=738_886).written(1.0), Form("number").written(2.5)
        ('31/12/2023', 2.5)
        """
        if self.order is None or self.newest is None:
            return number
        day = datetime.date.fromordinal(self.newest - round(number))
        return day.strftime({"ymd": "%Y-%m-%d", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}[self.order])

    @property
    def made_of(self) -> str:
        """What the feature's values were, and what became of them, in words."""
        if self.type == "category":
            said = "categories, numbers and missing values among them" if self.converted else "categories"
        elif self.newest is not None:
            said = f"dates, as days before {datetime.date.fromordinal(self.newest)}"
        elif self.type == "flag":
            said = "yes and no, as 1 and 0"
        elif self.decimal is not None:
            sign = "point" if self.decimal == "." else "comma"
            said = f"numbers as text, with a decimal {sign}"
        else:
            said = "numbers"
            if self.converted and not self.absent_is_zero:
                said += ", with words such as N/A as missing"
        if self.absent_is_zero:
            said += "; 0 where it is not sent"
        if self.tolerant:
            said += "; other texts are missing"
        return said

    def as_json(self) -> dict[str, Any]:
        """The fields that differ from their defaults."""
        return {
            name: value
            for name, value in self._asdict().items()
            if name == "type" or value != self._field_defaults[name]
        }

    @classmethod
    def from_json(cls, stored: Any) -> Form:
        """The form that :meth:`as_json` wrote.

        Raises:
            ValueError: it is damaged.
        """
        if not isinstance(stored, dict) or not set(stored) <= set(cls._fields):
            raise ValueError("the stored form of a feature is damaged")
        form = cls(**{"type": "", **stored})
        flags = (form.absent_is_zero, form.tolerant, form.optional, form.converted)
        if (
            form.type not in get_args(Type)
            or form.decimal not in (None, ".", ",")
            or form.order not in (None, *get_args(DateOrder))
            or not all(type(flag) is bool for flag in flags)
            or (form.type == "date") != (form.order is not None and type(form.newest) is int)
        ):
            raise ValueError("the stored form of a feature is damaged")
        return form


def learn(values: Sequence[Value], *, never_null: bool = False) -> Form | None:
    """The form of a feature; None if no value is present.

    Args:
        values: of all training rows, None where a row lacks the feature.
        never_null: rows that lack the feature do not name it, instead of sending null. Counts from 1 on then
            say 0 by their absence.

    >>> learn(["1.234,50", "12", "N/A"])
    Form(type='number', decimal=',', order=None, newest=None, absent_is_zero=False, tolerant=False, \
optional=True, converted=True)
    >>> learn([True, None, True]).absent_is_zero, learn([2, 1, None], never_null=True).absent_is_zero
    (True, True)
    """
    kinds = set(map(type, values))
    if str in kinds:
        form = _of_texts([value for value in values if value is not None and value == value])
    else:
        form = Form("flag" if bool in kinds and kinds <= {bool, NoneType} else "number")
    column, _ = form.read(values)
    missing = missing_in(column)
    if missing.all():
        return None
    form = form._replace(optional=bool(missing.mean() >= OPTIONAL_SHARE))
    if form.type in ("flag", "number") and missing.any() and _says_zero(column[~missing], never_null):
        return form._replace(absent_is_zero=True, converted=True)
    return form


def _flags(present: Sequence[Value]) -> bool:
    return bool(present) and all(isinstance(value, bool) for value in present)


def _of_texts(present: Sequence[Value]) -> Form:
    """The form of a column in which some values are texts."""
    others = [value for value in present if not isinstance(value, str)]
    texts_only = {value for value in present if isinstance(value, str)}
    telling = [value for value in present if isinstance(value, str) and not reading.is_missing(value, True)]
    distinct = set(telling)
    if others and not telling:
        return Form("flag" if _flags(others) else "number", converted=True)
    if all(value in (0, 1) for value in others) and _words_are_flags(distinct):
        return Form("flag", converted=bool(others) or len(telling) < len(present))
    least = (1 - MOST_UNREADABLE) * len(telling + others)
    dated = None if others else _dates(telling, distinct)
    if dated is not None and len(dated[1]) >= least:
        order, days = dated
        return Form("date", order=order, newest=max(days), tolerant=len(days) < len(telling), converted=True)
    decimal = reading.decimal_sign(distinct)
    figures = {text for text in distinct if reading.parse_number(text, decimal) is not None}
    legible = len(others) + sum(text in figures for text in telling)
    if telling and legible >= least and not any(_CODE.fullmatch(text.strip()) for text in distinct):
        return Form("number", decimal=decimal, tolerant=legible < len(telling + others), converted=True)
    return Form("category", converted=bool(others) or any(map(reading.is_missing, texts_only)))


def _words_are_flags(words: set[str]) -> bool:
    """Whether all words are yes or no, 1 or 0, and some of them are words."""
    flags = {word: reading.parse_flag(word) for word in words}
    return any(flag is not None for flag in flags.values()) and all(
        flag is not None or word.strip() in ("0", "1") for word, flag in flags.items()
    )


def _dates(telling: Sequence[str], distinct: set[str]) -> tuple[DateOrder, list[int]] | None:
    """The order of year, month and day in which most texts are dates, the day first where both are as good,
    and these days."""
    best: tuple[DateOrder, list[int]] | None = None
    for order in get_args(DateOrder):
        days = {text: reading.parse_date(text, order) for text in distinct}
        read = [day.toordinal() for text in telling if (day := days[text]) is not None]
        if read and (best is None or len(read) > len(best[1])):
            best = order, read
    return best


def _says_zero(present: Any, never_null: bool) -> bool:
    """Whether the values are those of a flag that is sent only where it is true, or of a count above 0."""
    if (present == 1).all():
        return True
    return never_null and bool(present.min() == 1 and (present == np.round(present)).all())


def _categories(values: Sequence[Value]) -> Column:
    column = texts(values)
    missing = {text for text in set(column) if text is not None and reading.is_missing(text)}
    if missing:
        column[[text in missing for text in column]] = None
    return column


def _has_text(values: Sequence[Value]) -> bool:
    return str in set(map(type, values))
