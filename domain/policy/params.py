"""Declaration of rule parameters, and parsing of their values from a pack or `--set`.

A parameter that no pack sets is unset, and a rule whose answer depends on it returns `not_configured`. There are no defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from domain import periods
from domain.errors import FieldError
from domain.money import fen, yuan_text
from domain.words import N_, _

PER_MILLE: Final = 1000
"""Shares are stored in thousandths: 0.8 is 800."""
_MAX_NUMBER: Final = 10_000
_MAX_FEN: Final = 100_000_000
"""A million yuan, more than any benefit to one person or unit."""


class Sort(StrEnum):
    """The type of a parameter: yuan as fen, a whole number, a day, a day of any year (`MM-DD`), a share in thousandths, yes or no, one
    word of a list, or several."""

    YUAN = "yuan"
    INT = "int"
    DAY = "day"
    DAY_OF_YEAR = "day_of_year"
    SHARE = "share"
    FLAG = "flag"
    WORD = "word"
    WORDS = "words"


@dataclass(frozen=True)
class Param:
    """A parameter of a kind of rule. `optional`: if unset, there is no such condition. `least` and `most`: bounds of numbers and, in
    fen, of money (a threshold of zero would let everybody pass). `promised`: an amount promised to people, which an overlay may raise
    but not lower."""

    sort: Sort
    label: str
    choices: tuple[str, ...] = ()
    optional: bool = False
    least: int = 0
    most: int = _MAX_NUMBER
    promised: bool = False

    def read(self, value: object) -> Any:
        """The value as rules use it; raises `FieldError` with what was expected."""
        try:
            return self._bounded(_READERS[self.sort](self, value))
        except (ValueError, InvalidOperation) as error:
            said = str(error) if isinstance(error, FieldError) else _("应为{what}").format(what=_(_EXPECTED[self.sort]))
            raise FieldError(_("{label}：{text}").format(label=_(self.label), text=said), "param") from None

    def _bounded(self, value: Any) -> Any:
        if self.sort is Sort.INT and not self.least <= value <= self.most:
            raise FieldError(_("应为 {least} 到 {most} 的整数").format(least=self.least, most=self.most), "bounds")
        if self.sort is Sort.YUAN and not self.least <= value <= _MAX_FEN:
            said = {"least": yuan_text(self.least), "most": yuan_text(_MAX_FEN)}
            raise FieldError(_("应为 {least} 到 {most} 的金额").format(**said), "bounds")
        return value


FACTS_FROM: Final = {"facts_from": Param(Sort.DAY, N_("从哪天起的事实算数"), optional=True)}
"""The parameter of kinds that count a year's or period's facts together: a document may count those before its own first day."""


def _yuan(_param: Param, value: object) -> int:
    if not isinstance(value, (str, int, Decimal)) or isinstance(value, bool):
        raise ValueError
    amount = fen(str(value))
    if amount < 0:
        raise ValueError
    return amount


def _int(_param: Param, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    number = int(value) if isinstance(value, int) or re.fullmatch(r"[0-9]{1,5}", value) else -1
    if not 0 <= number <= _MAX_NUMBER:
        raise ValueError
    return number


def _day(_param: Param, value: object) -> str:
    if isinstance(value, datetime):
        raise ValueError
    return value.isoformat() if isinstance(value, date) else periods.parse_date(str(value))


def _day_of_year(_param: Param, value: object) -> str:
    text = str(value)
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", text, re.ASCII):
        raise ValueError
    periods.income_period(2023, text)
    return text


def _share(_param: Param, value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or len(text) > 12:
        raise ValueError
    number = Decimal(text.removesuffix("%"))
    if text.endswith("%"):  # 80 alone is ambiguous
        number = number / 100
    if not number.is_finite() or not 0 <= number <= 1 or number * PER_MILLE % 1:
        raise ValueError
    return int(number * PER_MILLE)


def _flag(_param: Param, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in ("true", "false"):
        raise ValueError
    return str(value).lower() == "true"


def _word(param: Param, value: object) -> str:
    text = str(value).lower()
    if text not in param.choices:
        raise FieldError(_("「{value}」不在可选范围：{choices}").format(value=text[:40], choices=" ".join(param.choices)), "choice")
    return text


def _words(param: Param, value: object) -> frozenset[str]:
    said: Iterable[Any] = value if isinstance(value, list) else str(value).split(",") if isinstance(value, str) and value else ()
    if not isinstance(value, (list, str)):
        raise ValueError
    return frozenset(_word(param, one) for one in said)


_READERS: Final = {
    Sort.YUAN: _yuan,
    Sort.INT: _int,
    Sort.DAY: _day,
    Sort.DAY_OF_YEAR: _day_of_year,
    Sort.SHARE: _share,
    Sort.FLAG: _flag,
    Sort.WORD: _word,
    Sort.WORDS: _words,
}
_EXPECTED: Final = {
    Sort.YUAN: N_("不小于 0、最多两位小数的金额"),
    Sort.INT: N_("整数，0 到 10000"),
    Sort.DAY: N_("日期，如 2023-06-05"),
    Sort.DAY_OF_YEAR: N_("月日，如 10-01"),
    Sort.SHARE: N_("比例，0 到 1，如 0.8 或 80%"),
    Sort.FLAG: N_("true 或 false"),
    Sort.WORD: N_("可选范围里的一个词"),
    Sort.WORDS: N_("可选范围里的词的列表"),
}
