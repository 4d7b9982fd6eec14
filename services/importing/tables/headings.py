"""Reads headings: the months, days, quarters and members of a household that they name, and whether a row consists of column names."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from domain.fields import KINDS, declaration
from domain.identity import half_width
from domain.records import Person
from services.importing.tables.heading_words import KEPT, alike, known_by, loosely, plain, without_brackets
from services.importing.tables.rosters import common_columns, rosters
from services.importing.tables.title_months import in_figures

Day = tuple[int | None, int, int]
"""Year (None if not stated), month and day."""
_DATE = re.compile(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})[日号]?(?:\(?(?:星期|周)[一二三四五六日天]\)?)?(?:上午|下午)?", re.ASCII)
_MOST_DAYS_BETWEEN = 14
"""The most days between two neighbouring columns of one course; month columns are further apart."""
HALVES = ({"上午", "上", "早"}, {"下午", "下", "晚"})
"""Words for the morning and the afternoon."""


def _date_of(cell: Any) -> Day | None:
    """The day that a heading states, or None."""
    if isinstance(cell, date):
        return cell.year, cell.month, cell.day
    match = _DATE.fullmatch(re.sub(r"\s+", "", half_width(str(cell)))) if cell is not None else None
    day = (int(match[1]) if match[1] else None, int(match[2]), int(match[3])) if match else None
    return day if day is not None and _exists(day) else None


def dates_across(row: Sequence[Any]) -> dict[int, Day]:
    """Column → day for a row with at least two days in order, each possibly twice (morning, afternoon); empty otherwise, and also if 6.1
    may be the tenth."""
    found = {index: day for index, cell in enumerate(row) if (day := _date_of(cell)) is not None}
    steps = [_ordinal(b) - _ordinal(a) for a, b in pairwise(found.values())]
    numbers = any(isinstance(row[index], float) for index in found)
    known = len(set(found.values())) > 1 and all(0 <= step <= (1 if numbers else _MOST_DAYS_BETWEEN) for step in steps)
    return found if known and len({day[0] for day in found.values()}) == 1 else {}


def _exists(day: Day) -> bool:
    try:
        return bool(date(day[0] or 2024, day[1], day[2]))
    except ValueError:
        return False


def _ordinal(day: Day) -> int:
    return date(day[0] or 2024, day[1], day[2]).toordinal()


HEAD, CHILD, MEMBER = "户主", "子女", "成员"
_COLUMN = re.compile(
    r"(?:家庭)?(?P<who>[一-龥]{1,4}?)\(?(?P<turn>[一二三四五六\d]?)\)?的?"
    r"(?P<what>姓名|名字|公民身份号码|居民身份证号码?|身份证号码?|身份证|证件号码|(?:与户主)?关系)?"
)


class KinColumn(NamedTuple):
    """A member's column: the member (`turn` numbers several children), and whether it holds the name, the number or the relation to the
    head. A bare 配偶 states none of them."""

    who: str
    turn: str
    names: bool
    numbers: bool
    relations: bool


@lru_cache(maxsize=4096)  # bounded, because a sheet may hold any text
def kin_column(word: str) -> KinColumn | None:
    """The member's column that a `plain` heading stands for, or None."""
    hit = _COLUMN.fullmatch(word)
    if hit is None:
        return None
    who, what = hit["who"], hit["what"] or ""
    names, relations = what in ("姓名", "名字"), what.endswith("关系")
    relation = declaration(Person.relation)
    kin = who in (HEAD, CHILD) or relation.code_of(who) in (relation.choices or {}).keys() - {HEAD}  # 本人 is the row's person
    known = (who == MEMBER and hit["turn"]) or (kin and not relations)
    return KinColumn(who, hit["turn"], names, bool(what) and not names and not relations, relations) if known else None


_MONTH = re.compile(
    r"(?:(?P<y1>(?:19|20)\d\d)年?度?)?(?P<m1>1[0-2]|0?[1-9])月份?(?:工资|实发|应发|发放|金额|报酬|实发工资|应发工资|发放金额|(?:岗位|实发)?补贴(?:金额)?)?"
    r"|(?P<y2>(?:19|20)\d\d)[-./年]?(?P<m2>1[0-2]|0[1-9]|(?<=[-./年])[1-9])",
    re.ASCII,
)
_DAY = re.compile(r"(?:(?:\d{4}年)?\d{1,2}月)?(\d{1,2})[日号]?(?:\(?(?:星期|周)?[一二三四五六日天]\)?)?", re.ASCII)
_FEWEST_DAYS = 20
"""At least this many consecutive days from the first on make an attendance sheet."""
ID_LIKE = re.compile(r"\d{14}")
_RECORD_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""The id of a record in a sheet of this program."""
QUARTER = re.compile("(?<![第至到~、和及前—-])第?([一二三四1-4])季度")
"""A single quarter; 一至三季度 and 前三季度 are several."""
_SHORT_YEAR = re.compile(r"^(2\d)(?=\.\d{1,2}$)", re.ASCII)
"""The year of 23.5; there is no month or day with such a number before another."""
_LABEL = re.compile(r"[:：]\s*$")


@lru_cache(maxsize=KEPT)
def month_of_heading(word: str) -> tuple[int | None, int] | None:
    """The year (None if not stated) and month of a `plain` heading such as `2022年10月` or `10月工资(元)`; otherwise None."""
    match = _MONTH.fullmatch(_SHORT_YEAR.sub(r"20\1", in_figures(without_brackets(word))))
    if match is None:
        return None
    year = match["y1"] or match["y2"]
    return (int(year) if year else None), int(match["m1"] or match["m2"])


def day_of_heading(cell: object) -> int | None:
    """The day of the month in a heading of an attendance sheet: `1`, `1日`, `3月1日`, a date."""
    if isinstance(cell, date):
        return cell.day
    match = None if blank(cell) else _DAY.fullmatch(plain(cell))
    return int(match[1]) if match else None


def days_across(row: Sequence[Any]) -> dict[int, int]:
    """Column → day if a row lists the days of a month from the first on; otherwise empty."""
    found: dict[int, int] = {}
    for index, cell in enumerate(row):
        if day_of_heading(cell) == len(found) + 1:
            found[index] = len(found) + 1
    return found if _FEWEST_DAYS <= len(found) <= 31 else {}


def quarter_of(text: str) -> int | None:
    """The quarter that a text names, 1 to 4; None if it names none or several."""
    quarters = set(QUARTER.findall(text))
    return "一二三四1234".index(quarters.pop()) % 4 + 1 if len(quarters) == 1 else None


@dataclass(frozen=True)
class Heading:
    """One column's heading: the text to show, and the words to match it by, most specific first."""

    index: int
    text: str
    words: tuple[str, ...]
    day: int | None = None
    """The day of the month, in an attendance sheet."""
    on: Day | None = None
    """The date, in a sign-in sheet of a course."""


_LIKE_HEADING = re.compile(
    "^(?:代?扣|减)|(?:姓名|[编序工]号|号码?|[资酬薪款额费金]|提成|奖|补[贴助]|预支|扣|天数|工日|件数|数量|单价|时间|日期|电话|签[名字领收]|[班小]?组长?|[岗单]位|工种|备注|[小合总]计|税|[应实][发领付得]|到手)$"
)
"""What a word begins or ends with that is a heading beside 姓名, whatever it stands for."""


@cache
def known_words() -> frozenset[str]:
    """All names of the columns of all kinds and rosters, in `plain` form."""
    words = {word for f in (f for kind in KINDS.values() for f in kind.fields) for word in (f.label, *f.aliases)}
    words |= {word for names in common_columns().values() for word in names}
    words |= {word for roster in rosters() for names in roster.columns.values() for word in names}
    return frozenset(map(plain, words))


@cache
def _known_alike() -> frozenset[str]:
    return frozenset(map(alike, known_words()))


@cache
def unambiguous_words() -> frozenset[str]:
    """Column names that are not a choice of any field, so that data rows rarely contain one: a cheap first test."""
    values = {value for kind in KINDS.values() for f in kind.fields for value in (*(f.choices or {}).values(), *(f.synonyms or {}))}
    return known_words() - values


def blank(cell: object) -> bool:
    """Whether a cell is empty or only white space."""
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def is_column_word(cell: object) -> bool:
    """Whether a cell is the name of a column of some kind or roster."""
    return _names_column(plain(cell))


TURN = re.compile(
    "第?([一二三四五六1-6])(?:次|段|份|轮|期)|^([上下])半年度?|(?<=[一-龥])[(]?([1-6一二三四五六])[)]?(?=$|时间|日期|地点|姓名|内容|单位|开始|结束|务工|外出)"
)
"""Which of several jobs, visits, terms or people a heading is about: 第一次走访时间, 第二期协议, 下半年务工地点, 务工人员1姓名."""


@lru_cache(maxsize=KEPT)
def _names_column(word: str) -> bool:
    word = QUARTER.sub("", word, count=1) or word
    word = TURN.sub("", word, count=1) or word
    kin = kin_column(word)
    return (
        known_by((word,), known_words()) is not None
        or alike(word) in _known_alike()
        or _is_period(word)
        or (kin is not None and any(kin[2:]))
    )


def _is_period(word: str) -> bool:
    return month_of_heading(word) is not None or QUARTER.fullmatch(word) is not None


def is_heading_row(row: Sequence[Any], asked: Container[str] = ()) -> bool:
    """Whether a row's cells are the column names of a list; beside a column of names, the words in `asked` count too."""
    days = days_across(row)
    cells = [cell for index, cell in enumerate(row) if not blank(cell) and index not in days]
    if len(cells) < 2 - bool(days) or _is_form(cells):
        return False
    known = {plain(cell) for cell in cells if is_column_word(cell)}
    columns = sum(not _is_period(word) for word in known)
    named = any(loosely(word) in identity_words()[0] for word in known)
    beside_names = named and (dates_across(row) or any(plain(cell) in asked for cell in cells))
    if _identifies_people(known) or (days and columns) or beside_names:
        return True
    if named and len(known) == len(cells) > 3 and columns == 1:
        return True  # 姓名 | 一月 | 二月 | 三月
    if named and len(cells) > 3 and all(isinstance(cell, str) and _LIKE_HEADING.search(plain(cell)) for cell in cells):
        return True  # 姓名 | 基本工资 | 计件提成 | 预支 | 实领金额
    share = 3 if named and columns >= 4 else 2  # pay sheets have many unknown columns
    return (len(known) >= 3 and columns >= 2 and share * len(known) >= len(cells)) or len(cells) == len(known) == columns == 2


def _is_form(cells: Sequence[Any]) -> bool:
    """Whether a row has values beside labels, as a form about one person, is the line to sign on (村委会（盖章）：  负责人：), or is a
    record of this program's export."""
    labels = len(cells) <= 3 and all(isinstance(cell, str) and _LABEL.search(cell) for cell in cells)
    return labels or any(ID_LIKE.search(str(cell)) or _RECORD_ID.fullmatch(str(cell)) for cell in cells) or in_pairs(cells)


def in_pairs(cells: Sequence[Any], *, titles: bool = False) -> bool:
    """Whether labels and values take turns: 户主姓名 | 王芳 | 户编号 | 1001. Of a row that may be headings, all labels must be known, and a
    value must have a digit; of `titles`, half of the labels."""
    labels, values = cells[::2], cells[1::2]
    known = sum(map(is_label, labels))
    if len(values) < 2 or len(labels) != len(values) or (2 * known < len(labels) if titles else known < len(labels)):
        return False
    return not any(map(is_label, values)) and (titles or any(re.search(r"\d", str(value)) for value in values))


def is_label(cell: object) -> bool:
    """Whether a cell names a column that is not a month or quarter."""
    return is_column_word(cell) and not _is_period(plain(cell))


@cache
def identity_words() -> tuple[frozenset[str], frozenset[str]]:
    """The words for the columns of names and of ID numbers."""
    name, number = (frozenset(map(plain, (f.label, *f.aliases))) for f in (declaration(Person.name), declaration(Person.id_number)))
    return name, number


def _identifies_people(known: Iterable[str]) -> bool:
    """Whether there are columns for name and ID number, which make a list of people whatever its other columns are."""
    words = {form for word in known for form in (word, loosely(word))}
    return not any(map(words.isdisjoint, identity_words()))
